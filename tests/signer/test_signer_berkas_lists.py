"""What waits for whom, finding a berkas among all, and that a list's cost does not grow with its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from helpers_office import Office
from sqlalchemy import event

from signer import tanggal
from signer.berkas import finding, lists, submit
from signer.berkas.finding import Order, Wanted
from signer.sop import State
from signer.tables.berkas import Berkas
from signer.worktime import OfficeHours

pytest_plugins = ("helpers_office",)


@contextmanager
def counted(office: Office) -> Iterator[list[str]]:
    """The statements sent to the database within the block."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(office.desk.db.engine, "before_cursor_execute", note)
    yield sent
    event.remove(office.desk.db.engine, "before_cursor_execute", note)


def ids(office: Office, who: str = "staf", **wanted: object) -> list[int]:
    """The berkas that are found, in the list's order."""
    return [row.id for row in lists.found(office.desk, office.actor(who), Wanted(**wanted)).rows]  # type: ignore[arg-type]  # each test names real fields


def moved(office: Office, berkas_id: int, **columns: object) -> None:
    """Set the berkas's row, e.g. to have waited longer."""
    with office.desk.db.begin() as session:
        for name, value in columns.items():
            setattr(session.get_one(Berkas, berkas_id), name, value)


LISTS: dict[str, Callable[[Office, str], object]] = {
    "inbox": lambda office, who: lists.inbox(office.desk, office.actor(who)),
    "found": lambda office, who: lists.found(office.desk, office.actor(who), Wanted(late=True, search="a")),
    "pulse": lambda office, who: lists.pulse(office.desk, office.actor(who)),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_costs_the_same_however_many_rows_it_has(office: Office, name: str) -> None:
    costs = []
    for _round in range(3):
        for step in (2, 3, 4):
            office.berkas(step)
        office.give_back(office.berkas(2), "Stempel desa belum ada.")
        for who in ("staf", "pemohon"):
            with counted(office) as sent:
                LISTS[name](office, who)
            costs.append(len([one for one in sent if one.startswith("SELECT")]))
    assert costs[:2] == costs[2:4] == costs[4:]
    assert max(costs) <= 9, "the person's own row and roles among them"


def test_a_return_says_why_to_those_it_concerns(office: Office) -> None:
    checked, drafted = office.berkas(2), office.berkas(4)
    office.give_back(checked, "Stempel desa belum ada.")
    office.send_back(drafted, "kasi", "Tempat keliru.")
    (row,) = [row for row in lists.inbox(office.desk, office.actor("pemohon")) if row.id == checked]
    assert row.came_back is not None
    assert (row.came_back.step, row.came_back.wanting) == (2, (("Pengantar dari Desa", "Stempel desa belum ada."),))
    (row,) = [row for row in lists.inbox(office.desk, office.actor("staf")) if row.id == drafted]
    assert row.came_back is not None
    assert (row.came_back.role, row.came_back.note) == ("Kasi Kemasyarakatan", "Tempat keliru.")
    (row,) = [row for row in lists.found(office.desk, office.actor("pemohon")).rows if row.id == drafted]
    assert row.returned and row.came_back is None, "what Kasi wrote to Staf is theirs"


def test_a_return_is_past_once_it_is_handed_in_again(office: Office) -> None:
    berkas_id = office.berkas(2)
    office.give_back(berkas_id, "Stempel desa belum ada.")
    submit.hand_in(office.desk, office.actor("pemohon"), berkas_id)
    (row,) = lists.inbox(office.desk, office.actor("staf"))
    assert not row.returned and row.came_back is None


def test_the_pulse_counts_what_waits_and_not_what_is_recorded_for_others(office: Office) -> None:
    for step in (1, 2, 3, 4):
        office.berkas(step)
    counted_now = {who: lists.pulse(office.desk, office.actor(who)).waiting for who in ("staf", "pemohon", "kasi")}
    assert counted_now == {"staf": 2, "pemohon": 1, "kasi": 1}
    assert {lists.pulse(office.desk, office.actor(who)).waiting for who in ("camat", "auditor", "admin")} == {0}


def test_the_mark_changes_with_the_list_and_only_then(office: Office) -> None:
    today = office.desk.today()
    shut = OfficeHours(closures=frozenset(today + timedelta(days=n) for n in (-1, 0, 1)))  # clocks stand still
    desk = replace(office.desk, hours=shut)

    def mark(who: str = "staf") -> str:
        return lists.pulse(desk, office.actor(who)).mark

    first, second = office.berkas(2), office.berkas(3)
    marks = [mark()]
    assert mark() == marks[0]
    kasi = mark("kasi")
    office.accept(first)
    marks.append(mark())
    office.berkas(2)
    marks.append(mark())
    office.finalise(second)
    marks.append(mark())
    office.give_back(office.berkas(2), "Stempel desa belum ada.")
    marks.append(mark())
    assert len(set(marks)) == len(marks)
    assert mark("kasi") != kasi
    assert mark("camat") == mark("auditor")


def test_one_that_comes_as_another_goes_changes_the_mark(office: Office) -> None:
    """Same number of berkas, same versions: only the arrival's moment is another."""
    waiting, coming = office.berkas(4), office.berkas(3)
    before = lists.pulse(office.desk, office.actor("kasi")).mark
    office.finalise(coming)
    office.send_back(waiting, "kasi", "Tempat keliru.")
    moved(office, coming, version=office.version(waiting) - 1)
    assert lists.pulse(office.desk, office.actor("kasi")).mark != before


def test_words_are_found_in_subject_numbers_and_code(office: Office) -> None:
    lettered, registered = office.berkas(4, applicant="Karto"), office.berkas(7, desa="Selotapak")
    number, code = office.detail(lettered).rendering.number, office.row(lettered).code  # type: ignore[union-attr]  # finalised
    year = office.desk.today().year
    assert ids(office, search="undangan koordinasi") == [registered, lettered]
    assert ids(office, search=f"{code[:5]}-{code[5:]}".lower()) == [lettered]
    assert ids(office, search=number) == [lettered]
    assert ids(office, search=f"1/{year} selotapak") == [registered]
    assert ids(office, search="1 selotapak") == [registered]
    assert ids(office, search=f"2/{year}") == ids(office, search="99999999999 karto") == []
    office.send_back(lettered, "kasi", "Tempat keliru.")
    assert ids(office, search=number) == [lettered], "the number stays its own while it is drafted again"


def test_position_state_and_return_narrow_the_list(office: Office) -> None:
    at_two, at_three, ended = office.berkas(2), office.berkas(3), office.berkas(2)
    back = office.berkas(2)
    office.give_back(back, "Stempel desa belum ada.")
    submit.withdraw(office.desk, office.actor("pemohon"), ended, office.version(ended), "Rakor batal.")
    assert ids(office, step=2) == [at_two]
    assert ids(office, state=State.WITHDRAWN) == [ended]
    assert ids(office, state=State.RUNNING) == [back, at_three, at_two]
    assert ids(office, returned=True) == [back]
    assert ids(office, state=State.FINISHED) == []


def test_late_is_what_its_clock_says(office: Office) -> None:
    made = [office.berkas(2 + number % 2) for number in range(8)]
    for days, berkas_id in enumerate(made):
        moved(office, berkas_id, step_since=office.clock() - timedelta(days=days, minutes=3 * days))
    rows = lists.found(office.desk, office.actor("staf")).rows
    late = [row.id for row in rows if row.clock is not None and row.clock.overdue]
    assert ids(office, late=True) == late
    assert made[7] in late and made[0] not in late


def test_desa_and_days_of_filing(office: Office) -> None:
    old, new = office.berkas(desa="Duyung"), office.berkas()
    moved(office, old, created_at=tanggal.wib(office.clock()).replace(year=2025, month=12, day=31, hour=23, minute=59))
    assert ids(office, desa="Duyung") == [old]
    assert (
        ids(office, until=date(2025, 12, 31))
        == [old]
        == ids(office, since=date(2025, 12, 31), until=date(2025, 12, 31))
    )
    assert ids(office, since=date(2026, 1, 1)) == [new]
    assert ids(office, until=date(2025, 12, 30)) == ids(office, since=date.max) == []
    assert ids(office, since=date.min, until=date.max) == ids(office)
    assert ids(office, until=date.max) == [new, old]
    found = finding.choices(office.desk, office.actor("staf"))
    assert (found.desa, found.years) == (["Duyung", "Ketapanrame"], list(range(office.desk.today().year, 2024, -1)))
    assert found.steps[0] == (1, "Menyerahkan berkas") and len(found.steps) == 7


def test_choices_are_only_from_what_the_person_may_know(office: Office) -> None:
    office.berkas(by="staf", desa="Rahasia")
    found = finding.choices(office.desk, office.actor("pemohon"))
    assert (found.desa, found.years) == ([], [])


def test_the_list_is_sorted_as_asked(office: Office) -> None:
    today = office.desk.today()
    first = office.berkas(applicant="citra", day=today + timedelta(days=9))
    second = office.berkas(applicant="Budi", day=today + timedelta(days=8))
    third = office.berkas(2, applicant="Ani", day=today + timedelta(days=10))
    moved(office, second, step_since=office.clock() - timedelta(days=1))
    assert ids(office, order=Order.OLDEST) == [first, second, third]
    assert ids(office, order=Order.APPLICANT) == [third, second, first]
    assert ids(office, order=Order.MEETING) == [third, first, second]
    assert ids(office, order=Order.WAITING) == [second, first, third]


def test_pages_hold_everything_once_and_the_nearest_is_given(sqlite_office: Office) -> None:
    office = sqlite_office
    made = [office.berkas() for _ in range(7)]
    staf = office.actor("staf")
    pages = [lists.found(office.desk, staf, page=number, size=3) for number in (1, 2, 3, 9, -1)]
    assert [row.id for page in pages[:3] for row in page.rows] == made[::-1]
    assert [(page.page, page.pages, page.total) for page in pages] == [(n, 3, 7) for n in (1, 2, 3, 3, 1)]
    empty = lists.found(office.desk, staf, Wanted("tidakada"))
    assert (empty.rows, empty.total, empty.page, empty.pages) == ([], 0, 1, 1)


def test_the_inbox_is_by_what_falls_due_first(sqlite_office: Office) -> None:
    made = [sqlite_office.berkas(step) for step in (3, 2, 1, 2)]
    rows = lists.inbox(sqlite_office.desk, sqlite_office.actor("staf"))
    dues = [row.clock.due for row in rows if row.clock and not row.on_behalf]
    assert all(earlier <= later for earlier, later in pairwise(dues))
    assert rows[-1].id == made[2] and rows[-1].on_behalf


def test_an_open_list_follows_its_clocks_only_while_they_run(sqlite_office: Office) -> None:
    office = sqlite_office
    office.berkas(2)
    staf = office.actor("staf")

    def mark(at: str) -> str:
        moment = datetime.fromisoformat(at).replace(tzinfo=tanggal.WIB)
        return lists.pulse(replace(office.desk, clock=lambda: moment), staf).mark

    assert mark("2027-01-04 09:01") == mark("2027-01-04 09:04") != mark("2027-01-04 09:06")
    assert mark("2027-01-04 17:00") == mark("2027-01-04 23:00")
