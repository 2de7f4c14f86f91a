"""SOP step 5: the Camat reads the same pages as Kasi, and signs exactly those bytes; then the letter is out."""

from __future__ import annotations

import base64

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from signer import appointments, passphrases, qr, seal, signing
from signer.berkas import views
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
from signer.sop import Action
from signer.tables.letters import Letter
from signer.web import faults, reading, shown, waiting
from signer.web.context import actor, desk, keys
from verifier import token

pages = Blueprint("sign", __name__)


@pages.route("/berkas/<int:berkas_id>/tandatangan", methods=["GET", "POST"], endpoint="sign")
def sign(berkas_id: int) -> ResponseReturnValue:
    """Read the letter; POST signs the rendering that was shown. Once signed: the letter that is out."""
    if request.method == "POST":
        reading.standing(berkas_id, Action.SIGN)
        return _sign(berkas_id)
    detail = views.detail(desk(), actor(), berkas_id)
    if detail.letter is not None:
        return render_template("sign/issued.html", detail=detail, shared=sharing(detail.letter))
    try:
        return _page(reading.standing(berkas_id, Action.SIGN))
    except NotYourStep as fault:
        return reading.elsewhere(berkas_id, fault)


def sharing(letter: Letter) -> dict[str, str]:
    """What is passed on of a letter: its public address, its printed code, and the picture of its QR (SVG)."""
    text = seal.qr_text(keys().base_url, letter.token, letter.seal)
    return {
        "url": f"{keys().base_url}/v/{letter.token}",
        "code": token.printed(letter.token),
        "qr": "data:image/svg+xml;base64," + base64.b64encode(qr.svg(text).encode()).decode(),
    }


def _sign(berkas_id: int) -> ResponseReturnValue:
    confirmed = request.form.get("confirm_date") == "ya"
    secret = request.form.get("passphrase", "")
    shown = reading.shown_rendering()
    try:
        signing.sign(desk(), keys(), actor(), berkas_id, shown, secret, confirm_earlier_date=confirmed)
    except (WrongPassphrase, TooManyAttempts) as fault:
        status = 429 if isinstance(fault, TooManyAttempts) else 422
        return _page(reading.standing(berkas_id, Action.SIGN), {"passphrase": faults.sentence(fault)}), status
    except Invalid as fault:
        return _page(reading.standing(berkas_id, Action.SIGN), {fault.field or "": faults.sentence(fault)}), 422
    except (StaleRendering, Conflict, KeyUnavailable, TimestampUnavailable, SigningRefused) as fault:
        # The berkas may have left this step meanwhile; then its own 409 page says so.
        return _page(reading.standing(berkas_id, Action.SIGN), failed=fault), faults.status_of(fault)
    return redirect(url_for("sign.sign", berkas_id=berkas_id), 303)


def _page(detail: Detail, wrong: dict[str, str] | None = None, failed: SuratError | None = None) -> str:
    rendering, signatory = detail.rendering, detail.signatory
    return render_template(
        "sign/sign.html",
        detail=detail,
        images=reading.rendering_pictures(detail),
        papers=reading.papers(detail),
        checklist=reading.checklist(detail),
        parafs=reading.parafs(detail),
        news=reading.news(detail),
        place=waiting.place(detail.berkas.id),
        left=shown.minutes(detail.clock),
        destinations=reading.destinations(detail),
        quick=reading.quick_reasons(Action.SIGN),
        capacity=appointments.capacity_text(signatory) if signatory else "",
        mine=signatory is not None and signatory.user_id == actor().user_id,
        in_office=signatory is not None and appointments.holds(signatory, desk().today()),
        days=(desk().today() - rendering.letter_date).days if rendering else 0,
        attempts_left=passphrases.attempts_left(desk(), actor()),
        attempts=passphrases.LIMIT,
        wrong=wrong or {},
        confirmed=request.form.get("confirm_date") == "ya",
        failed=faults.sentence(failed) if failed else "",
        has_errors=bool(wrong or failed),
    )
