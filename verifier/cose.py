"""COSE_Sign1 as the seal uses it (RFC 9052, 4.2; ES256 of RFC 9053, 2.1): one layout, read strictly.

    [h'A2 01 26 04 44 <kid>', {}, h'<payload>', h'<r || s>']     untagged
           protected: {1 (alg): -7 (ES256), 4 (kid): 4 bytes}

Everything but the signature itself is signed. Strictness comes from writing again what was read,
deterministically (RFC 8949, 4.2), and comparing the bytes: that leaves no second spelling of the same
message.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from verifier.errors import VerificationError

ALG, KID = 1, 4
ES256 = -7
KID_BYTES = 4
SIGNATURE_BYTES = 64

_SENTENCES = {
    "seal-cbor": (
        "Segel pada QR ini rusak atau ditulis dengan cara yang tidak diperbolehkan. Pindai ulang QR-nya.",
        "The seal is broken or spelt in a way that is not allowed. Scan the QR again.",
    ),
    "seal-structure": (
        "Segel pada QR ini tidak tersusun seperti segel SuratSah, jadi tidak membuktikan apa pun.",
        "The seal is not built like a SuratSah seal, so it proves nothing.",
    ),
    "seal-algorithm": (
        "Segel pada QR ini memakai algoritma tanda tangan yang tidak diterima.",
        "The seal names a signature algorithm that is not accepted.",
    ),
    "seal-signature": (
        "Tanda tangan segel tidak cocok: isi QR sudah diubah, atau QR ini milik surat lain.",
        "The seal's signature does not hold: the QR was changed, or its parts come from different letters.",
    ),
    "seal-key-type": (
        "Kunci segel bukan kunci ECDSA P-256.",
        "The seal key is not an ECDSA P-256 key.",
    ),
}


@dataclass(frozen=True)
class Sign1:
    """A COSE_Sign1 message: `kid` 4 bytes, `payload` CBOR, `signature` r || s, 32 bytes each, big-endian."""

    kid: bytes
    payload: bytes
    signature: bytes


def key_id(key: ec.EllipticCurvePublicKey) -> bytes:
    """Returns the first 4 bytes of the SHA-256 of the key's SubjectPublicKeyInfo (DER): a hint, no proof."""
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(spki).digest()[:KID_BYTES]


def require_p256(key: object) -> ec.EllipticCurvePublicKey:
    """Returns the key as a P-256 public key. Raises VerificationError `seal-key-type` for any other."""
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise refused("seal-key-type")
    return key


def to_be_signed(kid: bytes, payload: bytes, external_aad: bytes) -> bytes:
    """Returns the Sig_structure over which ES256 is computed (RFC 9052, 4.4)."""
    return deterministic(["Signature1", _protected(kid), external_aad, payload])


def encode(message: Sign1) -> bytes:
    """Writes the message, untagged. Raises VerificationError `seal-structure`: a part of wrong length."""
    if len(message.kid) != KID_BYTES or len(message.signature) != SIGNATURE_BYTES:
        raise refused("seal-structure")
    return deterministic([_protected(message.kid), {}, message.payload, message.signature])


def decode(data: bytes) -> Sign1:
    """Reads bytes that nobody has vouched for yet.

    Raises VerificationError `seal-cbor` (not CBOR, not deterministic, trailing bytes), `seal-structure`
    (another layout, tag, header or length) or `seal-algorithm`.
    """
    match parse_cbor(data):
        case [bytes(protected), dict(unprotected), bytes(payload), bytes(signature)] if not unprotected:
            message = Sign1(_kid_of(protected), payload, signature)
        case _:
            raise refused("seal-structure")
    if encode(message) != data:
        raise refused("seal-cbor")
    return message


def verify(message: Sign1, external_aad: bytes, key: ec.EllipticCurvePublicKey) -> None:
    """Checks the signature with a P-256 key. Raises VerificationError `seal-signature`, `seal-key-type`.

    Of (r, s) and (r, n - s) both hold, as ES256 has it: a seal is known by its claims, never by its bytes.
    """
    half = SIGNATURE_BYTES // 2
    r, s = int.from_bytes(message.signature[:half]), int.from_bytes(message.signature[half:])
    signed = to_be_signed(message.kid, message.payload, external_aad)
    try:
        require_p256(key).verify(utils.encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise refused("seal-signature") from None


def deterministic(value: object) -> bytes:
    """Writes CBOR deterministically (RFC 8949, 4.2.1; for the keys in use 4.2.3 orders alike)."""
    return cbor2.dumps(value, canonical=True)


def parse_cbor(data: bytes) -> object:
    """Reads the first CBOR item; callers write it again to see that nothing else was there.

    Raises VerificationError `seal-cbor`: not CBOR, of indefinite length, with a key given twice, or nested
    too deep.
    """
    try:
        return cbor2.loads(data, allow_indefinite=False, allow_duplicate_keys=False, max_depth=8)
    except cbor2.CBORDecodeError:
        raise refused("seal-cbor") from None


def refused(code: str) -> VerificationError:
    """Returns the error of one of this module's codes, with its sentences."""
    return VerificationError(code, *_SENTENCES[code])


def _protected(kid: bytes) -> bytes:
    return deterministic({ALG: ES256, KID: kid})


def _kid_of(protected: bytes) -> bytes:
    """Reads the protected header: exactly alg ES256 and a kid of 4 bytes."""
    match parse_cbor(protected):
        case {1: -7, 4: bytes(kid), **others} if not others and len(kid) == KID_BYTES:
            return kid
        case {1: algorithm, **_others} if algorithm != ES256:
            raise refused("seal-algorithm")
        case _:
            raise refused("seal-structure")
