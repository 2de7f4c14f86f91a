"""Work on strangers' files in separate processes, bounded in time, memory and number: a bomb costs one of them.

Workers are processes of their own (`verifier.worker`), started when first needed, without this process's environment
(its secrets) and open files; they fork for each task. Why not a library's pool: docs/decisions/0013-strangers-files.md.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

from verifier.errors import VerificationError
from verifier.messages import fail

PLACES = 2
"""Tasks at the same time; each may take a whole processor."""
WAITING = 2
"""More that may wait for a place; together well below the server's threads, so that pages are always served."""
PATIENCE_SECONDS = 5.0
TASK_SECONDS = 6.0
"""With a worker's start on a busy machine the answer comes within 10."""
SPARE_SECONDS = 8.0
"""For a worker to start and to answer, before it is given up."""
TASKS_EACH = 500
MOST_ANSWER = 16 * 1024 * 1024
_ROOT = Path(__file__).resolve().parents[1]
_CODES = {"memory": "too-large", "time": "too-slow", "died": "examination-failed"}


class Worker:
    """One process, for one user at a time."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 (our own module; no shell)
                [sys.executable, "-E", "-s", "-m", "verifier.worker", str(theirs.fileno())],
                cwd=_ROOT,
                env={"LANG": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        self._connection = Connection(ours.detach())
        self._done = 0
        self.fit = True
        """Whether it may be used again."""

    @property
    def process_id(self) -> int:
        """The process's number, for those who watch it."""
        return self._process.pid

    def run(self, task: str, *blobs: bytes, seconds: float = TASK_SECONDS, **details: str) -> bytes:
        """The answer of a task of verifier.worker.

        Raises VerificationError `too-slow`, `too-large` (memory) or `examination-failed` (the task's process died).
        """
        self._done += 1
        self.fit = False  # until it has answered as agreed
        header = {"task": task, "seconds": seconds, "blobs": len(blobs), "details": details}
        try:
            for part in (json.dumps(header).encode(), *blobs):
                self._connection.send_bytes(part)
            if not self._connection.poll(seconds + SPARE_SECONDS):
                raise fail("too-slow")
            outcome = self._connection.recv_bytes(16).decode("ascii", "replace")
            answer = self._connection.recv_bytes(MOST_ANSWER)
        except (OSError, EOFError):
            raise fail("examination-failed") from None
        self.fit = self._done < TASKS_EACH
        if outcome != "done":
            raise fail(_CODES.get(outcome, "examination-failed"))
        return answer

    def end(self) -> None:
        """End the process at once; what it forked ends by its own limits."""
        self._connection.close()
        self._process.kill()
        self._process.wait()


class Pool:
    """The workers of one server process; made cheaply, they start when first needed. Safe for threads."""

    def __init__(
        self, *, places: int = PLACES, waiting: int = WAITING, patience_seconds: float = PATIENCE_SECONDS
    ) -> None:
        self._admitted = threading.BoundedSemaphore(places + waiting)
        self._places = threading.BoundedSemaphore(places)
        self._patience = patience_seconds
        self._idle: list[Worker] = []
        # When the pool goes or the interpreter ends; one in use sees its socket close with the process.
        self._finish = weakref.finalize(self, _end, self._idle)

    @contextmanager
    def worker(self) -> Iterator[Worker]:
        """A worker for the block alone. Raises VerificationError `busy` when all are taken and enough wait already."""
        with self._place():
            worker = self._idle.pop() if self._idle else Worker()
            try:
                yield worker
            finally:
                if worker.fit and self._finish.alive:
                    self._idle.append(worker)
                else:
                    worker.end()

    def close(self) -> None:
        """End all idle workers; those in use end with their task. The pool can still be used, without keeping any."""
        self._finish()

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._admitted.acquire(blocking=False):
            raise _busy()
        try:
            if not self._places.acquire(timeout=self._patience):
                raise _busy()
            try:
                yield
            finally:
                self._places.release()
        finally:
            self._admitted.release()


def _end(workers: list[Worker]) -> None:
    while workers:
        workers.pop().end()


def _busy() -> VerificationError:
    return VerificationError(
        "busy",
        "Sedang banyak pemeriksaan. Coba lagi sebentar lagi.",
        "Many files are being checked. Try again in a moment.",
    )
