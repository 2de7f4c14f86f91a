"""The first page of a signed-in person: what waits for them, most overdue first; and counts for the menu."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, render_template

from signer import notices as told
from signer.berkas import views
from signer.web import shown
from signer.web.access import BERKAS_READERS
from signer.web.context import actor, desk

pages = Blueprint("inbox", __name__)


@pages.get("/")
def home() -> str:
    """What waits for the person; a Pemohon sees their own berkas, whoever they wait for."""
    who = actor()
    applicant = not who.reads_all and "pemohon" in who.roles
    rows = views.listed(desk(), who) if applicant else views.inbox(desk(), who)
    listed = [shown.row(row) for row in rows]
    return render_template(
        "inbox/home.html",
        applicant=applicant,
        reads=bool(who.roles & BERKAS_READERS),
        roles=who.roles,
        mine=[row for row in listed if row["row"].mine and not row["row"].on_behalf],
        on_behalf=[row for row in listed if row["row"].on_behalf],
        others=[row for row in listed if not row["row"].mine],
    )


@pages.get("/jumlah")
def counts() -> Response:
    """How much waits and how much is unread, for the menu; polled by counts.js."""
    with desk().db.read() as session:
        unread = told.unread_count(session, actor().user_id)
    return jsonify({"title": unread, "counts": {"inbox.notices": unread}})
