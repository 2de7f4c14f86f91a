"""Dates and times as Indonesian offices write them, always on the office's clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signer import tanggal

# 17.30 UTC on Sunday is already Monday in Trawas.
LATE = datetime(2026, 1, 4, 17, 30, tzinfo=UTC)


def test_dates_read_as_in_letters() -> None:
    assert tanggal.long_date(date(2026, 1, 5)) == "5 Januari 2026"
    assert tanggal.day_and_date(date(2026, 1, 5)) == "Senin, 5 Januari 2026"
    assert tanggal.day_and_date(date(2028, 2, 29)) == "Selasa, 29 Februari 2028"


def test_a_moment_is_shown_on_the_office_clock() -> None:
    assert tanggal.day_and_date(LATE) == "Senin, 5 Januari 2026"
    assert tanggal.clock_time(LATE) == "00.30 WIB"
    assert tanggal.moment(LATE) == "Senin, 5 Januari 2026 pukul 00.30 WIB"
    assert tanggal.local_date(LATE) == date(2026, 1, 5)
    assert tanggal.moment(LATE.astimezone(timezone(timedelta(hours=-8)))) == tanggal.moment(LATE)


def test_times_of_day() -> None:
    assert tanggal.clock_time(time(7, 30)) == "07.30 WIB"
    assert tanggal.clock_time(time(7, 30, 59, 999999)) == "07.30 WIB"
    assert tanggal.clock_time(time(16, 0, tzinfo=tanggal.WIB)) == "16.00 WIB"
    with pytest.raises(ValueError, match="zone"):
        tanggal.clock_time(time(7, 30, tzinfo=UTC))


def test_a_datetime_without_a_zone_is_refused() -> None:
    naive = datetime(2026, 1, 5, 7, 30)
    for shown in (tanggal.wib, tanggal.local_date, tanggal.long_date, tanggal.clock_time, tanggal.moment):
        with pytest.raises(ValueError, match="zone"):
            shown(naive)


def test_every_day_and_month_has_its_name() -> None:
    week = [tanggal.day_name(date(2026, 1, 5) + timedelta(days=n)) for n in range(7)]
    assert week == ["Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"]
    year = " ".join(map(tanggal.month_name, range(1, 13)))
    assert year == ("Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember")
    for outside in (0, 13, -1):
        with pytest.raises(ValueError, match="month"):
            tanggal.month_name(outside)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))
def test_wib_is_seven_hours_ahead_all_year(at: datetime) -> None:
    assert tanggal.wib(at).utcoffset() == timedelta(hours=7)
    assert tanggal.local_date(at) == (at + timedelta(hours=7)).date()
