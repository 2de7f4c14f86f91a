"""The meeting that a letter invites to, for its page and as a calendar file (RFC 5545)."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask_babel import gettext as _
from icalendar import Calendar, Event

from verifier.records import Meeting
from verifier.web import wording
from verifier.web.fresh import Checked

WIB = ZoneInfo("Asia/Jakarta")
GONE = ("withdrawn", "replaced")
"""Letters no longer in force: their meeting is cancelled in calendars that have it."""
_PRODUCT = "-//SuratSah//Agenda Rakor//ID"


def shown(checked: Checked) -> Meeting | None:
    """What the page may say of the meeting: only of a letter that is proven and in force."""
    return checked.meeting if checked.standing == "valid" else None


def calendar(checked: Checked, url: str) -> bytes | None:
    """The meeting as iCalendar (RFC 5545): confirmed for a valid letter, cancelled for one no longer in force.

    None where there is no meeting to give, or the letter is not certain now. A cancellation needs no proof: it sends
    nobody anywhere, and the file may be gone.
    """
    gone = checked.standing in GONE
    meeting = checked.letter.meeting if gone else shown(checked)
    if meeting is None:
        return None
    found = Calendar()
    found.add("prodid", _PRODUCT)
    found.add("version", "2.0")
    found.add_component(_event(checked, meeting, url, gone=gone))
    # The zone's rules for the year at hand; Indonesia has none that change.
    found.add_missing_timezones(date(meeting.day.year, 1, 1), date(meeting.day.year + 1, 1, 1))
    return bytes(found.to_ical())


def _event(checked: Checked, meeting: Meeting, url: str, *, gone: bool) -> Event:
    letter, event = checked.letter, Event()
    # A hash of the random token, other than the one in the public list of withdrawn letters: it leads nowhere.
    # No host in it: the same event, also after the service has moved.
    event.add("uid", f"{hashlib.sha256(f'rakor.ics {letter.token}'.encode()).hexdigest()[:32]}@suratsah")
    event.add("dtstamp", checked.report.checked_at if gone else letter.signed_at)
    event.add("sequence", 1 if gone else 0)
    event.add("status", "CANCELLED" if gone else "CONFIRMED")
    event.add("dtstart", datetime.combine(meeting.day, meeting.start, WIB))
    if meeting.end is not None:
        event.add("dtend", datetime.combine(meeting.day, meeting.end, WIB))
    event.add("summary", _summary(checked, meeting))
    event.add("location", meeting.place)
    about = _("Surat nomor %(number)s dari %(office)s.", number=letter.number, office=letter.office)
    check = _("Periksa suratnya: %(url)s", url=url)
    event.add("description", f"{hours(meeting)}\n{about}\n{check}")
    event.add("url", url)
    return event


def _summary(checked: Checked, meeting: Meeting) -> str:
    """The title, with what must not be overlooked in front: many calendars show neither status nor notes."""
    marks = {"withdrawn": _("UNDANGAN DICABUT"), "replaced": _("UNDANGAN DIGANTI")}
    words = [marks.get(checked.standing, ""), "SIMULASI" if wording.mode(checked) == "simulasi" else "", meeting.title]
    return ": ".join(word for word in words if word)


def day(meeting: Meeting) -> str:
    """ "Senin, 12 Januari 2026"."""
    return str(format_date(meeting.day, "EEEE, d MMMM y", locale=wording.language()))


def hours(meeting: Meeting) -> str:
    """ "pukul 09.00 WIB sampai acara selesai", "pukul 09.00 sampai 11.00 WIB"."""
    start = _time(meeting.start)
    if not meeting.until:
        return str(_("pukul %(start)s WIB", start=start))
    if meeting.end is None:
        until = _("acara selesai") if meeting.until.casefold() == "selesai" else meeting.until
        return str(_("pukul %(start)s WIB sampai %(until)s", start=start, until=until))
    return str(_("pukul %(start)s sampai %(end)s WIB", start=start, end=_time(meeting.end)))


def _time(at: time) -> str:
    return f"{at:%H.%M}" if wording.language() == "id" else f"{at:%H:%M}"
