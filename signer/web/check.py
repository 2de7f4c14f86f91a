"""SOP step 2: a verdict per requirement with its files beside it; accept, return, or refuse for good."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from signer.berkas import check as checking
from signer.berkas.check import Finding
from signer.berkas.views import Detail
from signer.errors import Invalid, NotYourStep
from signer.sop import Action, Decision, Requirement
from signer.web import dates, language, reading, shown
from signer.web.context import actor, desk
from signer.web.language import N_

pages = Blueprint("check", __name__, url_prefix="/berkas")
DONE = {
    "terima": N_("Berkas diterima sebagai lengkap. Lanjutkan dengan menyusun surat."),
    "kembalikan": N_("Berkas dikembalikan. Pemohon membaca alasannya di halamannya dan di Lacak berkas."),
    "tolak": N_("Pengajuan ditolak."),
}


@pages.route("/<int:berkas_id>/periksa", methods=["GET", "POST"])
def check(berkas_id: int) -> ResponseReturnValue:
    """The checklist; POST with `aksi` terima, kembalikan or tolak."""
    try:
        detail = reading.standing(berkas_id, Action.CHECK)
    except NotYourStep as fault:
        return reading.elsewhere(berkas_id, fault)
    if request.method == "GET":
        return _page(detail, {})
    try:
        errors = _decide(detail)
    except Invalid as fault:
        errors = shown.errors_of(fault, _renamed(detail))
    if errors:
        return _page(detail, errors), 422
    done = DONE[request.form["aksi"]]
    flash(_(done), "success")
    return redirect(url_for("berkas.show", berkas_id=berkas_id), 303)


def _decide(detail: Detail) -> dict[str, str]:
    """Take the decision that was sent; gives the faults that only the page knows of."""
    berkas_id, version, form = detail.berkas.id, reading.shown_version(), request.form
    match form.get("aksi"):
        case "terima":
            checking.accept(desk(), actor(), berkas_id, version, _findings(detail))
        case "kembalikan":
            checking.give_back(desk(), actor(), berkas_id, version, _findings(detail), form.get("catatan", ""))
        case "tolak":
            if "yakin" not in form:
                return {"yakin": _("Centang bahwa pengajuan ini memang ditolak untuk seterusnya.")}
            checking.refuse(desk(), actor(), berkas_id, version, form.get("alasan-tolak", ""))
        case _:
            return {"": _("Pilih terima, kembalikan, atau tolak.")}
    return {}


def _findings(detail: Detail) -> dict[str, Finding]:
    """The verdicts that were chosen; a requirement without one is left to the use case to miss."""
    form = request.form
    chosen = {need.key: form.get(f"periksa-{need.key}") for need in detail.sop.requirements}
    return {
        key: Finding(value == "lengkap", form.get(f"alasan-{key}", "")[:500])
        for key, value in chosen.items()
        if value in ("lengkap", "kurang")
    }


def _renamed(detail: Detail) -> Mapping[str, str]:
    """The use case's fields as this page names them."""
    fields = {f"check-{need.key}": f"periksa-{need.key}" for need in detail.sop.requirements}
    fields |= {f"reason-{need.key}": f"alasan-{need.key}" for need in detail.sop.requirements}
    return fields | {"reason": "alasan-tolak" if request.form.get("aksi") == "tolak" else "catatan"}


def _page(detail: Detail, errors: Mapping[str, str]) -> str:
    return render_template(
        "check/check.html",
        d=detail,
        meeting=shown.meeting(detail.berkas.agenda),
        left=shown.minutes(detail.clock),
        items=_items(detail, errors),
        pictures=_pictures(detail),
        errors=errors,
        has_errors=bool(errors),
        note=request.form.get("catatan", ""),
        reason=request.form.get("alasan-tolak", ""),
        may_refuse=Decision.REFUSE in detail.may,
    )


def _items(detail: Detail, errors: Mapping[str, str]) -> list[dict[str, Any]]:
    """The checklist as its macro takes it, with what was typed."""
    return [
        {
            "key": need.key,
            "label": language.word(need.label),
            "required": need.required,
            "files": _files(detail, need.key),
            "value": request.form.get(f"periksa-{need.key}", ""),
            "reason": request.form.get(f"alasan-{need.key}", ""),
            "error": errors.get(f"periksa-{need.key}") or errors.get(f"alasan-{need.key}"),
            "note": _note(detail, need),
        }
        for need in detail.sop.requirements
    ]


def _files(detail: Detail, key: str) -> list[dict[str, str]]:
    return [
        {
            "name": f"{file.name} ({dates.size_text(file.size)})" + (_(" · baru") if file.since_return else ""),
            "href": url_for("berkas.attachment", berkas_id=detail.berkas.id, attachment_id=file.id),
        }
        for file in detail.files
        if file.requirement == key
    ]


def _note(detail: Detail, need: Requirement) -> str:
    """What the last check found wanting; and of a paper that need not be there and is not, what to tick."""
    finding = detail.findings.get(need.key)
    if finding is not None and not finding.complete:
        return str(_("Pemeriksaan sebelumnya: %(reason)s", reason=finding.reason))
    if not need.required and not any(file.requirement == need.key for file in detail.files):
        return str(_("Tidak wajib: tandai lengkap bila memang tidak diperlukan."))
    return ""


def _pictures(detail: Detail) -> list[dict[str, str]]:
    """The attachments that are pictures, to look at beside the list. PDFs from outside are only linked to."""
    return [
        {"name": file.name, "src": url_for("berkas.attachment", berkas_id=detail.berkas.id, attachment_id=file.id)}
        for file in detail.files
        if file.media_type.startswith("image/")
    ]
