"""The verification report: one model for `--json`, the API and `verification.json` (docs/formats/report.md)."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from verifier.errors import VerificationError

Verdict = Literal["valid", "altered", "revoked", "untrusted", "unconfirmed", "unsigned", "unreadable"]
Integrity = Literal["unchanged", "permitted-changes", "altered", "unknown", "unsigned"]
Indication = Literal["TOTAL-PASSED", "INDETERMINATE", "TOTAL-FAILED"]
Level = Literal["B-B", "B-T", "B-LT", "B-LTA", "CMS", "unknown"]
Covers = Literal["whole-file", "revision", "partial"]
Mode = Literal["simulasi", "bsre"]
SealVerdict = Literal["valid", "altered", "untrusted", "unreadable"]

EXIT_CODES: dict[Verdict, int] = {
    "valid": 0,
    "altered": 1,
    "revoked": 1,
    "untrusted": 2,
    "unconfirmed": 2,
    "unsigned": 3,
    "unreadable": 4,
}
USAGE_EXIT = 64
# Of several files the gravest finding counts: tampering, then "cannot be read", "has no signature", "cannot say".
_GRAVEST_FIRST = (1, 4, 3, 2, 0)


def worst_exit(codes: list[int]) -> int:
    """The exit code for several files: the gravest of theirs (1, then 4, 3, 2, 0)."""
    return min(codes, key=_GRAVEST_FIRST.index)


class Frozen(BaseModel):
    """Base of all report models: immutable, and a misspelt name is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Reason(Frozen):
    """One finding: a stable code, and a sentence in Indonesian and in English."""

    code: str
    id: str
    en: str


class TimestampReport(Frozen):
    """One signature timestamp or document timestamp (RFC 3161): its time, authority and whether it is trusted."""

    at: datetime
    authority: str
    trusted: bool


class SignatureReport(Frozen):
    """One signature as contracts.md fixes it; `integrity` speaks of bytes alone, `trusted` of the chain alone."""

    field: str
    signer: str | None
    signer_dn: str | None
    issuer: str | None
    signed_at: datetime | None
    claimed_signed_at: datetime | None
    level: Level
    integrity: Integrity
    covers: Covers
    trusted: bool
    indication: Indication | None
    subindication: str | None
    certified: bool
    algorithm: str | None
    timestamps: list[TimestampReport]
    mode: Mode | None
    valid_until: datetime | None


class Registry(Frozen):
    """What the office's register says of this file; `identical` is true for every revision ever released."""

    status: Literal["berlaku", "dicabut", "diganti"]
    number: str
    date: str
    subject: str
    register_number: int | None
    identical: bool
    log_index: int | None


class Report(Frozen):
    """Everything the verifier says of one file; the first look is `verdict`, the why is `reasons`."""

    file: str
    sha256: str
    size: int
    verdict: Verdict
    indication: Indication | None
    subindication: str | None
    integrity: Integrity
    signatures: list[SignatureReport]
    document_timestamps: int
    registry: Registry | None
    reasons: list[Reason]
    checked_at: datetime
    seconds: float

    @property
    def exit_code(self) -> int:
        """Exit status of the command line for this file alone (contracts.md)."""
        return EXIT_CODES[self.verdict]

    def require_valid(self) -> None:
        """Raise VerificationError (code of the first reason) unless the verdict is `valid`."""
        if self.verdict == "valid":
            return
        first = next(iter(self.reasons), None)
        if first is None:
            raise VerificationError("not-valid", "Dokumen tidak terbukti sah.", "The document is not proven valid.")
        raise VerificationError(first.code, first.id, first.en)


class SealReport(Frozen):
    """What a QR's seal says, once checked offline: the office's statement, never "ditandatangani sah"."""

    verdict: SealVerdict
    origin: str | None = None
    token: str | None = None
    issued_at: datetime | None = None
    number: str | None = None
    letter_date: str | None = None
    subject: str | None = None
    subject_cut: bool | None = None
    signer: str | None = None
    signer_cut: bool | None = None
    capacity: str | None = None
    capacity_cut: bool | None = None
    mode: Mode | None = None
    length: int | None = None
    digest: str | None = None
    reasons: list[Reason]
    checked_at: datetime

    @property
    def exit_code(self) -> int:
        """Exit status of `python -m verifier seal`."""
        return EXIT_CODES[self.verdict]
