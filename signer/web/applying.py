"""The form of SOP step 1: what was typed, kept as typed, and the application and files it makes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, time

from flask import request
from werkzeug.datastructures import MultiDict

from signer.actor import Actor
from signer.berkas.application import Application, Goods
from signer.berkas.views import Detail
from signer.errors import Invalid
from signer.sop import Sop
from signer.uploads import MAX_BYTES, Upload

GOODS = ("commodity", "amount", "unit")


@dataclass(frozen=True)
class Typed:
    """The form's values as they stand in its fields, so that it can be shown again unchanged."""

    applicant: str = ""
    desa: str = ""
    phone: str = ""
    day: str = ""
    start: str = ""
    place: str = ""
    invitees: list[str] = field(default_factory=list)
    """Those chosen among the SOP's."""
    others: str = ""
    """Further ones, one a line."""
    goods: list[dict[str, str]] = field(default_factory=list)
    notes: str = ""
    applicant_id: str = ""

    def application(self, accounts: Sequence[tuple[int, str]]) -> Application:
        """What was applied for. Raises Invalid (field `applicant_id`) for an account that is not among `accounts`."""
        return Application(
            applicant=self.applicant,
            desa=self.desa,
            day=_date(self.day),
            start=_time(self.start),
            place=self.place,
            invitees=(*self.invitees, *_lines(self.others)),
            goods=tuple(Goods(*(row[key] for key in GOODS)) for row in self.goods),
            phone=self.phone,
            notes=self.notes,
            applicant_id=_account(self.applicant_id, accounts),
        )


def from_form(form: MultiDict[str, str], steps: Sop) -> Typed:
    """What was sent; rows of goods without any value are left out, invitees are only those the SOP names."""
    rows = zip(*(form.getlist(f"goods-{key}") for key in GOODS), strict=False)
    return Typed(
        **{name: form.get(name, "") for name in _TEXTS},
        invitees=[name for name in form.getlist("invitees") if name in steps.invitees],
        goods=[dict(zip(GOODS, row, strict=True)) for row in rows if any(value.strip() for value in row)],
    )


def from_berkas(detail: Detail) -> Typed:
    """What stands in the berkas."""
    agenda, known = detail.berkas.agenda, detail.sop.invitees
    named = [str(name) for name in agenda.get("invitees", ())]
    return Typed(
        applicant=detail.berkas.applicant,
        desa=detail.berkas.desa,
        phone=detail.phone,
        day=agenda.get("date", ""),
        start=agenda.get("time", ""),
        place=agenda.get("place", ""),
        invitees=[name for name in named if name in known],
        others="\n".join(name for name in named if name not in known),
        goods=list(detail.berkas.sembako),
        notes=detail.notes,
    )


def blank(steps: Sop, who: Actor) -> Typed:
    """A new form: everybody the SOP invites, and the Pemohon's own name."""
    return Typed(applicant="" if who.reads_all else who.name, invitees=list(steps.invitees))


def uploads(steps: Sop, have: Iterable[tuple[str, bytes]] = ()) -> list[Upload]:
    """The files sent with the form; one sent once more for its requirement is left out.

    `have`: requirement and SHA-256 of the files that are there already.

    Of a file over the limit only one byte more is read: enough to be refused.
    """
    seen = set(have)
    found = []
    for need in steps.requirements:
        for sent in request.files.getlist(f"files-{need.key}"):
            with closing(sent):
                data = sent.read(MAX_BYTES + 1)
            same = (need.key, hashlib.sha256(data).digest())
            if sent.filename and same not in seen:
                seen.add(same)
                found.append(Upload(need.key, sent.filename, data))
    return found


_TEXTS = ("applicant", "desa", "phone", "day", "start", "place", "others", "notes", "applicant_id")


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _time(text: str) -> time | None:
    try:
        return time.fromisoformat(text)
    except ValueError:
        return None


def _account(text: str, accounts: Sequence[tuple[int, str]]) -> int | None:
    if not text:
        return None
    found = next((number for number, _name in accounts if str(number) == text), None)
    if found is None:
        raise Invalid("Akun Pemohon ini tidak ada.", "There is no such applicant account.", field="applicant_id")
    return found
