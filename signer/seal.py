"""Issues seals: what the office says of a file before the Camat's key acts (docs/formats/seal.md)."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Protocol

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from verifier import claims, cose, seal, token
from verifier.claims import Mode, SealFields


class SealKey(Protocol):
    """The office's seal key, wherever it lives: a file, a token, a service."""

    @property
    def kid(self) -> bytes:
        """First 4 bytes of the SHA-256 of the seal certificate's SubjectPublicKeyInfo."""

    def sign(self, message: bytes) -> bytes:
        """Returns the ES256 signature of `message` (not of its hash): r || s, 64 bytes (RFC 9053, 2.1)."""


@dataclass(frozen=True)
class PrivateSealKey:
    """A seal key held in memory. Raises VerificationError `seal-key-type` unless it is ECDSA P-256."""

    private: ec.EllipticCurvePrivateKey

    def __post_init__(self) -> None:
        cose.require_p256(self.private.public_key())

    @property
    def kid(self) -> bytes:
        """First 4 bytes of the SHA-256 of the public key's SubjectPublicKeyInfo."""
        return cose.key_id(self.private.public_key())

    def sign(self, message: bytes) -> bytes:
        """Returns r || s, 64 bytes, of ECDSA with SHA-256 over `message`."""
        r, s = utils.decode_dss_signature(self.private.sign(message, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)


def describe(
    rendered: bytes,
    *,
    issued_at: datetime,
    number: str,
    letter_date: date,
    subject: str,
    signer: str,
    capacity: str,
    mode: Mode,
) -> SealFields:
    """Returns the fields of the seal over `rendered`, the bytes that the Camat's key is about to sign.

    Texts are tidied (NFC, one space for any white space); subject, signer and capacity are cut where they
    are too long for a seal, and flagged. `issued_at` is any aware time; it loses what is below a second.
    The number is never cut: one that is too long makes `issue` raise.
    """
    subject, subject_cut = claims.shorten(_tidy(subject), claims.SUBJECT_MAX)
    signer, signer_cut = claims.shorten(_tidy(signer), claims.SIGNER_MAX)
    capacity, capacity_cut = claims.shorten(_tidy(capacity), claims.CAPACITY_MAX)
    return SealFields(
        issued_at=issued_at.astimezone(UTC).replace(microsecond=0),
        number=_tidy(number),
        letter_date=letter_date,
        subject=subject,
        subject_cut=subject_cut,
        signer=signer,
        capacity=capacity,
        mode=mode,
        length=len(rendered),
        digest=hashlib.sha256(rendered).digest()[: claims.DIGEST_BYTES],
        signer_cut=signer_cut,
        capacity_cut=capacity_cut,
    )


def issue(fields: SealFields, letter_token: str, key: SealKey) -> bytes:
    """Returns the seal: COSE_Sign1 over the fields and, as external_aad, the token's 10 bytes.

    Raises VerificationError `seal-claims` (names the field that cannot be sealed), `token-form`, or
    `seal-structure` when the key returns anything but 64 bytes.
    """
    payload = claims.write_claims(fields)
    signature = key.sign(cose.to_be_signed(key.kid, payload, token.to_bytes(letter_token)))
    return cose.encode(cose.Sign1(key.kid, payload, signature))


def qr_text(base_url: str, letter_token: str, sealed: bytes) -> str:
    """Returns `HTTPS://HOST/V/TOKEN#SEAL`: one alphanumeric run, a byte #, another alphanumeric run.

    `base_url` is an origin without a path (a slash at its end is ignored). Raises VerificationError as
    `seal.parse` does, so no text leaves here that the verifier would not take.
    """
    origin = seal.origin(base_url.removesuffix("/")).upper()
    text = f"{origin}/V/{letter_token}#{seal.base32(sealed)}"
    seal.parse(text)
    return text


def _tidy(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())
