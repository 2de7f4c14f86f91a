"""Wrong passphrases are counted, so that a stolen session cannot guess one; the passphrase is never kept.

An attempt is counted before the key is tried and given back when the passphrase was right, so neither many requests at
once nor a process that dies in between gets a guess for free.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from signer.accounts import User
from signer.actor import Actor
from signer.desk import Desk
from signer.errors import TooManyAttempts, WrongPassphrase
from signer.tables.letters import KeyFailure

LIMIT = 5
WINDOW = timedelta(minutes=15)


@contextmanager
def attempt(desk: Desk, actor: Actor) -> Iterator[None]:
    """One use of the person's key; it stays counted if the block raises WrongPassphrase.

    Raises TooManyAttempts, before the block, after 5 wrong passphrases within 15 minutes.
    """
    counted = _count(desk, actor)
    try:
        yield
    except WrongPassphrase:
        raise
    except BaseException:
        _give_back(desk, counted)
        raise
    _give_back(desk, counted)


def attempts_left(desk: Desk, actor: Actor) -> int:
    """How many wrong passphrases the person still has before waiting, for the message after one."""
    with desk.db.read() as session:
        return max(LIMIT - _counted(session, actor, desk.now()), 0)


def _count(desk: Desk, actor: Actor) -> int:
    now = desk.now()
    with desk.db.begin() as session:
        # The person's row is locked, so that two requests do not both see room for one last guess.
        session.scalars(select(User).where(User.id == actor.user_id).with_for_update()).one()
        if _counted(session, actor, now) >= LIMIT:
            raise TooManyAttempts()
        row = KeyFailure(user_id=actor.user_id, at=now)
        session.add(row)
        session.flush()
        return row.id


def _give_back(desk: Desk, counted: int) -> None:
    with desk.db.begin() as session:
        session.execute(delete(KeyFailure).where(KeyFailure.id == counted))


def _counted(session: Session, actor: Actor, now: datetime) -> int:
    where = (KeyFailure.user_id == actor.user_id, KeyFailure.at > now - WINDOW)
    return session.scalar(select(func.count(KeyFailure.id)).where(*where)) or 0
