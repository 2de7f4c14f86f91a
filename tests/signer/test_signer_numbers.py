"""Letter and register numbers: unique and gapless whoever works at once; a void one keeps its reason."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from helpers_office import Office, at_once

from signer import numbers, registering
from signer.berkas import draft, submit
from signer.errors import Conflict, Invalid
from signer.sop import State
from signer.tables.berkas import Rendering
from signer.tables.letters import Counter, LetterNumber, RegisterEntry, SigningAttempt
from signer.tables.office import Office as OfficeRow

pytest_plugins = ("helpers_office",)
THREADS = 8


def finalising(office: Office, berkas_id: int) -> Callable[[], int]:
    """The act of finalising it, with everything read before."""
    form, seen, staf = office.form(berkas_id), office.version(berkas_id), office.actor("staf")
    return lambda: draft.finalise(office.desk, staf, berkas_id, seen, form, "simulasi")


def test_finalising_at_once_gives_numbers_without_gap_or_double(office: Office) -> None:
    waiting = [office.berkas(step=3) for _ in range(THREADS)]
    made = at_once(*[finalising(office, berkas_id) for berkas_id in waiting])
    assert all(isinstance(one, int) for one in made), made
    given = office.rows(LetterNumber)
    assert sorted(number.sequence for number in given) == list(range(1, THREADS + 1))
    assert len({number.text for number in given}) == THREADS
    assert {number.berkas_id for number in given} == set(waiting)
    printed = {rendering.number_id: rendering.number for rendering in office.rows(Rendering)}
    assert printed == {number.id: number.text for number in given}


@pytest.mark.slow
def test_registering_at_once_gives_numbers_without_gap_or_double(office: Office) -> None:
    waiting = [office.berkas(step=6) for _ in range(THREADS)]
    staf = office.actor("staf")
    acts = [partial(registering.enter, office.desk, staf, one, office.version(one)) for one in waiting]
    given = at_once(*acts)
    assert sorted(one for one in given if isinstance(one, int)) == list(range(1, THREADS + 1)), given
    entries = office.rows(RegisterEntry)
    assert sorted(entry.sequence for entry in entries) == list(range(1, THREADS + 1))
    assert len({entry.letter_id for entry in entries}) == THREADS


@pytest.mark.slow
def test_signing_different_letters_at_once(office: Office) -> None:
    """One Camat, four windows: each letter gets its own attempt and leaf, and nothing waits for another's key."""
    waiting = [office.berkas(step=5) for _ in range(4)]
    made = at_once(*[partial(office.sign, one) for one in waiting])
    assert all(isinstance(one, int) for one in made), made
    assert [attempt.state for attempt in office.rows(SigningAttempt)] == ["selesai"] * 4
    assert {number.state for number in office.rows(LetterNumber)} == {"terpakai"}


def test_finalising_withdrawing_and_returning_at_once_stay_consistent(office: Office) -> None:
    """Acts that lock counter and berkas in their order never wait for each other in a circle."""
    waiting = [office.berkas(step=3) for _ in range(4)]
    pemohon = office.actor("pemohon")
    acts: list[Callable[[], object]] = []
    for one in waiting:
        acts += [
            finalising(office, one),
            partial(submit.withdraw, office.desk, pemohon, one, office.version(one), "Batal."),
        ]
    given = at_once(*acts)
    for berkas_id, (final, withdrawn) in zip(waiting, zip(given[::2], given[1::2], strict=True), strict=True):
        assert (isinstance(final, Conflict), isinstance(withdrawn, Conflict)) in {(True, False), (False, True)}
        state = office.row(berkas_id).state
        assert state == (State.WITHDRAWN.value if withdrawn is None else State.RUNNING.value)
    sequences = sorted(number.sequence for number in office.rows(LetterNumber))
    assert sequences == list(range(1, len(sequences) + 1))


def test_entering_one_letter_twice_at_once_takes_one_number(office: Office) -> None:
    berkas_id, staf = office.berkas(step=6), office.actor("staf")
    seen = office.version(berkas_id)
    given = at_once(*[lambda: registering.enter(office.desk, staf, berkas_id, seen)] * 2)
    assert {type(one) for one in given} == {int, Conflict}
    assert [entry.sequence for entry in office.rows(RegisterEntry)] == [1]
    assert [counter.last for counter in office.rows(Counter, book="register")] == [1]


def test_a_void_number_is_a_recorded_gap_and_never_given_again(office: Office) -> None:
    first, second = office.berkas(step=4), office.berkas(step=4)
    submit.withdraw(office.desk, office.actor("pemohon"), first, office.version(first), "Rakor batal.")
    third = office.berkas(step=4)
    states = {number.berkas_id: (number.sequence, number.state) for number in office.rows(LetterNumber)}
    assert states == {first: (1, "batal"), second: (2, "dipesan"), third: (3, "dipesan")}


def test_voiding_needs_a_reason_and_spares_issued_letters(office: Office) -> None:
    reserved, issued = office.berkas(step=4), office.berkas(step=6)
    now = office.clock()
    for berkas_id, reason in ((reserved, "  "), (issued, "Salah.")):
        with pytest.raises(Invalid), office.desk.db.begin() as session:
            numbers.void(session, berkas_id, reason, now)
    with office.desk.db.begin() as session:
        assert numbers.void(session, 4711, "Tidak ada.", now) is None
    assert [number.state for number in office.rows(LetterNumber)] == ["dipesan", "terpakai"]


def test_a_refused_finalising_gives_its_number_back(office: Office) -> None:
    """The counter is part of the transaction: what is rolled back leaves no gap."""
    berkas_id = office.berkas(step=3)

    class Stop(Exception):
        pass

    with pytest.raises(Stop), office.desk.db.begin() as session:
        row = session.query(OfficeRow).one()
        number = numbers.reserve(session, row, berkas_id=berkas_id, klasifikasi="400.9", year=2026, now=office.clock())
        assert number.sequence == 1
        raise Stop
    assert office.rows(LetterNumber) == office.rows(Counter) == []


def test_each_year_and_book_counts_for_itself(sqlite_office: Office) -> None:
    with sqlite_office.desk.db.begin() as session:
        for year, book in ((2026, "surat"), (2026, "register"), (2027, "surat"), (2026, "surat")):
            numbers.lock_counter(session, 1, year, book).last += 1
    found = {(row.year, row.book): row.last for row in sqlite_office.rows(Counter)}
    assert found == {(2026, "surat"): 2, (2026, "register"): 1, (2027, "surat"): 1}


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("{klasifikasi}/{urut}/{unit}/{tahun}", "400.9/7/416-304/2026"),
        ("{urut:03d}/{klasifikasi}/{tahun}", "007/400.9/2026"),
        ("No. {urut} - {tahun}", "No. 7 - 2026"),
    ],
)
def test_a_pattern_writes_the_known_parts(pattern: str, text: str) -> None:
    numbers.Pattern(pattern).check("416-304")
    assert numbers.Pattern(pattern).written("400.9", 7, "416-304", 2026) == text


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        ("", "wajib memuat"),
        ("{urut}/{unit}", "wajib memuat"),
        ("{tahun}", "wajib memuat"),
        ("{urut}/{urut:03d}/{tahun}", "wajib memuat"),
        ("{urut}/{tahun}/{tahun}", "wajib memuat"),
        ("{klasifikasi}{urut}/{tahun}", "pemisah"),
        ("{urut}{tahun}", "pemisah"),
        ("4{urut}/{tahun}", "pemisah"),
        ("{urut}0/{tahun}", "pemisah"),
        ("{urut.__class__}/{tahun}", "tidak dikenal"),
        ("{urut:99999999d}/{tahun}", "tidak dikenal"),
        ("{0}/{urut}/{tahun}", "tidak dikenal"),
        ("{}/{urut}/{tahun}", "tidak dikenal"),
        ("{urut!r}/{tahun}", "tidak dikenal"),
        ("{{urut}}/{urut}/{tahun}", "Di luar bagian"),
        ("{urut}/{tahun}/é", "Di luar bagian"),
        ("{urut}/{tahun}\n", "Di luar bagian"),
        ("{urut}/{tahun}/" + "x" * 80, "Di luar bagian"),
        ("{klasifikasi}/{urut}/BAGIAN-UMUM/{unit}/{tahun}", "terlalu panjang"),
    ],
)
def test_a_pattern_that_could_repeat_or_leak_is_refused(pattern: str, fault: str) -> None:
    with pytest.raises(Invalid) as caught:
        numbers.Pattern(pattern).check("416-304")
    assert caught.value.field == "number_pattern" and fault in caught.value.id


def test_a_pattern_in_force_reads_nothing_but_its_parts() -> None:
    assert numbers.Pattern("{unit.__class__}/{urut}").written("1", 2, "u", 2026) == "{unit.__class__}/2"


def test_a_number_that_exists_is_never_reserved_twice(office: Office) -> None:
    first = office.berkas(step=4)
    taken = office.detail(first).rendering
    assert taken is not None
    with office.desk.db.begin() as session:
        row = session.get_one(OfficeRow, 1)
        row.number_pattern = taken.number  # as a pattern might write by chance
    second = office.berkas(step=3)
    with pytest.raises(Invalid) as caught:
        office.finalise(second)
    assert "sudah dipakai" in caught.value.id
    assert office.row(second).step == 3 and len(office.rows(LetterNumber)) == 1
