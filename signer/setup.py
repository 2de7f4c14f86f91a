"""The first admin of an instance without demo people: made by whoever holds the code that the operator was shown.

The code is random, kept as a hash, ends after a day or with the first admin, and a newer one replaces it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from signer import accounts, office_events, people
from signer.accounts import Role, User
from signer.db import Database
from signer.desk import Desk
from signer.errors import Invalid, NotFound
from signer.tables.admin import SetupCode
from signer.tables.office import Office

LIFE = timedelta(hours=24)


def needed(db: Database) -> bool:
    """Whether the instance has no admin yet who could sign in."""
    with db.read() as session:
        return not _has_admin(session)


def new_code(db: Database, now: datetime) -> str | None:
    """A code for the first admin, shown this once; None where there is an admin already."""
    code = people.new_password()
    with db.begin() as session:
        if _has_admin(session):
            return None
        session.execute(delete(SetupCode))
        session.add(SetupCode(digest=_digest(code), expires_at=now + LIFE))
    return code


def first_admin(desk: Desk, *, code: str, name: str, username: str, password: str, again: str) -> int:
    """Make the first admin; gives the account's id. Must run within a Flask application context.

    Raises NotFound once there is an admin, Invalid (fields `code`, `name`, `username`, `password`, `again`).
    """
    if password != again:
        raise Invalid("Kedua kata sandi tidak sama.", "The two passwords differ.", field="again")
    with desk.db.begin() as session:
        office = session.scalars(select(Office).order_by(Office.id).limit(1).with_for_update()).one()
        if _has_admin(session):
            raise NotFound()
        _use(session, code, desk.now())
        user = accounts.add_user(
            session,
            username=username,
            name=name,
            password=password,
            roles=["admin"],
            office_id=office.id,
            now=desk.now(),
        )
        office_events.append(session, desk, user.actor(), "admin-pertama", {"user": user.id})
        return user.id


def _use(session: Session, code: str, now: datetime) -> None:
    """The code ends with its use. Raises Invalid (field `code`) for any other, and for one that is too old."""
    kept = session.scalar(select(SetupCode).limit(1))
    right = kept is not None and hmac.compare_digest(kept.digest, _digest(code))
    if kept is None or not right or kept.expires_at < now:
        raise Invalid(
            "Kode penyiapan salah atau sudah lewat 24 jam. Jalankan ulang perintah prepare untuk kode baru.",
            "The setup code is wrong or older than 24 hours. Run prepare again for a new one.",
            field="code",
        )
    session.delete(kept)


def _has_admin(session: Session) -> bool:
    found = select(User.id).where(User.active, User.roles.any(Role.name == "admin"))
    return session.scalar(found.limit(1)) is not None


def _digest(code: str) -> bytes:
    return hashlib.sha256(re.sub(r"[\s-]", "", code).lower().encode()).digest()
