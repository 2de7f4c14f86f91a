"""The database: writers queue, readers are not blocked, instants stay instants; and the schema is the migrations'."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from helpers_office import Office, at_once
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError, StatementError

import app as house_module
from signer import migrating, numbers
from signer.tables.base import Base
from signer.tables.letters import Counter, KeyFailure
from signer.tables.record import LogHead

pytest_plugins = ("helpers_office",)


def test_the_migrated_schema_is_the_one_the_code_knows(office: Office) -> None:
    with office.desk.db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
        tables = set(inspect(connection).get_table_names())
    assert tables == set(Base.metadata.tables) | {"alembic_version"}


def test_upgrading_again_changes_nothing(office: Office) -> None:
    berkas_id = office.berkas(step=2)
    for _ in range(2):
        migrating.upgrade(office.desk.db, house_module.ROOT / "migrations")
    assert office.row(berkas_id).step == 2
    assert [row.size for row in office.rows(LogHead)] == [0]


def test_migrating_leaves_other_loggers_alone(sqlite_office: Office) -> None:
    before = logging.getLogger("structlog").disabled, logging.getLogger().handlers[:]
    migrating.upgrade(sqlite_office.desk.db, house_module.ROOT / "migrations")
    assert (logging.getLogger("structlog").disabled, logging.getLogger().handlers) == before


def test_partial_uniqueness_holds_on_both_databases(office: Office) -> None:
    """One claim, one living number a berkas: the database itself refuses a second."""
    berkas_id = office.berkas(step=4)
    values = "office_id, year, sequence, text, berkas_id, state, reason, at"
    row = "SELECT office_id, year, sequence + 1, 'x', berkas_id, 'dipesan', '', at FROM letter_number"
    with pytest.raises(IntegrityError), office.desk.db.begin() as session:
        session.execute(text(f"INSERT INTO letter_number ({values}) {row}"))
    with office.desk.db.begin() as session:
        numbers.void(session, berkas_id, "Batal.", office.clock())
        session.flush()
        session.execute(text(f"INSERT INTO letter_number ({values}) {row}"))


def test_a_databases_fault_does_not_repeat_what_was_typed(sqlite_office: Office) -> None:
    with pytest.raises(IntegrityError) as told, sqlite_office.desk.db.begin() as session:
        session.execute(text("INSERT INTO counter (office_id, book) VALUES (1, :typed)"), {"typed": "3516010101010001"})
    assert "INSERT INTO counter" in str(told.value) and "3516" not in str(told.value)


def test_two_writers_queue_instead_of_failing(office: Office) -> None:
    def count() -> int:
        with office.desk.db.begin() as session:
            assert session.query(LogHead).one().size == 0  # most acts read before they write
            counter = numbers.lock_counter(session, 1, 2026, "uji")
            counter.last += 1
            return counter.last

    given = at_once(*[count] * 8)
    assert sorted(given, key=str) == list(range(1, 9))


def test_a_reader_is_not_held_up_by_a_writer_and_sees_no_half_act(office: Office) -> None:
    with office.desk.db.begin() as session:
        numbers.lock_counter(session, 1, 2026, "uji").last = 5
        session.flush()
        assert office.rows(Counter) == []
    assert [row.last for row in office.rows(Counter)] == [5]


def test_what_raises_is_rolled_back(office: Office) -> None:
    with pytest.raises(ZeroDivisionError), office.desk.db.begin() as session:
        numbers.lock_counter(session, 1, 2026, "uji")
        raise ZeroDivisionError
    assert office.rows(Counter) == []


def test_instants_come_back_in_utc_and_naive_ones_are_refused(office: Office) -> None:
    wib = datetime(2026, 1, 5, 7, 30, 0, 123456, tzinfo=timezone(timedelta(hours=7)))
    with office.desk.db.begin() as session:
        session.add(KeyFailure(user_id=1, at=wib))
    [row] = office.rows(KeyFailure)
    assert (row.at, row.at.tzinfo) == (wib, UTC)
    with pytest.raises(StatementError, match="time zone"), office.desk.db.begin() as session:
        session.add(KeyFailure(user_id=1, at=datetime(2026, 1, 5)))


def test_foreign_keys_are_enforced(office: Office) -> None:
    with pytest.raises(IntegrityError), office.desk.db.begin() as session:
        session.add(KeyFailure(user_id=4711, at=office.clock()))


def test_sqlite_is_durable_and_readable_while_written(sqlite_office: Office) -> None:
    with sqlite_office.desk.db.read() as session:
        found = [session.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous")]
    assert found == ["wal", 2]  # 2 is FULL
    assert Path(sqlite_office.desk.db.engine.url.database or "").exists()
