"""The database: one engine, reading sessions and writing transactions, on SQLite and PostgreSQL alike.

A writing transaction on SQLite begins with BEGIN IMMEDIATE, so that two writers queue instead of failing at their
first write; on PostgreSQL rows are locked with FOR UPDATE by the use cases (lock order: counter, berkas, audit
chain, log head; design: idea 5).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, scoped_session, sessionmaker

BUSY_TIMEOUT_MS = 10_000


class Database:
    """Sessions over one database URL (`sqlite:///file` or `postgresql+psycopg://...`)."""

    def __init__(self, url: str) -> None:
        """Opens lazily; nothing is created here (migrations do that)."""
        self.url = url
        self.engine = _engine(url)
        self._read = sessionmaker(self.engine, expire_on_commit=False)
        self._write = sessionmaker(self.engine.execution_options(surat_write=True), expire_on_commit=False)

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """One writing transaction: commits at the end of the block, rolls back if it raises."""
        with self._write.begin() as session:
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for reading; nothing is committed."""
        with self._read() as session:
            yield session

    def scoped(self) -> scoped_session[Session]:
        """A session per thread for Flask-Security's user store, which commits by itself."""
        return scoped_session(self._read)

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()


def _engine(url: str) -> Engine:
    # hide_parameters: what people typed must not reach a log by way of a database's fault
    if make_url(url).get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True, hide_parameters=True)
    engine = create_engine(url, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver's own transaction handling begins too late; _begin_sqlite says BEGIN itself.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "foreign_keys=ON",
        "synchronous=FULL",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("surat_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
