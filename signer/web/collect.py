"""SOP step 7: the Pemohon takes the finished letter, and passes it on to who is invited."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from signer.berkas import collect as use_case
from signer.berkas import views
from signer.berkas.views import Detail
from signer.errors import Invalid, NotYourStep
from signer.sop import Action, Decision, acting
from signer.tables.letters import Letter
from signer.web import faults, reading, shown
from signer.web.context import actor, desk
from signer.web.sign import sharing

pages = Blueprint("collect", __name__)


@pages.route("/berkas/<int:berkas_id>/ambil", methods=["GET", "POST"])
def collect(berkas_id: int) -> ResponseReturnValue:
    """The letter to download, print and share; POST records who took it and closes the berkas."""
    if request.method == "POST":
        return _record(berkas_id)
    detail = views.detail(desk(), actor(), berkas_id)
    try:
        return _page(detail if detail.collection else reading.standing(berkas_id, Action.COLLECT))
    except NotYourStep as fault:
        return reading.elsewhere(berkas_id, fault)


def _record(berkas_id: int) -> ResponseReturnValue:
    taken_by = request.form.get("taken_by", "")
    try:
        use_case.collect(desk(), actor(), berkas_id, reading.shown_version(), taken_by)
    except Invalid as fault:
        return _page(reading.standing(berkas_id, Action.COLLECT), faults.sentence(fault), taken_by), 422
    flash(_("Pengambilan dicatat dan berkas selesai. Surat tetap dapat diunduh dan dibagikan dari sini."), "success")
    return redirect(url_for("collect.collect", berkas_id=berkas_id), 303)


def _page(detail: Detail, error: str = "", taken_by: str | None = None) -> str:
    letter = detail.letter
    return render_template(
        "collect/collect.html",
        detail=detail,
        shared=sharing(letter) if letter else None,
        message=_message(detail, letter) if letter else "",
        mail=_mail(detail, letter) if letter else "",
        on_behalf=_on_behalf(detail),
        taken_by=detail.berkas.applicant if taken_by is None else taken_by,
        error=error,
        has_errors=bool(error),
    )


def _on_behalf(detail: Detail) -> bool:
    """Whether this person only records that somebody else took the letter."""
    if not detail.position.running:
        return False
    return acting(detail.sop, detail.position, actor().holders, Decision.ACCEPT).on_behalf_of is not None


def _message(detail: Detail, letter: Letter) -> str:
    """Ready to send to who is invited: what, when, where; SIMULASI first where the letter is one."""
    meeting = shown.meeting(detail.berkas.agenda)
    text = _(
        "%(subject)s (nomor %(number)s): %(day)s pukul %(at)s di %(place)s. Baca dan periksa keaslian surat:",
        subject=letter.subject,
        number=letter.number,
        day=meeting["day"],
        at=meeting["time"],
        place=meeting["place"],
    )
    return f"[SIMULASI] {text}" if letter.mode == "simulasi" else text


def _mail(detail: Detail, letter: Letter) -> str:
    """An e-mail's text, ready to send; the letter's address follows it."""
    meeting = shown.meeting(detail.berkas.agenda)
    lines = [
        _("Yth. Bapak/Ibu peserta Rakor,"),
        "",
        _("Bersama ini kami sampaikan surat berikut."),
        "",
        _("Hal: %(subject)s", subject=letter.subject),
        _("Nomor: %(number)s", number=letter.number),
        _("Hari, tanggal: %(day)s", day=meeting["day"]),
        _("Pukul: %(at)s", at=meeting["time"]),
        _("Tempat: %(place)s", place=meeting["place"]),
        "",
        _("Surat lengkap dan pemeriksaan keasliannya:"),
    ]
    if letter.mode == "simulasi":
        lines.insert(0, _("SIMULASI: surat latihan, bukan surat dinas."))
    return "\r\n".join(lines)
