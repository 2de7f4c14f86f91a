"""Says whether a letter is what it claims; knows nothing of the signer or its database."""
