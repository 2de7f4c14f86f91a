"""The job queue: huey, which only drains the outbox (design: idea 5).

Tasks of huey may be lost with a process (it is at-most-once), so nothing but "look at the outbox now" is ever queued;
once a minute the worker looks by itself. SQLite by default, PostgreSQL by URL.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from huey import Huey, PostgresHuey, SqliteHuey, crontab
from sqlalchemy.engine import make_url

NAME = "surat"
POLL_SECONDS = 0.5


class Jobs:
    """The queue as web processes see it (`kick`) and as the worker runs it (`work`)."""

    def __init__(self, url: str, drain: Callable[[], int]) -> None:
        """`url` is `sqlite:///file` or `postgresql+psycopg://...`; `drain` does what is due in the outbox."""
        self._drain = drain
        self._huey = _huey(url)
        self._task = self._huey.task(name="drain")(self._run)
        self._huey.periodic_task(crontab(minute="*"), name="sweep")(self._run)

    def kick(self) -> None:
        """Ask the worker to look at the outbox soon."""
        self._task()

    def work(self) -> None:
        """Run the worker until the process is told to end (SIGTERM, SIGINT)."""
        self._drain()
        self._huey.create_consumer(workers=1, initial_delay=POLL_SECONDS, max_delay=POLL_SECONDS).run()

    def close(self) -> None:
        """Give back this thread's connection to the queue."""
        self._huey.storage.close()

    def _run(self) -> None:
        self._drain()


def _huey(url: str) -> Huey:
    parts = make_url(url)
    if parts.get_backend_name() == "sqlite":
        Path(parts.database or "jobs.db").parent.mkdir(parents=True, exist_ok=True)
        return SqliteHuey(NAME, filename=parts.database, results=False, utc=True)
    return PostgresHuey(NAME, dsn=parts.set(drivername="postgresql").render_as_string(hide_password=False))
