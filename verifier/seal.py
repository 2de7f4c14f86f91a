"""The seal in a letter's QR: how its text is taken apart, and when it is true (docs/formats/seal.md). Pure.

`HTTPS://HOST/V/<TOKEN>#<SEAL>`. SEAL is unpadded base32 of a COSE_Sign1 whose payload is a CWT (RFC 8392);
the token's 10 bytes are signed along with it as external_aad. The seal is the office's statement, made just
before the Camat's key acts: it names the rendered file, and never claims that the file was signed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from verifier import cose, token
from verifier.claims import DIGEST_BYTES, SEAL_MAX, SealFields, read_claims
from verifier.errors import VerificationError

__all__ = [
    "QrText",
    "SealFields",
    "SealKeys",
    "TrustedKey",
    "VerifiedSeal",
    "base32",
    "covers",
    "open_seal",
    "origin",
    "parse",
    "seal_keys",
    "verify",
]

_LABEL = r"(?!XN--)[A-Z0-9](?:[A-Z0-9-]{0,61}[A-Z0-9])?"
_ORIGIN = re.compile(rf"(?P<scheme>HTTPS?)://(?P<host>{_LABEL}(?:\.{_LABEL})*)(?::(?P<port>[1-9][0-9]{{0,4}}))?")
_TEXT = re.compile(rf"(?P<origin>{_ORIGIN.pattern})/V/(?P<token>[{token.ALPHABET}]{{{token.LENGTH}}})#(?P<seal>.+)")
_DEFAULT_PORTS = {"HTTP": "80", "HTTPS": "443"}
_HOST_MAX = 253
_TEXT_MAX = 4096

_SENTENCES = {
    "qr-form": (
        "Ini bukan QR surat SuratSah. Pastikan yang dipindai adalah QR di blok tanda tangan surat.",
        "This is not the QR of a SuratSah letter. Scan the QR in the letter's signature block.",
    ),
    "seal-text": (
        "Bagian segel pada QR ini tidak lengkap atau salah salin. Pindai ulang QR-nya.",
        "The seal's part of the QR is incomplete or miscopied. Scan the QR again.",
    ),
    "seal-unknown-key": (
        "Kunci pembuat segel ini tidak dikenal. Perbarui daftar kunci; bila tetap, jangan percaya QR ini.",
        "The key that made the seal is not known. Update the key list; if it stays so, do not trust it.",
    ),
    "seal-key-validity": (
        "Segel ini bertanggal di luar masa berlaku sertifikat segel, sehingga tidak dapat dipercaya.",
        "The seal is dated outside the validity of the seal certificate, so it cannot be trusted.",
    ),
    "seal-file": (
        "Berkas ini bukan berkas yang disegel: isinya berbeda dari yang disebut QR.",
        "This is not the file that was sealed: its bytes differ from what the QR names.",
    ),
}


@dataclass(frozen=True)
class QrText:
    """A QR's text taken apart, not proved: `origin` "https://host[:port]", lower case; canonical `token`."""

    origin: str
    token: str
    seal: bytes


class TrustedKey(NamedTuple):
    """A seal certificate's P-256 key, validity (UTC, both ends included) and SHA-256 (of its DER)."""

    public: ec.EllipticCurvePublicKey
    not_before: datetime
    not_after: datetime
    fingerprint: bytes


SealKeys: TypeAlias = Mapping[bytes, Sequence[TrustedKey]]
"""Trusted keys by kid; several may share one, as a renewed certificate keeps its key."""


@dataclass(frozen=True)
class VerifiedSeal:
    """A seal that held, the text it came in, and the key that made it."""

    qr: QrText
    fields: SealFields
    key: TrustedKey


def parse(text: str) -> QrText:
    """Takes a QR's text apart: `HTTP[S]://HOST[:PORT]/V/TOKEN#SEAL`, upper or lower case, nothing besides.

    HOST is ASCII: names without punycode, or a dotted IPv4 address. Raises VerificationError `qr-form`, or
    `seal-text` when the part after # is not unpadded base32 (RFC 4648, 6) with zero bits at its end, or is
    too long.
    """
    # The pattern is ASCII; upper() must not turn a foreign letter into one of its own.
    found = _TEXT.fullmatch(text.upper()) if text.isascii() and len(text) <= _TEXT_MAX else None
    if found is None:
        raise _refused("qr-form")
    return QrText(origin(found["origin"]), found["token"], _unbase32(found["seal"]))


def origin(url: str) -> str:
    """Returns "http[s]://host[:port]", lower case, no default port. Raises VerificationError `qr-form`."""
    found = _ORIGIN.fullmatch(url.upper()) if url.isascii() else None
    if found is None or len(found["host"]) > _HOST_MAX or int(found["port"] or 0) > 0xFFFF:
        raise _refused("qr-form")
    scheme, host, port = found["scheme"], found["host"], found["port"]
    if host.rpartition(".")[2][0].isdigit():
        _require_ipv4(host)
    suffix = f":{port}" if port and port != _DEFAULT_PORTS[scheme] else ""
    return f"{scheme}://{host}{suffix}".lower()


def base32(seal: bytes) -> str:
    """Returns the seal as it stands after #: base32 (RFC 4648, 6) without padding, alphanumeric to a QR."""
    return base64.b32encode(seal).decode().rstrip("=")


def verify(text: str, keys: SealKeys) -> SealFields:
    """Returns what a QR's seal says; the fields exist only if the seal holds. Raises as `open_seal` does."""
    return open_seal(text, keys).fields


def open_seal(text: str, keys: SealKeys) -> VerifiedSeal:
    """Checks a QR's text: form, COSE layout, key, signature over claims and token, claims, key valid at iat.

    Nothing in the payload is read before its signature holds. Raises VerificationError with `qr-form`,
    `seal-text`, `seal-cbor`, `seal-structure`, `seal-algorithm`, `seal-unknown-key`, `seal-signature`,
    `seal-version`, `seal-claims` or `seal-key-validity`. Whether iat lies in the future, and whether the
    letter was withdrawn, is for the caller.
    """
    qr = parse(text)
    message = cose.decode(qr.seal)
    candidates = keys.get(message.kid, ())
    if not candidates:
        raise _refused("seal-unknown-key")
    signers = _signers(message, token.to_bytes(qr.token), candidates)
    fields = read_claims(message.payload)
    for key in signers:
        if key.not_before <= fields.issued_at <= key.not_after:
            return VerifiedSeal(qr, fields, key)
    raise _refused("seal-key-validity")


def covers(fields: SealFields, data: bytes) -> None:
    """Checks that `data` begins with the sealed file. Raises VerificationError `seal-file`.

    A signed PDF does, as signing only appends to the rendered file. What was appended is the PDF checks'
    business.
    """
    digest = hashlib.sha256(data[: fields.length]).digest()[:DIGEST_BYTES]
    if len(data) < fields.length or digest != fields.digest:
        raise _refused("seal-file")


def seal_keys(certificates: Sequence[x509.Certificate]) -> SealKeys:
    """Returns the keys of seal certificates by kid; the caller has checked their chains and purpose.

    Raises VerificationError `seal-key-type` when one is not ECDSA P-256.
    """
    keys: dict[bytes, list[TrustedKey]] = {}
    for certificate in certificates:
        public = cose.require_p256(certificate.public_key())
        fingerprint = certificate.fingerprint(hashes.SHA256())
        validity = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        keys.setdefault(cose.key_id(public), []).append(TrustedKey(public, *validity, fingerprint))
    return keys


def _signers(message: cose.Sign1, external_aad: bytes, keys: Sequence[TrustedKey]) -> list[TrustedKey]:
    """Returns the keys under which the signature holds, at least one; raises `seal-signature` for none."""
    holding = []
    for key in keys:
        try:
            cose.verify(message, external_aad, key.public)
        except VerificationError as error:
            if error.code != "seal-signature":
                raise
        else:
            holding.append(key)
    if not holding:
        raise cose.refused("seal-signature")
    return holding


def _unbase32(text: str) -> bytes:
    """Reads unpadded base32, refusing every spelling but the one that `base32` writes."""
    try:
        seal = base64.b32decode(text + "=" * (-len(text) % 8))
    except binascii.Error:
        raise _refused("seal-text") from None
    if len(seal) > SEAL_MAX or base32(seal) != text:
        raise _refused("seal-text")
    return seal


def _require_ipv4(host: str) -> None:
    """Browsers read a host whose last label starts with a digit as an address: only a.b.c.d will do."""
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        raise _refused("qr-form") from None


def _refused(code: str) -> VerificationError:
    return VerificationError(code, *_SENTENCES[code])
