"""The audit chain: one a berkas, each entry hashed over the one before, written in the act's own transaction."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from signer.tables.admin import OfficeEvent
from signer.tables.record import AuditEntry

GENESIS = bytes(32)


class AuditBroken(Exception):
    """An entry of the chain is missing or does not have the hash it must have."""


def append(
    session: Session, *, berkas_id: int, actor_id: int, act: str, at: datetime, detail: dict[str, Any]
) -> AuditEntry:
    """Add one act to the berkas's chain. The caller holds the berkas's row lock, so chains do not fork.

    `detail` holds plain facts (numbers, hashes, steps); never names, phones, notes or tokens.
    """
    last = _last(session, berkas_id)
    sequence = last.sequence + 1 if last else 1
    previous = last.hash if last else GENESIS
    entry = AuditEntry(
        berkas_id=berkas_id,
        sequence=sequence,
        at=at,
        actor_id=actor_id,
        act=act,
        detail=detail,
        previous=previous,
        hash=link(previous, berkas_id, sequence, at, actor_id, act, detail),
    )
    session.add(entry)
    session.flush()
    return entry


def entries(session: Session, berkas_id: int) -> list[AuditEntry]:
    """The berkas's chain, oldest first."""
    where = AuditEntry.berkas_id == berkas_id
    return list(session.scalars(select(AuditEntry).where(where).order_by(AuditEntry.sequence)))


def check(session: Session, berkas_id: int) -> int:
    """Walk the chain; gives its length. Raises AuditBroken at the first entry that does not hold."""
    return walked("berkas", berkas_id, entries(session, berkas_id))


def _last(session: Session, berkas_id: int) -> AuditEntry | None:
    where = AuditEntry.berkas_id == berkas_id
    return session.scalar(select(AuditEntry).where(where).order_by(AuditEntry.sequence.desc()).limit(1))


def walked(whose: str, chain: int, found: Iterable[AuditEntry | OfficeEvent]) -> int:
    """How many entries that chain of a berkas or an office has. Raises AuditBroken at the first that does not hold."""
    previous, sequence = GENESIS, 0
    for sequence, entry in enumerate(found, 1):
        expected = link(previous, chain, sequence, entry.at, entry.actor_id, entry.act, entry.detail)
        if entry.sequence != sequence or entry.previous != previous or entry.hash != expected:
            raise AuditBroken(f"{whose} {chain}, entry {sequence}")
        previous = entry.hash
    return sequence


def link(
    previous: bytes,
    chain: int,
    sequence: int,
    at: datetime,
    actor_id: int,
    act: str,
    detail: dict[str, Any],
) -> bytes:
    """The hash of one entry of a chain (a berkas's or an office's) over the hash of the entry before."""
    body = [chain, sequence, at.timestamp(), actor_id, act, detail]
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(previous + canonical.encode()).digest()
