"""/lacak: where a berkas is, for whoever holds its tracking code; no account, no names."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from signer import sop
from signer.berkas import submit, views
from signer.berkas.case import position_of
from signer.berkas.check import Finding
from signer.berkas.views import Event
from signer.errors import NotFound
from signer.sop import Action, Position, Sop, State
from signer.tables.berkas import Berkas
from signer.web import dates, faults, shown
from signer.web.context import desk, keys
from signer.web.security import limiter

pages = Blueprint("track", __name__)
LIMIT = "20/minute"
LONGEST = 200
"""Characters that are read: a pasted address with its code."""


@pages.route("/lacak", methods=["GET", "POST"])
@limiter.limit(LIMIT, methods=["POST"])
def track() -> ResponseReturnValue:
    """The form, filled from ?kode=; POST with `kode` shows the berkas.

    Only by POST: the code stays out of logs, and a program that fetches an address to preview it learns nothing. The
    address that is passed on has the code behind its #, which is never sent; track.js puts it into the form.
    """
    if request.method == "GET":
        return render_template("track/track.html", code=request.args.get("kode", "")[:LONGEST], error="")
    typed = request.form.get("kode", "")[:LONGEST]
    code = _code(typed)
    try:
        berkas, steps, events, findings = views.by_code(desk(), code)
    except NotFound as fault:
        error = f"{faults.sentence(fault)} {_look_alikes(code)}".strip()
        return render_template("track/track.html", code=typed, error=error, has_errors=True), 404
    return _page(berkas, steps, events, findings)


def _page(berkas: Berkas, steps: Sop, events: list[Event], findings: dict[str, Finding]) -> str:
    position = position_of(berkas)
    last = shown.came_back(steps, position, events)
    code = shown.code_groups(berkas.code)
    step = sop.step_at(steps, position)
    return render_template(
        "track/track.html",
        code=code,
        error="",
        position=position,
        timeline=_timeline(berkas, steps, position, events),
        reasons=shown.return_reasons(steps, last, findings),
        returned=last,
        ended=events[-1].reason if events and position.state in (State.REFUSED, State.WITHDRAWN) else "",
        advice=_advice(steps, position, last),
        yours=step is not None and step.action is Action.SUBMIT,
        expected=_expected(berkas, steps, position),
        hours=dates.office_hours(desk().hours),
        share_url=f"{keys().base_url}{url_for('track.track')}#{code}",
        letter_url=_letter_url(steps, position, berkas),
    )


def _code(typed: str) -> str:
    """The code in what was typed or pasted: spaces, dashes, dots and case do not matter, nor an address around it."""
    last = typed.rpartition("#")[2].rpartition("kode=")[2].rpartition(":")[2]
    return "".join(letter for letter in last.upper() if letter.isascii() and letter.isalnum())


def _look_alikes(code: str) -> str:
    """A hint for who read a letter as another: codes have no 0, 1, I, L, O or U."""
    wrong = sorted(set(code) & set("01ILOU"))
    if not wrong or len(code) != submit.CODE_LENGTH:
        return ""
    return str(_("Kode tidak pernah memuat %(letters)s; mungkin huruf atau angka lain.", letters=", ".join(wrong)))


def _expected(berkas: Berkas, steps: Sop, position: Position) -> dict[str, Any] | None:
    """Working minutes until the letter can be collected, by the SOP's standards; None where the office has no part."""
    step = sop.step_at(steps, position)
    if step is None or step.action is Action.COLLECT:
        return None
    coming = [one for one in steps.steps if one.no > step.no and one.action is not Action.COLLECT]
    clock = views.clock_of(desk(), steps, berkas)
    left = 0 if step.action is Action.SUBMIT else max(shown.minutes(clock) or 0, 0)
    late = step.action is not Action.SUBMIT and clock is not None and clock.overdue
    return {"minutes": left + sum(one.minutes for one in coming), "late": late}


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
            State.REFUSED: _("Pengajuan ditolak. Hubungi kantor kecamatan bila ada pertanyaan."),
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
