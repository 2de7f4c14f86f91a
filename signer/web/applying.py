"""The form of SOP step 1: what was typed, kept as typed, and the application and files it makes."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, time

from flask import request
from werkzeug.datastructures import MultiDict

from signer import sop, sops
from signer.actor import Actor
from signer.berkas import lists, views
from signer.berkas.application import Application, Goods
from signer.berkas.views import Detail
from signer.errors import Invalid, NotFound
from signer.sop import Decision, Sop
from signer.uploads import MAX_BYTES, Upload
from signer.web.context import actor, desk

PLACE = re.compile("[0-9a-f]{24}")
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
    """A new form: everybody the SOP invites; for a Pemohon their name, and desa and phone as they gave them last."""
    if who.reads_all:
        return Typed(invitees=list(steps.invitees))
    last = next(iter(lists.found(desk(), who).rows), None)
    before = from_berkas(views.detail(desk(), who, last.id)) if last else Typed()
    return Typed(applicant=who.name, desa=before.desa, phone=before.phone, invitees=list(steps.invitees))


def startable() -> list[Sop]:
    """The SOPs under which this person may open a request."""
    with desk().db.read() as opened:
        found = [steps for _version, steps in sops.in_force(opened, actor().office_id)]
    holders = actor().holders
    return [steps for steps in found if Decision.ACCEPT in sop.may(steps, sop.start(steps), holders)]


def chosen() -> Sop | None:
    """The SOP asked for (?sop=), or the only one there is; None: there is a choice to make. Raises NotFound."""
    found, slug = startable(), request.values.get("sop", "")
    if not slug and len(found) > 1:
        return None
    steps = next((steps for steps in found if slug in ("", steps.key)), None)
    if steps is None:
        raise NotFound()
    return steps


def new_place() -> str:
    """The place of the files of a request that does not exist yet: its form's own (?isian=), or a new one.

    One a form, not one a person: at the counter two forms may be open for two people.
    """
    asked = request.values.get("isian", "")
    return f"baru-{asked if PLACE.fullmatch(asked) else secrets.token_hex(12)}"


def place_of(berkas_id: int) -> str:
    """The place of files on their way to a berkas."""
    return f"berkas-{berkas_id}"


def uploads(steps: Sop) -> list[Upload]:
    """The files sent with the form. Of one over the limit only one byte more is read: enough to be refused."""
    found = []
    for need in steps.requirements:
        for sent in request.files.getlist(f"files-{need.key}"):
            with closing(sent):
                data = sent.read(MAX_BYTES + 1)
            if sent.filename:
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
