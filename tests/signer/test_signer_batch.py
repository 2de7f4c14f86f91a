"""Several letters, one passphrase: one by one through the same signing, resumable, and never twice."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from helpers_office import PASSPHRASES, MovableClock, Office, at_once
from sqlalchemy import select
from structlog.testing import capture_logs

from signer import audit, passphrases, signing
from signer.batch import choosing, opening, progress, running
from signer.batch.choosing import AlreadyStarted, Chosen, Confirmed, StillRunning
from signer.batch.progress import Item, Progress
from signer.batch.running import Closed, Taken
from signer.errors import (
    Invalid,
    NotFound,
    NotYourStep,
    StaleRendering,
    TimestampUnavailable,
    TooManyAttempts,
    WrongPassphrase,
)
from signer.tables.batch import LetterOpening, SigningBatch, SigningBatchItem
from signer.tables.berkas import Paraf
from signer.tables.letters import Letter, SigningAttempt
from signer.tables.office import Appointment
from signer.tables.record import LogLeaf

pytest_plugins = ("helpers_office",)
RUNNER = Path(__file__).parents[1] / "crash_runner.py"
EVERYTHING = Confirmed(unopened=True, earlier_date=True)


def chosen(office: Office, berkas: Sequence[int]) -> list[Chosen]:
    """These letters as a page shown now would send them."""
    return [Chosen(one, office.shown(one)) for one in berkas]


def started(office: Office, berkas: Sequence[int]) -> str:
    """A batch of these letters; gives its code."""
    code = secrets.token_hex(16)
    choosing.start(office.desk, office.actor("camat"), code, chosen(office, berkas), EVERYTHING)
    return code


def run(office: Office, code: str, secret: str = PASSPHRASES["camat"], **keys: object) -> list[Item]:
    """One run over what is open, to its end."""
    actor = office.actor("camat")
    claimed = running.claim(office.desk, actor, code, confirm_earlier_date=True)
    return list(running.sign_each(office.desk, office.keys_with(**keys), actor, claimed, secret))


def seen(office: Office, code: str) -> Progress:
    """The batch as its page shows it."""
    return progress.of(office.desk, office.actor("camat"), code)


def states(found: Sequence[Item]) -> list[str]:
    return [item.state for item in found]


def test_every_letter_goes_the_way_of_a_single_one(office: Office) -> None:
    berkas = [office.berkas(step=5) for _ in range(3)]
    code = started(office, berkas)
    assert states(seen(office, code).items) == ["menunggu"] * 3
    assert states(run(office, code)) == ["terbit"] * 3
    assert [letter.berkas_id for letter in office.rows(Letter)] == berkas
    assert len(office.rows(LogLeaf)) == 3
    assert {attempt.state for attempt in office.rows(SigningAttempt)} == {"selesai"}
    done = seen(office, code)
    assert not done.running and not done.open and len(done.signed) == 3
    assert progress.unfinished(office.desk, office.actor("camat")) is None
    with office.desk.db.read() as session:
        audit.check(session, berkas[0])
        [choice] = [one for one in audit.entries(session, berkas[0]) if one.act == "pilih-tandatangan"]
    assert choice.detail["opened"] is False and choice.detail["rendering"]


def test_one_failure_among_several_stops_nothing_and_says_why(office: Office) -> None:
    first, damaged, returned, last = (office.berkas(step=5) for _ in range(4))
    code = started(office, [first, damaged, returned, last])
    with office.desk.db.begin() as session:
        paraf = session.scalars(select(Paraf).where(Paraf.berkas_id == damaged)).one()
        paraf.signature = session.scalars(select(Paraf).where(Paraf.berkas_id == first)).one().signature
    office.send_back(returned, "camat", "Perbaiki hal.", to=3)
    assert states(run(office, code)) == ["terbit", "gagal", "gagal", "terbit"]
    failed = seen(office, code).failed
    assert [item.code for item in failed] == ["signing-refused", "not-your-step"]
    assert "Paraf tidak lolos pemeriksaan" in failed[0].reason and "paraf does not verify" in failed[0].reason_en
    assert [item.still_here for item in failed] == [True, False]
    assert len(office.rows(Letter)) == 2


def test_a_rendering_replaced_after_it_was_ticked_is_not_signed(office: Office) -> None:
    kept, replaced = office.berkas(step=5), office.berkas(step=5)
    code = started(office, [replaced, kept])
    old = office.shown(replaced)
    office.send_back(replaced, "camat", "Perbaiki hal.", to=3)
    office.finalise(replaced, hal="Undangan Rakor Penyaluran BSPPS")
    office.give_paraf(replaced)
    assert office.shown(replaced) != old
    assert states(run(office, code)) == ["gagal", "terbit"]
    [failed] = seen(office, code).failed
    assert failed.code == "stale-rendering" and not failed.still_here
    # Signed anew, it is another rendering's letter: this batch did not issue it.
    office.sign(replaced)
    assert states(seen(office, code).items) == ["gagal", "terbit"]


def test_a_wrong_passphrase_stops_at_once_and_costs_one_attempt(office: Office) -> None:
    berkas = [office.berkas(step=5) for _ in range(3)]
    code = started(office, berkas)
    with pytest.raises(WrongPassphrase):
        run(office, code, "frasa-salah-4417")
    assert passphrases.attempts_left(office.desk, office.actor("camat")) == passphrases.LIMIT - 1
    assert office.rows(Letter) == office.rows(SigningAttempt) == []
    left = seen(office, code)
    assert len(left.open) == 3 and not left.running
    assert states(run(office, code)) == ["terbit"] * 3


def test_too_many_wrong_passphrases_stop_a_batch_too(sqlite_office: Office) -> None:
    office = sqlite_office
    code = started(office, [office.berkas(step=5)])
    for _ in range(passphrases.LIMIT):
        with pytest.raises(WrongPassphrase):
            run(office, code, "salah")
    with pytest.raises(TooManyAttempts):
        run(office, code)
    assert len(seen(office, code).open) == 1


def test_the_passphrase_is_kept_nowhere(sqlite_office: Office) -> None:
    office = sqlite_office
    code = started(office, [office.berkas(step=5)])
    with pytest.raises(WrongPassphrase):
        run(office, code, "frasa-salah-4417")
    run(office, code)
    kept = [path.read_bytes() for path in office.house.settings.instance.rglob("*") if path.is_file()]
    assert not any(b"frasa-salah-4417" in data or PASSPHRASES["camat"].encode() in data for data in kept)


def test_sent_twice_it_is_one_batch(office: Office) -> None:
    picked, code, actor = chosen(office, [office.berkas(step=5)]), secrets.token_hex(16), office.actor("camat")
    outcome = at_once(*[lambda: choosing.start(office.desk, actor, code, picked, EVERYTHING)] * 3)
    assert sorted(type(one).__name__ for one in outcome) == ["AlreadyStarted", "AlreadyStarted", "int"]
    assert len(office.rows(SigningBatch)) == len(office.rows(SigningBatchItem)) == 1


def test_of_two_runs_at_once_one_signs(office: Office) -> None:
    berkas = [office.berkas(step=5) for _ in range(2)]
    code = started(office, berkas)
    outcome = at_once(*[lambda: run(office, code)] * 2)
    refused = [one for one in outcome if isinstance(one, Exception)]
    # The second may come when the first is done: then it finds nothing open.
    assert all(isinstance(one, StillRunning) for one in refused)
    assert sum(len(one) for one in outcome if isinstance(one, list)) == 2
    assert [letter.berkas_id for letter in office.rows(Letter)] == berkas


def test_while_a_run_goes_on_no_other_choice_is_taken(office: Office) -> None:
    first, second = office.berkas(step=5), office.berkas(step=5)
    code, told = started(office, [first]), []

    def meddle(point: str) -> None:
        if point == "diperiksa":
            assert seen(office, code).running
            for act in (lambda: started(office, [second]), lambda: run(office, code)):
                with pytest.raises(StillRunning) as fault:
                    act()
                told.append(fault.value.batch)

    run(office, code, passed=meddle)
    assert told == [code, code]


def test_a_new_choice_closes_what_was_left_open(office: Office) -> None:
    berkas = [office.berkas(step=5) for _ in range(2)]
    old = started(office, berkas)
    assert progress.unfinished(office.desk, office.actor("camat")) == seen(office, old)
    new = started(office, berkas[:1])
    assert seen(office, old).closed
    with pytest.raises(Closed):
        run(office, old)
    assert states(run(office, new)) == ["terbit"]
    assert states(seen(office, old).items) == ["terbit", "menunggu"]


def test_a_reader_who_goes_away_stops_it_after_the_letter_at_hand(office: Office) -> None:
    berkas = [office.berkas(step=5) for _ in range(3)]
    code, actor = started(office, berkas), office.actor("camat")
    claimed = running.claim(office.desk, actor, code, confirm_earlier_date=True)
    lines = running.sign_each(office.desk, office.keys, actor, claimed, PASSPHRASES["camat"])
    assert next(lines).state == "terbit"
    lines.close()
    left = seen(office, code)
    assert not left.running and states(left.items) == ["terbit", "menunggu", "menunggu"]
    assert [item.berkas_id for item in run(office, code)] == berkas[1:]
    assert len(office.rows(Letter)) == 3


def test_a_slow_run_that_lost_the_batch_signs_nothing_more(office: Office) -> None:
    office.clock.shift(minutes=-10)
    berkas = [office.berkas(step=5) for _ in range(3)]
    code, actor = started(office, berkas), office.actor("camat")
    claimed = running.claim(office.desk, actor, code, confirm_earlier_date=True)
    slow = running.sign_each(office.desk, office.keys, actor, claimed, PASSPHRASES["camat"])
    next(slow)
    office.clock.shift(seconds=choosing.LEASE.total_seconds() + 1)
    assert states(run(office, code)) == ["terbit", "terbit"]
    with pytest.raises(Taken):
        next(slow)
    assert len(office.rows(Letter)) == 3


def test_what_was_signed_alone_meanwhile_counts_as_done(office: Office) -> None:
    alone, other = office.berkas(step=5), office.berkas(step=5)
    code = started(office, [alone, other])
    office.sign(alone)
    assert states(seen(office, code).items) == ["terbit", "menunggu"]
    assert [item.berkas_id for item in run(office, code)] == [other]


def test_an_appointment_that_ended_fails_its_letters_only(sqlite_office: Office) -> None:
    office = sqlite_office
    code = started(office, [office.berkas(step=5)])
    today = office.desk.today()
    with office.desk.db.begin() as session:
        for row in session.query(Appointment).filter_by(role="camat"):
            row.starts_on, row.ends_on = today - timedelta(days=9), today - timedelta(days=1)
    [item] = run(office, code)
    assert (item.state, item.code) == ("gagal", "key-unavailable")
    assert "Penunjukan" in item.reason


def test_a_defect_at_one_letter_is_logged_and_the_others_go_on(sqlite_office: Office) -> None:
    office = sqlite_office
    berkas = [office.berkas(step=5) for _ in range(2)]
    code, times = started(office, berkas), []

    def broken(point: str) -> None:
        times.append(point)
        if times.count("qr-dibaca") == 1 and point == "qr-dibaca":
            raise RuntimeError("an unforeseen fault")

    with capture_logs() as logs:
        first, second = run(office, code, passed=broken)
    assert (first.state, first.code, second.state) == ("gagal", "internal", "terbit")
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [("batch", "error")]
    assert "unforeseen" not in first.reason


def test_a_failing_authority_fails_letters_and_leaves_them_to_be_chosen_again(sqlite_office: Office) -> None:
    office = sqlite_office
    berkas = [office.berkas(step=5) for _ in range(2)]

    def silent(point: str) -> None:
        if point == "ditandatangani":
            raise TimestampUnavailable()

    failed = run(office, started(office, berkas), passed=silent)
    assert [item.code for item in failed] == ["timestamp-unavailable"] * 2 and failed[0].still_here
    assert states(run(office, started(office, berkas))) == ["terbit"] * 2


def test_letters_not_opened_are_chosen_by_saying_so(office: Office) -> None:
    read, unread = office.berkas(step=5), office.berkas(step=5)
    camat, picked = office.actor("camat"), chosen(office, [read, unread])
    opening.record(office.desk, camat, read, office.shown(read))
    opening.record(office.desk, camat, read, office.shown(read))
    assert len(office.rows(LetterOpening)) == 1
    with pytest.raises(Invalid) as told:
        choosing.start(office.desk, camat, "a" * 32, picked, Confirmed(earlier_date=True))
    assert told.value.field == "confirm_unopened"
    assert office.rows(SigningBatch) == []
    choosing.start(office.desk, camat, "a" * 32, picked[:1], Confirmed(earlier_date=True))
    choosing.start(office.desk, camat, "b" * 32, picked, EVERYTHING)
    assert [item.opened for item in seen(office, "b" * 32).items] == [True, False]


def test_another_rendering_is_not_opened_yet(office: Office) -> None:
    berkas, camat = office.berkas(step=5), office.actor("camat")
    old = office.shown(berkas)
    opening.record(office.desk, camat, berkas, old)
    office.send_back(berkas, "camat", "Perbaiki hal.", to=3)
    with pytest.raises(NotYourStep):
        opening.record(office.desk, camat, berkas, old)
    office.finalise(berkas, hal="Undangan Rakor Penyaluran BSPPS")
    office.give_paraf(berkas)
    with pytest.raises(StaleRendering):
        opening.record(office.desk, camat, berkas, old)
    with pytest.raises(Invalid) as told:
        choosing.start(office.desk, camat, "a" * 32, chosen(office, [berkas]), Confirmed(earlier_date=True))
    assert told.value.field == "confirm_unopened"


def test_an_earlier_letter_date_is_confirmed_for_each_run(office: Office) -> None:
    office.clock.shift(hours=-1)
    berkas, camat = office.berkas(step=3), office.actor("camat")
    office.finalise(berkas, letter_date=(office.desk.today() - timedelta(days=1)).isoformat())
    office.give_paraf(berkas)
    with pytest.raises(Invalid) as told:
        choosing.start(office.desk, camat, "a" * 32, chosen(office, [berkas]), Confirmed(unopened=True))
    assert told.value.field == "confirm_date"
    code = started(office, [berkas])
    with pytest.raises(Invalid) as told:
        running.claim(office.desk, camat, code)
    assert told.value.field == "confirm_date" and not seen(office, code).running
    assert seen(office, code).items[0].earlier
    assert states(run(office, code)) == ["terbit"]


@pytest.mark.parametrize("picked", [[], [Chosen(1, b""), Chosen(1, b"")], [Chosen(n, b"") for n in range(51)]])
def test_a_choice_of_none_twice_or_too_many_is_refused(sqlite_office: Office, picked: list[Chosen]) -> None:
    with pytest.raises(Invalid) as told:
        choosing.start(sqlite_office.desk, sqlite_office.actor("camat"), "a" * 32, picked, EVERYTHING)
    assert told.value.field == "pilih"


def test_a_batch_is_its_persons_own(sqlite_office: Office) -> None:
    office = sqlite_office
    code = started(office, [office.berkas(step=5)])
    for act in (progress.of, running.claim):
        with pytest.raises(NotFound):
            act(office.desk, office.actor("kasi"), code)
    with pytest.raises(NotFound):
        choosing.start(office.desk, office.actor("camat"), "b" * 32, [Chosen(9_999, b"")], EVERYTHING)


# ---- the process dies ----

LONG_AGO = timedelta(seconds=-300)


def killed(office: Office, point: str, code: str) -> None:
    """Run the batch in a process of its own that dies when it passes the point for the second letter."""
    settings = office.house.settings
    env = os.environ | {"SURAT_INSTANCE": str(settings.instance), "SURAT_DATABASE_URL": settings.database_url}
    command = [sys.executable, str(RUNNER), "batch", point, str(LONG_AGO.total_seconds()), code]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("point", "out"),
    [("klaim", 1), ("ditandatangani", 1), ("sebelum-commit", 1), ("commit", 2), ("surat-dicatat", 2)],
)
def test_killed_between_two_lines_the_rest_is_signed_once(office: Office, point: str, out: int) -> None:
    """`commit`: the letter exists, its item does not know. It is done all the same, and nobody signs it again."""
    office.clock.offset = LONG_AGO - timedelta(minutes=5)
    berkas = [office.berkas(step=5) for _ in range(3)]
    code = started(office, berkas)
    killed(office, point, code)

    during = office.again(MovableClock(timedelta(seconds=-240)))
    left = seen(during, code)
    assert left.running and states(left.items) == ["terbit"] * out + ["menunggu"] * (3 - out)
    with pytest.raises(StillRunning):
        run(during, code)
    during.house.db.close()

    after = office.again(MovableClock())
    assert progress.unfinished(after.desk, after.actor("camat")) == seen(after, code)
    assert [item.berkas_id for item in run(after, code)] == berkas[out:]
    assert states(seen(after, code).items) == ["terbit"] * 3
    assert sorted(letter.berkas_id for letter in after.rows(Letter)) == berkas
    assert len(after.rows(LogLeaf)) == 3
    with after.desk.db.read() as session:
        for one in berkas:
            audit.check(session, one)
            assert [entry.act for entry in audit.entries(session, one)].count("surat-terbit") == 1
    after.house.db.close()


def test_the_lease_of_a_run_outlives_the_claim_on_its_letter() -> None:
    assert choosing.LEASE > signing.LEASE


def test_sent_twice_is_told_apart_from_another_run() -> None:
    assert not issubclass(AlreadyStarted, StillRunning) and not issubclass(StillRunning, AlreadyStarted)
