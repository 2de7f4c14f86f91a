"""Clocks in office working time: the SOP's WAKTU runs only while the office is open.

By default the office is open Mon-Thu 07.30-16.00 and Fri 07.30-14.30 WIB, and closed on Indonesia's hari
libur nasional and cuti bersama as the `holidays` package knows them. How sure those dates are:

- fixed and Christian holidays are exact for every year from 1946 to 2100; outside, the package knows none;
- those of the Islamic, Chinese and Buddhist calendars are exact for the years already decreed; later ones are
  computed, their names say "(perkiraan)", and the announced day may differ by one; Nyepi is known to 2050;
- cuti bersama is fixed a year at a time by a joint decree (SKB): a later year has none until the package is
  updated. It closes the office, because it applies to civil servants.

`OfficeHours.closures` and `.openings` put a new or wrong day right without waiting for the package.

Moments are datetimes that know their zone; results are UTC. Minutes are minutes of working time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType

from holidays import country_holidays

from signer.tanggal import WIB, wib

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)

# A longer run of closed days is a mistake in the hours, not a holiday; it also bounds the search for a due
# moment.
_LONGEST_CLOSURE = 400


@dataclass(frozen=True)
class Window:
    """A time of the day in WIB during which the office is open: from `opens`, up to but not including
    `closes`.
    """

    opens: time
    closes: time

    def __post_init__(self) -> None:
        if self.opens.tzinfo is not None or self.closes.tzinfo is not None:
            raise ValueError("office hours are WIB times of day, without a zone of their own")
        if self.opens >= self.closes:
            raise ValueError(f"office hours from {self.opens} to {self.closes} are empty")


_LONG_DAY = (Window(time(7, 30), time(16, 0)),)
_FRIDAY = (Window(time(7, 30), time(14, 30)),)
OFFICE_WEEK = (_LONG_DAY, _LONG_DAY, _LONG_DAY, _LONG_DAY, _FRIDAY, (), ())


@lru_cache(maxsize=128)
def national_holidays(year: int) -> Mapping[date, str]:
    """Hari libur nasional and cuti bersama of `year` with their Indonesian names; certainty as said above."""
    # The language is named because the package would otherwise follow the process's locale.
    found = country_holidays("ID", years=year, categories=("public", "government"), language="id")
    return MappingProxyType(dict(found.items()))


@dataclass(frozen=True)
class OfficeHours:
    """When the office is open.

    `week` holds the windows of Monday to Sunday, each day's in order and apart; a lunch break is two windows.
    `holidays` gives a year's holidays by date. `closures` are closed besides, `openings` keep the weekday's
    windows whatever the lists say. Raises ValueError for a week that is never open or whose windows overlap.
    """

    week: tuple[tuple[Window, ...], ...] = OFFICE_WEEK
    holidays: Callable[[int], Mapping[date, str]] = national_holidays
    closures: frozenset[date] = frozenset()
    openings: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if len(self.week) != 7 or not any(self.week):
            raise ValueError("office hours need seven days, at least one of them open")
        for day in self.week:
            if any(later.opens < earlier.closes for earlier, later in pairwise(day)):
                raise ValueError("a day's office hours must be in order and must not overlap")

    def windows(self, day: date) -> tuple[Window, ...]:
        """The windows of one calendar day (WIB); () when the office is closed."""
        shut = day in self.closures or day in self.holidays(day.year)
        return () if shut and day not in self.openings else self.week[day.weekday()]

    def spans(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Every open span from `start` on, as pairs of moments in WIB, the first one cut at `start`.

        Ends after more than a year of closed days in a row, or at the end of the calendar.
        """
        local = wib(start)
        day, closed = local.date(), 0
        while closed <= _LONGEST_CLOSURE and day < date.max:
            windows = self.windows(day)
            for window in windows:
                opens = max(local, datetime.combine(day, window.opens, WIB))
                closes = datetime.combine(day, window.closes, WIB)
                if opens < closes:
                    yield opens, closes
            closed = 0 if windows else closed + 1
            day += _DAY

    def spans_back(self, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Every open span up to `end`, the latest first, as pairs of moments in WIB, the first one cut at `end`.

        Ends after more than a year of closed days in a row.
        """
        local = wib(end)
        day, closed = local.date(), 0
        while closed <= _LONGEST_CLOSURE and day > date.min:
            windows = self.windows(day)
            for window in reversed(windows):
                opens = datetime.combine(day, window.opens, WIB)
                closes = min(local, datetime.combine(day, window.closes, WIB))
                if opens < closes:
                    yield opens, closes
            closed = 0 if windows else closed + 1
            day -= _DAY


def due(start: datetime, minutes: int, hours: OfficeHours) -> datetime:
    """The earliest moment (UTC) by which `minutes` of working time have run since `start`.

    0 minutes are due at once; what falls due at closing time is due then, not on the next morning. Raises
    ValueError for negative minutes, a start without zone, or hours that stay closed for more than a year.
    """
    left = minutes * _MINUTE
    if minutes < 0:
        raise ValueError("a due moment needs minutes from 0")
    if not minutes:
        return wib(start).astimezone(UTC)
    for opens, closes in hours.spans(start):
        if closes - opens >= left:
            return (opens + left).astimezone(UTC)
        left -= closes - opens
    raise ValueError("the office stays closed for more than a year: nothing falls due")


def late_before(end: datetime, minutes: int, hours: OfficeHours) -> datetime:
    """The moment (UTC) before which a step with a standard of `minutes` must have begun to be late at `end`.

    The other way round than `due`, for asking a table: `elapsed(start, end) > minutes` exactly if `start` is earlier.
    Raises ValueError for negative minutes, an end without zone, or hours that stay closed for more than a year.
    """
    left = minutes * _MINUTE
    if minutes < 0:
        raise ValueError("a standard needs minutes from 0")
    for opens, closes in hours.spans_back(end):
        if closes - opens > left:
            return (closes - left).astimezone(UTC)
        left -= closes - opens
    raise ValueError("the office was closed for more than a year: nothing is late")


def elapsed(start: datetime, end: datetime, hours: OfficeHours) -> float:
    """Minutes of working time from `start` to `end`; 0.0 if `end` is not later (two servers' clocks may
    differ).
    """
    last, total = wib(end), timedelta()
    for opens, closes in hours.spans(start):
        if opens >= last:
            break
        total += min(closes, last) - opens
    return total / _MINUTE


@dataclass(frozen=True)
class Clock:
    """One step's clock at one moment: when it falls due (UTC), its standard, and the minutes still left.

    `left` is negative by as many minutes as the step is late.
    """

    due: datetime
    minutes: int
    left: float

    @property
    def overdue(self) -> bool:
        """Whether more working time has run than the standard allows."""
        return self.left < 0

    @property
    def text(self) -> str:
        """What pages say: "sisa 3 menit kerja", "waktu habis", "lewat 1 jam 12 menit kerja"."""
        if self.left == 0:
            return "waktu habis"
        return f"{'lewat' if self.overdue else 'sisa'} {duration(abs(self.left))} kerja"


def clock(start: datetime, minutes: int, now: datetime, hours: OfficeHours) -> Clock:
    """The clock of a step that began to wait at `start` and has a standard of `minutes`, read at `now`."""
    return Clock(due(start, minutes, hours), minutes, minutes - elapsed(start, now, hours))


def duration(minutes: float) -> str:
    """ "3 menit", "2 jam", "1 jam 12 menit": a started minute counts whole, so nothing positive reads as 0.

    Hours are not summed into days, because working days differ in length. ValueError for negative minutes.
    """
    if minutes < 0:
        raise ValueError("a duration is not negative")
    hours, rest = divmod(math.ceil(minutes), 60)
    parts = [f"{hours} jam"] * bool(hours) + [f"{rest} menit"] * bool(rest or not hours)
    return " ".join(parts)
