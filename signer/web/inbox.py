"""The first page of a signed-in person: what waits for them, most overdue first; and counts for the menu."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request, url_for
from flask_babel import gettext as _

from signer import notices as told
from signer.actor import Actor
from signer.berkas import lists
from signer.berkas.lists import Row
from signer.web import shown
from signer.web.access import BERKAS_READERS
from signer.web.context import actor, desk
from signer.web.language import word

pages = Blueprint("inbox", __name__)
SORTED_OUT_FROM = 6
"""From so many waiting berkas on the list can be narrowed to one step, or to what is late."""
LATE = "lewat"
WORKERS = frozenset({"staf", "kasi", "camat"})


@pages.get("/")
def home() -> str:
    """What waits for the person; a Pemohon sees their own berkas, whoever they wait for. ?langkah= narrows it."""
    return render_template("inbox/home.html", reads=bool(actor().roles & BERKAS_READERS), **_listed())


@pages.get("/tugas")
def listed() -> str:
    """The list of `home` alone, for a page that stands open while somebody else works (live.js)."""
    return render_template("inbox/list.html", **_listed())


@pages.get("/jumlah")
def counts() -> Response:
    """How much waits and how much is unread, for menu and title; polled by counts.js, 304 while nothing changed."""
    pulse = lists.pulse(desk(), actor())
    with desk().db.read() as session:
        unread = told.unread_count(session, actor().user_id)
    shown_now = {"inbox.home": pulse.waiting, "inbox.notices": unread}
    answer = jsonify({"title": pulse.waiting, "counts": shown_now, "mark": pulse.mark})
    answer.set_etag(f"{pulse.mark}-{unread}")
    answer.make_conditional(request)
    return answer


def _listed() -> dict[str, Any]:
    """What inbox/list.html takes."""
    who = actor()
    mark = lists.pulse(desk(), who).mark  # first: what changes meanwhile makes the page fetch its list again
    waiting = lists.inbox(desk(), who)
    mine, applicant = [row for row in waiting if not row.on_behalf], not who.reads_all and "pemohon" in who.roles
    chosen = request.args.get("langkah", "")
    kept = [row for row in mine if _belongs(row, chosen)]
    narrowed = bool(kept) and len(mine) >= SORTED_OUT_FROM
    return {
        "mark": mark,
        "roles": who.roles,
        "works": bool(who.roles & WORKERS),
        "applicant": applicant,
        "list_url": url_for("inbox.listed", langkah=chosen or None),
        "total": len(mine),
        "late": sum(_late(row) for row in mine),
        "parts": _parts(mine, chosen if narrowed else "") if len(mine) >= SORTED_OUT_FROM else [],
        "mine": [shown.row(row) for row in (kept if narrowed else mine)],
        "on_behalf": [shown.row(row) for row in waiting if row.on_behalf],
        "others": _others(who) if applicant else None,
    }


def _late(row: Row) -> bool:
    return row.clock is not None and row.clock.overdue


def _belongs(row: Row, chosen: str) -> bool:
    """Whether the row is of the part that the address names; every row where it names none."""
    return chosen in ("", str(row.position.step)) or (chosen == LATE and _late(row))


def _parts(mine: Sequence[Row], chosen: str) -> list[dict[str, Any]]:
    """The parts that the list can be narrowed to, each with how many it has."""
    steps = Counter((row.position.step, row.brief) for row in mine)
    found = [("", str(_("Semua")), len(mine))]
    if len(steps) > 1:
        found += [(str(step), word(brief), count) for (step, brief), count in sorted(steps.items())]
    late = sum(_late(row) for row in mine)
    if 0 < late < len(mine):
        found.append((LATE, str(_("Lewat waktu")), late))
    return [
        {"text": text, "count": count, "href": url_for("inbox.home", langkah=key or None), "current": key == chosen}
        for key, text, count in found
        if len(found) > 1
    ]


def _others(who: Actor) -> dict[str, Any]:
    """A Pemohon's own berkas that wait for somebody else or have ended, the newest."""
    page = lists.found(desk(), who)
    return {"rows": [shown.row(row) for row in page.rows if not row.mine], "more": page.pages > 1}
