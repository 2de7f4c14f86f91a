"""SOP step 4: Kasi reads exactly the rendering's pages and gives paraf; and the ways back from steps 3 to 5."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from signer import appointments, passphrases
from signer.berkas import check, paraf, views
from signer.berkas.views import Detail
from signer.errors import (
    Conflict,
    Invalid,
    KeyUnavailable,
    NotYourStep,
    SigningRefused,
    StaleRendering,
    SuratError,
    TimestampUnavailable,
    TooManyAttempts,
    WrongPassphrase,
)
from signer.sop import Action, Decision
from signer.tables.office import Appointment
from signer.web import faults, reading
from signer.web.context import actor, desk, keys

pages = Blueprint("paraf", __name__)


@pages.route("/berkas/<int:berkas_id>/paraf", methods=["GET", "POST"], endpoint="paraf")
def give(berkas_id: int) -> ResponseReturnValue:
    """Read the letter; POST gives paraf over the rendering that was shown (`shown`), with the key's passphrase."""
    try:
        detail = reading.standing(berkas_id, Action.PARAF)
    except NotYourStep as fault:
        if request.method == "POST":
            raise
        return reading.elsewhere(berkas_id, fault)
    return _give(berkas_id) if request.method == "POST" else _page(detail)


@pages.route("/berkas/<int:berkas_id>/kembalikan", methods=["GET", "POST"])
def send_back(berkas_id: int) -> ResponseReturnValue:
    """Return from drafting, paraf or signing with a reason, to the step chosen or the usual one.

    Who comes from the letters to sign (?lanjut=tandatangan) goes on with them.
    """
    if request.method == "GET":
        return _return_page(berkas_id)
    reason = reading.reason_sent()
    to = request.form.get("to", None, type=int)
    try:
        paraf.send_back(desk(), actor(), berkas_id, reading.shown_version(), reason, to)
    except Invalid as fault:
        return _again(berkas_id, "paraf/return.html", fault)
    flash(_("Berkas dikembalikan beserta alasannya."), "success")
    return redirect(url_for("batch.choose" if _goes_on() else "inbox.home"), 303)


@pages.post("/berkas/<int:berkas_id>/tolak")
def refuse(berkas_id: int) -> ResponseReturnValue:
    """Refuse the request for good, with the reason; a reserved number becomes batal."""
    try:
        check.refuse(desk(), actor(), berkas_id, reading.shown_version(), reading.reason_sent())
    except Invalid as fault:
        return _again(berkas_id, "paraf/refuse.html", fault)
    flash(_("Pengajuan ditolak dan berkas ditutup. Pemohon melihat alasannya."), "success")
    return redirect(url_for("inbox.home"), 303)


def _give(berkas_id: int) -> ResponseReturnValue:
    secret = request.form.get("passphrase", "")
    try:
        paraf.give(desk(), keys(), actor(), berkas_id, reading.shown_rendering(), secret)
    except (WrongPassphrase, TooManyAttempts) as fault:
        status = 429 if isinstance(fault, TooManyAttempts) else 422
        return _page(views.detail(desk(), actor(), berkas_id), wrong={"passphrase": faults.sentence(fault)}), status
    except (StaleRendering, Conflict, KeyUnavailable, TimestampUnavailable, SigningRefused) as fault:
        # The berkas may have left this step with the rendering; then its own 409 page says so.
        return _page(reading.standing(berkas_id, Action.PARAF), failed=fault), faults.status_of(fault)
    flash(_("Paraf diberikan. Surat diteruskan untuk ditandatangani."), "success")
    return redirect(url_for("inbox.home"), 303)


def _page(detail: Detail, wrong: dict[str, str] | None = None, failed: SuratError | None = None) -> str:
    return render_template(
        "paraf/paraf.html",
        detail=detail,
        images=reading.rendering_pictures(detail),
        papers=reading.papers(detail),
        checklist=reading.checklist(detail),
        parafs=reading.parafs(detail),
        news=reading.news(detail),
        sent_back=reading.sent_back(detail),
        destinations=reading.destinations(detail),
        quick=reading.quick_reasons(Action.PARAF),
        appointment=_appointment(detail),
        attempts_left=passphrases.attempts_left(desk(), actor()),
        attempts=passphrases.LIMIT,
        wrong=wrong or {},
        failed=faults.sentence(failed) if failed else "",
        has_errors=bool(wrong or failed),
    )


def _appointment(detail: Detail) -> tuple[Appointment, str] | None:
    """By which appointment the person gives paraf today, and how their capacity is written."""
    role = detail.step.role if detail.step else ""
    with desk().db.read() as session:
        found = appointments.of_user(session, actor().user_id, detail.berkas.office_id, role, desk().today())
    return (found, appointments.capacity_text(found)) if found else None


def _goes_on() -> bool:
    """Whether the person came from the letters to sign."""
    return request.values.get("lanjut") == "tandatangan"


def _return_page(berkas_id: int) -> ResponseReturnValue:
    """The return's reason alone, one tap from wherever a letter is shown."""
    detail = views.detail(desk(), actor(), berkas_id)
    returns = detail.step is not None and detail.step.action in reading.QUICK_REASONS
    if not returns or Decision.RETURN not in detail.may:
        return reading.elsewhere(berkas_id, NotYourStep())
    return _reason_page(detail, "paraf/return.html", detail.berkas.version)


def _again(berkas_id: int, page: str, fault: Invalid) -> ResponseReturnValue:
    """The reason alone on a page of its own, with what was chosen and typed, and what is missing."""
    detail = views.detail(desk(), actor(), berkas_id)
    return _reason_page(detail, page, reading.shown_version(), faults.sentence(fault)), 422


def _reason_page(detail: Detail, page: str, version: int, error: str = "") -> str:
    action = detail.step.action if detail.step else Action.PROCESS
    return render_template(
        page,
        detail=detail,
        version=version,
        goes_on=_goes_on(),
        destinations=reading.destinations(detail),
        quick=reading.quick_reasons(action),
        chosen=request.form.getlist("quick"),
        reason=request.form.get("reason", ""),
        to=request.form.get("to", ""),
        error=error,
        has_errors=bool(error),
    )
