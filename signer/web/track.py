"""/lacak: where a berkas is, for whoever holds its tracking code; no account, no names."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from signer import sop
from signer.berkas import views
from signer.berkas.case import position_of
from signer.berkas.views import Event
from signer.errors import NotFound
from signer.sop import Action, Position, Sop, State
from signer.tables.berkas import Berkas
from signer.web import faults, shown
from signer.web.context import desk, keys
from signer.web.security import limiter

pages = Blueprint("track", __name__)
LIMIT = "20/minute"


@pages.route("/lacak", methods=["GET", "POST"])
@limiter.limit(LIMIT, methods=["POST"])
def track() -> ResponseReturnValue:
    """The form; POST with `kode` shows the berkas. By POST, so that the code stays out of addresses and their logs."""
    if request.method == "GET":
        return render_template("track/track.html", code="", error="")
    code = request.form.get("kode", "")[:40]
    try:
        berkas, steps, events, findings = views.by_code(desk(), "".join(code.split()))
    except NotFound as fault:
        page = render_template("track/track.html", code=code, error=faults.sentence(fault), has_errors=True)
        return page, 404
    position = position_of(berkas)
    last = shown.came_back(steps, position, events)
    return render_template(
        "track/track.html",
        code=shown.code_groups(berkas.code),
        error="",
        position=position,
        timeline=_timeline(berkas, steps, position, events),
        reasons=shown.return_reasons(steps, last, findings),
        returned=last,
        ended=events[-1].reason if events and position.state in (State.REFUSED, State.WITHDRAWN) else "",
        advice=_advice(steps, position, last),
        letter_url=_letter_url(steps, position, berkas),
    )


def _timeline(berkas: Berkas, steps: Sop, position: Position, events: list[Event]) -> list[dict[str, Any]]:
    """The steps without the notes of the office's own to and fro, and without names."""
    clock = views.clock_of(desk(), steps, berkas)
    marked = shown.timeline(sop.timeline(steps, position), steps, events, clock, names=False)
    return [step | {"note": ""} for step in marked]


def _advice(steps: Sop, position: Position, last: Event | None) -> str:
    """What the Pemohon is to do now."""
    step = sop.step_at(steps, position)
    if step is None:
        ends = {
            State.FINISHED: _("Surat sudah diambil. Tidak ada lagi yang perlu dilakukan."),
            State.REFUSED: _("Permohonan ditolak. Hubungi kantor kecamatan bila ada pertanyaan."),
            State.WITHDRAWN: _("Pengajuan ditarik. Buat pengajuan baru bila masih diperlukan."),
        }
        return str(ends[position.state])
    if step.action is Action.SUBMIT and last is not None:
        return str(_("Perbaiki yang disebut di bawah, lalu serahkan lagi dari akun Anda atau di loket kecamatan."))
    if step.action is Action.SUBMIT:
        return str(_("Berkas belum diserahkan. Lengkapi dari akun Anda atau di loket kecamatan."))
    if step.action is Action.COLLECT:
        return str(_("Surat sudah jadi. Ambil di kantor kecamatan, atau buka suratnya di bawah."))
    return str(_("Tidak ada yang perlu Anda lakukan. Berkas sedang dikerjakan kantor kecamatan."))


def _letter_url(steps: Sop, position: Position, berkas: Berkas) -> str:
    """The letter's public page, from the step on at which the Pemohon is given the letter."""
    step = sop.step_at(steps, position)
    given = position.state is State.FINISHED or (step is not None and step.action is Action.COLLECT)
    token = views.token_of(desk(), berkas.id) if given else None
    return f"{keys().base_url}/v/{token}" if token else ""
