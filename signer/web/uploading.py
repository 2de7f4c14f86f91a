"""Sending the files of SOP step 1 one by one, in parts, while the form is still being filled; for static/js/sending.js.

POST /unggahan announces a file and says where it stands; POST /unggahan/<ticket> takes the part that begins at
`Upload-Offset`; a part that begins elsewhere gets 409, and GET /unggahan/<ticket> says from where to go on. Answers
are JSON; refusals problem+json. Without JavaScript files come with the form itself (signer.web.submit).
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, jsonify, request
from flask_babel import gettext as _

from signer import incoming
from signer.errors import Invalid
from signer.incoming import MAX_PART, Waiting
from signer.sop import Action, Requirement
from signer.web import applying, dates, reading
from signer.web.context import actor, desk
from signer.web.language import word
from signer.web.security import limiter

pages = Blueprint("uploading", __name__, url_prefix="/unggahan")


@pages.post("/")
def start() -> Response:
    """Announce a file; the same one again is found where it stands, so that it goes on from there."""
    place, need, taken = _place()
    size = request.form.get("size", 0, type=int)
    facts = (request.form.get("name", ""), size, request.form.get("mark", ""))
    return _answer(incoming.start(desk(), actor(), place, need.key, *facts, taken))


@pages.route("/<ticket>", methods=["GET", "POST"])
@limiter.limit("1200/minute")
def part(ticket: str) -> Response:
    """GET: where the file stands. POST: take the next part, the request's body."""
    if request.method == "GET":
        return _answer(incoming.state(desk(), actor(), ticket))
    if (request.content_length or 0) > MAX_PART:
        abort(413)
    offset = request.headers.get("Upload-Offset", -1, type=int)
    return _answer(incoming.add(desk(), actor(), ticket, offset, request.get_data(cache=False)))


@pages.post("/<ticket>/batal")
def cancel(ticket: str) -> Response:
    """Forget a file, whole or not."""
    incoming.drop(desk(), actor(), ticket)
    return Response(status=204)


@pages.post("/gabung")
@limiter.limit("20/minute")
def join() -> Response:
    """Join photos, in the order of their tickets, into one PDF that takes their place."""
    place, need, _taken = _place()
    tickets = request.form.getlist("kept")
    return _answer(incoming.join(desk(), actor(), place, tickets, joined_name(need, len(tickets))))


def joined_name(need: Requirement, count: int) -> str:
    """What a PDF made of photos is called."""
    return str(_("%(paper)s (%(count)s foto).pdf", paper=word(need.label).replace("/", "-"), count=count))


def _place() -> tuple[str, Requirement, int]:
    """The form that the file is for, the requirement, and how many files its berkas has. Raises Invalid, NotFound."""
    berkas_id = request.form.get("berkas", type=int)
    if berkas_id is None:
        steps, place, taken = applying.chosen(), applying.new_place(), 0
    else:
        detail = reading.standing(berkas_id, Action.SUBMIT)
        steps, place, taken = detail.sop, applying.place_of(berkas_id), len(detail.files)
    wanted = request.form.get("requirement", "")
    need = next((need for need in steps.requirements if need.key == wanted), None) if steps else None
    if need is None:
        raise Invalid("Persyaratan tidak dikenal.", "There is no such requirement.", field="files")
    return place, need, taken


def _answer(file: Waiting) -> Response:
    facts: dict[str, Any] = {
        "ticket": file.ticket,
        "name": file.name,
        "size": dates.size_text(file.size),
        "offset": file.received,
        "whole": file.whole,
        "photo": file.photo,
    }
    return jsonify(facts)
