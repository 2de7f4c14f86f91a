"""Penunjukan: who signs in which capacity; the short way to a Plh.; and Kunci saya, where holders set their key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from signer import appointing, appointments, health
from signer.appointment_facts import Facts, lines
from signer.appointments import AN, DEFINITIVE, PLH, PLT
from signer.errors import Invalid, KeyUnavailable, NotFound
from signer.tables.office import Appointment
from signer.web import faults, flow, shown
from signer.web.context import actor, desk, keys
from signer.web.language import N_

pages = Blueprint("appointing", __name__)
ROLES: Mapping[str, str] = {"camat": N_("Menandatangani surat (Camat)"), "kasi": N_("Memberi paraf (Kasi)")}
CAPACITIES: Mapping[str, tuple[str, str]] = {
    DEFINITIVE: (N_("Definitif"), N_("Pejabat tetap.")),
    PLT: (N_("Plt. (pelaksana tugas)"), N_("Jabatan sedang kosong.")),
    PLH: (N_("Plh. (pelaksana harian)"), N_("Pejabat tetap sedang berhalangan, untuk waktu tertentu.")),
    AN: (N_("a.n. (atas nama)"), N_("Wewenang menandatangani dilimpahkan; jabatan sendiri ikut dicetak.")),
}


@pages.get("/kantor/penunjukan")
def index() -> str:
    """Every appointment: running, to come, past."""
    found = appointing.listed(desk(), actor().office_id)
    away = appointing.absent(desk(), actor().office_id)
    return render_template(
        "office/appointments.html",
        items=[_shown(one) for one in found],
        away=away,
        place=flow.place("penunjukan"),
    )


@pages.route("/kantor/penunjukan/baru", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    """Record an appointment; its holder sets the key afterwards."""
    typed = _typed(Facts(starts_on=desk().today().isoformat()))
    if request.method == "GET":
        return _form("office/appoint.html", typed)
    if request.form.get("aksi") == "lihat":
        return _form("office/appoint.html", appointing.named(desk(), actor(), typed))
    try:
        made = appointing.add(desk(), actor(), typed)
    except Invalid as fault:
        return _form("office/appoint.html", typed, shown.errors_of(fault)), 422
    return _recorded(made)


@pages.route("/kantor/penunjukan/plh", methods=["GET", "POST"])
def stand_in() -> ResponseReturnValue:
    """The Camat is away: who, until when, by which letter. Nothing else is asked."""
    today = desk().today()
    start = Facts(starts_on=today.isoformat(), ends_on=(today + timedelta(days=6)).isoformat(), capacity=PLH)
    typed = _typed(start)
    if request.method == "GET":
        return _form("office/stand_in.html", typed)
    try:
        made = appointing.stand_in(desk(), actor(), typed)
    except Invalid as fault:
        return _form("office/stand_in.html", typed, shown.errors_of(fault)), 422
    return _recorded(made)


@pages.route("/kantor/penunjukan/<int:appointment_id>/akhiri", methods=["GET", "POST"])
def end(appointment_id: int) -> ResponseReturnValue:
    """The last day of an appointment; one to come is cancelled."""
    one = next((item for item in appointing.listed(desk(), actor().office_id) if item.row.id == appointment_id), None)
    if one is None or one.state == "berakhir":
        raise NotFound()
    day = request.form.get("last_day", desk().today().isoformat())
    if request.method == "GET":
        return render_template("office/end.html", item=_shown(one), day=day, errors={})
    try:
        appointing.end(desk(), actor(), appointment_id, day)
    except Invalid as fault:
        errors = shown.errors_of(fault)
        return render_template("office/end.html", item=_shown(one), day=day, errors=errors, has_errors=True), 422
    flash(_("Penunjukan %(name)s diakhiri.", name=one.row.holder), "success")
    return redirect(url_for("appointing.index"), 303)


@pages.get("/kunci")
def own_keys() -> str:
    """The person's own appointments, and the key of each."""
    return _own_page()


@pages.post("/kunci/<int:appointment_id>")
def set_key(appointment_id: int) -> ResponseReturnValue:
    """Make the key of an own appointment under a passphrase typed twice."""
    secret, again = request.form.get("passphrase", ""), request.form.get("passphrase_again", "")
    try:
        appointing.set_key(desk(), keys(), actor(), appointment_id, secret, again)
    except (Invalid, KeyUnavailable) as fault:
        errors = shown.errors_of(fault) if isinstance(fault, Invalid) else {"": faults.sentence(fault)}
        return _own_page(appointment_id, errors), 422
    flash(_("Kunci dibuat. Passphrase tidak disimpan di mana pun: ingatlah baik-baik."), "success")
    return redirect(url_for("appointing.own_keys"), 303)


def _recorded(made: Appointment) -> ResponseReturnValue:
    flash(
        _(
            "Penunjukan %(name)s dicatat. Ia dapat bertindak setelah menetapkan passphrase di Kunci saya.",
            name=made.holder,
        ),
        "success",
    )
    if flow.following():
        return redirect(flow.address("penunjukan"), 303)
    return redirect(url_for("appointing.index"), 303)


def _typed(start: Facts) -> Facts:
    if request.method == "GET":
        return start
    given = {one.name: request.form.get(one.name, getattr(start, one.name)) for one in fields(Facts)}
    return Facts(**given)


def _form(template: str, typed: Facts, errors: Mapping[str, str] | None = None) -> str:
    return render_template(
        template,
        typed=asdict(typed),
        errors=errors or {},
        has_errors=bool(errors),
        people=appointing.candidates(desk(), actor().office_id),
        roles=[(key, _(text)) for key, text in ROLES.items()],
        capacities=[(key, _(text), _(hint)) for key, (text, hint) in CAPACITIES.items()],
        away=appointing.absent(desk(), actor().office_id),
        lines=lines(typed),
        alur=flow.FLOW if flow.following() else "",
    )


def _shown(one: appointing.Listed) -> dict[str, Any]:
    return {
        "row": one.row,
        "account": one.account,
        "active": one.active,
        "state": one.state,
        "role": _(ROLES[one.row.role]) if one.row.role in ROLES else one.row.role,
        "capacity": _(CAPACITIES[one.row.capacity][0]),
        "lines": lines(one.row),
        "certificate": _certificate(one.row),
    }


def _own_page(at_fault: int = 0, errors: Mapping[str, str] | None = None) -> str:
    rows = appointing.own(desk(), actor())
    today = desk().today()
    return render_template(
        "office/own_keys.html",
        items=[
            {
                "row": row,
                "title": appointments.capacity_text(row),
                "lines": lines(row),
                "certificate": _certificate(row),
                "runs": appointments.holds(row, today),
                "errors": (errors or {}) if row.id == at_fault else {},
            }
            for row in rows
        ],
        errors=errors or {},
        has_errors=bool(errors),
        length=appointing.PASSPHRASE_LENGTH,
        username=actor().name,
    )


def _certificate(row: Appointment) -> dict[str, Any] | None:
    """What the certificate of an appointment's key says; None without one."""
    if not row.certificate:
        return None
    found = health.certificate_of(row)
    return {
        "subject": found.subject.native.get("common_name", ""),
        "issuer": found.issuer.native.get("common_name", ""),
        "serial": f"{found.serial_number:x}",
        "starts": found.not_valid_before,
        "until": found.not_valid_after,
        "over": found.not_valid_after <= desk().now(),
        "simulated": "SIMULASI" in found.issuer.human_friendly.upper(),
    }
