"""Private keys of the authority: made, signed with, and kept encrypted."""

from __future__ import annotations

from typing import Literal

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from certs_dev.errors import AuthorityMissingError, WrongServicePassphraseError

Algorithm = Literal["ec", "rsa"]
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def generate(algorithm: Algorithm) -> PrivateKey:
    """A new key: ECDSA P-256 ("ec") or RSA-2048 ("rsa")."""
    if algorithm == "ec":
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def sign(key: PrivateKey, data: bytes) -> bytes:
    """Signature over SHA-256 of `data`: DER ECDSA, or RSASSA-PKCS1-v1_5."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(data, ec.ECDSA(hashes.SHA256()))
    return key.sign(data, padding.PKCS1v15(), hashes.SHA256())


def signature_name(key: PrivateKey) -> str:
    """The name of sign()'s algorithm in asn1crypto's tables."""
    return "sha256_ecdsa" if isinstance(key, ec.EllipticCurvePrivateKey) else "sha256_rsa"


def seal_in(key: PrivateKey, passphrase: str) -> bytes:
    """`key` as encrypted PKCS#8 in PEM (PBES2, AES-256)."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(passphrase.encode()),
    )


def unseal(pem: bytes, passphrase: str) -> PrivateKey:
    """The key that seal_in() wrote.

    Raises WrongServicePassphraseError; AuthorityMissingError when it is no key of a kind made here.
    """
    try:
        key = serialization.load_pem_private_key(pem, passphrase.encode())
    except ValueError as error:  # cryptography does not tell a wrong passphrase from a damaged file
        raise WrongServicePassphraseError(
            "the service passphrase does not open the development authority's keys "
            "(or a key file is damaged): start with the secret it was made with, "
            "or move its folder away to make a new one"
        ) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise AuthorityMissingError(f"not a key of this authority: {type(key).__name__}")
    return key
