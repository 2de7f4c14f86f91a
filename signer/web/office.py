"""Kantor: what an admin has set and what is still to do; identity, logo, number pattern, record, test letter."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from signer import letterhead, office, readiness, rehearsal
from signer.errors import Invalid, NotFound, SuratError, TemplateFault
from signer.office import Identity
from signer.tables.admin import TrialLetter
from signer.tables.office import Office
from signer.web import dates, faults, flow, office_record, shown
from signer.web.context import actor, desk, keys, web

pages = Blueprint("office", __name__)
FORMS: Mapping[str, str] = {"identitas": "office/identity.html", "nomor": "office/number.html"}
"""The pages that share the preview, by what their form calls itself."""


@pages.get("/kantor/")
def home() -> str:
    """What is set, what is still to do, and the one thing to do next."""
    items = flow.waiting()
    following = readiness.next_item(items)
    return render_template(
        "office/home.html",
        items=[_item(item) for item in items],
        done=sum(item.done for item in items),
        next=_item(following) if following else None,
        row=office.row(desk(), actor().office_id),
    )


@pages.route("/kantor/identitas", methods=["GET", "POST"])
def identity() -> ResponseReturnValue:
    """The office's name and address as letters print them."""
    row = office.row(desk(), actor().office_id)
    typed = _typed(row)
    if request.method == "GET":
        return _form("identitas", row, typed)
    try:
        office.save_identity(desk(), actor(), typed)
    except Invalid as fault:
        return _form("identitas", row, typed, shown.errors_of(fault)), 422
    flash(_("Identitas kantor disimpan. Berlaku untuk surat yang difinalkan mulai sekarang."), "success")
    return redirect(flow.onward("identitas"), 303)


@pages.route("/kantor/nomor", methods=["GET", "POST"])
def number() -> ResponseReturnValue:
    """How letters are numbered."""
    row = office.row(desk(), actor().office_id)
    if request.method == "GET":
        return _form("nomor", row, Identity.of(row))
    try:
        office.save_pattern(desk(), actor(), request.form.get("number_pattern", ""))
    except Invalid as fault:
        return _form("nomor", row, Identity.of(row), shown.errors_of(fault)), 422
    flash(_("Pola nomor disimpan. Nomor yang sudah dipesan tidak berubah."), "success")
    return redirect(flow.onward("nomor"), 303)


@pages.post("/kantor/pratinjau")
def preview() -> ResponseReturnValue:
    """The upper part of a letter as typed: JSON for the page's script, else the form with the picture."""
    row = office.row(desk(), actor().office_id)
    page = request.form.get("halaman", "")
    if page not in FORMS:
        raise NotFound()
    typed, pattern = _typed(row), request.form.get("number_pattern", row.number_pattern)
    try:
        picture = _picture(typed, pattern)
    except (Invalid, TemplateFault) as fault:
        errors = shown.errors_of(fault) if isinstance(fault, Invalid) else {"": faults.sentence(fault)}
        return (jsonify({"errors": errors}) if faults.wants_json() else _form(page, row, typed, errors)), 422
    if faults.wants_json():
        return jsonify({"pages": [{"id": hashlib.sha256(picture.encode()).hexdigest()[:16], "src": picture}]})
    return _form(page, row, typed)


@pages.route("/kantor/logo", methods=["GET", "POST"])
def logo() -> ResponseReturnValue:
    """The picture in the kop."""
    row = office.row(desk(), actor().office_id)
    if request.method == "GET":
        return _logo_form(row, row.logo_alt)
    file, alt = request.files.get("logo"), request.form.get("logo_alt", "")
    data = file.stream.read(letterhead.MAX_UPLOAD + 1) if file and file.filename else b""
    try:
        office.save_logo(desk(), actor(), data, alt)
    except Invalid as fault:
        return _logo_form(row, alt, shown.errors_of(fault)), 422
    flash(_("Logo disimpan. Dicetak pada surat yang difinalkan mulai sekarang."), "success")
    return redirect(flow.onward("logo"), 303)


@pages.post("/kantor/logo/hapus")
def remove_logo() -> ResponseReturnValue:
    """From now on letters carry no logo."""
    office.remove_logo(desk(), actor())
    flash(_("Kop dicetak tanpa logo."), "success")
    return redirect(flow.onward("logo"), 303)


@pages.get("/logo/<string(length=64):sha256>.png")
def logo_file(sha256: str) -> Response:
    """The office's logo for everybody's pages, found by its own hash alone."""
    key = f"{letterhead.FOLDER}/{sha256}.png"
    with desk().db.read() as session:
        known = session.scalar(select(Office.id).where(Office.logo_key == key).limit(1))
    if known is None:
        raise NotFound()
    answer = Response(letterhead.logo(key, desk().blobs), mimetype="image/png")
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return answer


@pages.get("/kantor/riwayat")
def history() -> str:
    """Who changed what about the office."""
    events, names = office.history(desk(), actor().office_id, 200)
    rows = [
        {
            "event": event,
            "who": names.get(event.actor_id, "–"),
            "text": _(office_record.ACTS[event.act]),
            "more": office_record.changes(event.detail, names),
        }
        for event in events
    ]
    return render_template("office/history.html", rows=rows)


@pages.route("/kantor/surat-uji", methods=["GET", "POST"])
def rehearse() -> ResponseReturnValue:
    """The last signed test letter; POST makes a new one."""
    if request.method == "GET":
        return _rehearsed()
    try:
        rehearsal.run(desk(), actor(), web().theatre)
    except SuratError as fault:
        return _rehearsed(faults.sentence(fault)), 422
    flash(_("Surat uji selesai melewati ketujuh langkah."), "success")
    return redirect(url_for("office.rehearse", alur=request.values.get("alur")), 303)


@pages.get("/kantor/surat-uji/<int:number>.pdf")
def rehearsed_pdf(number: int) -> Response:
    """The test letter's file."""
    letter = _own(number)
    sha256 = bytes.fromhex(letter.report["sha256"])
    answer = Response(desk().blobs.get_checked(letter.pdf_key, sha256), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="surat-uji-{number}.pdf"'
    return answer


@pages.get("/kantor/surat-uji/<int:number>.webp")
def rehearsed_picture(number: int) -> Response:
    """The test letter's first page."""
    return Response(desk().blobs.get(_own(number).picture_key), mimetype="image/webp")


def _own(number: int) -> TrialLetter:
    with desk().db.read() as session:
        letter = session.get(TrialLetter, number)
    if letter is None or letter.office_id != actor().office_id:
        raise NotFound()
    return letter


def _item(item: readiness.Item) -> dict[str, Any]:
    endpoint, title = flow.PAGES[item.key]
    return {
        "key": item.key,
        "title": _(title),
        "done": item.done,
        "facts": item.facts,
        "href": url_for(endpoint),
        "flow_href": flow.address(item.key),
    }


def _typed(row: Office) -> Identity:
    """What the form says, and what it does not ask for as it is."""
    return Identity(**{one.name: request.form.get(one.name, getattr(row, one.name)) for one in fields(Identity)})


def _picture(identity: Identity, pattern: str) -> str:
    drawn = office.preview(desk(), actor().office_id, identity, pattern, keys().mode)
    return "data:image/webp;base64," + base64.b64encode(drawn).decode()


def _form(page: str, row: Office, typed: Identity, errors: Mapping[str, str] | None = None) -> str:
    pattern = request.form.get("number_pattern", row.number_pattern)
    try:
        picture, example = _picture(typed, pattern), office.next_number(desk(), row.id, pattern, typed.unit)
    except (Invalid, TemplateFault):  # said at its field
        picture = example = ""
    return render_template(
        FORMS[page],
        typed={**asdict(typed), "number_pattern": pattern},
        errors=errors or {},
        has_errors=bool(errors),
        pictures=[{"src": picture, "width": office.PREVIEW_SIZE[0], "height": office.PREVIEW_SIZE[1]}]
        if picture
        else [],
        example=example,
        place=flow.place(page),
    )


def _logo_form(row: Office, alt: str, errors: Mapping[str, str] | None = None) -> str:
    return render_template(
        "office/logo.html",
        row=row,
        alt=alt,
        logo_url=logo_url(row),
        errors=errors or {},
        has_errors=bool(errors),
        picture=_picture(Identity.of(row), row.number_pattern),
        size=office.PREVIEW_SIZE,
        place=flow.place("logo"),
    )


def logo_url(row: Office) -> str:
    """The address of the office's logo, or nothing."""
    if not row.logo_key:
        return ""
    return url_for("office.logo_file", sha256=row.logo_key.removeprefix(f"{letterhead.FOLDER}/").removesuffix(".png"))


def _rehearsed(fault: str = "") -> str:
    found = office.last_test(desk(), actor().office_id)
    row = office.row(desk(), actor().office_id)
    return render_template(
        "office/rehearse.html",
        letter=found[0] if found else None,
        who=found[1] if found else "",
        seconds=dates.decimal(found[0].millis / 1000) if found else "",
        current=bool(found and found[0].identity == office.digest(row)),
        checks=_checks(found[0].report) if found else [],
        fault=fault,
        has_errors=bool(fault),
        place=flow.place("uji"),
    )


def _checks(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The verifier's report in five lines."""
    signature: Mapping[str, Any] = next(iter(report["signatures"]), {})
    trusted = bool(signature.get("trusted"))
    return [
        {
            "title": _("Isi tidak berubah sejak ditandatangani"),
            "result": report["integrity"] in ("unchanged", "permitted-changes"),
        },
        {"title": _("Rantai sertifikat sampai ke CA percobaan"), "result": trusted, "detail": signature.get("signer")},
        {"title": _("Tanda tangan mengunci dokumen"), "result": bool(signature.get("certified"))},
        {
            "title": _("Stempel waktu"),
            "result": bool(signature.get("timestamps")),
            "detail": _at(signature.get("signed_at")),
        },
        {"title": _("Dapat diperiksa jangka panjang (PAdES B-LTA)"), "result": signature.get("level") == "B-LTA"},
        {"title": _("Tercatat di register percobaan"), "result": report["registry"] is not None},
    ]


def _at(text: object) -> str:
    """An instant of the report as pages write it."""
    return dates.moment(datetime.fromisoformat(text)) if isinstance(text, str) else ""
