"""What strangers may look up about the office's letters (implements verifier.records.Records)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from signer.blobs import Blobs
from signer.db import Database
from signer.drafting import Shelf
from signer.errors import NotFound
from signer.tables.berkas import Rendering
from signer.tables.letters import Letter, LetterFile, RegisterEntry
from signer.tables.office import Office
from signer.tables.record import LogLeaf
from verifier.records import LetterRecord

Status = Literal["berlaku", "dicabut", "diganti"]


@dataclass(frozen=True)
class PublicLetter:
    """The facts that the public page may state; no addressee, Pemohon or beneficiary among them."""

    token: str
    office: str
    number: str
    letter_date: str
    subject: str
    signatory: str
    capacity: str
    mode: str
    status: Status
    signed_at: datetime
    register_number: int | None
    register_year: int | None
    log_index: int | None
    sha256: bytes
    size: int
    blob_key: str
    pages: int
    shows_pages: bool
    qr_page: int


class PublicRecords:
    """Look-ups over the database, read only."""

    def __init__(self, db: Database, blobs: Blobs, templates: Shelf) -> None:
        """`templates` say which letters may show their pages."""
        self._db = db
        self._blobs = blobs
        self._templates = templates

    def letter(self, token: str) -> PublicLetter:
        """The letter of a token (16 characters, upper case). Raises NotFound."""
        with self._db.read() as session:
            letter = session.scalar(select(Letter).where(Letter.token == token))
            if letter is None:
                raise NotFound()
            return self._public(session, letter)

    def file(self, letter: PublicLetter) -> bytes:
        """The newest released file. Raises BlobMissing if it is gone or not the file that was released."""
        return self._blobs.get_checked(letter.blob_key, letter.sha256)

    def by_token(self, token: str) -> LetterRecord | None:
        """The record of a token, or None."""
        try:
            return _record(self.letter(token), identical=False)
        except NotFound:
            return None

    def by_sha256(self, sha256: bytes) -> LetterRecord | None:
        """The record of the letter of which this very file was ever released, or None."""
        with self._db.read() as session:
            found = select(Letter).join(LetterFile, LetterFile.letter_id == Letter.id)
            letter = session.scalar(found.where(LetterFile.sha256 == sha256))
            return None if letter is None else _record(self._public(session, letter), identical=True)

    def _public(self, session: Session, letter: Letter) -> PublicLetter:
        rendering = session.get_one(Rendering, letter.rendering_id)
        newest = select(LetterFile).where(LetterFile.letter_id == letter.id).order_by(LetterFile.id.desc()).limit(1)
        file = session.scalars(newest).one()
        entry = session.scalar(select(RegisterEntry).where(RegisterEntry.letter_id == letter.id))
        office = session.get_one(Office, letter.office_id)
        return PublicLetter(
            token=letter.token,
            office=f"{office.name}, {office.government}",
            number=letter.number,
            letter_date=letter.letter_date.isoformat(),
            subject=letter.subject,
            signatory=letter.signatory,
            capacity=" ".join(letter.capacity.split()).rstrip(","),
            mode=letter.mode,
            status=_status(letter.status),
            signed_at=letter.signed_at,
            register_number=entry.sequence if entry else None,
            register_year=entry.year if entry else None,
            log_index=_log_index(session, letter.token),
            sha256=file.sha256,
            size=file.size,
            blob_key=file.blob_key,
            pages=rendering.pages,
            shows_pages=self._shows_pages(rendering),
            qr_page=rendering.page,
        )

    def _shows_pages(self, rendering: Rendering) -> bool:
        try:
            return self._templates[rendering.template].shows_pages(rendering.classification)
        except NotFound:
            return False  # a template that is gone cannot say that its pages may be shown


def _log_index(session: Session, token: str) -> int | None:
    where = LogLeaf.token_sha256 == hashlib.sha256(token.encode()).digest()
    return session.scalar(select(LogLeaf.index).where(where).order_by(LogLeaf.index.desc()).limit(1))


def _status(text: str) -> Status:
    known: dict[str, Status] = {"berlaku": "berlaku", "dicabut": "dicabut", "diganti": "diganti"}
    return known[text]


def _record(letter: PublicLetter, *, identical: bool) -> LetterRecord:
    return LetterRecord(
        status=letter.status,
        number=letter.number,
        date=letter.letter_date,
        subject=letter.subject,
        register_number=letter.register_number,
        identical=identical,
        log_index=letter.log_index,
    )
