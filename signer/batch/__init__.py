"""Letters signed together with one passphrase: opened, chosen, signed one by one, resumed (docs/decisions/XX-batch.md).

Nothing here signs: each letter goes through signer.signing.sign, with its checks, its crash safety and its limits.
"""
