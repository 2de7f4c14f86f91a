"""The first page of a signed-in person: what waits for them, most overdue first; and their notices."""

from __future__ import annotations

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from signer import notices as told
from signer.berkas import views
from signer.web import shown
from signer.web.access import BERKAS_READERS
from signer.web.context import actor, desk
from signer.web.language import N_

pages = Blueprint("inbox", __name__)
KINDS = {
    "giliran": N_("Berkas ini menunggu Anda."),
    "posisi": N_("Posisi berkas Anda berubah."),
}


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


@pages.route("/pemberitahuan", methods=["GET", "POST"])
def notices() -> ResponseReturnValue:
    """The person's unread notices; POST marks them read."""
    if request.method == "POST":
        told.mark_read(desk().db, actor().user_id, desk().now())
        flash(_("Semua pemberitahuan ditandai sudah dibaca."), "success")
        return redirect(url_for("inbox.notices"), 303)
    with desk().db.read() as session:
        found = told.unread(session, actor().user_id)
    items = [{"notice": notice, "berkas": berkas, "text": _(KINDS[notice.kind])} for notice, berkas in found]
    return render_template("inbox/notices.html", items=items)


@pages.get("/jumlah")
def counts() -> Response:
    """How much waits and how much is unread, for the menu; polled by counts.js."""
    with desk().db.read() as session:
        unread = told.unread_count(session, actor().user_id)
    return jsonify({"title": unread, "counts": {"inbox.notices": unread}})
