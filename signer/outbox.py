"""The outbox: later work, written with the act that causes it, done at least once (design: idea 5).

Handlers are idempotent: a process may die after the work and before its row is marked done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from signer.db import Database
from signer.tables.record import OutboxItem

Handler = Callable[[int, dict[str, Any]], None]
"""Takes the row's id and payload; raises to be tried again later."""

LEASE = timedelta(minutes=2)
RETRY = timedelta(minutes=1)

log = structlog.get_logger()


def add(
    session: Session, topic: str, payload: dict[str, Any], now: datetime, due: datetime | None = None
) -> OutboxItem:
    """Write later work into the caller's transaction; `due` is when (default: at once).

    `payload` is plain JSON without secrets.
    """
    item = OutboxItem(topic=topic, payload=payload, created_at=now, due_at=due or now)
    session.add(item)
    return item


def drain(db: Database, handlers: Mapping[str, Handler], clock: Callable[[], datetime], limit: int = 100) -> int:
    """Do what is due of the topics that `handlers` has, oldest first; gives how many rows were done.

    Several workers may drain at once.
    """
    done = 0
    for _ in range(limit):
        item = _claim(db, clock(), list(handlers))
        if item is None:
            return done
        done += _work(db, handlers, item, clock)
    return done


def _claim(db: Database, now: datetime, topics: Sequence[str]) -> OutboxItem | None:
    """Take the oldest due row by pushing its due time behind a lease; another worker skips it meanwhile."""
    with db.begin() as session:
        open_ = (OutboxItem.done_at.is_(None), OutboxItem.due_at <= now, OutboxItem.topic.in_(topics))
        due = select(OutboxItem).where(*open_)
        item = session.scalar(due.order_by(OutboxItem.id).limit(1).with_for_update(skip_locked=True))
        if item is not None:
            item.due_at = now + LEASE
            item.attempts += 1
        return item


def _work(db: Database, handlers: Mapping[str, Handler], item: OutboxItem, clock: Callable[[], datetime]) -> int:
    try:
        handlers[item.topic](item.id, item.payload)
    except Exception as error:  # any fault of a handler is kept in the row and tried again, never lost
        log.warning("outbox_failed", item=item.id, topic=item.topic, error=type(error).__name__)
        _close(db, item.id, due_at=clock() + RETRY * min(item.attempts, 60), last_error=repr(error)[:1000])
        return 0
    _close(db, item.id, done_at=clock())
    return 1


def _close(db: Database, item_id: int, **values: Any) -> None:
    with db.begin() as session:
        item = session.get_one(OutboxItem, item_id)
        for name, value in values.items():
            setattr(item, name, value)
