"""Wrong passphrases are counted, so that a stolen session cannot guess one; the passphrase is never kept."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from signer.actor import Actor
from signer.desk import Desk
from signer.errors import TooManyAttempts
from signer.tables.letters import KeyFailure

LIMIT = 5
WINDOW = timedelta(minutes=15)


def attempts_left(desk: Desk, actor: Actor) -> int:
    """How many wrong passphrases this person may still give: 5 within 15 minutes."""
    since = desk.now() - WINDOW
    with desk.db.read() as session:
        where = (KeyFailure.user_id == actor.user_id, KeyFailure.at > since)
        failures = session.scalar(select(func.count(KeyFailure.id)).where(*where)) or 0
    return max(0, LIMIT - failures)


def require_attempts_left(desk: Desk, actor: Actor) -> None:
    """Raises TooManyAttempts after 5 wrong passphrases within 15 minutes."""
    if attempts_left(desk, actor) == 0:
        raise TooManyAttempts()


def count_failure(desk: Desk, actor: Actor) -> None:
    """One more wrong passphrase of this person."""
    with desk.db.begin() as session:
        session.add(KeyFailure(user_id=actor.user_id, at=desk.now()))
