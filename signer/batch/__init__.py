"""Letters signed together with one passphrase: opened, chosen, signed one by one, resumed (decisions/0015).

Nothing here signs: each letter goes through signer.signing.sign, with its checks, its crash safety and its limits.
"""
