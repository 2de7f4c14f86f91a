"""An instance with the demo people, made once per run: tests and journeys copy it instead of making their own."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from pathlib import Path

import app
from signer.settings import Settings


@functools.cache
def instance() -> Path:
    """Its folder, to be copied and not changed; gone when the run ends."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    house = app.House(Settings.from_env({"SURAT_INSTANCE": str(folder / "instance")}))
    house.prepare(demo_people=True)
    house.db.close()
    return folder / "instance"
