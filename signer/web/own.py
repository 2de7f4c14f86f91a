"""SOP step 3 without a template: Staf uploads a finished PDF and drags the signature box to its place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flask import Blueprint, Response, abort, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from signer import own_pdf, uploads
from signer.appearance import OWN_HEIGHT_MM, WIDTH_MM
from signer.berkas import draft, own
from signer.berkas.own import Facts, Sheet
from signer.berkas.views import Detail
from signer.errors import Conflict, Invalid, NotYourStep
from signer.sop import Action
from signer.web import dates, faults, reading, shown
from signer.web.context import actor, desk, keys
from verifier.carrying.paper import MARGIN_MM, MOST_PAGES

pages = Blueprint("own", __name__, url_prefix="/berkas/<int:berkas_id>/pdf")

WIDTH = 1080
"""Pixels of the page picture under the box."""
_RENAMED = {"place": "left", "signatory": "appointment_id", "signatory.capacity": "appointment_id"}


@dataclass(frozen=True)
class Shown:
    """The page as it is shown: the berkas, its draft, what is wrong, and what is said of the box's place."""

    detail: Detail
    sheet: Sheet
    wrong: Mapping[str, str] = field(default_factory=dict)
    place_said: str = ""
    unread: bool = False
    """The number has to be confirmed, because it could not be read."""


@pages.get("")
def form(berkas_id: int) -> ResponseReturnValue:
    """The form: facts, number, file, place of the box."""
    try:
        detail = reading.standing(berkas_id, Action.PROCESS)
    except NotYourStep as fault:
        return reading.elsewhere(berkas_id, fault)
    return _page(Shown(detail, _saved(detail)))


@pages.post("/nomor")
def number(berkas_id: int) -> ResponseReturnValue:
    """Reserve the letter's number; the form again, with it and with what was typed."""
    sent = _sent(berkas_id)
    try:
        own.reserve(desk(), actor(), berkas_id, reading.shown_version(), sent.sheet.facts.letter_date)
    except Invalid as fault:
        return _faulty(sent, fault)
    return _page(replace(sent, detail=reading.standing(berkas_id, Action.PROCESS)))


@pages.post("/unggah")
def upload(berkas_id: int) -> ResponseReturnValue:
    """Take the PDF, if it can carry the signature; else the form with the reason, and the file before it unchanged."""
    sent = _sent(berkas_id)
    file = request.files.get("pdf")
    name, data = (file.filename or "", file.stream.read(uploads.MAX_BYTES + 1)) if file else ("", b"")
    version, facts = sent.sheet.version, sent.sheet.facts
    try:
        own.upload(desk(), actor(), berkas_id, version, facts, name, data, keys().mode)
    except Conflict:
        return _other_draft(sent)
    except Invalid as fault:
        return _faulty(sent, fault)
    return redirect(url_for("own.form", berkas_id=berkas_id, _anchor="letak"), 303)


@pages.post("/simpan")
def save(berkas_id: int) -> ResponseReturnValue:
    """Keep what was typed: JSON for the page's script, else back to the form."""
    sent = _sent(berkas_id)
    try:
        version = own.save(desk(), actor(), berkas_id, sent.sheet.version, sent.sheet.facts)
    except Conflict:
        return _other_draft(sent)
    if faults.wants_json():
        return jsonify({"values": {"draft_version": str(version)}})
    flash(_("Konsep tersimpan."), "success")
    return redirect(url_for("own.form", berkas_id=berkas_id), 303)


@pages.post("/letak")
def place(berkas_id: int) -> ResponseReturnValue:
    """Whether the box's place is free: JSON for the page's script, else the form that says so. Changes nothing."""
    sent = _sent(berkas_id)
    try:
        own.look_under(desk(), actor(), berkas_id, request.form.get("shown", ""), sent.sheet.facts)
    except Invalid as fault:
        if faults.wants_json():
            return jsonify({"free": False, "text": faults.sentence(fault)})
        return _faulty(sent, fault)
    said = str(_("Tempat ini kosong. Kotak dapat ditaruh di sini."))
    return jsonify({"free": True, "text": said}) if faults.wants_json() else _page(replace(sent, place_said=said))


@pages.post("/finalkan")
def finalise(berkas_id: int) -> ResponseReturnValue:
    """Make the PDF the rendering and hand it on to paraf; or the form again with what is wrong at each field."""
    sent = _sent(berkas_id)
    facts, version = sent.sheet.facts, reading.shown_version()
    sha256 = request.form.get("shown", "")
    try:
        own.finalise(desk(), keys(), actor(), berkas_id, version, facts, sha256, sent.sheet.version)
    except Conflict:
        return _other_draft(sent)
    except Invalid as fault:
        return _faulty(replace(sent, unread=fault.field == "unread"), fault)
    flash(_("PDF menjadi naskah surat dan diserahkan untuk diparaf."), "success")
    return redirect(url_for("berkas.show", berkas_id=berkas_id), 303)


@pages.get("/halaman/<int:number>.webp")
def page(berkas_id: int, number: int) -> Response:
    """A picture of page `number` (from 1) of the waiting PDF whose SHA-256 is ?v=."""
    data = own.pdf(desk(), actor(), berkas_id, request.args.get("v", ""))
    drawn = own_pdf.picture(desk().pool, data, number, WIDTH)
    if not drawn:
        abort(404)
    answer = Response(drawn, content_type="image/webp")
    answer.headers["Cache-Control"] = "private, max-age=86400, immutable"
    return answer


def _saved(detail: Detail) -> Sheet:
    with desk().db.read() as session:
        return own.load(desk(), session, detail.berkas, detail.sop)


def _sent(berkas_id: int) -> Shown:
    """What the person sent, for a berkas that waits to be processed. Raises NotFound, NotYourStep."""
    detail = reading.standing(berkas_id, Action.PROCESS)
    sent = request.form
    texts = {name: sent.get(name, "") for name in ("hal", "sifat", "letter_date", "public", "page", "left", "top")}
    who = sent.get("appointment_id", None, type=int)
    facts = Facts(appointment_id=who, unread="unread" in sent, **texts)
    kept = _saved(detail).kept
    return Shown(detail, Sheet(facts, kept, sent.get("draft_version", -1, type=int)), unread=facts.unread)


def _faulty(sent: Shown, fault: Invalid) -> ResponseReturnValue:
    return _page(replace(sent, wrong=shown.errors_of(fault, _RENAMED))), 422


def _other_draft(sent: Shown) -> ResponseReturnValue:
    """Somebody else was quicker: what was typed stays, who saved when is said, and the next try replaces theirs."""
    with desk().db.read() as session:
        last = draft.last_saved(session, sent.detail.berkas.id)
    who, at = (last[0], dates.moment(last[1])) if last else (_("Orang lain"), "")
    who = _("Anda sendiri, di tab lain,") if who == actor().name else who
    if faults.wants_json():
        text = _("%(who)s sedang mengubah surat ini juga. Penyimpanan otomatis berhenti; muat ulang halaman.", who=who)
        return jsonify({"message": text}), 409
    sentence = _(
        "%(who)s mengubah surat ini (%(at)s) sejak halaman ini Anda buka. Isian Anda masih di sini dan belum "
        "tersimpan. Buka konsep terbaru untuk membandingkan; kirim sekali lagi bila isian Anda yang dipakai.",
        who=who,
        at=at,
    )
    detail = reading.standing(sent.detail.berkas.id, Action.PROCESS)
    newest = _saved(detail)
    sheet = replace(sent.sheet, version=newest.version, kept=newest.kept)
    return _page(replace(sent, detail=detail, sheet=sheet, wrong={"": sentence})), 409


def _page(it: Shown) -> str:
    detail, sheet = it.detail, it.sheet
    with desk().db.read() as session:
        signers = draft.possible_signers(desk(), session, detail.berkas)
    return render_template(
        "own/form.html",
        detail=detail,
        facts=sheet.facts,
        kept=sheet.kept,
        draft_version=sheet.version,
        number=own.number_of(desk(), detail.berkas.id),
        sifat=[(kind, kind) for kind in own.sifat(desk(), detail.sop)],
        signers=reading.signers(signers),
        signer_name=next((who.holder for who in signers if who.id == sheet.facts.appointment_id), ""),
        sheets=_sheets(it),
        box=_box(it),
        place_said=it.place_said,
        unread=it.unread or bool(sheet.kept and sheet.kept.number_page is None),
        most_pages=MOST_PAGES,
        template=detail.sop.templates[0],
        wrong=it.wrong,
        has_errors=bool(it.wrong),
        sent_back=reading.sent_back(detail),
        papers=reading.papers(detail),
        checklist=reading.checklist(detail),
        destinations=reading.destinations(detail),
        quick=reading.quick_reasons(Action.PROCESS),
    )


def _sheets(it: Shown) -> list[dict[str, Any]]:
    """Each page's picture and size in mm."""
    kept, berkas_id = it.sheet.kept, it.detail.berkas.id
    if kept is None:
        return []
    return [
        {
            "src": url_for("own.page", berkas_id=berkas_id, number=number, v=kept.sha256),
            "width": across,
            "height": down,
        }
        for number, (across, down) in enumerate(kept.pages, start=1)
    ]


def _box(it: Shown) -> dict[str, Any]:
    """Where the box is drawn: at the place typed, or in the corner while that is none."""
    facts, sheets = it.sheet.facts, _sheets(it)
    try:
        spot = own.spot_of(facts)
        at = spot.page if 1 <= spot.page <= len(sheets) else 1
        left, top = spot.left, spot.top
    except Invalid:
        at, left, top = 1, MARGIN_MM, MARGIN_MM
    return {
        "page": at,
        "left": left,
        "top": top,
        "width": WIDTH_MM,
        "height": OWN_HEIGHT_MM,
        "margin": MARGIN_MM,
        "pages": json.dumps(sheets),
    }
