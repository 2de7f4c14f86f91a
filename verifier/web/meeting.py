"""The meeting that a letter invites to is believed only if the letter's signed file says it too."""

from __future__ import annotations

from babel.dates import format_date

from verifier.pictures import Pictures
from verifier.records import Meeting


def said_by(pdf: bytes, meeting: Meeting | None) -> Meeting | None:
    """The meeting if the file's own text names its day, start, end, place and title; else None.

    The register's words are not part of the seal: someone who changed them must not send people elsewhere.
    """
    if meeting is None:
        return None
    text = _bare(Pictures().text(pdf))
    day = format_date(meeting.day, "d MMMM y", locale="id")
    wanted = (day, f"{meeting.start:%H.%M}", meeting.until, meeting.place, meeting.title)
    return meeting if all(_bare(word) in text for word in wanted) else None


def _bare(text: str) -> str:
    """Letters and digits alone: line breaks and hyphens come from the typesetting."""
    return "".join(character for character in text.casefold() if character.isalnum())
