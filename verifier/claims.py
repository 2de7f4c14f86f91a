"""What a seal says, and the one way to write it: a CWT claims set (RFC 8392) in deterministic CBOR. Pure.

    {6 (iat): seconds, -1 (simulasi) or -2 (bsre): [number, days, subject, signer, capacity, length, digest]}

The layout, its limits and how it may change: docs/formats/seal.md; why: docs/decisions/0005-seal.md.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Literal, TypeVar

from verifier import cose
from verifier.errors import VerificationError

Mode = Literal["simulasi", "bsre"]

# Most bytes of UTF-8 a text may take. All at their most, a QR stays at version 15 for hosts of 33 characters.
NUMBER_MAX, SUBJECT_MAX, SIGNER_MAX, CAPACITY_MAX = 40, 60, 60, 48
DIGEST_BYTES = 16
SEAL_MAX = 333
"""Bytes of the longest seal these limits allow."""

_IAT = 6
_MODES: Mapping[int, Mode] = {-1: "simulasi", -2: "bsre"}
_CLAIM_OF: Mapping[Mode, int] = {mode: claim for claim, mode in _MODES.items()}
_WIB = timezone(timedelta(hours=7))
_MOST_DAYS = 0xFFFF
_MOST_SECONDS = _MOST_LENGTH = 0xFFFFFFFF
# Controls, line breaks, bidirectional and invisible characters, surrogates, tags: what could make a shown text
# differ from the signed one. A fixed list, so that every Unicode version judges alike.
_HIDDEN = re.compile(
    "[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u2800\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff"
    "\U000e0000-\U000e0fff]"
)
_T = TypeVar("_T", int, str, bytes)


@dataclass(frozen=True)
class SealFields:
    """What a seal says. Texts ending early carry a flag, and are then the beginning of the true text.

    `issued_at` UTC in whole seconds; `letter_date` not after that day in Western Indonesia (UTC+7);
    `length` and `digest` are the rendered file's bytes and the first 16 bytes of its SHA-256.
    """

    issued_at: datetime
    number: str
    letter_date: date
    subject: str
    subject_cut: bool
    signer: str
    capacity: str
    mode: Mode
    length: int
    digest: bytes
    signer_cut: bool = False
    capacity_cut: bool = False


def shorten(text: str, most: int) -> tuple[str, bool]:
    """Returns the text cut to at most `most` bytes of UTF-8 on a character boundary, and whether it was cut.

    A seal agrees with a record when shortening the record's text gives the seal's text and flag. A text with
    characters that a seal never holds comes back whole, for `write_claims` to refuse.
    """
    if _HIDDEN.search(text):
        return text, False
    kept = text.encode()[:most].decode(errors="ignore")
    return (text, False) if kept == text else (kept.rstrip(), True)


def write_claims(fields: SealFields) -> bytes:
    """Returns the payload: {6: iat, -1 or -2: [number, days, subject, signer, capacity, length, digest]}.

    Raises VerificationError `seal-claims`, naming the field, when a value is not one that the format allows.
    """
    _require_facts(fields)
    facts = [
        _text("number", fields.number, NUMBER_MAX),
        (fields.issued_at.astimezone(_WIB).date() - fields.letter_date).days,
        _cuttable("subject", fields.subject, SUBJECT_MAX, fields.subject_cut),
        _cuttable("signer", fields.signer, SIGNER_MAX, fields.signer_cut),
        _cuttable("capacity", fields.capacity, CAPACITY_MAX, fields.capacity_cut),
        fields.length,
        fields.digest,
    ]
    return cose.deterministic({_IAT: int(fields.issued_at.timestamp()), _CLAIM_OF[fields.mode]: facts})


def read_claims(payload: bytes) -> SealFields:
    """Reads a signed payload. Raises VerificationError `seal-cbor`, `seal-version` or `seal-claims`.

    What was read is written again and compared: no second spelling of the same claims is accepted.
    """
    claims = cose.parse_cbor(payload)
    if not isinstance(claims, dict):
        raise _wrong("payload")
    if set(claims) - {_IAT} - set(_MODES):
        raise _newer()
    mode = [_MODES[claim] for claim in claims if claim in _MODES]
    if len(mode) != 1 or _IAT not in claims:
        raise _wrong("claims")
    fields = _fields(_only(claims[_IAT], int, "iat"), mode[0], claims[_CLAIM_OF[mode[0]]])
    if write_claims(fields) != payload:
        raise cose.refused("seal-cbor")
    return fields


def _fields(iat: int, mode: Mode, facts: object) -> SealFields:
    """Builds the fields from the claim's array; `write_claims` then judges their values."""
    if not isinstance(facts, list) or len(facts) != 7:
        raise _wrong("facts")
    number, days, subject, signer, capacity, length, digest = facts
    issued_at = datetime.fromtimestamp(_within(iat, 0, _MOST_SECONDS, "iat"), UTC)
    back = timedelta(days=_within(_only(days, int, "letter_date"), 0, _MOST_DAYS, "letter_date"))
    subject, subject_cut = _uncut(subject, "subject")
    signer, signer_cut = _uncut(signer, "signer")
    capacity, capacity_cut = _uncut(capacity, "capacity")
    return SealFields(
        issued_at=issued_at,
        number=_only(number, str, "number"),
        letter_date=issued_at.astimezone(_WIB).date() - back,
        subject=subject,
        subject_cut=subject_cut,
        signer=signer,
        capacity=capacity,
        mode=mode,
        length=_only(length, int, "length"),
        digest=_only(digest, bytes, "digest"),
        signer_cut=signer_cut,
        capacity_cut=capacity_cut,
    )


def _require_facts(fields: SealFields) -> None:
    """Checks what is not text: times, mode, length, digest."""
    if fields.issued_at.utcoffset() is None or fields.issued_at.microsecond:
        raise _wrong("issued_at")
    _within(int(fields.issued_at.timestamp()), 0, _MOST_SECONDS, "issued_at")
    _within((fields.issued_at.astimezone(_WIB).date() - fields.letter_date).days, 0, _MOST_DAYS, "letter_date")
    _within(fields.length, 1, _MOST_LENGTH, "length")
    if fields.mode not in _CLAIM_OF:
        raise _wrong("mode")
    if len(fields.digest) != DIGEST_BYTES:
        raise _wrong("digest")


def _text(name: str, value: str, most: int) -> str:
    """Returns the text if it shows as it is: 1 to `most` bytes, no space at its ends, nothing hidden."""
    if value != value.strip() or _HIDDEN.search(value) or not 1 <= len(value.encode()) <= most:
        raise _wrong(name)
    return value


def _cuttable(name: str, value: str, most: int, cut: bool) -> str | list[str]:
    """Writes a text that may be cut: the text alone when whole, in an array of one when cut."""
    text = _text(name, value, most)
    return [text] if cut else text


def _uncut(value: object, name: str) -> tuple[str, bool]:
    if isinstance(value, list) and len(value) == 1:
        return _only(value[0], str, name), True
    return _only(value, str, name), False


def _only(value: object, kind: type[_T], name: str) -> _T:
    """Returns the value if it is of exactly this type: CBOR's true is not 1, and 1.0 is not 1 either."""
    if not isinstance(value, kind) or isinstance(value, bool):
        raise _wrong(name)
    return value


def _within(value: int, least: int, most: int, name: str) -> int:
    if not least <= value <= most:
        raise _wrong(name)
    return value


def _wrong(field: str) -> VerificationError:
    return VerificationError(
        "seal-claims",
        f"Isi segel tidak sah ({field}), sehingga segel ini tidak membuktikan apa pun.",
        f"The seal's contents are not valid ({field}), so it proves nothing.",
    )


def _newer() -> VerificationError:
    return VerificationError(
        "seal-version",
        "Segel ini dibuat oleh SuratSah yang lebih baru. Perbarui aplikasi pemeriksa, lalu periksa lagi.",
        "The seal was made by a newer SuratSah. Update the verifier and check again.",
    )
