"""The office's address book of invitees: filled by use, tidied by Staf, offered while a letter is drafted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import Select, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from signer.actor import Actor
from signer.desk import Desk
from signer.drafting import Label
from signer.errors import Invalid, NotFound, NotYourStep
from signer.tables.contacts import Contact

NAME_LABEL = "contact.name"
NAME, GROUP = Label("Nama", "Name"), Label("Grup", "Group")
MOST_AT_ONCE = 200
"""Names added by one form."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Entry:
    """One name of the book. `group` is empty for none; one set aside is not offered any more."""

    id: int
    name: str
    group: str
    uses: int
    used_at: datetime | None
    set_aside: bool


def listed(desk: Desk, actor: Actor, search: str = "") -> list[Entry]:
    """The whole book by name, those set aside last; `search` looks in name and group."""
    words = search.casefold().split()
    with desk.db.read() as session:
        found = [_entry(desk, row) for row in session.scalars(_of_office(actor.office_id))]
    hits = [one for one in found if all(word in f"{one.name} {one.group}".casefold() for word in words)]
    return sorted(hits, key=lambda one: (one.set_aside, one.name.casefold()))


def offered(desk: Desk, actor: Actor) -> list[Entry]:
    """What is offered while typing: the names most used first, without those set aside."""
    kept = [one for one in listed(desk, actor) if not one.set_aside]
    return sorted(kept, key=lambda one: -one.uses)


def groups(entries: Iterable[Entry]) -> list[str]:
    """The groups that these names are in, by name."""
    return sorted({one.group for one in entries if one.group}, key=str.casefold)


def entry(desk: Desk, actor: Actor, contact_id: int) -> Entry:
    """One name. Raises NotFound."""
    with desk.db.read() as session:
        return _entry(desk, _own(session, actor, contact_id))


def add(desk: Desk, actor: Actor, names: Iterable[str], group: str = "") -> int:
    """Put names into the book, all in one group; gives how many are new.

    A name that is there already goes into the group, and comes back if it was set aside. Raises Invalid (fields
    `names`, `group`), NotYourStep.
    """
    _require_staf(actor)
    wanted = _by_fingerprint(desk, (_clean(desk, name, "names", NAME) for name in names))
    if not wanted:
        raise Invalid("Tulis sedikitnya satu nama.", "Write at least one name.", field="names")
    if len(wanted) > MOST_AT_ONCE:
        raise Invalid(
            f"Paling banyak {MOST_AT_ONCE} nama sekali tambah.", f"At most {MOST_AT_ONCE} names at once.", field="names"
        )
    group = _clean(desk, group, "group", GROUP, 80)
    with desk.db.begin() as session:
        known = _known(session, actor, wanted)
        for contact in known:
            contact.circle, contact.set_aside_at = group or contact.circle, None
        made = _insert(desk, session, actor, wanted, known, {"circle": group})
    log.info("contacts-added", by=actor.user_id, count=made)
    return made


def change(desk: Desk, actor: Actor, contact_id: int, name: str, group: str) -> None:
    """Write a name or its group otherwise. Raises Invalid (`name`, `group`), NotFound, NotYourStep."""
    _require_staf(actor)
    name, group = _clean(desk, name, "name", NAME), _clean(desk, group, "group", GROUP, 80)
    if not name:
        raise Invalid("Nama wajib diisi.", "The name must not be empty.", field="name")
    with desk.db.begin() as session:
        contact = _own(session, actor, contact_id)
        mark = _mark(desk, name)
        same = session.scalar(_of_office(actor.office_id).where(Contact.fingerprint == mark))
        if same is not None and same.id != contact_id:
            raise Invalid("Nama ini sudah ada di buku alamat.", "This name is in the book already.", field="name")
        contact.name_sealed, contact.fingerprint = desk.vault.seal_text(name, NAME_LABEL), mark
        contact.circle = group
    log.info("contact-changed", by=actor.user_id, contact=contact_id)


def set_aside(desk: Desk, actor: Actor, contact_id: int, aside: bool) -> Entry:
    """Stop offering a name, or offer it again. Raises NotFound, NotYourStep."""
    _require_staf(actor)
    with desk.db.begin() as session:
        contact = _own(session, actor, contact_id)
        contact.set_aside_at = desk.now() if aside else None
        log.info("contact-set-aside" if aside else "contact-brought-back", by=actor.user_id, contact=contact_id)
        return _entry(desk, contact)


def remember(desk: Desk, session: Session, actor: Actor, names: Iterable[str]) -> None:
    """Count the names of a finalised letter, in its transaction; new ones enter the book. What is no name is let be."""
    wanted = _by_fingerprint(desk, (" ".join(name.split())[:200] for name in names))
    known = _known(session, actor, wanted)
    for contact in known:
        contact.uses, contact.used_at = contact.uses + 1, desk.now()
    _insert(desk, session, actor, wanted, known, {"uses": 1, "used_at": desk.now()})


def _insert(
    desk: Desk, session: Session, actor: Actor, wanted: dict[bytes, str], known: list[Contact], more: dict[str, object]
) -> int:
    """Add the names not known; one that somebody adds at this moment is left to them."""
    there = {contact.fingerprint for contact in known}
    same = {"office_id": actor.office_id, "added_at": desk.now(), "added_by": actor.user_id, "circle": "", "uses": 0}
    rows = [
        {**same, **more, "fingerprint": mark, "name_sealed": desk.vault.seal_text(name, NAME_LABEL)}
        for mark, name in wanted.items()
        if mark not in there
    ]
    if rows:
        insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
        session.execute(insert(Contact).values(rows).on_conflict_do_nothing())
    return len(rows)


def _known(session: Session, actor: Actor, wanted: dict[bytes, str]) -> list[Contact]:
    where = Contact.fingerprint.in_(list(wanted))
    locked = _of_office(actor.office_id).where(where).order_by(Contact.id).with_for_update()
    return list(session.scalars(locked))


def _of_office(office_id: int) -> Select[Contact]:
    return select(Contact).where(Contact.office_id == office_id)


def _own(session: Session, actor: Actor, contact_id: int) -> Contact:
    contact = session.get(Contact, contact_id)
    if contact is None or contact.office_id != actor.office_id:
        raise NotFound()
    return contact


def _entry(desk: Desk, row: Contact) -> Entry:
    name = desk.vault.open_text(row.name_sealed, NAME_LABEL)
    return Entry(row.id, name, row.circle, row.uses, row.used_at, row.set_aside_at is not None)


def _require_staf(actor: Actor) -> None:
    if "staf" not in actor.roles:
        raise NotYourStep("Hanya Staf yang mengubah buku alamat.", "Only Staf changes the address book.")


def _clean(desk: Desk, text: str, field: str, label: Label, most: int = 200) -> str:
    """As a letter could print it. Raises Invalid."""
    return desk.templates.press.alphabet.line(text, field=field, label=label, max_length=most)


def _by_fingerprint(desk: Desk, names: Iterable[str]) -> dict[bytes, str]:
    return {_mark(desk, name): name for name in names if name}


def _mark(desk: Desk, name: str) -> bytes:
    return desk.vault.fingerprint(name.casefold(), NAME_LABEL)
