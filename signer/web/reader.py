"""Letters read by thumb: one after the other, as large as the screen; and the note of which were opened."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from signer import appointments
from signer.batch import opening
from signer.berkas import views
from signer.errors import NotYourStep, StaleRendering
from signer.sop import Action
from signer.web import faults, reading, shown, waiting
from signer.web.context import actor, desk

pages = Blueprint("reader", __name__)


@pages.get("/berkas/<int:berkas_id>/baca")
def read(berkas_id: int) -> ResponseReturnValue:
    """The letter's pages over the whole screen, with the way to the next letter that waits."""
    try:
        detail = reading.standing(berkas_id, Action.SIGN)
    except NotYourStep as fault:
        return reading.elsewhere(berkas_id, fault)
    place = waiting.place(berkas_id)
    return render_template(
        "sign/read.html",
        detail=detail,
        images=reading.whole_screen(reading.rendering_pictures(detail)),
        parafs=reading.parafs(detail),
        news=reading.news(detail),
        papers=reading.papers(detail),
        checklist=reading.checklist(detail),
        left=shown.minutes(detail.clock),
        capacity=appointments.capacity_text(detail.signatory) if detail.signatory else "",
        place=place,
        ahead=_first_page(place["after"]),
    )


@pages.post("/berkas/<int:berkas_id>/dibuka")
def opened(berkas_id: int) -> ResponseReturnValue:
    """Keep that the person had this very rendering before them; then on to the next, or 204 for a script."""
    after = waiting.place(berkas_id)["after"]
    try:
        opening.record(desk(), actor(), berkas_id, reading.shown_rendering())
    except (NotYourStep, StaleRendering) as fault:
        if faults.wants_json():
            raise
        flash(faults.sentence(fault), "warning")
        return redirect(url_for("reader.read", berkas_id=berkas_id), 303)
    if faults.wants_json():
        return Response(status=204)
    return redirect(url_for("reader.read", berkas_id=after) if after else url_for("batch.choose"), 303)


def _first_page(berkas_id: int | None) -> dict[str, str] | None:
    """The first page's picture of the next letter, to be loaded ahead."""
    if berkas_id is None:
        return None
    images = reading.whole_screen(reading.rendering_pictures(views.detail(desk(), actor(), berkas_id)))
    return images[0] if images else None
