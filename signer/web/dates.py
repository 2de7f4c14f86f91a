"""Dates and times as pages show them, in the page's language; letters and records keep signer.tanggal's Indonesian."""

from __future__ import annotations

from datetime import date, datetime, time
from itertools import groupby

from babel.dates import format_date, get_day_names

from signer import tanggal
from signer.web import language
from signer.worktime import OfficeHours

_ENGLISH = "en_GB"


def long_date(day: date) -> str:
    """ "5 Januari 2026", "5 January 2026"; of a datetime, the day it is in WIB."""
    if language.current() == "id":
        return tanggal.long_date(day)
    return str(format_date(tanggal.local_date(day), "d MMMM y", locale=_ENGLISH))


def day_and_date(day: date) -> str:
    """ "Senin, 5 Januari 2026", "Monday, 5 January 2026"."""
    if language.current() == "id":
        return tanggal.day_and_date(day)
    return str(format_date(tanggal.local_date(day), "EEEE, d MMMM y", locale=_ENGLISH))


def clock_time(at: time | datetime) -> str:
    """ "07.30 WIB", "07:30 WIB"."""
    text = tanggal.clock_time(at)
    return text if language.current() == "id" else text.replace(".", ":")


def moment(at: datetime) -> str:
    """ "Senin, 5 Januari 2026 pukul 07.30 WIB", "Monday, 5 January 2026, 07:30 WIB"."""
    if language.current() == "id":
        return tanggal.moment(at)
    return f"{day_and_date(at)}, {clock_time(at)}"


def office_hours(hours: OfficeHours) -> str:
    """The office's week: "Senin–Kamis 07.30–16.00, Jumat 07.30–14.30 WIB"; closed days are left out."""
    locale = "id" if language.current() == "id" else _ENGLISH
    names = get_day_names("wide", locale=locale)
    told = []
    for windows, days in groupby(range(7), key=lambda day: hours.week[day]):
        if windows:
            run = list(days)
            span = names[run[0]] if len(run) == 1 else f"{names[run[0]]}–{names[run[-1]]}"
            each = [f"{clock_time(one.opens)}–{clock_time(one.closes)}".replace(" WIB", "") for one in windows]
            told.append(f"{span} {', '.join(each)}")
    return f"{', '.join(told)} WIB"


def size_text(size: int) -> str:
    """A file's size: "840 B", "12 kB", "3,4 MB", "79,2 GB" (in English "3.4 MB")."""
    if size < 1024:
        return f"{size} B"
    if size < 1024 * 1024:
        return f"{size / 1024:.0f} kB"
    return f"{decimal(size / 1024**2)} MB" if size < 1024**3 else f"{decimal(size / 1024**3)} GB"


def decimal(value: float) -> str:
    """A number with one decimal: "1,8", in English "1.8"."""
    return f"{value:.1f}".replace(".", ",") if language.current() == "id" else f"{value:.1f}"
