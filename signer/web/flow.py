"""The way through setting an office up: which step a page is, and where the next one is (`?alur=mulai`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import request, url_for
from flask_babel import gettext as _

from signer import readiness
from signer.web.context import actor, desk
from signer.web.language import N_

FLOW = "mulai"
PAGES: Mapping[str, tuple[str, str]] = {
    "identitas": ("office.identity", N_("Identitas kantor")),
    "logo": ("office.logo", N_("Logo")),
    "nomor": ("office.number", N_("Pola nomor surat")),
    "orang": ("people.index", N_("Orang dan peran")),
    "penunjukan": ("appointing.index", N_("Penunjukan")),
    "kunci": ("appointing.index", N_("Kunci tanda tangan")),
    "uji": ("office.rehearse", N_("Surat uji")),
}
"""Per step of signer.readiness: its page and what it is called."""
WAY = tuple(key for key in readiness.STEPS if key != "kunci")
"""The steps an admin walks through; keys are set by their holders, each at their own time."""


@dataclass(frozen=True)
class Place:
    """Where on the way a page is: step `number` of `count`, and the page after it."""

    number: int
    count: int
    title: str
    next_href: str
    next_title: str


def following() -> bool:
    """Whether the person came here on the way through setting up."""
    return request.values.get("alur") == FLOW


def address(key: str) -> str:
    """The page of a step, on the way."""
    return url_for(PAGES[key][0], alur=FLOW)


def onward(key: str) -> str:
    """Where to go after this step was done: the next page on the way, else the office's first page."""
    if not following():
        return url_for("office.home")
    after = WAY.index(key) + 1
    return address(WAY[after]) if after < len(WAY) else url_for("office.home")


def place(key: str) -> Place | None:
    """For the page's head; None for somebody who came here otherwise."""
    if not following():
        return None
    number = WAY.index(key) + 1
    title = _(PAGES[WAY[number]][1]) if number < len(WAY) else _("Kantor")
    return Place(number, len(WAY), _(PAGES[key][1]), onward(key), title)


def waiting() -> list[readiness.Item]:
    """What the signed-in admin's office still needs, and what it has."""
    return readiness.items(desk(), actor().office_id)
