"""The queue wakes the worker on both databases; the worker ends when told and does what was left before it began."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from helpers_office import Office

from signer.jobs import Jobs
from signer.tables.record import Notice, OutboxItem

pytest_plugins = ("helpers_office",)
ROOT = Path(__file__).parents[2]


def queue_url(office: Office) -> str:
    """The queue in the office's own kind of database."""
    settings = office.house.settings
    return settings.database_url if office.desk.db.engine.dialect.name == "postgresql" else settings.jobs_url


def wait_for(done: Callable[[], bool], seconds: float = 45.0) -> None:
    """Wait until it is done; fails with the test if it never is."""
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until, "nothing happened"
        time.sleep(0.1)


def test_kicking_only_asks_and_does_nothing_itself(office: Office) -> None:
    drained: list[int] = []
    with closing(Jobs(queue_url(office), lambda: drained.append(1) or 1)) as jobs:
        jobs.kick()
        jobs.kick()
        assert jobs._huey.pending_count() == 2
    assert drained == []


@pytest.mark.slow
def test_a_worker_does_what_was_left_and_what_comes_and_ends_when_told(office: Office) -> None:
    settings, url = office.house.settings, queue_url(office)
    place = {"SURAT_INSTANCE": str(settings.instance), "SURAT_DATABASE_URL": settings.database_url}
    env = os.environ | place | {"SURAT_JOBS_URL": url}
    office.berkas(step=2)
    worker = subprocess.Popen([sys.executable, "-m", "signer", "worker"], env=env, cwd=ROOT, stderr=subprocess.PIPE)
    try:
        wait_for(lambda: all(item.done_at for item in office.rows(OutboxItem, topic="notice")))
        told = len(office.rows(Notice))
        assert told > 0
        time.sleep(1)  # the worker now waits for the queue
        office.berkas(step=2)
        with closing(Jobs(url, lambda: 0)) as jobs:
            jobs.kick()
        wait_for(lambda: len(office.rows(Notice)) > told)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(15) == 0
    finally:
        worker.kill()
        worker.communicate()
