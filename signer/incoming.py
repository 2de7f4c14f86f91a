"""Files on their way into a form: sent part by part over connections that break, and kept until the form is sent.

In the spirit of the IETF's resumable uploads (and tus): the sender asks where the file stands, sends the next part
from there, and a part that begins elsewhere is refused with the right offset. Parts are stored encrypted. When the
last has come, the file is recognised by its content like any other and waits, as a ticket in its form, to be handed
in. Everything belongs to the person who sent it, is bounded in number and size, and ends a day after its last part.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from signer import joining, uploads
from signer.accounts import User
from signer.actor import Actor
from signer.blobs import BlobMissing
from signer.desk import Desk
from signer.errors import Invalid, NotFound, WrongOffset
from signer.tables.incoming import Incoming
from signer.uploads import MAX_BYTES, MAX_FILES, Stored, Upload
from signer.vault import VaultFault

NAME_LABEL = "incoming.name"
MAX_PART = 2 * 1024 * 1024
MAX_OPEN = 2 * MAX_FILES
"""Files that one person may have on the way, in all their forms."""
LIFE = timedelta(days=1)
GRACE = timedelta(hours=1)
"""So long after its life a file is removed: processes' clocks differ."""


@dataclass(frozen=True)
class Waiting:
    """A file on its way, as its sender sees it."""

    ticket: str
    requirement: str
    name: str
    size: int
    received: int
    media_type: str
    """Empty until the file is whole and was recognised."""

    @property
    def whole(self) -> bool:
        """Whether it can be handed in."""
        return bool(self.media_type)

    @property
    def photo(self) -> bool:
        """Whether it can be joined with others into a PDF."""
        return self.media_type.startswith("image/")


def start(
    desk: Desk, actor: Actor, place: str, requirement: str, name: str, size: int, mark: str, taken: int = 0
) -> Waiting:
    """Announce a file of `size` bytes; the same one again (by `mark`) is found where it stands.

    `taken`: files that its berkas has already. Raises Invalid (field `files`) for size or number.
    """
    name = uploads.display_name(name)
    _check_size(name, size)
    with desk.db.begin() as session:
        # one announcement at a time, so that none slips past the limits
        session.execute(select(User.id).where(User.id == actor.user_id).with_for_update())
        where = {"place": place, "requirement": requirement, "mark": mark[:64], "size": size}
        found = session.scalars(_alive(desk, actor).filter_by(**where).limit(1)).first()
        if found is None:
            _check_room(session, desk, actor, place, name, taken)
            found = _row(desk, actor, place, requirement, name, size, mark[:64])
            session.add(found)
        found.touched_at = desk.now()
        return _waiting(desk, found)


def state(desk: Desk, actor: Actor, ticket: str) -> Waiting:
    """Where a file stands. Raises NotFound: handed in, dropped, too old, or somebody else's."""
    with desk.db.read() as session:
        return _waiting(desk, _own(session, desk, actor, ticket))


def waiting(desk: Desk, actor: Actor, place: str) -> list[Waiting]:
    """What the person has sent, or begun to send, for that form; oldest first."""
    with desk.db.read() as session:
        found = session.scalars(_alive(desk, actor).where(Incoming.place == place).order_by(Incoming.id))
        return [_waiting(desk, row) for row in found]


def add(desk: Desk, actor: Actor, ticket: str, offset: int, data: bytes) -> Waiting:
    """Take the part that begins at `offset`; with the last one the file is recognised and whole.

    Raises WrongOffset, NotFound, or Invalid: the part is too large, or the file is none that can be handed in
    (then it is dropped).
    """
    before = state(desk, actor, ticket)
    if before.whole or before.received != offset:
        raise WrongOffset(offset=before.received)
    if len(data) > min(MAX_PART, before.size - offset):
        raise Invalid("Bagian file terlalu besar.", "The part is too large.", field="files")
    if data:
        _keep_part(desk, actor, ticket, offset, data)
    now = state(desk, actor, ticket)
    return _complete(desk, actor, now) if now.received == now.size else now


def drop(desk: Desk, actor: Actor, ticket: str) -> None:
    """Forget a file, however much of it is there. Raises NotFound."""
    with desk.db.begin() as session:
        row = _own(session, desk, actor, ticket, lock=True)
        session.delete(row)
    _discard(desk, row)


def keep(
    desk: Desk, actor: Actor, place: str, files: Sequence[Upload]
) -> tuple[list[Waiting], list[tuple[str, Invalid]]]:
    """Keep the files of a form that cannot be used yet; gives them, and (requirement, fault) of the unusable ones."""
    kept, faults = [], []
    for upload in files:
        try:
            stored = uploads.store(upload, desk.blobs, desk.vault)
            kept.append(_insert(desk, actor, place, stored))
        except Invalid as fault:
            faults.append((upload.requirement, fault))
    return kept, faults


def take(desk: Desk, actor: Actor, tickets: Iterable[str]) -> list[tuple[Waiting, Stored]]:
    """The whole files of the tickets, in that order; one that is not this person's, or no ticket, is left out."""
    wanted = list(dict.fromkeys(tickets))[:MAX_OPEN]
    with desk.db.read() as session:
        rows = session.scalars(_alive(desk, actor).where(Incoming.ticket.in_(wanted), Incoming.blob_key != ""))
        found = {row.ticket: (_waiting(desk, row), _stored(desk, row)) for row in rows}
    return [found[ticket] for ticket in wanted if ticket in found]


def claim(session: Session, desk: Desk, actor: Actor, files: Iterable[Stored]) -> frozenset[str]:
    """Take these files out of here for good, in the caller's transaction that gives them a place of their own.

    Gives the blob keys of those that were still there: a file handed in from another window is handed in once.
    """
    keys = [file.blob_key for file in files]
    rows = session.scalars(_alive(desk, actor).where(Incoming.blob_key.in_(keys)).with_for_update()).all()
    for row in rows:
        session.delete(row)
    return frozenset(row.blob_key for row in rows)


def join(desk: Desk, actor: Actor, place: str, tickets: Sequence[str], name: str) -> Waiting:
    """Photos as one PDF called `name`, a page each in this order; it takes their place.

    Raises Invalid (field `files`): fewer than two, not all photos of one requirement, unreadable, too many.
    """
    photos = take(desk, actor, tickets)
    needs = {one.requirement for one, _stored in photos}
    if len(photos) < 2 or len(photos) != len(set(tickets)) or len(needs) > 1 or not all(o.photo for o, _s in photos):
        raise Invalid("Pilih sedikitnya dua foto.", "Choose at least two photos.", field="files")
    readers = [(stored.name, partial(read, desk, stored)) for _one, stored in photos]
    made = Upload(needs.pop(), name, joining.join(readers))
    stored = uploads.store(made, desk.blobs, desk.vault)
    joined = _insert(desk, actor, place, stored, instead_of=[old for _one, old in photos])
    desk.blobs.discard(*(old.blob_key for _one, old in photos))
    return joined


def read(desk: Desk, stored: Stored) -> bytes:
    """The bytes of a whole file. Raises Invalid if they cannot be had."""
    try:
        return uploads.fetch(stored.blob_key, stored.sha256, desk.blobs, desk.vault)
    except (BlobMissing, VaultFault, ValueError):
        raise _lost(stored.name) from None


def sweep(desk: Desk) -> int:
    """Remove what nobody came back for; gives how many files. For the worker."""
    old = select(Incoming).where(Incoming.touched_at < desk.now() - LIFE - GRACE)
    with desk.db.read() as session:
        if session.scalar(old.limit(1)) is None:
            return 0  # nearly always: the worker looks often, and takes no lock for it
    with desk.db.begin() as session:
        rows = session.scalars(old.limit(100).with_for_update(skip_locked=True)).all()
        for row in rows:
            _discard(desk, row)  # before the row goes, so that a crash leaves a row to sweep again, not a lost file
            session.delete(row)
    return len(rows)


def _check_size(name: str, size: int) -> None:
    if size < 1:
        raise Invalid(f"{name}: file kosong.", f"{name}: the file is empty.", field="files")
    if size > MAX_BYTES:
        raise Invalid(f"{name}: lebih dari 10 MB.", f"{name}: over 10 MB.", field="files")


def _check_room(session: Session, desk: Desk, actor: Actor, place: str, name: str, taken: int) -> None:
    counted = select(func.count(Incoming.id)).where(*_mine(desk, actor))
    here = session.scalar(counted.where(Incoming.place == place)) or 0
    if taken + here >= MAX_FILES:
        raise Invalid(
            f"{name}: paling banyak {MAX_FILES} file dalam satu berkas.",
            f"{name}: at most {MAX_FILES} files in one berkas.",
            field="files",
        )
    if (session.scalar(counted) or 0) >= MAX_OPEN:
        raise Invalid(
            "Terlalu banyak file Anda yang belum diserahkan. Serahkan atau keluarkan dulu yang ada.",
            "Too many of your files wait to be handed in. Hand in or take out those first.",
            field="files",
        )


def _keep_part(desk: Desk, actor: Actor, ticket: str, offset: int, data: bytes) -> None:
    key = f"incoming/{ticket}/{offset}-{secrets.token_hex(8)}"
    desk.blobs.put(key, desk.vault.seal(data, _part_label(ticket, offset)))
    try:
        with desk.db.begin() as session:
            row = _own(session, desk, actor, ticket, lock=True)
            if row.received != offset:
                raise WrongOffset(offset=row.received)
            row.parts = [*row.parts, [offset, key]]
            row.received += len(data)
            row.touched_at = desk.now()
    except (WrongOffset, NotFound):
        desk.blobs.discard(key)
        raise


def _complete(desk: Desk, actor: Actor, file: Waiting) -> Waiting:
    try:
        stored = uploads.store(Upload(file.requirement, file.name, _whole(desk, actor, file)), desk.blobs, desk.vault)
    except Invalid:
        after = state(desk, actor, file.ticket)
        if after.whole:  # another request with the last part was quicker, and took the parts away
            return after
        drop(desk, actor, file.ticket)
        raise
    with desk.db.begin() as session:
        row = _own(session, desk, actor, file.ticket, lock=True)
        spare = stored.blob_key if row.blob_key else ""  # two windows sent the last part at once
        if not spare:
            row.media_type, row.sha256, row.blob_key = stored.media_type, stored.sha256, stored.blob_key
            row.parts, row.touched_at = [], desk.now()
        made = _waiting(desk, row)
    desk.blobs.discard(*filter(None, [spare]))
    desk.blobs.discard_under(f"incoming/{file.ticket}")
    return made


def _whole(desk: Desk, actor: Actor, file: Waiting) -> bytes:
    with desk.db.read() as session:
        parts = _own(session, desk, actor, file.ticket).parts
    try:
        return b"".join(desk.vault.open(desk.blobs.get(key), _part_label(file.ticket, at)) for at, key in parts)
    except (BlobMissing, VaultFault):
        raise _lost(file.name) from None


def _insert(desk: Desk, actor: Actor, place: str, stored: Stored, instead_of: Sequence[Stored] = ()) -> Waiting:
    """A row for a whole file. Raises Invalid if one that it replaces is no longer there."""
    row = _row(desk, actor, place, stored.requirement, stored.name, stored.size, stored.sha256.hex())
    row.received, row.media_type, row.sha256 = stored.size, stored.media_type, stored.sha256
    row.blob_key = stored.blob_key
    try:
        with desk.db.begin() as session:
            session.execute(select(User.id).where(User.id == actor.user_id).with_for_update())
            if len(claim(session, desk, actor, instead_of)) < len(instead_of):
                raise _lost(stored.name)
            _check_room(session, desk, actor, place, stored.name, 0)
            session.add(row)
    except Invalid:
        desk.blobs.discard(stored.blob_key)
        raise
    return _waiting(desk, row)


def _row(desk: Desk, actor: Actor, place: str, requirement: str, name: str, size: int, mark: str) -> Incoming:
    return Incoming(
        ticket=secrets.token_hex(16),
        user_id=actor.user_id,
        place=place,
        requirement=requirement,
        name_sealed=desk.vault.seal_text(name, NAME_LABEL),
        mark=mark,
        size=size,
        received=0,
        parts=[],
        media_type="",
        blob_key="",
        touched_at=desk.now(),
    )


def _mine(desk: Desk, actor: Actor) -> tuple[ColumnElement[bool], ...]:
    return (Incoming.user_id == actor.user_id, Incoming.touched_at > desk.now() - LIFE)


def _alive(desk: Desk, actor: Actor) -> Select[Incoming]:
    return select(Incoming).where(*_mine(desk, actor))


def _own(session: Session, desk: Desk, actor: Actor, ticket: str, *, lock: bool = False) -> Incoming:
    statement = _alive(desk, actor).where(Incoming.ticket == ticket)
    row = session.scalar(statement.with_for_update() if lock else statement)
    if row is None:
        raise NotFound("File ini tidak ada lagi. Pilih lagi filenya.", "This file is gone. Choose it again.")
    return row


def _waiting(desk: Desk, row: Incoming) -> Waiting:
    name = desk.vault.open_text(row.name_sealed, NAME_LABEL)
    return Waiting(row.ticket, row.requirement, name, row.size, row.received, row.media_type)


def _stored(desk: Desk, row: Incoming) -> Stored:
    name = desk.vault.open_text(row.name_sealed, NAME_LABEL)
    return Stored(row.requirement, name, row.media_type, row.size, row.sha256 or b"", row.blob_key)


def _discard(desk: Desk, row: Incoming) -> None:
    desk.blobs.discard(*filter(None, [row.blob_key]))
    desk.blobs.discard_under(f"incoming/{row.ticket}")


def _part_label(ticket: str, offset: int) -> str:
    return f"incoming/{ticket}/{offset}"


def _lost(name: str) -> Invalid:
    return Invalid(
        f"{name}: file tidak dapat dibaca lagi. Pilih dan kirim lagi.",
        f"{name}: the file cannot be read any more. Choose and send it again.",
        field="files",
    )
