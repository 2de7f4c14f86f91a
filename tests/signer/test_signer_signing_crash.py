"""The signing process is killed at every point: the berkas goes on, with one letter, one number, no lost file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from helpers_office import MovableClock, Office

from signer import audit
from signer.errors import Conflict, NotYourStep
from signer.tables.letters import Letter, LetterFile, LetterNumber, SigningAttempt
from signer.tables.record import LogHead, LogLeaf, OutboxItem
from verifier import examine

pytest_plugins = ("helpers_office",)
RUNNER = Path(__file__).parents[1] / "crash_runner.py"
BEFORE_COMMIT = (
    "klaim",
    "paraf-diperiksa",
    "qr-dibaca",
    "ditandatangani",
    "diperpanjang",
    "diperiksa",
    "tersimpan",
    "sebelum-commit",
)
ON_POSTGRES = ("ditandatangani", "sebelum-commit")
LONG_AGO, A_MINUTE_LATER = timedelta(seconds=-300), timedelta(seconds=-240)
"""When the process is killed, and when somebody tries while its lease (90 s) still runs; now it is over."""

pytestmark = pytest.mark.slow


def killed(office: Office, point: str, berkas_id: int) -> None:
    """Sign in a process of its own that dies at that point."""
    settings = office.house.settings
    env = os.environ | {"SURAT_INSTANCE": str(settings.instance), "SURAT_DATABASE_URL": settings.database_url}
    command = [sys.executable, str(RUNNER), "sign", point, str(LONG_AGO.total_seconds()), str(berkas_id)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == -signal.SIGKILL, done.stderr


def files(office: Office) -> dict[str, bytes]:
    """Every file of the store by its place."""
    root = office.house.settings.instance / "blobs"
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def assert_one_letter(office: Office, berkas_id: int) -> None:
    """One letter, one number, one leaf, whose file a stranger's check passes; and the chain holds."""
    [letter] = office.rows(Letter)
    [number] = office.rows(LetterNumber)
    [file] = office.rows(LetterFile)
    [leaf] = office.rows(LogLeaf)
    assert (number.state, number.text, number.sequence) == ("terpakai", letter.number, 1)
    assert (leaf.index, leaf.file_sha256, office.rows(LogHead)[0].size) == (0, file.sha256, 1)
    pdf = office.desk.blobs.get_checked(file.blob_key, file.sha256)
    examine.pdf(pdf, name="letter.pdf", trust=office.keys.trust, records=office.house.records).require_valid()
    with office.desk.db.read() as session:
        audit.check(session, berkas_id)
        assert [e.act for e in audit.entries(session, berkas_id)].count("surat-terbit") == 1
    office.house.drain()
    assert all(item.done_at for item in office.rows(OutboxItem, topic="notice"))


def check_crash(office: Office, point: str) -> None:
    """Killed at `point`; told so while the lease runs; signed after it."""
    office.clock.offset = LONG_AGO - timedelta(minutes=5)
    berkas_id = office.berkas(step=5)
    before = files(office)
    killed(office, point, berkas_id)

    during = office.again(MovableClock(A_MINUTE_LATER))
    with pytest.raises(Conflict) as told:
        during.sign(berkas_id)
    assert told.value.id.startswith("Surat ini sedang ditandatangani")
    with pytest.raises(Conflict):
        during.send_back(berkas_id, "camat", "Tidak jadi.")
    assert during.rows(Letter) == during.rows(LetterFile) == during.rows(LogLeaf) == []
    assert [attempt.state for attempt in during.rows(SigningAttempt)] == ["klaim"]
    during.house.db.close()

    after = office.again(MovableClock())
    after.sign(berkas_id)
    assert_one_letter(after, berkas_id)
    dead, done = after.rows(SigningAttempt)
    assert (dead.state, done.state) == ("ditinggalkan", "selesai")
    assert dead.ended_at is not None and dead.ended_at > dead.lease_until
    assert dead.token != done.token
    assert files(after).items() >= before.items()
    after.register(berkas_id)
    after.house.db.close()


@pytest.mark.parametrize("point", BEFORE_COMMIT)
def test_killed_before_the_commit_on_sqlite(sqlite_office: Office, point: str) -> None:
    check_crash(sqlite_office, point)


@pytest.mark.postgres
@pytest.mark.parametrize("point", ON_POSTGRES)
def test_killed_before_the_commit_on_postgres(postgres_office: Office, point: str) -> None:
    check_crash(postgres_office, point)


def test_killed_after_the_commit_the_letter_stands(office: Office) -> None:
    office.clock.offset = LONG_AGO - timedelta(minutes=5)
    berkas_id = office.berkas(step=5)
    killed(office, "commit", berkas_id)
    after = office.again(MovableClock())
    with pytest.raises(NotYourStep):
        after.sign(berkas_id)
    assert_one_letter(after, berkas_id)
    assert [attempt.state for attempt in after.rows(SigningAttempt)] == ["selesai"]
    after.register(berkas_id)
    after.house.db.close()


def test_killed_with_its_lease_over_the_camat_may_also_return_it(sqlite_office: Office) -> None:
    office = sqlite_office
    office.clock.offset = LONG_AGO - timedelta(minutes=5)
    berkas_id = office.berkas(step=5)
    killed(office, "diperpanjang", berkas_id)
    after = office.again(MovableClock())
    after.send_back(berkas_id, "camat", "Perbaiki hal.", to=3)
    after.finalise(berkas_id, hal="Undangan Rakor Penyaluran BSPPS")
    after.give_paraf(berkas_id)
    after.sign(berkas_id)
    assert_one_letter(after, berkas_id)
    after.house.db.close()
