"""One file, one short-lived process: a hostile PDF costs its own process and nothing else.

The parent has the verifier loaded and forks, so a file costs milliseconds and starts with limits on memory and time
already set. A child that dies, hangs or bursts gives a report, never a traceback. The command line uses it directly, a
server through `verifier.pool`: a process with threads must not fork.
"""

from __future__ import annotations

import gc
import os
import resource
import select
import signal
import sys
import time
from collections.abc import Callable
from datetime import datetime
from typing import Literal, TypeAlias

from verifier.report import Report
from verifier.reporting import stopped

MEMORY_BYTES = 512 * 1024 * 1024
SECONDS = 9.0  # of the 10 promised; the rest is for writing the answer
Outcome: TypeAlias = Literal["done", "memory", "time", "died"]
CODES: dict[str, str] = {"memory": "too-large", "time": "too-slow", "died": "examination-failed"}
"""Why there is no answer, as verifier.messages names it."""


def bounded(name: str, data: bytes, now: datetime, examine: Callable[[], Report]) -> Report:
    """`examine()` in a forked process with at most 512 MiB of memory and 9 s; else a report that says why not."""
    started = time.perf_counter()
    outcome, text = in_child(lambda: examine().model_dump_json().encode(), SECONDS)
    if outcome == "done":
        return Report.model_validate_json(text)
    return stopped(name, data, now, CODES[outcome], time.perf_counter() - started)


def in_child(work: Callable[[], bytes], seconds: float) -> tuple[Outcome, bytes]:
    """`work()` in a forked process with at most 512 MiB of memory: how it went, and its answer (empty unless done)."""
    reading, writing = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _live_and_die(work, writing, seconds)
    os.close(writing)
    try:
        return _await(child, reading, seconds)
    finally:
        os.close(reading)


def _live_and_die(work: Callable[[], bytes], writing: int, seconds: float) -> None:
    """In the child: set limits, do the work, write one marker and the answer, leave without any clean-up."""
    answer = b"died"
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # libraries' own complaints are not for people
        _limit(int(seconds) + 1)
        gc.enable()
        answer = b"done" + work()
    except MemoryError:
        answer = b"memory"
    except BaseException:  # noqa: S110 - the marker "died" is the answer; a traceback must never reach people
        pass
    finally:
        view = memoryview(answer)
        while view:
            view = view[os.write(writing, view) :]
        os._exit(0)


def _limit(cpu_seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Ends the child also where its parent is gone and nobody waits any more.
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def _await(child: int, reading: int, seconds: float) -> tuple[Outcome, bytes]:
    """Collect the child's answer until it closes the pipe, or kill it when its time is over."""
    deadline = time.monotonic() + seconds
    chunks: list[bytes] = []
    while (left := deadline - time.monotonic()) > 0 and select.select([reading], [], [], left)[0]:
        chunk = os.read(reading, 1 << 16)
        if not chunk:
            os.waitpid(child, 0)
            return _split(b"".join(chunks))
        chunks.append(chunk)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "time", b""


def _split(answer: bytes) -> tuple[Outcome, bytes]:
    if answer.startswith(b"done"):
        return "done", answer[4:]
    return ("memory" if answer == b"memory" else "died"), b""
