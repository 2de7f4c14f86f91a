"""What the verifier must look up about an office's own letters; `signer.public` implements it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal, Protocol

Status = Literal["berlaku", "dicabut", "diganti"]


@dataclass(frozen=True)
class LetterRecord:
    """One letter in the register. `identical`: the file asked about is a revision that was ever released."""

    status: Status
    number: str
    date: str
    subject: str
    register_number: int | None = None
    identical: bool = False
    log_index: int | None = None


class Records(Protocol):
    """The register as the verifier sees it: two look-ups, read only."""

    def by_sha256(self, sha256: bytes) -> LetterRecord | None:
        """The letter of which a file with this SHA-256 (32 bytes) was ever released, or None."""

    def by_token(self, token: str) -> LetterRecord | None:
        """The letter whose QR carries this token (16 characters, upper case), or None."""


@dataclass(frozen=True)
class Meeting:
    """The meeting that a letter invites to, as the letter says it; times of day in WIB.

    `until` is the end in the letter's words ("selesai"), `end` that end where it is a time.
    """

    title: str
    day: date
    start: time
    end: time | None
    until: str
    place: str


@dataclass(frozen=True)
class PublicLetter:
    """The facts that the public page may state; no addressee, Pemohon or beneficiary among them.

    `sha256`, `size` and `blob_key` are of the newest released file; `seal` is the QR's, as issued.
    """

    token: str
    office: str
    government: str
    number: str
    letter_date: date
    subject: str
    signatory: str
    capacity: str
    mode: Literal["simulasi", "bsre"]
    status: Status
    signed_at: datetime
    register_number: int | None
    register_year: int | None
    log_index: int | None
    seal: bytes
    sha256: bytes
    size: int
    blob_key: str
    pages: int
    shows_pages: bool
    meeting: Meeting | None = None
    """Only where the pages may be shown too."""


@dataclass(frozen=True)
class Withdrawn:
    """A letter no longer in force, by the SHA-256 of its token (16 characters, ASCII), as the log names letters."""

    token_sha256: bytes
    status: Status


class Letters(Records, Protocol):
    """The register with the letters' files: what the public pages look up, read only."""

    def withdrawn(self) -> Sequence[Withdrawn]:
        """Every letter no longer in force, for phones that will check without network."""

    def letter(self, token: str) -> PublicLetter | None:
        """The letter whose QR carries this token (16 characters, upper case), or None."""

    def released(self, sha256: bytes) -> PublicLetter | None:
        """The letter of which a file with this SHA-256 (32 bytes) was ever released, or None."""

    def rendered(self, sha256s: Sequence[bytes]) -> PublicLetter | None:
        """The letter whose rendering, the unsigned PDF that its signed file begins with, has one of these; or None."""

    def file(self, letter: PublicLetter) -> bytes | None:
        """The newest released file as it lies in the store, unchecked; None if it cannot be had now."""
