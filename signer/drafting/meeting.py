"""The meeting that a letter invites to, from the values it was printed with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, time

from signer.drafting.template import LetterTemplate
from signer.drafting.values import clean
from verifier.records import Meeting

_CLOCK = re.compile(r"(?:pukul )?(\d{1,2})[.:](\d{2})(?: WIB)?", re.IGNORECASE)


def meeting(template: LetterTemplate, values: Mapping[str, object]) -> Meeting | None:
    """What the letter says of its meeting; None for a template without an agenda.

    Raises Invalid if the values are not (any more) those of the template.
    """
    agenda = template.agenda
    if agenda is None:
        return None
    said = {key: str(value) for key, value in clean(template, values).items()}
    if not all(said[key] for key in (agenda.date, agenda.start, agenda.place, agenda.title)):
        return None
    start = time.fromisoformat(said[agenda.start])
    return Meeting(
        title=said[agenda.title],
        day=date.fromisoformat(said[agenda.date]),
        start=start,
        end=_end(said[agenda.end], start),
        until=said[agenda.end],
        place=said[agenda.place],
    )


def _end(text: str, start: time) -> time | None:
    """The end as a time, if the letter gives one ("11.00 WIB") and it follows the start; "selesai" is none."""
    found = _CLOCK.fullmatch(text.strip())
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        return None
    end = time(int(found[1]), int(found[2]))
    return end if end > start else None
