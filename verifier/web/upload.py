"""Checking a stranger's PDF: the verifier's own command in a process of its own, then the office's register.

`python -m verifier` keeps its limits of 10 s and 512 MiB by itself and knows no database; a server with threads must
not fork it, so it is started afresh. Only then is the register asked, by the file's SHA-256. Nothing is kept.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from asn1crypto import pem
from pydantic import ValidationError

from verifier.errors import VerificationError
from verifier.messages import fail
from verifier.records import LetterRecord, Records
from verifier.report import Reason, Registry, Report
from verifier.reporting import stopped
from verifier.trust import Trust

MOST_BYTES = 20 * 1024 * 1024
AT_ONCE = 2
"""Examinations running at the same time; each may take a whole processor."""
PATIENCE_SECONDS = 5.0
DEADLINE_SECONDS = 15.0
"""The command promises 10; the rest is for starting it on a busy machine."""
_ROOT = Path(__file__).resolve().parents[2]
_WITHDRAWN = {"dicabut": "letter-withdrawn", "diganti": "letter-replaced"}


class Uploads:
    """Examines files from outside, a few at a time."""

    def __init__(self, records: Records, trust: Trust, clock: Callable[[], datetime]) -> None:
        self._records = records
        self._clock = clock
        self._pem = b"".join(pem.armor("CERTIFICATE", c.dump()) for c in (*trust.anchors, *trust.seal_certificates))
        self._places = threading.BoundedSemaphore(AT_ONCE)

    def examine(self, name: str, data: bytes) -> Report:
        """The report on one file, the register's word included; never raises for what is in `data`.

        `name` is only for the report. Raises VerificationError (busy) when no place comes free in time.
        """
        if not self._places.acquire(timeout=PATIENCE_SECONDS):
            raise VerificationError(
                "busy",
                "Sedang banyak pemeriksaan. Coba lagi sebentar lagi.",
                "Many files are being checked. Try again in a moment.",
            )
        try:
            report = self._apart(data, self._clock().astimezone(UTC))
        finally:
            self._places.release()
        record = self._records.by_sha256(hashlib.sha256(data).digest())
        return _with_record(report.model_copy(update={"file": name}), record)

    def _apart(self, data: bytes, now: datetime) -> Report:
        """The command's report on the file, in a folder that is gone afterwards."""
        with TemporaryDirectory(prefix="suratsah-") as folder:
            file, trust = Path(folder) / "surat.pdf", Path(folder) / "trust.pem"
            file.write_bytes(data)
            trust.write_bytes(self._pem)
            command = [sys.executable, "-m", "verifier", "--json", "--at", now.isoformat()]
            command += ["--trust", str(trust), str(file)]
            try:
                done = subprocess.run(  # noqa: S603 (no shell; the file's content is data)
                    command, cwd=_ROOT, capture_output=True, timeout=DEADLINE_SECONDS, check=False
                )
                return Report.model_validate_json(done.stdout)
            except subprocess.TimeoutExpired:
                return stopped(file.name, data, now, "too-slow", DEADLINE_SECONDS)
            except ValidationError:
                return stopped(file.name, data, now, "examination-failed", 0.0)


def _with_record(report: Report, record: LetterRecord | None) -> Report:
    """The report as if the register had been at hand: withdrawn outweighs all but altered."""
    kept = [reason for reason in report.reasons if reason.code != "registry-not-checked"]
    if record is None:
        return report.model_copy(update={"reasons": [*kept, _reason("letter-unknown")]})
    code = _WITHDRAWN.get(record.status, "letter-identical")
    withdrawn = record.status in _WITHDRAWN and report.verdict != "altered"
    registry = Registry(
        status=record.status,
        number=record.number,
        date=record.date,
        subject=record.subject,
        register_number=record.register_number,
        identical=record.identical,
        log_index=record.log_index,
    )
    return report.model_copy(
        update={
            "verdict": "revoked" if withdrawn else report.verdict,
            "registry": registry,
            "reasons": [_reason(code), *kept],
        }
    )


def _reason(code: str) -> Reason:
    fault = fail(code)
    return Reason(code=fault.code, id=fault.id, en=fault.en)
