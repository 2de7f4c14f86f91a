"""What a page works with: the desk, the keys, and who is signed in. The only module that reads the current app."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import abort, current_app
from flask_login import current_user

from signer.accounts import User
from signer.actor import Actor
from signer.desk import Desk, KeyDesk
from signer.rehearsal import Theatre
from signer.settings import Settings

EXTENSION = "surat"


@dataclass(frozen=True)
class Web:
    """Handed to the application once by app.py; `kick` asks the worker to look at the outbox."""

    desk: Desk
    keys: KeyDesk
    settings: Settings
    kick: Callable[[], None]
    theatre: Theatre
    """Where test letters are made."""


def web() -> Web:
    """This application's parts."""
    found: Web = current_app.extensions[EXTENSION]
    return found


def desk() -> Desk:
    """This application's desk."""
    return web().desk


def keys() -> KeyDesk:
    """This application's keys."""
    return web().keys


def actor() -> Actor:
    """The signed-in person. Aborts with 401 if there is none (the access rules come before)."""
    who = person()
    if who is None:
        abort(401)
    return who


def must_change_password() -> bool:
    """Whether the signed-in person still uses a password that somebody else made."""
    user = current_user._get_current_object()
    return isinstance(user, User) and user.must_change_password


def person() -> Actor | None:
    """The signed-in person, or None."""
    user = current_user._get_current_object()
    return user.actor() if isinstance(user, User) else None
