"""What the use cases work with, made once by app.py and passed to each of them explicitly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from signer import tanggal
from signer.blobs import Blobs
from signer.db import Database
from signer.keys.base import Authorities, Key, Mode
from signer.seal import SealKey
from signer.shelf import OfficeShelf
from signer.tables.office import Appointment
from signer.vault import Vault
from signer.worktime import OfficeHours
from verifier.pool import Pool
from verifier.trust import Trust

Clock = Callable[[], datetime]
"""Now, as an aware datetime."""


@dataclass(frozen=True)
class Desk:
    """Storage, templates, the office's clock, and the processes for strangers' files."""

    db: Database
    blobs: Blobs
    vault: Vault
    templates: OfficeShelf
    hours: OfficeHours
    clock: Clock
    pool: Pool
    """Processes in which files from outside are opened."""

    def now(self) -> datetime:
        """The moment, aware, in UTC."""
        return self.clock()

    def today(self) -> date:
        """The office's calendar day (WIB)."""
        return tanggal.wib(self.clock()).date()


def _go_on(_point: str) -> None:
    """Nothing happens between two steps of signing, outside crash tests."""


@dataclass(frozen=True)
class KeyDesk:
    """What paraf and signing need beside a Desk: keys, authorities, the seal, the judge's trust."""

    open_key: Callable[[Appointment], Key]
    """The key of an appointment. Raises KeyUnavailable, also while its holder has set none."""
    issue_key: Callable[[str, str, str, str], bytes]
    """Makes a key: its name, the holder, their title, the passphrase; gives the certificate (DER). Raises Invalid."""
    authorities: Authorities
    seal_key: SealKey
    trust: Trust
    base_url: str
    mode: Mode
    passed: Callable[[str], None] = _go_on
    """Called between the steps of signing with the name of the point just passed; crash tests end the process
    there."""
