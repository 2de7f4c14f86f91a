"""The first start is killed half way: the next one finishes what is missing and keeps what is there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from helpers_office import MovableClock, Office, settings

import app as house_module
from signer import founding
from signer.accounts import User
from signer.tables.office import Appointment, SopVersion
from signer.tables.office import Office as OfficeRow

RUNNER = Path(__file__).parents[1] / "crash_runner.py"
pytestmark = pytest.mark.slow


@pytest.mark.parametrize("point", ["kasi", "camat"])
def test_killed_with_keys_made_and_nothing_committed(tmp_path: Path, point: str) -> None:
    made = settings(tmp_path / "instance")
    env = os.environ | {"SURAT_INSTANCE": str(made.instance)}
    command = [sys.executable, str(RUNNER), "prepare", point, "0"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert (made.instance / "pki" / "people" / f"{point}.p12").exists()

    clock = MovableClock()
    office = Office(house_module.House(made, clock), clock)
    assert office.rows(User) == office.rows(OfficeRow) == []
    office.house.prepare(demo_people=True)
    assert [user.username for user in office.rows(User)] == [person.username for person in founding.DEMO_PEOPLE]
    assert [row.role for row in office.rows(Appointment)] == ["kasi", "camat"]
    assert len(office.rows(SopVersion)) == 1
    office.berkas(step=6)
    office.house.db.close()


def test_preparing_again_changes_nothing(tmp_path: Path) -> None:
    clock = MovableClock()
    office = Office(house_module.House(settings(tmp_path / "instance"), clock), clock)
    office.house.prepare(demo_people=True)
    users = [(user.id, user.password) for user in office.rows(User)]
    certificates = [row.certificate for row in office.rows(Appointment)]
    again = office.again()
    again.house.prepare(demo_people=True)
    assert [(user.id, user.password) for user in again.rows(User)] == users
    assert [row.certificate for row in again.rows(Appointment)] == certificates
    assert len(again.rows(SopVersion)) == 1
    again.house.db.close()
    office.house.db.close()
