"""SOP step 3: Staf drafts the letter beside its preview, and finalises it."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from signer import appointments
from signer.berkas import draft, own
from signer.berkas.draft import Form
from signer.berkas.views import Detail
from signer.drafting import LetterTemplate
from signer.errors import Conflict, Invalid, NotFound, NotYourStep, TemplateFault
from signer.sop import Action
from signer.web import dates, faults, letter_form, reading
from signer.web.context import actor, desk, keys
from signer.web.letter_form import Faults

pages = Blueprint("draft", __name__)

PREVIEW_WIDTH = 900


@dataclass(frozen=True)
class Sheet:
    """One form as it is shown: the berkas, what stands in it, what is wrong with it, and the letter's pictures."""

    detail: Detail
    template: LetterTemplate
    form: Form
    draft_version: int
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
        return _other_draft(sheet)
    if faults.wants_json():
        return jsonify({"values": {"draft_version": str(version)}})
    flash(_("Konsep tersimpan."), "success")
    return redirect(url_for("draft.form", berkas_id=berkas_id), 303)


@pages.post("/berkas/<int:berkas_id>/surat/pratinjau")
def preview(berkas_id: int) -> ResponseReturnValue:
    """The pages as they would be printed, marked DRAF: JSON for the page's script, else the form with them."""
    sheet = _sent(berkas_id)
    try:
        drawn = draft.preview(desk(), actor(), berkas_id, sheet.form, keys().mode, PREVIEW_WIDTH)
    except (Invalid, TemplateFault) as fault:
        return _faulty_preview(sheet, letter_form.placed([fault], sheet.template))
    pictures = tuple("data:image/webp;base64," + base64.b64encode(page).decode() for page in drawn)
    if faults.wants_json():
        return jsonify({"pages": pictures})
    return _page(replace(sheet, pictures=pictures))


@pages.post("/berkas/<int:berkas_id>/surat/finalkan")
def finalise(berkas_id: int) -> ResponseReturnValue:
    """Reserve the number, render once, hand on to paraf; or the form again with what is wrong at each field."""
    sheet = _sent(berkas_id)
    version = reading.shown_version()
    try:
        draft.finalise(desk(), actor(), berkas_id, version, sheet.form, keys().mode, sheet.draft_version)
    except Conflict:
        return _other_draft(sheet)
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
            return Sheet(detail, template, *saved)
        start = draft.starting(desk(), session, detail.berkas, template.key)
    if saved:
        start = replace(start, letter_date=saved[0].letter_date, appointment_id=saved[0].appointment_id)
    return Sheet(detail, template, start, saved[1] if saved else 0)


def _sent(berkas_id: int) -> Sheet:
    """What the person sent, for a berkas that waits to be drafted. Raises NotFound, NotYourStep."""
    detail = reading.standing(berkas_id, Action.PROCESS)
    template = _template(detail, request.form.get("template", ""))
    sent = letter_form.read(request.form, template)
    return Sheet(detail, template, sent, request.form.get("draft_version", -1, type=int))


def _template(detail: Detail, key: str) -> LetterTemplate:
    if key not in detail.sop.templates:
        raise NotFound()
    return desk().templates[key]


def _other_draft(sheet: Sheet) -> ResponseReturnValue:
    """Somebody else was quicker: what was typed stays, who saved when is said, and the next try replaces theirs."""
    with desk().db.read() as session:
        saved = draft.load(desk(), session, sheet.detail.berkas.id)
        last = draft.last_saved(session, sheet.detail.berkas.id)
    who, at = (last[0], dates.moment(last[1])) if last else (_("Orang lain"), "")
    who = _("Anda sendiri, di tab lain,") if who == actor().name else who
    sentence = _(
        "%(who)s mengubah surat ini (%(at)s) sejak halaman ini Anda buka. Isian Anda masih di sini dan belum "
        "tersimpan. Buka konsep terbaru untuk membandingkan; kirim sekali lagi bila isian Anda yang dipakai.",
        who=who,
        at=at,
    )
    if faults.wants_json():
        text = _("%(who)s sedang mengubah surat ini juga. Penyimpanan otomatis berhenti; muat ulang halaman.", who=who)
        return jsonify({"message": text}), 409
    newest = replace(sheet, draft_version=saved[1] if saved else 0, wrong=letter_form.of_whole_form(sentence))
    return _page(newest), 409


def _faulty_preview(sheet: Sheet, wrong: Faults) -> ResponseReturnValue:
    if faults.wants_json():
        return jsonify({"errors": wrong.by_input}), 422
    return _page(replace(sheet, wrong=wrong)), 422


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
        signers=[(who.id, f"{who.holder} ({appointments.capacity_text(who)})") for who in signers],
        draft_version=sheet.draft_version,
        wrong=wrong,
        has_errors=bool(wrong),
        pictures=[{"src": src, "width": PREVIEW_WIDTH, "height": 1273} for src in sheet.pictures],
        sent_back=reading.sent_back(detail),
        papers=reading.papers(detail),
        checklist=reading.checklist(detail),
        destinations=reading.destinations(detail),
        quick=reading.quick_reasons(Action.PROCESS),
    )
