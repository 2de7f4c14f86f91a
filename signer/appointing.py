"""Who signs and gives paraf, as an admin records it; and the key that only its holder opens.

An appointment is never deleted: letters name it. It is ended, or cancelled before it began. It starts without a key:
the holder sets the passphrase on their own page, so that nobody else ever knows it, and can sign from then on alone.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from signer import accounts, appointments, office_events
from signer.accounts import User
from signer.actor import Actor
from signer.appointment_facts import TEXTS, Facts, checked, day_of
from signer.appointments import DEFINITIVE, PLH, PLT, PREFIX
from signer.desk import Desk, KeyDesk
from signer.errors import Invalid, KeyUnavailable, NotFound
from signer.tables.office import Appointment

PASSPHRASE_LENGTH = 12


@dataclass(frozen=True)
class Listed:
    """One appointment of a list, on a day: `state` is "berlaku", "akan" or "berakhir"."""

    row: Appointment
    account: str
    active: bool
    state: str


def listed(desk: Desk, office_id: int) -> list[Listed]:
    """Every appointment of the office: running ones first, then those to come, then past ones."""
    found = select(Appointment, User).join(User, Appointment.user_id == User.id)
    with desk.db.read() as session:
        rows = session.execute(found.where(Appointment.office_id == office_id)).all()
    today, order = desk.today(), ("berlaku", "akan", "berakhir")
    items = [Listed(row, user.username, user.active, state(row, today)) for row, user in rows]
    return sorted(items, key=lambda one: (order.index(one.state), one.row.role, -one.row.starts_on.toordinal()))


def state(row: Appointment, on: date) -> str:
    """Where an appointment stands on a day."""
    if appointments.holds(row, on):
        return "berlaku"
    return "akan" if row.starts_on > on and (row.ends_on is None or row.ends_on >= row.starts_on) else "berakhir"


def candidates(desk: Desk, office_id: int) -> list[tuple[int, str]]:
    """Whom an admin may appoint: active accounts that are more than a Pemohon's, by name."""
    with desk.db.read() as session:
        found = session.scalars(select(User).where(User.office_id == office_id, User.active).order_by(User.name))
        return [(user.id, f"{user.name} ({user.username})") for user in found if _of_the_office(user)]


def add(desk: Desk, actor: Actor, typed: Facts) -> Appointment:
    """Record an appointment, without a key. The person's account gets the role if it lacks it.

    Raises InvalidForm; Invalid where it overlaps another one.
    """
    clean, starts, ends = checked(desk.templates.press.alphabet, named(desk, actor, typed))
    with desk.db.begin() as session:
        office_events.locked(session, actor)  # two admins' appointments are checked one after the other
        user = _person(session, actor.office_id, clean.user_id)
        made = Appointment(
            office_id=actor.office_id, user_id=user.id, starts_on=starts, ends_on=ends, key_backend="pkcs12",
            key_name="", **{name: getattr(clean, name) for name in ("role", "capacity", *TEXTS)},
        )  # fmt: skip
        _refuse_overlap(session, made)
        if clean.role not in {role.name for role in user.roles}:
            user.roles.append(accounts.role_named(session, clean.role))
        session.add(made)
        session.flush()
        office_events.append(session, desk, actor, "penunjukan", _facts(made))
    return made


def named(desk: Desk, actor: Actor, typed: Facts) -> Facts:
    """With the account's own name where none was typed."""
    if typed.holder.strip():
        return typed
    names = {str(user_id): text.rpartition(" (")[0] for user_id, text in candidates(desk, actor.office_id)}
    return replace(typed, holder=names.get(typed.user_id, ""))


def absent(desk: Desk, office_id: int) -> Appointment | None:
    """The definitive Camat of today, whom a Plh. would stand in for."""
    with desk.db.read() as session:
        holders = appointments.holders(session, office_id, "camat", desk.today())
    return next((row for row in holders if row.capacity == DEFINITIVE), None)


def stand_in(desk: Desk, actor: Actor, typed: Facts) -> Appointment:
    """The Camat is away: a Plh. under the Camat's own post for some days. Raises as `add`."""
    away = absent(desk, actor.office_id)
    if away is None:
        raise Invalid(
            "Belum ada Camat definitif yang berlaku hari ini. Catat penunjukannya, atau tunjuk Plt.",
            "No definitive Camat holds office today. Record the appointment, or appoint a Plt.",
        )
    return add(desk, actor, replace(typed, role="camat", capacity=PLH, jabatan=away.jabatan, own_title=""))


def end(desk: Desk, actor: Actor, appointment_id: int, last_day: str) -> Appointment:
    """Let an appointment run until `last_day` (ISO), yesterday at the earliest; one to come is cancelled.

    Raises NotFound, Invalid (field `last_day`).
    """
    with desk.db.begin() as session:
        where = (Appointment.id == appointment_id, Appointment.office_id == actor.office_id)
        found = session.scalar(select(Appointment).where(*where).with_for_update())
        if found is None or state(found, desk.today()) == "berakhir":
            raise NotFound()
        found.ends_on = _last_day(desk, found, last_day)
        detail = {"appointment": found.id, "last_day": found.ends_on.isoformat()}
        office_events.append(session, desk, actor, "penunjukan-berakhir", detail)
        return found


def _last_day(desk: Desk, found: Appointment, text: str) -> date:
    if state(found, desk.today()) == "akan":
        return found.starts_on - timedelta(days=1)
    day = day_of(text, "last_day")
    earliest = max(desk.today() - timedelta(days=1), found.starts_on)
    if day is None or day < earliest or (found.ends_on is not None and day > found.ends_on):
        raise Invalid(
            "Hari terakhir paling awal kemarin, dan tidak sesudah akhir yang sudah tercatat.",
            "The last day is yesterday at the earliest, and not after the end already recorded.",
            field="last_day",
        )
    return day


def own(desk: Desk, actor: Actor) -> list[Appointment]:
    """The person's own appointments that run or are to come, the running ones first."""
    with desk.db.read() as session:
        rows = list(session.scalars(select(Appointment).where(Appointment.user_id == actor.user_id)))
    today = desk.today()
    return sorted((row for row in rows if state(row, today) != "berakhir"), key=lambda row: row.starts_on)


def set_key(desk: Desk, keys: KeyDesk, actor: Actor, appointment_id: int, passphrase: str, again: str) -> None:
    """Make the key of one's own appointment under a passphrase that is kept nowhere.

    Raises NotFound for another's, Invalid (fields `passphrase`, `passphrase_again`; also where the certification
    authority refuses), KeyUnavailable where there is one already.
    """
    _check_passphrase(passphrase, again)
    row = next((row for row in own(desk, actor) if row.id == appointment_id), None)
    if row is None:
        raise NotFound()
    name = f"penunjukan-{row.id}-{secrets.token_hex(4)}"
    certificate = keys.issue_key(name, row.holder, _title(row), passphrase) if not row.key_name else b""
    with desk.db.begin() as session:
        locked = session.scalars(select(Appointment).where(Appointment.id == row.id).with_for_update()).one()
        if locked.key_name:
            raise KeyUnavailable("Penunjukan ini sudah mempunyai kunci.", "This appointment has a key already.")
        locked.key_name, locked.certificate = name, certificate
        office_events.append(session, desk, actor, "kunci", {"appointment": row.id, "key": name})


def _title(row: Appointment) -> str:
    """The certificate's title: for a.n. the deputy's own."""
    return row.own_title or PREFIX[row.capacity] + row.jabatan


def _check_passphrase(passphrase: str, again: str) -> None:
    if len(passphrase) < PASSPHRASE_LENGTH or "\0" in passphrase or len(passphrase) > 200:
        raise Invalid(
            f"Passphrase paling sedikit {PASSPHRASE_LENGTH} karakter, misalnya empat kata.",
            f"A passphrase has at least {PASSPHRASE_LENGTH} characters, for example four words.",
            field="passphrase",
        )
    if len(set(passphrase)) < 5:
        raise Invalid(
            "Passphrase ini terlalu mudah ditebak.", "This passphrase is too easy to guess.", field="passphrase"
        )
    if passphrase != again:
        raise Invalid("Kedua passphrase tidak sama.", "The two passphrases differ.", field="passphrase_again")


def _person(session: Session, office_id: int, user_id: str) -> User:
    user = session.get(User, int(user_id)) if user_id.isdecimal() and len(user_id) < 10 else None
    if user is None or user.office_id != office_id or not user.active or not _of_the_office(user):
        raise Invalid("Pilih orangnya.", "Choose the person.", field="user_id")
    return user


def _of_the_office(user: User) -> bool:
    return bool({role.name for role in user.roles} - {"pemohon", "auditor"})


def _refuse_overlap(session: Session, made: Appointment) -> None:
    """One definitive holder a post, and one appointment a person and role, on any day. Raises Invalid."""
    where = (Appointment.office_id == made.office_id, Appointment.role == made.role)
    for other in session.scalars(select(Appointment).where(*where)):
        if not _overlap(made, other):
            continue
        until = f" s.d. {other.ends_on:%d-%m-%Y}" if other.ends_on else ""
        if other.user_id == made.user_id:
            as_what = appointments.capacity_text(other)
            raise Invalid(
                f"Orang ini sudah ditunjuk sebagai {as_what} mulai {other.starts_on:%d-%m-%Y}{until}.",
                f"This person is already appointed as {as_what} from {other.starts_on}.",
                field="user_id",
            )
        same_post = made.role == "camat" or made.jabatan.casefold() == other.jabatan.casefold()
        if made.capacity in (DEFINITIVE, PLT) and other.capacity in (DEFINITIVE, PLT) and same_post:
            raise Invalid(
                f"{other.holder} memegang jabatan ini mulai {other.starts_on:%d-%m-%Y}{until}. Akhiri lebih dahulu.",
                f"{other.holder} holds this post from {other.starts_on}. End that appointment first.",
                field="starts_on",
            )


def _overlap(one: Appointment, other: Appointment) -> bool:
    return one.starts_on <= (other.ends_on or date.max) and other.starts_on <= (one.ends_on or date.max)


def _facts(made: Appointment) -> dict[str, Any]:
    return {
        "appointment": made.id, "user": made.user_id, "role": made.role, "capacity": made.capacity,
        "jabatan": made.jabatan, "starts_on": made.starts_on.isoformat(),
        "ends_on": made.ends_on.isoformat() if made.ends_on else None, "sk": made.sk_number,
    }  # fmt: skip
