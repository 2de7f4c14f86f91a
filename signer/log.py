"""The transparency log's leaves; the tree over them and its proofs come later (domain.md section 3)."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from signer.tables.record import LogHead, LogLeaf


def append(session: Session, *, file_sha256: bytes, token: str, act: str, at: datetime) -> LogLeaf:
    """Add a leaf at the next index. The head row is locked last of all rows (lock order)."""
    head = session.scalars(select(LogHead).with_for_update()).one()
    token_sha256 = hashlib.sha256(token.encode()).digest()
    leaf = LogLeaf(
        index=head.size,
        leaf=leaf_hash(file_sha256, token_sha256, act, at),
        file_sha256=file_sha256,
        token_sha256=token_sha256,
        act=act,
        at=at,
    )
    head.size += 1
    session.add(leaf)
    session.flush()
    return leaf


def leaf_hash(file_sha256: bytes, token_sha256: bytes, act: str, at: datetime) -> bytes:
    """SHA-256 over file hash, token hash, act and time: what the log commits to, without naming anything."""
    moment = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return hashlib.sha256(b"\0".join((file_sha256, token_sha256, act.encode(), moment.encode()))).digest()
