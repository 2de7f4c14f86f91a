"""Strangers' files in processes of their own: bombs, crashes, overload, secrets, and processes that end."""

from __future__ import annotations

import gc
import json
import os
import signal
import threading
import time
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import helpers_attacks as tools
import helpers_pki as pki
import pytest

from verifier.errors import VerificationError
from verifier.pool import Pool, Worker


@pytest.fixture(name="pool", scope="module")
def pool_fixture() -> Iterator[Pool]:
    pool = Pool()
    yield pool
    pool.close()


def examine(worker: Worker, data: bytes, seconds: float = 6.0) -> str:
    at = datetime.now(UTC).isoformat()
    answer = worker.run("examine", data, pki.authority().trust_pem(), seconds=seconds, name="x.pdf", at=at)
    return str(json.loads(answer)["verdict"])


def alive(process_id: int) -> bool:
    return Path(f"/proc/{process_id}").exists()


def memory_bomb() -> bytes:
    """A small PDF whose cross-reference stream unfolds to 900 MB."""
    once = zlib.compressobj(1)
    unfolded = b"".join([*(once.compress(bytes(1 << 20)) for _ in range(900)), once.flush()])
    twice = zlib.compress(unfolded)
    head = b"%PDF-1.7\n"
    keys = b"/Type/XRef/Size 9/W[1 2 1]/Root 1 0 R/Filter[/FlateDecode/FlateDecode]/Length %d" % len(twice)
    body = b"1 0 obj<<" + keys + b">>stream\n" + twice + b"\nendstream endobj\n"
    return head + body + b"startxref\n%d\n%%%%EOF\n" % len(head)


def test_a_letter_is_examined_and_the_process_used_again(pool: Pool) -> None:
    with pool.worker() as worker:
        first = worker.process_id
        assert examine(worker, tools.archived()) == "valid"
        assert examine(worker, pki.letter()) == "unsigned"
    with pool.worker() as worker:
        assert worker.process_id == first


def test_a_bomb_costs_its_own_task_only(pool: Pool) -> None:
    bomb = memory_bomb()
    assert len(bomb) < 100_000
    with pool.worker() as worker:
        before = worker.process_id
        started = time.monotonic()
        try:
            assert examine(worker, bomb) in ("unreadable", "unconfirmed")
        except VerificationError as fault:
            assert fault.code in ("too-large", "too-slow")
        assert time.monotonic() - started < 10
    with pool.worker() as worker:
        assert worker.process_id == before
        assert examine(worker, tools.archived()) == "valid"


def test_an_endless_task_is_stopped_in_time(pool: Pool) -> None:
    with pool.worker() as worker:
        started = time.monotonic()
        with pytest.raises(VerificationError) as caught:
            examine(worker, tools.archived(), seconds=0.01)
        assert caught.value.code == "too-slow"
        assert time.monotonic() - started < 2
        assert examine(worker, tools.archived()) == "valid"


def test_a_process_that_dies_is_replaced(pool: Pool) -> None:
    with pool.worker() as worker:
        gone = worker.process_id
    os.kill(gone, signal.SIGKILL)
    with pool.worker() as worker, pytest.raises(VerificationError) as caught:
        examine(worker, tools.archived())
    assert caught.value.code == "examination-failed"
    with pool.worker() as worker:
        assert worker.process_id != gone
        assert examine(worker, tools.archived()) == "valid"


def test_overload_is_refused_at_once_and_after_patience() -> None:
    pool = Pool(places=1, waiting=1, patience_seconds=0.3)
    seen: list[str] = []

    def ask() -> None:
        try:
            with pool.worker():
                seen.append("served")
        except VerificationError as fault:
            seen.append(fault.code)

    with pool.worker():
        waiting = threading.Thread(target=ask)
        waiting.start()
        time.sleep(0.1)
        started = time.monotonic()
        ask()  # one is served, one waits: the third is not even let in
        assert (seen, time.monotonic() - started < 0.1) == (["busy"], True)
        waiting.join()
        assert seen == ["busy", "busy"]
    ask()
    assert seen[-1] == "served"
    pool.close()


def test_a_place_is_given_back_whatever_happens() -> None:
    pool = Pool(places=1, waiting=0)
    for _ in range(3):
        with pytest.raises(KeyError), pool.worker():
            raise KeyError
    with pool.worker() as worker:
        assert worker.fit
    pool.close()


def test_a_worker_knows_no_secret(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SURAT_SECRET_KEY", "do-not-hand-on")
    worker = Worker()
    try:
        assert b"do-not-hand-on" not in Path(f"/proc/{worker.process_id}/environ").read_bytes()
    finally:
        worker.end()


def test_processes_end_with_the_pool() -> None:
    pool = Pool()
    assert not pool._idle  # nothing is started before it is needed
    with pool.worker() as worker:
        closed = worker.process_id
    pool.close()
    assert not alive(closed)
    pool = Pool()
    with pool.worker() as worker:
        forgotten = worker.process_id
    del pool, worker
    gc.collect()
    assert not alive(forgotten)
