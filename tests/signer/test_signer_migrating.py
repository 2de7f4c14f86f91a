"""An instance of the first version, with its people and berkas, is brought up to date and goes on working."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import helpers_postgres
import pytest
from alembic import command
from alembic.config import Config
from helpers_office import Office
from sqlalchemy import Engine, MetaData, Row, Table, func, select, text

import app as house_module
from signer import migrating, notices
from signer.berkas import lists
from signer.db import Database
from signer.tables.record import Notice

pytest_plugins = ("helpers_office",)
SCRIPTS = house_module.ROOT / "migrations"


def test_an_instance_with_people_and_berkas_is_upgraded_and_works(office: Office, first: Database) -> None:
    waiting, signed = office.berkas(step=3), office.berkas(step=6)
    office.house.drain()
    _copy(office.house.db.engine, first.engine)
    before = _counts(first.engine)
    migrating.upgrade(first, SCRIPTS)
    assert before["user"] and before["notice"] and before.items() <= _counts(first.engine).items()
    settings = replace(office.house.settings, database_url=first.url)
    later = Office(house_module.House(settings, office.clock), office.clock)
    staf = later.actor("staf")
    assert {row.id for row in lists.inbox(later.desk, staf)} == {waiting, signed}
    told = notices.unread(later.desk, staf)
    assert {group.berkas.id for group in told if group.berkas} == {waiting, signed}
    assert all(notice.decision is None for group in told for notice in group.told)  # the first version kept none
    later.finalise(waiting)
    later.register(signed)
    later.house.drain()
    old = [row for row in later.rows(Notice, user_id=staf.user_id) if row.movement_id is None]
    assert old and all(row.read_at is not None for row in old)  # both berkas went on: no longer this person's turn
    later.house.db.close()


@pytest.fixture(name="first")
def first_fixture(office: Office, tmp_path: Path) -> Iterator[Database]:
    """An empty database of the first schema, of the office's kind."""
    postgres = office.house.db.engine.dialect.name == "postgresql"
    db = Database(helpers_postgres.server().create() if postgres else f"sqlite:///{tmp_path}/first.db")
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    with db.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.commit()
    yield db
    db.close()
    if postgres:
        helpers_postgres.server().drop(db.url)


def _copy(source: Engine, target: Engine) -> None:
    """Every row of the tables that the first version has, with the columns it has."""
    known = _tables(target)
    with target.begin() as connection:
        postgres = target.dialect.name == "postgresql"
        anyhow = "SET LOCAL session_replication_role = replica" if postgres else "PRAGMA defer_foreign_keys = ON"
        connection.exec_driver_sql(anyhow)  # berkas and rendering name each other
        for table in known.values():
            connection.execute(table.delete())
            rows = [dict(row._mapping) for row in _rows(source, table)]
            if rows:
                connection.execute(table.insert(), rows)
            if postgres and rows and "id" in table.columns:
                serial = f"pg_get_serial_sequence('\"{table.name}\"', 'id')"
                newest = f'(SELECT max(id) FROM "{table.name}")'
                connection.execute(text(f"SELECT setval({serial}, {newest}) WHERE {serial} IS NOT NULL"))


def _rows(source: Engine, table: Table) -> list[Row[tuple[object, ...]]]:
    with source.connect() as connection:
        return list(connection.execute(select(table)))


def _tables(engine: Engine) -> dict[str, Table]:
    known = MetaData()
    known.reflect(engine)
    return {name: table for name, table in known.tables.items() if name != "alembic_version"}


def _counts(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        counted = {name: select(func.count()).select_from(table) for name, table in _tables(engine).items()}
        return {name: connection.scalar(statement) or 0 for name, statement in counted.items()}
