"""SOP step 1: one form for the facts and the files of a request; nothing that was given is lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from signer import sop
from signer.berkas import submit, views
from signer.berkas.views import Detail
from signer.errors import Conflict, Invalid, InvalidForm, NotYourStep
from signer.people import applicants
from signer.sop import Action, Decision, Sop
from signer.web import applying, faults, gathering, reading, shown
from signer.web.applying import Typed
from signer.web.context import actor, desk
from signer.web.gathering import Sent

pages = Blueprint("submit", __name__, url_prefix="/berkas")
REMEMBERED = "submit-faults"
"""Session key: what the form after a redirect says beside its fields."""
MOST_REMEMBERED = 1500
"""Characters of one sentence list; the session is a cookie of 4 kB."""


@pages.route("/baru", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    """A new request: an empty form; POST opens it, attaches its files, and hands it in if it is complete."""
    steps = applying.chosen()
    if steps is None:
        return render_template("submit/choose.html", choices=applying.startable())
    if request.method == "GET":
        return _form(steps, applying.blank(steps, actor()), applying.new_place())
    return _create(steps)


@pages.route("/<int:berkas_id>/isian", methods=["GET", "POST"])
def edit(berkas_id: int) -> ResponseReturnValue:
    """The same form over a request that is still, or again, at step 1; POST saves, and hands in if asked to."""
    try:
        detail = reading.standing(berkas_id, Action.SUBMIT)
    except NotYourStep as fault:
        return reading.elsewhere(berkas_id, fault)
    if request.method == "GET":
        place, errors = applying.place_of(berkas_id), _recalled(berkas_id)
        return _form(detail.sop, applying.from_berkas(detail), place, detail=detail, errors=errors)
    return _save(detail)


@pages.post("/<int:berkas_id>/lampiran")
def attach(berkas_id: int) -> ResponseReturnValue:
    """Add files only."""
    detail = views.detail(desk(), actor(), berkas_id)
    files, errors = gathering.gather(detail.sop, applying.place_of(berkas_id), _have(detail))
    errors |= _attach(berkas_id, files)
    return _to_edit(berkas_id, errors)


@pages.post("/<int:berkas_id>/lampiran/<int:attachment_id>/keluarkan")
def set_aside(berkas_id: int, attachment_id: int) -> ResponseReturnValue:
    """Take one file out of the request."""
    submit.set_aside(desk(), actor(), berkas_id, attachment_id)
    return _to_edit(berkas_id, {})


@pages.post("/<int:berkas_id>/serahkan")
def hand_in(berkas_id: int) -> ResponseReturnValue:
    """Hand in what is saved."""
    return _handed_in(berkas_id, reading.shown_version())


@pages.route("/<int:berkas_id>/tarik", methods=["GET", "POST"])
def withdraw(berkas_id: int) -> ResponseReturnValue:
    """Take the request back, with a reason and a tick that it is meant."""
    detail = views.detail(desk(), actor(), berkas_id)
    try:
        sop.acting(detail.sop, detail.position, actor().holders, Decision.WITHDRAW)
    except NotYourStep as fault:
        return reading.elsewhere(berkas_id, fault)
    errors: dict[str, str] = {}
    if request.method == "POST":
        errors = _withdrawn(berkas_id)
        if not errors:
            flash(_("Pengajuan sudah ditarik."), "success")
            return redirect(url_for("berkas.show", berkas_id=berkas_id), 303)
    page = render_template(
        "submit/withdraw.html", d=detail, errors=errors, has_errors=bool(errors), reason=request.form.get("reason", "")
    )
    return page, 422 if errors else 200


def _withdrawn(berkas_id: int) -> dict[str, str]:
    """Withdraw; gives the form's faults, none when it is done."""
    if "yakin" not in request.form:
        return {"yakin": _("Centang bahwa pengajuan ini memang ditarik.")}
    try:
        submit.withdraw(desk(), actor(), berkas_id, reading.shown_version(), request.form.get("reason", ""))
    except Invalid as fault:
        return shown.errors_of(fault)
    return {}


def _create(steps: Sop) -> ResponseReturnValue:
    typed, place = applying.from_form(request.form, steps), applying.new_place()
    files, errors = gathering.gather(steps, place)
    try:
        berkas_id = submit.create(desk(), actor(), steps.key, typed.application(_accounts()))
    except Invalid as fault:
        more = gathering.keep(place, files)
        return _form(steps, typed, place, errors=shown.errors_of(fault) | errors | more)
    return _finish(berkas_id, errors | _attach(berkas_id, files), None)


def _save(detail: Detail) -> ResponseReturnValue:
    """Files first, because they stay whatever becomes of the rest; then the facts; then the handing in."""
    berkas_id, fresh = detail.berkas.id, detail.berkas.version == reading.shown_version()
    typed, place = applying.from_form(request.form, detail.sop), applying.place_of(berkas_id)
    _take_out(detail)
    files, errors = gathering.gather(detail.sop, place, _have(detail))
    errors |= _attach(berkas_id, files)
    now = views.detail(desk(), actor(), berkas_id)
    try:
        version = now.berkas.version if fresh else reading.shown_version()
        submit.revise(desk(), actor(), berkas_id, version, typed.application(()))
    except Invalid as fault:
        return _form(now.sop, typed, place, detail=now, errors=shown.errors_of(fault) | errors)
    except Conflict as fault:
        return _form(now.sop, typed, place, detail=now, errors={"": faults.sentence(fault)} | errors, status=409)
    return _finish(berkas_id, errors, version + 1)


def _finish(berkas_id: int, errors: dict[str, str], version: int | None) -> ResponseReturnValue:
    """After saving: hand in if that was asked for and every file was usable."""
    if errors or request.form.get("aksi") == "simpan":
        if not errors:
            flash(_("Tersimpan. Berkas belum diserahkan."), "success")
        return _to_edit(berkas_id, errors)
    return _handed_in(berkas_id, version)


def _handed_in(berkas_id: int, version: int | None) -> ResponseReturnValue:
    try:
        submit.hand_in(desk(), actor(), berkas_id, version)
    except InvalidForm as fault:
        return _to_edit(berkas_id, shown.errors_of(fault))
    return redirect(url_for("berkas.show", berkas_id=berkas_id, diserahkan=1), 303)


def _take_out(detail: Detail) -> None:
    """Set aside the files ticked "Keluarkan"."""
    wanted = {number for need in detail.sop.requirements for number in request.form.getlist(f"remove-files-{need.key}")}
    for file in detail.files:
        if str(file.id) in wanted:
            submit.set_aside(desk(), actor(), detail.berkas.id, file.id)


def _attach(berkas_id: int, files: Iterable[Sent]) -> dict[str, str]:
    """Attach the files, requirement by requirement, so that each fault stands beside its own field."""
    by_need: dict[str, list[Sent]] = {}
    for file in files:
        by_need.setdefault(file.requirement, []).append(file)
    refused = [(key, fault) for key, own in by_need.items() for fault in submit.attach(desk(), actor(), berkas_id, own)]
    return gathering.by_requirement(refused)


def _have(detail: Detail) -> list[tuple[str, bytes]]:
    return [(file.requirement, file.sha256) for file in detail.files]


def _accounts() -> list[tuple[int, str]]:
    """The Pemohon accounts that Staf may choose among; a Pemohon applies for themselves."""
    return applicants(desk(), actor().office_id) if actor().reads_all else []


def _to_edit(berkas_id: int, errors: Mapping[str, str]) -> ResponseReturnValue:
    if errors:
        cut = {name: text[: MOST_REMEMBERED // len(errors)] for name, text in errors.items()}
        session[REMEMBERED] = {"berkas": berkas_id, "errors": cut}
    return redirect(url_for("submit.edit", berkas_id=berkas_id), 303)


def _recalled(berkas_id: int) -> dict[str, str]:
    found: dict[str, Any] = session.pop(REMEMBERED, {})
    return dict(found["errors"]) if found.get("berkas") == berkas_id else {}


def _form(
    steps: Sop,
    typed: Typed,
    place: str,
    *,
    detail: Detail | None = None,
    errors: Mapping[str, str] | None = None,
    status: int | None = None,
) -> ResponseReturnValue:
    """The form with what was typed; 422 (or `status`) when a POST could not be used."""
    last = reading.sent_back(detail) if detail else None
    page = render_template(
        "submit/form.html",
        steps=steps,
        typed=typed,
        d=detail,
        errors=errors or {},
        has_errors=bool(errors),
        given=gathering.given(steps, place, detail),
        joined=[need.key for need in steps.requirements if f"gabung-{need.key}" in request.form],
        isian=place.removeprefix("baru-") if detail is None else "",
        accounts=_accounts() if detail is None else [],
        at_counter=actor().reads_all,
        returned=last,
        reasons=shown.return_reasons(steps, last, detail.findings) if detail else [],
        today=desk().today().isoformat(),
    )
    return page, status or (422 if errors and request.method == "POST" else 200)
