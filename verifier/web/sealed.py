"""Whether the register still says what the office sealed into the QR when the letter was signed.

The PDF proves itself; number, date, subject, signer and capacity as the page states them come from a database. The
seal is signed over the same facts, so a register that was changed afterwards is noticed here.
"""

from __future__ import annotations

import hashlib
import unicodedata
from datetime import datetime

from verifier import claims, examine
from verifier.errors import VerificationError
from verifier.messages import fail
from verifier.records import PublicLetter
from verifier.report import SealReport
from verifier.seal import base32
from verifier.trust import Trust


def require_agreement(letter: PublicLetter, data: bytes, *, base_url: str, trust: Trust, at: datetime) -> None:
    """Check the letter's seal, and that register and file (`data`, the signed PDF) are what it names.

    Raises VerificationError: `seal-differs`, or why the seal itself does not hold (verifier.seal.open_seal).
    """
    report = examine.seal(f"{base_url}/V/{letter.token}#{base32(letter.seal)}", trust=trust, at=at)
    if report.verdict != "valid":
        first = report.reasons[0]
        raise VerificationError(first.code, first.id, first.en)
    if _stated(report) != _registered(letter) or _digest(data, report.length) != report.digest:
        raise fail("seal-differs")


def _stated(report: SealReport) -> tuple[object, ...]:
    return (
        report.number,
        report.letter_date,
        (report.subject, report.subject_cut),
        report.signer,
        report.capacity,
        report.mode,
    )


def _registered(letter: PublicLetter) -> tuple[object, ...]:
    """The register's facts as a seal would state them: tidied, and cut where a seal cuts (docs/formats/seal.md)."""
    return (
        _tidy(letter.number),
        letter.letter_date.isoformat(),
        claims.shorten(_tidy(letter.subject), claims.SUBJECT_MAX),
        claims.shorten(_tidy(letter.signatory), claims.SIGNER_MAX)[0],
        claims.shorten(_tidy(letter.capacity), claims.CAPACITY_MAX)[0],
        letter.mode,
    )


def _tidy(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _digest(data: bytes, length: int | None) -> str:
    return hashlib.sha256(data[:length]).digest()[: claims.DIGEST_BYTES].hex()
