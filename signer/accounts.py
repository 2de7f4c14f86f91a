"""Accounts: Flask-Security's user and role models on our registry, and making accounts.

Pemohon accounts are made by Staf with a user name or phone number; nobody needs an e-mail address (domain.md
section 1). Flask-Security wants an e-mail column; it stays empty.
"""
# The mixins annotate columns for another declarative style; only that one code is switched off, here alone.
# mypy: disable-error-code="assignment, misc"

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from datetime import datetime

from flask_security import RoleMixin, UserMixin, hash_password
from sqlalchemy import Column, ForeignKey, LargeBinary, String, Table, false, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from signer.actor import Actor
from signer.errors import Invalid
from signer.tables.base import Base

ROLES = {
    "pemohon": "Pemohon",
    "staf": "Staf / Pengolah Data Kemasyarakatan",
    "kasi": "Kepala Seksi",
    "camat": "Camat",
    "admin": "Admin",
    "auditor": "Auditor (Inspektorat)",
}
USERNAME = re.compile(r"\+?[a-z0-9][a-z0-9._-]{2,63}")
PASSWORD_LENGTH = 10

user_role = Table(
    "user_role",
    Base.metadata,
    Column("user_id", ForeignKey("user.id"), primary_key=True),
    Column("role_id", ForeignKey("role.id"), primary_key=True),
)


class Role(Base, RoleMixin):
    """A role name: pemohon, staf, kasi, camat (the SOP's), admin, auditor."""

    __tablename__ = "role"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    description: Mapped[str] = mapped_column(String(255), default="")
    permissions: Mapped[str | None] = mapped_column(String(255))


class User(Base, UserMixin):
    """A person with an account."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    """User name or phone number in lower case, as typed at /masuk."""
    email: Mapped[str | None] = mapped_column(String(255), unique=True)
    password: Mapped[str] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    seksi: Mapped[str | None] = mapped_column(String(80))
    created_at: Mapped[datetime]
    must_change_password: Mapped[bool] = mapped_column(default=False, server_default=false())
    """The password was made by somebody else and shown to them: the person sets their own at the next sign-in."""
    confirmed_at: Mapped[datetime | None]
    tf_primary_method: Mapped[str | None] = mapped_column(String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(String(255))
    tf_phone_number: Mapped[str | None] = mapped_column(String(128))
    roles: Mapped[list[Role]] = relationship(secondary=user_role, lazy="selectin")

    def actor(self) -> Actor:
        """The person as use cases know them."""
        roles = frozenset(role.name for role in self.roles)
        return Actor(self.id, self.name, self.office_id, roles, self.seksi)


def normal_username(text: str) -> str:
    """A user name or Indonesian phone number as it is stored: lower case, no spaces or dashes in numbers.

    `0812-3456-789` and `+62 812 3456 789` are the same person. Raises Invalid (field `username`).
    """
    text = text.strip().lower()
    digits = re.sub(r"[\s().-]", "", text)
    if re.fullmatch(r"\+?\d{6,15}", digits):
        return "0" + digits[3:] if digits.startswith("+62") else digits
    if USERNAME.fullmatch(text):
        return text
    raise Invalid(
        "Nama pengguna berupa 3-64 huruf kecil, angka, titik, garis; atau nomor telepon.",
        "A user name is 3-64 lower-case letters, digits, dots, dashes; or a phone number.",
        field="username",
    )


def add_user(
    session: Session,
    *,
    username: str,
    name: str,
    password: str,
    roles: Iterable[str],
    office_id: int,
    now: datetime,
    seksi: str | None = None,
) -> User:
    """A new account; must run within a Flask application context (password hashing).

    Raises Invalid where the user name is taken or unfit, the name empty, the password shorter than 10, or a role
    unknown; `field` says which.
    """
    login = _free_username(session, username)
    if not name.strip():
        raise Invalid("Nama wajib diisi.", "A name is needed.", field="name")
    if len(password) < PASSWORD_LENGTH:
        raise Invalid(
            f"Kata sandi minimal {PASSWORD_LENGTH} karakter.",
            f"A password has at least {PASSWORD_LENGTH} characters.",
            field="password",
        )
    user = User(
        username=login,
        name=name.strip(),
        password=hash_password(password),
        fs_uniquifier=secrets.token_hex(32),
        office_id=office_id,
        seksi=seksi,
        created_at=now,
        roles=[role_named(session, role) for role in roles],
    )
    session.add(user)
    session.flush()
    return user


def set_password(user: User, password: str) -> None:
    """A new password, which ends the person's sessions; must run within a Flask application context."""
    user.password = hash_password(password)
    end_sessions(user)


def end_sessions(user: User) -> None:
    """Whoever is signed in with this account is signed out: sessions carry the old mark."""
    user.fs_uniquifier = secrets.token_hex(32)


def role_named(session: Session, name: str) -> Role:
    """The role's row, made at first use. Raises Invalid (field `roles`) for a name that is not in ROLES."""
    if name not in ROLES:
        raise Invalid(f"Peran {name} tidak dikenal.", f"There is no role {name}.", field="roles")
    role = session.scalar(select(Role).where(Role.name == name))
    if role is None:
        role = Role(name=name, description=ROLES[name])
        session.add(role)
        session.flush()
    return role


def _free_username(session: Session, username: str) -> str:
    login = normal_username(username)
    if session.scalar(select(User.id).where(User.username == login)) is not None:
        raise Invalid("Nama pengguna ini sudah dipakai.", "This user name is taken.", field="username")
    return login
