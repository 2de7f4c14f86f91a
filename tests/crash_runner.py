"""A process that dies for real between two steps: `crash_runner.py sign|batch|prepare|drain POINT OFFSET [WHICH]`.

It opens the instance that the environment describes (SURAT_INSTANCE, SURAT_DATABASE_URL), with its clock moved by
OFFSET seconds, and kills itself with SIGKILL when POINT is passed: no handler runs, nothing is flushed or closed.
WHICH is a berkas to sign, or the code of a batch; there it dies when POINT is passed for the second letter.
"""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path

TESTS = Path(__file__).resolve().parent
sys.path[:0] = [str(TESTS.parent), str(TESTS)]

from helpers_office import PASSPHRASES, MovableClock, Office  # noqa: E402 (the path comes first)

import app  # noqa: E402
from signer import outbox  # noqa: E402
from signer.batch import running  # noqa: E402
from signer.mailing import Mailing  # noqa: E402
from signer.settings import Settings  # noqa: E402


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class FragileHouse(app.House):
    """Dies while it is being prepared: once the person named by POINT has a key, before anything is committed."""

    def certify(self, key_name: str, holder: str, title: str, passphrase: str) -> bytes:
        made = super().certify(key_name, holder, title, passphrase)
        if key_name == POINT:
            die()
        return made

    @cached_property
    def mailing(self) -> Mailing:
        return replace(super().mailing, passed=lambda point: die() if point == POINT else None)


ACT, POINT, OFFSET = sys.argv[1], sys.argv[2], float(sys.argv[3])


def main() -> None:
    clock = MovableClock(timedelta(seconds=OFFSET))
    if ACT == "prepare":
        FragileHouse(Settings.from_env(), clock).prepare(demo_people=True)
        return
    if ACT == "drain":
        house = FragileHouse(Settings.from_env(), clock)
        if POINT == "told":  # with notice and mail committed, before their outbox row is marked done
            outbox._close = lambda *_row, **_values: die()
        house.drain()
        return
    office = Office(app.House(Settings.from_env(), clock), clock)
    if ACT == "batch":
        sign_batch(office)
        return
    office.sign(int(sys.argv[4]), office.keys_with(passed=lambda point: die() if point == POINT else None))


def sign_batch(office: Office) -> None:
    passed: list[str] = []

    def second(point: str) -> None:
        passed.append(point)
        if passed.count(POINT) == 2:
            die()

    actor, keys = office.actor("camat"), office.keys_with(passed=second)
    run = running.claim(office.desk, actor, sys.argv[4], confirm_earlier_date=True)
    list(running.sign_each(office.desk, keys, actor, run, PASSPHRASES["camat"]))


main()
