"""The fresh check behind a letter's page: stored file, register, signature, chain, revocation, timestamp, seal.

Done on each request; the result is kept by the file's own content and the register's facts, so that a hundred phones
at one meeting cost one examination. docs/decisions/0009-public-page.md.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeAlias

from verifier import examine
from verifier.errors import VerificationError
from verifier.messages import fail
from verifier.pictures import Pictures
from verifier.records import Letters, Meeting, PublicLetter
from verifier.report import Integrity, Reason, Registry, Report, Verdict
from verifier.trust import Trust
from verifier.web.meeting import said_by
from verifier.web.recent import Recent
from verifier.web.sealed import require_agreement

WINDOW = timedelta(seconds=60)
"""How old a result may be; never past the moment at which its proof ends."""
PICTURE_WINDOW = timedelta(hours=1)
"""A picture depends on the file's bytes alone, which are compared on every request; this only frees the memory."""
MOST_RESULTS = 256
MOST_PICTURES = 48
"""Of about 100 kB each."""
WIDTHS = (480, 800, 1200, 1800)
"""Pixels; a picture is drawn only in these, so that nobody can ask for endless different ones."""

Standing: TypeAlias = Literal["valid", "withdrawn", "replaced", "damaged", "unavailable", "revoked", "unconfirmed"]
"""What is true of a letter now, for the page's first sentence. Only `valid` is good."""


@dataclass(frozen=True)
class Checked:
    """A letter and what was found just now. `sealed` is why its seal does not stand by the register, if it does not.

    `sizes` are the pages' widths and heights in points, empty where pages are not shown. `meeting` is the letter's,
    if its signed file says so itself.
    """

    letter: PublicLetter
    report: Report
    examined: bool
    sealed: VerificationError | None = None
    sizes: tuple[tuple[float, float], ...] = ()
    meeting: Meeting | None = None

    @property
    def standing(self) -> Standing:
        """The register's word first (a withdrawn letter is withdrawn, whatever its file), then the file's."""
        if self.letter.status != "berlaku":
            return "withdrawn" if self.letter.status == "dicabut" else "replaced"
        if self.report.integrity == "altered":
            return "damaged"
        if not self.examined:
            return "unavailable"
        if self.report.verdict == "revoked":
            return "revoked"
        return "valid" if self._proven else "unconfirmed"

    @property
    def _proven(self) -> bool:
        registry = self.report.registry
        same = registry is not None and registry.identical and registry.number == self.letter.number
        return same and self.report.verdict == "valid" and self.report.integrity == "unchanged"


class Examiner:
    """Checks one office's letters; keeps recent results for itself alone."""

    def __init__(self, letters: Letters, trust: Trust, base_url: str, clock: Callable[[], datetime]) -> None:
        self._letters = letters
        self._trust = trust
        self._base_url = base_url
        self._clock = clock
        self._results: Recent[tuple[PublicLetter, bytes], Checked] = Recent(MOST_RESULTS)
        self._pictures: Recent[tuple[bytes, int, int], bytes] = Recent(MOST_PICTURES)

    def letter(self, token: str) -> PublicLetter | None:
        """The letter of a canonical token, or None."""
        return self._letters.letter(token)

    def check(self, letter: PublicLetter) -> Checked:
        """What is true of the letter now. Never raises for what lies in the store or in the register."""
        now = self._clock().astimezone(UTC)
        data = self._letters.file(letter)
        if data is None:
            return _unexamined(letter, fail("file-unavailable"), letter.sha256, letter.size, now)
        sha256 = hashlib.sha256(data).digest()
        if sha256 != letter.sha256:
            return _unexamined(letter, fail("stored-file-differs"), sha256, len(data), now)
        key = (letter, sha256)
        found = self._results.get(key, now)
        if found is None:
            found = self._examine(letter, data, now)
            self._results.keep(key, found, now, _until(found.report, now))
        return found

    def released(self, letter: PublicLetter) -> bytes:
        """The newest released file, byte for byte. Raises VerificationError (file-unavailable, stored-file-differs)."""
        data = self._letters.file(letter)
        if data is None:
            raise fail("file-unavailable")
        if hashlib.sha256(data).digest() != letter.sha256:
            raise fail("stored-file-differs")
        return data

    def picture(self, letter: PublicLetter, page: int, width: int) -> bytes:
        """Page `page` (from 0) as WebP, `width` pixels wide (one of WIDTHS).

        Raises IndexError if there is no such page, VerificationError as `released`.
        """
        data, now = self.released(letter), self._clock().astimezone(UTC)
        key = (letter.sha256, page, width)
        drawn = self._pictures.get(key, now)
        if drawn is None:
            drawn = Pictures().page(data, page, width)
            self._pictures.keep(key, drawn, now, now + PICTURE_WINDOW)
        return drawn

    def _examine(self, letter: PublicLetter, data: bytes, now: datetime) -> Checked:
        report = examine.pdf(data, name=file_name(letter), trust=self._trust, at=now, records=self._letters)
        reason = None
        try:
            require_agreement(letter, data, base_url=self._base_url, trust=self._trust, at=now)
        except VerificationError as fault:
            reason = fault
            report = _doubted(report, fault)
        sizes = Pictures().sizes(data) if letter.shows_pages else ()
        return Checked(letter, report, True, reason, sizes, said_by(data, letter.meeting))


def status_of(checked: Checked) -> int:
    """The HTTP status of what was found: 503 where the letter's file could not be had."""
    return 503 if checked.standing == "unavailable" else 200


def file_name(letter: PublicLetter) -> str:
    """The PDF's name when downloaded, from its number: "surat-400.9-1-416-304-2026.pdf"."""
    number = re.sub(r"[^A-Za-z0-9.]+", "-", letter.number).strip("-.")
    mark = {"berlaku": "", "dicabut": "DICABUT-", "diganti": "DIGANTI-"}[letter.status]
    return f"{mark}surat-{number}.pdf"


def _until(report: Report, now: datetime) -> datetime:
    """The end of a result's window: a proof that runs out within it ends it."""
    ends = [signature.valid_until for signature in report.signatures if signature.valid_until is not None]
    return min([now + WINDOW, *(end for end in ends if end > now)])


def _doubted(report: Report, fault: VerificationError) -> Report:
    """A report whose seal or register does not hold: never valid."""
    verdict: Verdict = "unconfirmed" if report.verdict == "valid" else report.verdict
    reasons = [_reason(fault), *report.reasons]
    return report.model_copy(update={"verdict": verdict, "reasons": reasons})


def _unexamined(letter: PublicLetter, fault: VerificationError, sha256: bytes, size: int, now: datetime) -> Checked:
    """The result when the released file is not there to be examined; a file that differs is not even parsed."""
    differs = fault.code == "stored-file-differs"
    integrity: Integrity = "altered" if differs else "unknown"
    gone = {"dicabut": [fail("letter-withdrawn")], "diganti": [fail("letter-replaced")], "berlaku": []}[letter.status]
    verdict: Verdict = "altered" if differs else "revoked" if gone else "unconfirmed"
    report = Report(
        file=file_name(letter),
        sha256=sha256.hex(),
        size=size,
        verdict=verdict,
        indication=None,
        subindication=None,
        integrity=integrity,
        signatures=[],
        document_timestamps=0,
        registry=registry_line(letter, identical=False),
        reasons=[_reason(reason) for reason in (*gone, fault)],
        checked_at=now,
        seconds=0.0,
    )
    return Checked(letter, report, False)


def registry_line(letter: PublicLetter, *, identical: bool) -> Registry:
    """The register's line on a letter; `identical`: the file at hand is one that was released."""
    return Registry(
        status=letter.status,
        number=letter.number,
        date=letter.letter_date.isoformat(),
        subject=letter.subject,
        register_number=letter.register_number,
        identical=identical,
        log_index=letter.log_index,
    )


def _reason(fault: VerificationError) -> Reason:
    return Reason(code=fault.code, id=fault.id, en=fault.en)
