"""SOP step 3: Staf drafts the letter beside its preview, and finalises it."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from signer.berkas import draft, merging, own
from signer.berkas.draft import Form
from signer.berkas.views import Detail
from signer.drafting import LetterTemplate
from signer.errors import Conflict, Invalid, NotFound, NotYourStep, TemplateFault
from signer.pictures import PagePicture
from signer.sop import Action
from signer.web import faults, letter_form, merge, reading
from signer.web.context import actor, desk, keys
from signer.web.language import N_
from signer.web.letter_form import Faults

pages = Blueprint("draft", __name__)

PREVIEW_WIDTH = 900
PREVIEW_WIDTHS = (480, 600, 760, 900, 1200)
"""Pixels that the script may ask for, by the panel's size on the screen; it drives what a keystroke costs."""
KEYS = (
    (("Ctrl", "S"), N_("simpan konsep")),
    (("Ctrl", "Enter"), N_("finalkan surat; yang belum benar ditunjukkan lebih dahulu")),
    (("↓", "Enter"), N_("pilih nama yang ditawarkan buku alamat saat mengetik")),
    (("Alt", "↓"), N_("tampilkan semua nama buku alamat")),
    (("Enter",), N_("pada tabel: ke baris berikutnya, atau baris baru")),
    (("Alt", "Delete"), N_("pada tabel: hapus baris")),
)
"""What the page's scripts do with the keyboard, as its help says it."""


@dataclass(frozen=True)
class Sheet:
    """One form as it is shown: the berkas, what stands in it, what is wrong with it, and the letter's pictures."""

    detail: Detail
    template: LetterTemplate
    form: Form
    draft_version: int
    base: str
    """What its editing started from (merging.carried); for when somebody else saves in between."""
    wrong: Faults = Faults()  # noqa: RUF009 (frozen, with no state)
    pictures: tuple[str, ...] = ()


@pages.get("/berkas/<int:berkas_id>/surat")
def form(berkas_id: int) -> ResponseReturnValue:
    """The drafting form; `?templat=` starts from another template of the SOP."""
    try:
        detail = reading.standing(berkas_id, Action.PROCESS)
    except NotYourStep as fault:
        return reading.elsewhere(berkas_id, fault)
    wanted = request.args.get("templat", "")
    with desk().db.read() as session:
        if not wanted and own.waits(desk(), session, berkas_id):
            return redirect(url_for("own.form", berkas_id=berkas_id), 303)
    return _page(_started(detail, wanted))


@pages.post("/berkas/<int:berkas_id>/surat/simpan")
def save(berkas_id: int) -> ResponseReturnValue:
    """Keep the draft as typed: JSON for the page's script, else back to the form."""
    sheet = _sent(berkas_id)
    try:
        version = draft.save(desk(), actor(), berkas_id, sheet.draft_version, sheet.form)
    except Conflict:
        return merge.asked(sheet.detail, sheet.form, sheet.base)
    if faults.wants_json():
        base = merging.carried(desk(), berkas_id, sheet.form)
        changed = render_template("draft/changes.html", changes=reading.since_rendered(berkas_id, sheet.form))
        return jsonify({"values": {"draft_version": str(version), "base": base}, "parts": {"perubahan": changed}})
    flash(_("Konsep tersimpan."), "success")
    return redirect(url_for("draft.form", berkas_id=berkas_id), 303)


@pages.post("/berkas/<int:berkas_id>/surat/pratinjau")
def preview(berkas_id: int) -> ResponseReturnValue:
    """The pages as they would be printed, marked DRAF: JSON for the page's script, else the form with them."""
    template = desk().templates[request.form.get("template", "")]
    sent = letter_form.read(request.form, template)
    width = request.form.get("lebar", 0, type=int)
    width, known = width if width in PREVIEW_WIDTHS else PREVIEW_WIDTH, request.form.getlist("ada")
    try:
        drawn = draft.preview(desk(), actor(), berkas_id, sent, keys().mode, width, known)
    except (Invalid, TemplateFault) as fault:
        return _faulty_preview(berkas_id, letter_form.placed([fault], template))
    if faults.wants_json():
        return jsonify({"pages": [_sent_page(page) for page in drawn]})
    return _page(replace(_sent(berkas_id), pictures=tuple(_data_url(page.webp) for page in drawn if page.webp)))


def _sent_page(page: PagePicture) -> dict[str, str]:
    """A page for the script: its picture only where it does not show that one already."""
    return {"id": page.mark} | ({"src": _data_url(page.webp)} if page.webp else {})


def _data_url(webp: bytes) -> str:
    return "data:image/webp;base64," + base64.b64encode(webp).decode()


@pages.post("/berkas/<int:berkas_id>/surat/finalkan")
def finalise(berkas_id: int) -> ResponseReturnValue:
    """Reserve the number, render once, hand on to paraf; or the form again with what is wrong at each field."""
    sheet = _sent(berkas_id)
    version = reading.shown_version()
    try:
        draft.finalise(desk(), actor(), berkas_id, version, sheet.form, keys().mode, sheet.draft_version)
    except Conflict as fault:
        if version != sheet.detail.berkas.version:
            return _page(replace(sheet, wrong=letter_form.of_whole_form(faults.sentence(fault)))), 409
        return merge.asked(sheet.detail, sheet.form, sheet.base)
    except (Invalid, TemplateFault) as fault:
        wrong = draft.problems(desk(), actor(), berkas_id, sheet.form, keys().mode)
        return _page(replace(sheet, wrong=letter_form.placed(wrong or [fault], sheet.template))), 422
    flash(_("Surat sudah diberi nomor dan diserahkan untuk diparaf."), "success")
    return redirect(url_for("berkas.show", berkas_id=berkas_id), 303)


def _started(detail: Detail, wanted: str) -> Sheet:
    """The saved draft, or a new one; with another template wanted, its own start with what every letter has."""
    with desk().db.read() as session:
        saved = draft.load(desk(), session, detail.berkas.id)
        known = saved[0].template if saved else detail.sop.templates[0]
        template = _template(detail, wanted or known)
        if saved and saved[0].template == template.key:
            return Sheet(detail, template, *saved, base=merging.carried(desk(), detail.berkas.id, saved[0]))
        start = draft.starting(desk(), session, detail.berkas, template.key)
    if saved:
        start = replace(start, letter_date=saved[0].letter_date, appointment_id=saved[0].appointment_id)
    base = merging.carried(desk(), detail.berkas.id, saved[0] if saved else start)
    return Sheet(detail, template, start, saved[1] if saved else 0, base)


def _sent(berkas_id: int) -> Sheet:
    """What the person sent, for a berkas that waits to be drafted. Raises NotFound, NotYourStep."""
    detail = reading.standing(berkas_id, Action.PROCESS)
    template = _template(detail, request.form.get("template", ""))
    sent = letter_form.read(request.form, template)
    version = request.form.get("draft_version", -1, type=int)
    return Sheet(detail, template, sent, version, request.form.get("base", ""))


def _template(detail: Detail, key: str) -> LetterTemplate:
    if key not in detail.sop.templates:
        raise NotFound()
    return desk().templates[key]


def _faulty_preview(berkas_id: int, wrong: Faults) -> ResponseReturnValue:
    if faults.wants_json():
        return jsonify({"errors": wrong.by_input}), 422
    return _page(replace(_sent(berkas_id), wrong=wrong)), 422


def _page(sheet: Sheet) -> str:
    detail, wrong = sheet.detail, sheet.wrong
    with desk().db.read() as session:
        signers = draft.possible_signers(desk(), session, detail.berkas)
    return render_template(
        "draft/form.html",
        detail=detail,
        template=sheet.template,
        templates=[desk().templates[key] for key in detail.sop.templates],
        form=sheet.form,
        sifat=[(sifat, sifat) for sifat in sheet.template.sifat],
        fields=letter_form.shown(sheet.form, sheet.template, wrong),
        signers=reading.signers(signers),
        draft_version=sheet.draft_version,
        base=sheet.base,
        changes=reading.since_rendered(detail.berkas.id, sheet.form),
        wrong=wrong,
        has_errors=bool(wrong),
        keys=KEYS,
        pictures=[{"src": src, "width": PREVIEW_WIDTH, "height": 1273} for src in sheet.pictures],
        sent_back=reading.sent_back(detail),
        papers=reading.papers(detail),
        checklist=reading.checklist(detail),
        destinations=reading.destinations(detail),
        quick=reading.quick_reasons(Action.PROCESS),
    )
