"""Dates and times as Indonesian offices write them: "Senin, 5 Januari 2026", "07.30 WIB".

Everything stored is UTC; everything shown is WIB (Asia/Jakarta, UTC+7 without daylight saving). A datetime
given to any function here must know its zone and is shown in WIB; a date is taken as it is.
"""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

WIB = ZoneInfo("Asia/Jakarta")

DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
MONTHS = (
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
)


def wib(moment: datetime) -> datetime:
    """The same moment on an office clock; ValueError if `moment` does not know its zone."""
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise ValueError("a datetime without a zone cannot be shown in WIB")
    return moment.astimezone(WIB)


def local_date(day: date) -> date:
    """The calendar day in WIB: of a datetime, where it falls there (17.00 UTC is the next day); of a date,
    itself.
    """
    return wib(day).date() if isinstance(day, datetime) else day


def day_name(day: date) -> str:
    """ "Senin" to "Minggu"."""
    return DAYS[local_date(day).weekday()]


def month_name(month: int) -> str:
    """ "Januari" for 1 to "Desember" for 12; ValueError outside."""
    if not 1 <= month <= 12:
        raise ValueError(f"there is no month {month}")
    return MONTHS[month - 1]


def long_date(day: date) -> str:
    """ "5 Januari 2026": letters' place line, the register."""
    local = local_date(day)
    return f"{local.day} {month_name(local.month)} {local.year}"


def day_and_date(day: date) -> str:
    """ "Senin, 5 Januari 2026": the letter's Hari/Tanggal."""
    return f"{day_name(day)}, {long_date(day)}"


def clock_time(at: time | datetime) -> str:
    """ "07.30 WIB", minutes cut, not rounded; a time is taken as WIB already, ValueError if it has another
    zone.
    """
    if isinstance(at, datetime):
        at = wib(at).time()
    elif at.tzinfo not in (None, WIB):
        raise ValueError("a time of day with a zone other than WIB has no fixed time in WIB")
    return f"{at.hour:02}.{at.minute:02} WIB"


def moment(at: datetime) -> str:
    """ "Senin, 5 Januari 2026 pukul 07.30 WIB": when an act took place."""
    return f"{day_and_date(at)} pukul {clock_time(at)}"
