"""Clocks run only while the office is open, and never disagree with themselves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from signer.tanggal import WIB
from signer.worktime import (
    OFFICE_WEEK,
    Clock,
    OfficeHours,
    Window,
    clock,
    due,
    duration,
    elapsed,
    late_before,
    national_holidays,
)

HOURS = OfficeHours()
MINUTE = timedelta(minutes=1)


def none_at_all(year: int) -> Mapping[date, str]:
    return MappingProxyType({})


def wib(text: str) -> datetime:
    """A moment written as an office clock shows it: "2026-01-05 07:30"."""
    return datetime.fromisoformat(text).replace(tzinfo=WIB)


def open_minutes(start: datetime, end: datetime, hours: OfficeHours) -> int:
    """The slow way, for whole minutes: count each minute at which the office is open."""
    count, at = 0, start.astimezone(WIB)
    while at < end:
        count += any(window.opens <= at.time() < window.closes for window in hours.windows(at.date()))
        at += MINUTE
    return count


# 5 January 2026 is a Monday, the 9th a Friday; Friday the 16th is Isra Mikraj.
@pytest.mark.parametrize(
    ("start", "minutes", "expected"),
    [
        ("2026-01-05 09:00", 5, "2026-01-05 09:05"),
        ("2026-01-05 03:00", 5, "2026-01-05 07:35"),
        ("2026-01-05 15:55", 5, "2026-01-05 16:00"),
        ("2026-01-05 15:55", 6, "2026-01-06 07:31"),
        ("2026-01-05 16:00", 5, "2026-01-06 07:35"),
        ("2026-01-05 23:59", 5, "2026-01-06 07:35"),
        ("2026-01-09 14:28", 5, "2026-01-12 07:33"),
        ("2026-01-10 10:00", 5, "2026-01-12 07:35"),
        ("2026-01-15 15:58", 5, "2026-01-19 07:33"),
        ("2026-01-05 07:30", 510, "2026-01-05 16:00"),
        ("2026-01-05 07:30", 4 * 510 + 420 + 1, "2026-01-12 07:31"),
        ("2026-01-10 10:00", 0, "2026-01-10 10:00"),
    ],
)
def test_a_step_falls_due_after_its_working_minutes(start: str, minutes: int, expected: str) -> None:
    assert due(wib(start), minutes, HOURS) == wib(expected)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2026-01-05 09:00", "2026-01-05 09:05", 5),
        ("2026-01-05 15:55", "2026-01-06 07:35", 10),
        ("2026-01-09 14:00", "2026-01-12 08:00", 60),
        ("2026-01-10 00:00", "2026-01-11 23:59", 0),
        ("2026-01-15 15:00", "2026-01-19 08:00", 90),
        ("2026-01-05 09:00", "2026-01-05 08:00", 0),
        ("2026-01-05 00:00", "2026-01-12 00:00", 4 * 510 + 420),
    ],
)
def test_only_open_minutes_count(start: str, end: str, expected: float) -> None:
    assert elapsed(wib(start), wib(end), HOURS) == expected


def test_a_long_standard_runs_over_years() -> None:
    start = wib("2024-01-02 07:30")
    assert elapsed(start, due(start, 300_000, HOURS), HOURS) == 300_000


def test_results_are_utc() -> None:
    for minutes in (0, 5):
        moment = due(wib("2026-01-05 09:00"), minutes, HOURS)
        assert moment.tzinfo is UTC
        assert moment == datetime(2026, 1, 5, 2, minutes, tzinfo=UTC)


def test_seconds_are_kept() -> None:
    start = wib("2026-01-05 15:58:30")
    assert due(start, 5, HOURS) == wib("2026-01-06 07:33:30")
    assert elapsed(start, wib("2026-01-05 15:59:00"), HOURS) == 0.5


def test_holidays_and_cuti_bersama_close_the_office_under_their_indonesian_names() -> None:
    known = national_holidays(2026)
    assert known[date(2026, 1, 16)] == "Isra Mikraj Nabi Muhammad"
    assert known[date(2026, 8, 17)] == "Hari Kemerdekaan Republik Indonesia"
    assert known[date(2026, 3, 23)].startswith("Cuti Bersama")
    # From Nyepi with its cuti bersama to Idul Fitri with its own: Wed 18 to Tue 24 March.
    assert due(wib("2026-03-17 15:59"), 2, HOURS) == wib("2026-03-25 07:31")
    assert national_holidays(2026) is known, "computed once a year"


def test_an_office_closes_and_opens_against_the_lists() -> None:
    hours = OfficeHours(
        closures=frozenset({date(2026, 1, 6)}), openings=frozenset({date(2026, 1, 6), date(2026, 1, 16)})
    )
    assert hours.windows(date(2026, 1, 16)) == OFFICE_WEEK[4]
    assert hours.windows(date(2026, 1, 6)) == OFFICE_WEEK[1], "opening it again undoes a closure"
    closed = OfficeHours(closures=frozenset({date(2026, 1, 6)}))
    assert due(wib("2026-01-05 16:00"), 1, closed) == wib("2026-01-07 07:31")


def test_a_lunch_break_does_not_count() -> None:
    halves = (Window(time(7, 30), time(12)), Window(time(13), time(16)))
    hours = OfficeHours(week=(*[halves] * 4, (Window(time(7), time(11)),), (), ()))
    assert due(wib("2026-01-05 11:58"), 5, hours) == wib("2026-01-05 13:03")
    assert elapsed(wib("2026-01-05 11:00"), wib("2026-01-05 14:00"), hours) == 120


def test_hours_that_cannot_be_are_refused() -> None:
    day = (Window(time(8), time(12)), Window(time(11), time(14)))
    for week in ((), ((),) * 7, (day, *OFFICE_WEEK[1:]), (day[::-1], *OFFICE_WEEK[1:])):
        with pytest.raises(ValueError, match="office hours"):
            OfficeHours(week=week)
    for opens, closes in ((time(8), time(8)), (time(9), time(8)), (time(8, tzinfo=UTC), time(9, tzinfo=UTC))):
        with pytest.raises(ValueError, match="office hours"):
            Window(opens, closes)


def test_an_office_that_never_opens_again_is_an_error_not_an_endless_search() -> None:
    every_day = {date(2026, 1, 1) + timedelta(days=n): "libur" for n in range(800)}
    hours = OfficeHours(holidays=lambda year: every_day)
    with pytest.raises(ValueError, match="stays closed"):
        due(wib("2026-01-05 09:00"), 5, hours)
    assert elapsed(wib("2026-01-05 09:00"), wib("2026-02-05 09:00"), hours) == 0
    assert elapsed(wib("9999-12-01 09:00"), wib("9999-12-31 09:00"), HOURS) > 0


def test_bad_questions_are_refused() -> None:
    with pytest.raises(ValueError, match="minutes"):
        due(wib("2026-01-05 09:00"), -1, HOURS)
    for asked in (lambda at: due(at, 5, HOURS), lambda at: elapsed(at, wib("2026-01-05 09:00"), HOURS)):
        with pytest.raises(ValueError, match="zone"):
            asked(datetime(2026, 1, 5, 9))


@pytest.mark.parametrize(
    ("now", "text", "overdue"),
    [
        ("2026-01-05 09:00:00", "sisa 5 menit kerja", False),
        ("2026-01-05 09:02:00", "sisa 3 menit kerja", False),
        ("2026-01-05 09:04:59", "sisa 1 menit kerja", False),
        ("2026-01-05 09:05:00", "waktu habis", False),
        ("2026-01-05 09:05:01", "lewat 1 menit kerja", True),
        ("2026-01-05 09:17:00", "lewat 12 menit kerja", True),
        ("2026-01-05 10:17:00", "lewat 1 jam 12 menit kerja", True),
        ("2026-01-06 07:00:00", "lewat 6 jam 55 menit kerja", True),
        ("2026-01-07 07:30:00", "lewat 15 jam 25 menit kerja", True),
        ("2026-01-05 08:00:00", "sisa 5 menit kerja", False),
    ],
)
def test_a_clock_says_what_is_left_or_how_late_it_is(now: str, text: str, overdue: bool) -> None:
    read = clock(wib("2026-01-05 09:00"), 5, wib(now), HOURS)
    assert (read.text, read.overdue) == (text, overdue)
    assert (read.due, read.minutes) == (wib("2026-01-05 09:05"), 5)


def test_durations_count_a_started_minute_whole() -> None:
    assert [duration(m) for m in (0, 0.01, 59.5, 60, 61, 120)] == [
        "0 menit",
        "1 menit",
        "1 jam",
        "1 jam",
        "1 jam 1 menit",
        "2 jam",
    ]
    with pytest.raises(ValueError, match="negative"):
        duration(-1)


moments = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))
standards = st.integers(1, 3000)


@given(moments, standards)
@example(datetime(2026, 1, 5, 9, 0, tzinfo=UTC), 510)
def test_what_falls_due_has_run_exactly_its_minutes(start: datetime, minutes: int) -> None:
    moment = due(start, minutes, HOURS)
    assert elapsed(start, moment, HOURS) == minutes
    assert elapsed(start, moment - timedelta(microseconds=1), HOURS) < minutes, "the earliest such moment"
    local = moment.astimezone(WIB)
    assert any(window.opens < local.time() <= window.closes for window in HOURS.windows(local.date()))


@given(moments, moments, standards, standards)
def test_later_starts_and_longer_standards_never_fall_due_earlier(
    one: datetime, other: datetime, less: int, more: int
) -> None:
    first, last = sorted((one, other))
    assert due(first, less, HOURS) <= due(last, less, HOURS)
    assert due(first, less, HOURS) < due(first, less + more, HOURS)


@given(moments, st.lists(st.timedeltas(timedelta(0), timedelta(days=20)), min_size=2, max_size=2))
def test_working_time_adds_up(start: datetime, gaps: list[timedelta]) -> None:
    middle, end = start + gaps[0], start + gaps[0] + gaps[1]
    parts = elapsed(start, middle, HOURS) + elapsed(middle, end, HOURS)
    assert elapsed(start, end, HOURS) == pytest.approx(parts)
    assert 0 <= elapsed(start, end, HOURS) <= (end - start) / MINUTE


@given(moments, standards, st.timedeltas(timedelta(0), timedelta(days=9)))
def test_a_clock_is_overdue_exactly_when_its_due_moment_has_passed_in_working_time(
    start: datetime, minutes: int, later: timedelta
) -> None:
    now = start + later
    read = clock(start, minutes, now, HOURS)
    assert read.overdue == (elapsed(read.due, now, HOURS) > 0)
    assert read.overdue == read.text.startswith("lewat")
    assert isinstance(read, Clock)


@given(moments.map(lambda at: at.replace(second=0, microsecond=0)), st.integers(0, 3000))
def test_working_time_agrees_with_counting_every_minute(start: datetime, minutes: int) -> None:
    end = start + minutes * MINUTE
    assert elapsed(start, end, HOURS) == open_minutes(start, end, HOURS)


@given(moments, standards)
def test_without_holidays_nothing_is_due_later_than_with_them(start: datetime, minutes: int) -> None:
    assert due(start, minutes, OfficeHours(holidays=none_at_all)) <= due(start, minutes, HOURS)


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(WIB)).map(
    lambda at: at.replace(microsecond=0)
)


@given(MOMENTS, st.integers(0, 2000), st.integers(-3000, 3000))
def test_late_before_is_exactly_where_late_begins(end: datetime, minutes: int, aside: int) -> None:
    limit = late_before(end, minutes, HOURS)
    assert elapsed(limit, end, HOURS) <= minutes
    assert elapsed(limit - timedelta(seconds=1), end, HOURS) > minutes
    start = limit + aside * MINUTE
    if start <= end:
        assert (elapsed(start, end, HOURS) > minutes) == (start < limit)


def test_late_before_refuses_what_cannot_be() -> None:
    with pytest.raises(ValueError, match="minutes"):
        late_before(wib("2026-01-05 09:00"), -1, HOURS)
    with pytest.raises(ValueError, match="zone"):
        late_before(datetime(2026, 1, 5), 5, HOURS)
    shut = OfficeHours(closures=frozenset(date(2024, 1, 1) + timedelta(days=n) for n in range(900)))
    with pytest.raises(ValueError, match="closed"):
        late_before(wib("2026-05-05 09:00"), 5, shut)
