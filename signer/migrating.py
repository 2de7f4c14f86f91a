"""Brings a database to the schema of this version (Alembic, migrations/)."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

from signer.db import Database


def upgrade(db: Database, scripts: Path) -> None:
    """Apply every migration in `scripts` that the database lacks, on one connection."""
    config = Config()
    config.set_main_option("script_location", str(scripts))
    with db.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
