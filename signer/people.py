"""Accounts as Staf and Admin keep them: made, edited, switched off and on, given a new password.

Staf touches Pemohon accounts alone; Admin everybody's but their own (so that an office is never left without one).
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from signer import accounts, office_events, sops
from signer.accounts import ROLES, User
from signer.actor import Actor
from signer.desk import Desk
from signer.errors import Invalid, NotFound
from signer.sop import Sop

APPLICANT = "pemohon"
ALONE = frozenset({"pemohon", "auditor"})
"""Roles that stand for somebody outside the office's own work, and are nobody's second role."""
PASSWORD_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # noqa: S105 (the letters, not a password)
PASSWORD_GROUPS, GROUP = 4, 4
LIST_LIMIT = 300


@dataclass(frozen=True)
class Account:
    """One account of a list; `touchable`: this person may switch it or give it a new password."""

    id: int
    username: str
    name: str
    roles: tuple[str, ...]
    keys: tuple[str, ...]
    """The roles as `roles` names them, by key."""
    seksi: str | None
    active: bool
    created_at: datetime
    touchable: bool


def listed(desk: Desk, actor: Actor, search: str = "") -> list[Account]:
    """The accounts this person keeps, by name; Staf sees Pemohon accounts only. `search`: name or user name."""
    statement = select(User).where(User.office_id == actor.office_id)
    for word in search.split()[:10]:
        found = (User.name.icontains(word, autoescape=True), User.username.icontains(word, autoescape=True))
        statement = statement.where(or_(*found))
    with desk.db.read() as session:
        users = session.scalars(statement.order_by(User.name).limit(LIST_LIMIT))
        return [_account(user, actor) for user in users if _keeps(actor, user)]


def applicants(desk: Desk, office_id: int) -> list[tuple[int, str]]:
    """The active Pemohon accounts of an office: id and "name (user name)", by name."""
    with desk.db.read() as session:
        statement = select(User).where(User.office_id == office_id, User.active).order_by(User.name)
        users = [user for user in session.scalars(statement) if _names(user) == {APPLICANT}]
    return [(user.id, f"{user.name} ({user.username})") for user in users]


def makeable(actor: Actor) -> dict[str, str]:
    """The roles this person may give to a new account, with their names."""
    return dict(ROLES) if "admin" in actor.roles else {APPLICANT: ROLES[APPLICANT]}


def sections(desk: Desk, actor: Actor) -> dict[str, str]:
    """The seksi of the office's SOPs, by key."""
    return {section.key: section.name for steps in _sops(desk, actor) for section in steps.sections}


def create(desk: Desk, actor: Actor, *, username: str, name: str, roles: Sequence[str], seksi: str) -> str:
    """A new account; gives its first password, which is kept nowhere in clear and must be changed when first used.

    Raises Invalid (fields `username`, `name`, `roles`, `seksi`). Must run within a Flask application context.
    """
    _check(desk, actor, name, roles, seksi)
    password = new_password()
    with desk.db.begin() as session:
        user = accounts.add_user(
            session,
            username=username,
            name=name,
            password=password,
            roles=sorted(set(roles)),
            office_id=actor.office_id,
            now=desk.now(),
            seksi=seksi or None,
        )
        user.must_change_password = True
        _record(session, desk, actor, "akun-dibuat", user, {"roles": sorted(set(roles)), "seksi": seksi})
    return password


def one(desk: Desk, actor: Actor, user_id: int) -> Account:
    """One account this person keeps. Raises NotFound for one that is not theirs."""
    with desk.db.read() as session:
        return _account(_touchable(session, actor, user_id), actor)


def edit(desk: Desk, actor: Actor, user_id: int, *, name: str, roles: Sequence[str], seksi: str) -> Account:
    """Other name, roles or seksi; they count from the person's next click on.

    Raises NotFound for an account that is not theirs, Invalid (fields `name`, `roles`, `seksi`).
    """
    _check(desk, actor, name, roles, seksi)
    with desk.db.begin() as session:
        user = _touchable(session, actor, user_id)
        old = {"roles": sorted(_names(user)), "seksi": user.seksi or ""}
        new = {"roles": sorted(set(roles)), "seksi": seksi}
        changed = {key: office_events.change(old[key], value) for key, value in new.items() if old[key] != value}
        detail = changed | ({"name": "changed"} if user.name != name.strip() else {})
        user.name, user.seksi = name.strip(), seksi or None
        user.roles = [accounts.role_named(session, role) for role in new["roles"]]
        _record(session, desk, actor, "akun-diubah", user, detail)
        return _account(user, actor)


def _check(desk: Desk, actor: Actor, name: str, roles: Sequence[str], seksi: str) -> None:
    if not roles or not set(roles) <= makeable(actor).keys():
        raise Invalid("Pilih peran akun ini.", "Choose the account's role.", field="roles")
    if len(set(roles)) > 1 and set(roles) & ALONE:
        raise Invalid(
            "Pemohon dan Auditor tidak dapat digabung dengan peran lain.",
            "Pemohon and Auditor cannot be combined with another role.",
            field="roles",
        )
    if not seksi and set(roles) & _bound_roles(desk, actor):
        raise Invalid("Peran ini terikat pada seksi: pilih seksinya.", "Choose the role's seksi.", field="seksi")
    if seksi and seksi not in sections(desk, actor):
        raise Invalid("Seksi ini tidak ada.", "There is no such seksi.", field="seksi")
    if not name.strip():
        raise Invalid("Nama wajib diisi.", "A name is needed.", field="name")
    if len(name) > 200:
        raise Invalid("Nama paling panjang 200 karakter.", "A name has at most 200 characters.", field="name")


def set_active(desk: Desk, actor: Actor, user_id: int, active: bool) -> Account:
    """Switch an account on or off; off ends its sessions at once. Raises NotFound for one that is not theirs."""
    with desk.db.begin() as session:
        user = _touchable(session, actor, user_id)
        user.active = active
        if not active:
            accounts.end_sessions(user)
        _record(session, desk, actor, "akun-aktif" if active else "akun-nonaktif", user, {})
        return _account(user, actor)


def reset_password(desk: Desk, actor: Actor, user_id: int) -> tuple[Account, str]:
    """A new password for an account, and the account; its sessions end. Raises NotFound.

    Must run within a Flask application context.
    """
    password = new_password()
    with desk.db.begin() as session:
        user = _touchable(session, actor, user_id)
        accounts.set_password(user, password)
        user.must_change_password = True
        _record(session, desk, actor, "akun-sandi", user, {})
        return _account(user, actor), password


def new_password() -> str:
    """A random password that can be read out: 16 letters and digits without look-alikes (79 bits)."""
    groups = ("".join(secrets.choice(PASSWORD_LETTERS) for _ in range(GROUP)) for _ in range(PASSWORD_GROUPS))
    return "-".join(groups)


def _sops(desk: Desk, actor: Actor) -> list[Sop]:
    with desk.db.read() as session:
        return [steps for _version, steps in sops.in_force(session, actor.office_id)]


def _bound_roles(desk: Desk, actor: Actor) -> set[str]:
    """The roles that an SOP binds to a seksi: held without one, they could do none of its steps."""
    return {role.key for steps in _sops(desk, actor) for role in steps.roles if role.seksi}


def _touchable(session: Session, actor: Actor, user_id: int) -> User:
    user = session.get(User, user_id)
    if user is None or user.office_id != actor.office_id or not _keeps(actor, user) or user.id == actor.user_id:
        raise NotFound()
    return user


def _keeps(actor: Actor, user: User) -> bool:
    return "admin" in actor.roles or _names(user) == {APPLICANT}


def _names(user: User) -> set[str]:
    return {role.name for role in user.roles}


def _account(user: User, actor: Actor) -> Account:
    keys = tuple(role for role in ROLES if role in _names(user))
    roles = tuple(ROLES[key] for key in keys)
    touchable = user.id != actor.user_id
    return Account(user.id, user.username, user.name, roles, keys, user.seksi, user.active, user.created_at, touchable)


def _record(session: Session, desk: Desk, actor: Actor, act: str, user: User, detail: dict[str, Any]) -> None:
    office_events.append(session, desk, actor, act, {"user": user.id, **detail})
