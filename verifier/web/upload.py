"""Checking a stranger's PDF: examined in a process of the pool, then held against the office's register.

Nothing of the file is kept. Which letter a file is or claims to be is found in three ways: by its own SHA-256
(identical to a released file), by the SHA-256 of the rendering that it begins with, and by the QR on its pages.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from asn1crypto import pem
from pydantic import TypeAdapter, ValidationError

from verifier.comparing import Differences
from verifier.differing import Difference
from verifier.errors import VerificationError
from verifier.messages import effect, fail
from verifier.pool import Pool, Worker
from verifier.records import Letters, PublicLetter
from verifier.report import Reason, Report, Verdict
from verifier.reporting import stopped
from verifier.trust import Trust
from verifier.web.fresh import registry_line
from verifier.web.scanning import Scanned, Scanner

MOST_BYTES = 20 * 1024 * 1024
PICTURES_SECONDS = 4.0
"""For the pictures of what changed since signing, which are left out where they take longer."""
MOST_ENDS = 64
"""Revision ends of a file that are tried as the end of a rendering; ours is the first, or nearly."""
_CHANGES = TypeAdapter(tuple[Difference, ...])
_END = re.compile(rb"%%EOF(?:\r\n|\n|\r)?")
_CODES = {"dicabut": "letter-withdrawn", "diganti": "letter-replaced"}


@dataclass(frozen=True)
class Judged:
    """The report on a file; `letter` is the one that it is (`identical`) or claims to be, `foreign` where QRs lead."""

    report: Report
    letter: PublicLetter | None = None
    identical: bool = False
    begins_alike: bool = False
    """It begins with that letter's very rendering, so what differs comes after."""
    differences: Differences | None = None
    changes: tuple[Difference, ...] = ()
    """What looks different since signing, where `differences` does not show it already."""
    foreign: tuple[str, ...] = ()


class Uploads:
    """Examines files from outside."""

    def __init__(
        self, letters: Letters, trust: Trust, scanner: Scanner, pool: Pool, clock: Callable[[], datetime]
    ) -> None:
        self._letters = letters
        self._scanner = scanner
        self._pool = pool
        self._clock = clock
        certificates = (*trust.anchors, *trust.seal_certificates)
        self._trust = tuple(pem.armor("CERTIFICATE", one.dump()) for one in certificates)

    def examine(self, name: str, data: bytes, *, draw: bool = False) -> Judged:
        """The report on one file, the register's word included; never raises for what is in `data`.

        `name` is only for the report; with `draw` also pictures are made, for people. Raises VerificationError (busy)
        when no place comes free in time.
        """
        now = self._clock().astimezone(UTC)
        with self._pool.worker() as worker:
            report = self._report(worker, name, data, now)
            letter = self._letters.released(hashlib.sha256(data).digest())
            if letter is not None:
                return Judged(_identical(report, letter), letter, identical=True)
            return self._claimed(worker, report, data, draw)

    def _report(self, worker: Worker, name: str, data: bytes, now: datetime) -> Report:
        started = time.perf_counter()
        try:
            text = worker.run("examine", data, *self._trust, name=name, at=now.isoformat())
            return Report.model_validate_json(text)
        except VerificationError as fault:
            return stopped(name, data, now, fault.code, time.perf_counter() - started)
        except ValidationError:
            return stopped(name, data, now, "examination-failed", time.perf_counter() - started)

    def _claimed(self, worker: Worker, report: Report, data: bytes, draw: bool) -> Judged:
        """A file that was never released: which letter it claims to be, and how it differs from that."""
        found = self._codes(worker, data)
        foreign = tuple(dict.fromkeys(one.host for one in found if one.kind == "foreign"))
        alike = self._letters.rendered(_beginnings(data))
        letter = alike or next((one.letter for one in found if one.letter is not None), None)
        report = _with(report, *(fail("qr-foreign", host=host) for host in foreign))
        if letter is None:
            changes = self._changes(worker, report, data) if draw else ()
            return Judged(_with(report, fail("letter-unknown")), changes=changes, foreign=foreign)
        shown = self._differences(worker, data, letter) if draw else None
        # Of a letter whose pages strangers may not see nothing is shown, not even from a file of theirs.
        unseen = shown is not None and not shown.shown
        changes = self._changes(worker, report, data) if unseen else ()
        differs = fail("letter-differs" if alike is None else "letter-continued", number=letter.number)
        return Judged(_doubted(report, letter, differs), letter, False, alike is not None, shown, changes, foreign)

    def _codes(self, worker: Worker, data: bytes) -> list[Scanned]:
        try:
            texts = json.loads(worker.run("codes-in-pdf", data))["texts"]
        except (VerificationError, ValueError, KeyError):
            return []  # it cannot be drawn: then the file names no letter
        return [self._scanner.text(text) for text in texts]

    def _differences(self, worker: Worker, data: bytes, letter: PublicLetter) -> Differences | None:
        """How the pages differ from the original's, where strangers may see those."""
        original = self._letters.file(letter) if letter.shows_pages else None
        if original is None or hashlib.sha256(original).digest() != letter.sha256:
            return None
        try:
            return Differences.model_validate_json(worker.run("compare", data, original))
        except (VerificationError, ValidationError):
            return None  # only a help for the reader: that it differs is certain without

    def _changes(self, worker: Worker, report: Report, data: bytes) -> tuple[Difference, ...]:
        """How a signed file that was changed looked when it was signed, and looks now; empty where that fails."""
        if not report.signatures or report.integrity not in ("altered", "unknown"):
            return ()
        try:
            return _CHANGES.validate_json(worker.run("differences", data, seconds=PICTURES_SECONDS))
        except (VerificationError, ValidationError):
            return ()  # only a help for the reader, as above


def _beginnings(data: bytes) -> list[bytes]:
    """SHA-256 of the file up to each of its first MOST_ENDS revision ends."""
    digest, at, found = hashlib.sha256(), 0, []
    for number, end in enumerate(_END.finditer(data)):
        if number >= MOST_ENDS:
            break
        # A rendering may end right after %%EOF, or after the line break that follows.
        for stop in sorted({end.start() + 5, end.end()}):
            digest.update(data[at:stop])
            at = stop
            found.append(digest.copy().digest())
    return found


def _identical(report: Report, letter: PublicLetter) -> Report:
    code = _CODES.get(letter.status, "letter-identical")
    changes = {"registry": registry_line(letter, identical=True), "verdict": _verdict(report, letter)}
    return _with(report.model_copy(update=changes), fail(code))


def _doubted(report: Report, letter: PublicLetter, differs: VerificationError) -> Report:
    """A file that is not the letter that it claims to be is never valid, whoever signed it."""
    verdict = _verdict(report, letter)
    if verdict == "valid":
        verdict = "unconfirmed"
    changed = report.model_copy(update={"registry": registry_line(letter, identical=False), "verdict": verdict})
    withdrawn = _CODES.get(letter.status)
    return _with(changed, differs, *([fail(withdrawn)] if withdrawn else []))


def _verdict(report: Report, letter: PublicLetter) -> Verdict:
    """Withdrawn outweighs all but altered (contracts.md)."""
    return "revoked" if letter.status in _CODES and report.verdict != "altered" else report.verdict


def _with(report: Report, *faults: VerificationError) -> Report:
    """The report as if the register had been at hand: with its reasons, gravest first."""
    said = [Reason(code=fault.code, id=fault.id, en=fault.en) for fault in faults]
    kept = [reason for reason in report.reasons if reason.code != "registry-not-checked"]
    ordered = sorted([*said, *kept], key=lambda reason: -effect(reason.code))
    return report.model_copy(update={"reasons": ordered})
