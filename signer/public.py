"""What strangers may look up about the office's letters (implements verifier.records.Letters)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

import structlog
from obstore.exceptions import BaseError
from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from signer import own_pdf
from signer.blobs import BlobMissing, Blobs
from signer.db import Database
from signer.drafting import Templates
from signer.drafting.meeting import meeting
from signer.errors import Invalid, NotFound
from signer.log import leaf_hash
from signer.tables.berkas import VALUES_LABEL, Rendering
from signer.tables.letters import Letter, LetterFile, RegisterEntry
from signer.tables.office import Office
from signer.tables.record import LogLeaf
from signer.vault import Vault, VaultFault
from verifier.records import LetterRecord, Meeting, PublicLetter, Status, Withdrawn

log = structlog.get_logger()


class PublicRecords:
    """Look-ups over the database, read only."""

    def __init__(self, db: Database, blobs: Blobs, templates: Templates, vault: Vault) -> None:
        """`templates` say which letters may show their pages, and their meeting, whose words `vault` opens."""
        self._db = db
        self._blobs = blobs
        self._templates = templates
        self._vault = vault

    def letter(self, token: str) -> PublicLetter | None:
        """The letter of a token (16 characters, upper case), or None."""
        with self._db.read() as session:
            letter = session.scalar(select(Letter).where(Letter.token == token))
            return None if letter is None else self._public(session, letter)

    def withdrawn(self) -> list[Withdrawn]:
        """Every letter no longer in force, by the hash of its token."""
        with self._db.read() as session:
            rows = session.execute(select(Letter.token, Letter.status).where(Letter.status != "berlaku")).all()
        return [Withdrawn(hashlib.sha256(token.encode()).digest(), _status(status)) for token, status in rows]

    def file(self, letter: PublicLetter) -> bytes | None:
        """The newest released file as it lies in the store, unchecked; None if it cannot be had now (and logged)."""
        try:
            return self._blobs.get(letter.blob_key)
        except (BlobMissing, BaseError, OSError) as fault:
            log.error("letter-file-unavailable", sha256=letter.sha256.hex(), fault=type(fault).__name__)
            return None

    def by_token(self, token: str) -> LetterRecord | None:
        """The record of a token, or None."""
        letter = self.letter(token)
        return None if letter is None else _record(letter, identical=False)

    def by_sha256(self, sha256: bytes) -> LetterRecord | None:
        """The record of the letter of which this very file was ever released, or None."""
        letter = self.released(sha256)
        return None if letter is None else _record(letter, identical=True)

    def released(self, sha256: bytes) -> PublicLetter | None:
        """The letter of which this very file was ever released, or None."""
        return self._one(
            select(Letter).join(LetterFile, LetterFile.letter_id == Letter.id), LetterFile.sha256 == sha256
        )

    def rendered(self, sha256s: Sequence[bytes]) -> PublicLetter | None:
        """The letter that was signed over one of these renderings, or None."""
        found = select(Letter).join(Rendering, Rendering.id == Letter.rendering_id)
        return self._one(found, Rendering.sha256.in_(sha256s))

    def _one(self, found: Select[Letter], *where: ColumnElement[bool]) -> PublicLetter | None:
        with self._db.read() as session:
            letter = session.scalar(found.where(*where).order_by(Letter.id).limit(1))
            return None if letter is None else self._public(session, letter)

    def _public(self, session: Session, letter: Letter) -> PublicLetter:
        rendering = session.get_one(Rendering, letter.rendering_id)
        newest = select(LetterFile).where(LetterFile.letter_id == letter.id).order_by(LetterFile.id.desc()).limit(1)
        file = session.scalars(newest).one()
        entry = session.scalar(select(RegisterEntry).where(RegisterEntry.letter_id == letter.id))
        office = session.get_one(Office, letter.office_id)
        return PublicLetter(
            token=letter.token,
            office=office.name,
            government=office.government,
            number=letter.number,
            letter_date=letter.letter_date,
            subject=letter.subject,
            signatory=letter.signatory,
            capacity=" ".join(letter.capacity.split()).rstrip(","),
            mode="bsre" if letter.mode == "bsre" else "simulasi",
            status=_status(letter.status),
            signed_at=letter.signed_at,
            register_number=entry.sequence if entry else None,
            register_year=entry.year if entry else None,
            log_index=_log_index(session, letter),
            seal=letter.seal,
            sha256=file.sha256,
            size=file.size,
            blob_key=file.blob_key,
            pages=rendering.pages,
            shows_pages=self._shows_pages(rendering),
            meeting=self._meeting(rendering),
        )

    def _shows_pages(self, rendering: Rendering) -> bool:
        if own_pdf.is_own(rendering.template):
            return own_pdf.shows_pages(rendering.template, rendering.classification, self._templates)
        try:
            return self._templates[rendering.template].shows_pages(rendering.classification)
        except NotFound:
            return False  # a template that is gone cannot say that its pages may be shown

    def _meeting(self, rendering: Rendering) -> Meeting | None:
        """What the rendered letter says, not the berkas; None where that cannot be read for certain."""
        if not self._shows_pages(rendering):
            return None
        try:
            written = json.loads(self._vault.open_text(rendering.values_sealed, VALUES_LABEL))
            return meeting(self._templates[rendering.template], written["fields"])
        except (Invalid, NotFound):
            return None  # the template was changed since, or the letter is an own PDF, which declares no meeting
        except (VaultFault, ValueError, KeyError, TypeError) as fault:
            log.error("letter-values-unreadable", rendering=rendering.sha256.hex(), fault=type(fault).__name__)
            return None


def _log_index(session: Session, letter: Letter) -> int | None:
    """The letter's newest leaf over a file that was released, if the leaf is the hash of what it says."""
    token_sha256 = hashlib.sha256(letter.token.encode()).digest()
    released = select(LetterFile.sha256).where(LetterFile.letter_id == letter.id)
    where = (LogLeaf.token_sha256 == token_sha256, LogLeaf.file_sha256.in_(released))
    leaf = session.scalars(select(LogLeaf).where(*where).order_by(LogLeaf.index.desc()).limit(1)).first()
    if leaf is None or leaf.leaf != leaf_hash(leaf.file_sha256, token_sha256, leaf.act, leaf.at):
        return None
    return leaf.index


def _status(text: str) -> Status:
    known: dict[str, Status] = {"berlaku": "berlaku", "dicabut": "dicabut", "diganti": "diganti"}
    return known[text]


def _record(letter: PublicLetter, *, identical: bool) -> LetterRecord:
    return LetterRecord(
        status=letter.status,
        number=letter.number,
        date=letter.letter_date.isoformat(),
        subject=letter.subject,
        register_number=letter.register_number,
        identical=identical,
        log_index=letter.log_index,
    )
