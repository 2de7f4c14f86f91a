"""What Kasi, Camat and Staf see beside a letter: its pages, the berkas's papers, and what changed since a return."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, time
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from signer import appointments
from signer.berkas import changes, paraf, views
from signer.berkas.changes import Change
from signer.berkas.draft import Form
from signer.berkas.views import Detail, Event
from signer.berkas.written import Kind
from signer.errors import NotYourStep, SigningRefused
from signer.sop import Action, Decision, expect
from signer.tables.office import Appointment
from signer.web import dates, faults, language
from signer.web.context import actor, desk, keys
from signer.web.language import N_, word

WIDTHS = (480, 760, 1080, 1600)
"""Pixels of the page pictures: phones, phones with dense screens, desktops, zoomed."""
A4_RATIO = 297 / 210
QUICK_REASONS = {
    Action.PROCESS: (N_("Dokumen tidak terbaca."), N_("Berkas tidak sesuai pengajuan."), N_("Data Rakor keliru.")),
    Action.PARAF: (N_("Hari, tanggal, atau waktu Rakor keliru."), N_("Tempat keliru."), N_("Daftar penerima keliru.")),
    Action.SIGN: (N_("Isi surat perlu diperbaiki."), N_("Tanggal surat keliru."), N_("Penerima keliru.")),
}
"""Kept in Indonesian, whatever the language of the page on which they were ticked: others read them."""
WHOLE_SCREEN = "(min-width: 62rem) 58rem, 100vw"
SIZES = "(min-width: 62rem) 40rem, (min-width: 48rem) 50rem, 92vw"


def standing(berkas_id: int, action: Action) -> Detail:
    """The berkas, if it waits for `action` from the person signed in. Raises NotFound, NotYourStep."""
    detail = views.detail(desk(), actor(), berkas_id)
    expect(detail.sop, detail.position, action, actor().holders)
    return detail


def elsewhere(berkas_id: int, fault: NotYourStep) -> Response:
    """To the berkas's own page, saying where it is: an old link is no mistake of the person who follows it."""
    flash(faults.sentence(fault), "info")
    return redirect(url_for("berkas.show", berkas_id=berkas_id), 303)


def shown_version() -> int:
    """The version of the berkas that the sent form was made from; one that never is where the form names none."""
    return request.form.get("version", -1, type=int)


def shown_rendering() -> bytes:
    """The SHA-256 of the rendering that the sent form showed; empty, which matches none, where it is no hex."""
    try:
        return bytes.fromhex(request.form.get("shown", ""))
    except ValueError:
        return b""


def page_pictures(detail: Detail, file: bytes | None = None) -> list[dict[str, Any]]:
    """The pages of the letter as pictures for every screen's width, numbered from 1.

    `file` is the SHA-256 of the very file that is to be seen: a picture of any other is then refused.
    """
    if detail.rendering is None:
        return []
    given = {"v": file.hex()} if file is not None else {}
    return [_picture(detail.berkas.id, number, given) for number in range(1, detail.rendering.pages + 1)]


def rendering_pictures(detail: Detail) -> list[dict[str, Any]]:
    """The pages of exactly the rendering that paraf or signature is asked for."""
    return page_pictures(detail, detail.rendering.sha256 if detail.rendering else None)


def whole_screen(images: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same pictures for a page that gives them its whole width."""
    return [image | {"sizes": WHOLE_SCREEN} for image in images]


def papers(detail: Detail) -> list[dict[str, Any]]:
    """The attachments as the attachments macro lists them, new ones marked."""
    labels = {need.key: word(need.label) for need in detail.sop.requirements}
    return [
        {
            "name": file.name,
            "href": url_for("berkas.attachment", berkas_id=detail.berkas.id, attachment_id=file.id),
            "media_type": file.media_type,
            "size": dates.size_text(file.size),
            "requirement": labels.get(file.requirement, file.requirement) + (_(" · baru") if file.since_return else ""),
        }
        for file in detail.files
    ]


def checklist(detail: Detail) -> list[dict[str, str]]:
    """The newest check of each requirement as the checklist_result macro shows it."""
    words = {True: "lengkap", False: "kurang", None: ""}
    found = [(need, detail.findings.get(need.key)) for need in detail.sop.requirements]
    return [
        {
            "label": word(need.label),
            "value": words[finding.complete if finding else None],
            "reason": finding.reason if finding else "",
        }
        for need, finding in found
    ]


def sent_back(detail: Detail) -> Event | None:
    """The return by which the berkas came to the step it waits at, while nobody decided there since."""
    here = detail.position.step or 0
    for event in reversed(detail.events):
        if event.decision is Decision.RETURN and event.step > here:
            return event
        if event.step == here and event.decision is not Decision.WITHDRAW:
            return None
    return None


def last_return(detail: Detail) -> Event | None:
    """The newest return from the step the berkas waits at or a later one: what was asked for when it was last seen."""
    here = detail.position.step or 0
    found = [event for event in detail.events if event.decision is Decision.RETURN and event.step >= here]
    return found[-1] if found else None


def news(detail: Detail) -> dict[str, Any] | None:
    """What is different since the berkas was last returned from this step or a later one; None if it never was.

    Nor where that return led straight here: then nothing has been done since (`sent_back` says so).
    """
    event = last_return(detail)
    if event is None or detail.rendering is None or event is detail.events[-1]:
        return None
    return {
        "own": event.step == detail.position.step,
        "reason": event.reason,
        "who": event.actor,
        "when": event.at,
        "files": [file for file in detail.files if file.added_at > event.at],
        "same": detail.rendering.created_at <= event.at,
        "changes": [_worded(change) for change in changes.since(desk(), detail.rendering, event.at)],
    }


def since_rendered(berkas_id: int, form: Form) -> list[Change] | None:
    """What a draft says differently from the letter that came back; None where there never was one."""
    found = changes.since_rendered(desk(), berkas_id, form)
    return None if found is None else [_worded(change) for change in found]


def value_text(kind: Kind, text: str) -> str:
    """A value as the page's language writes it; what is no date or time (a draft may hold anything) as it is."""
    try:
        if kind == "date" and text:
            return dates.day_and_date(date.fromisoformat(text))
        if kind == "time" and text:
            return dates.clock_time(time.fromisoformat(text))
    except ValueError:
        pass
    return text


def _worded(change: Change) -> Change:
    """The change with its label and its dates in the page's language."""
    label = change.label_en if language.current() == "en" else change.label
    before, after = (value_text(change.kind, text) for text in (change.before, change.after))
    return replace(change, label=label, before=before, after=after)


def parafs(detail: Detail) -> list[dict[str, Any]]:
    """Each standing paraf: who, in which capacity, when, and `fault`, a sentence where it does not verify now."""
    rendering = detail.rendering
    if rendering is None or not detail.paraf:
        return []
    data = desk().blobs.get_checked(rendering.blob_key, rendering.sha256)
    return [
        {
            "who": who.holder,
            "capacity": appointments.capacity_text(who),
            "at": given.signed_at,
            "fault": _paraf_fault(data, given.signature, who),
        }
        for given, who in detail.paraf
    ]


def destinations(detail: Detail) -> list[tuple[int, str]]:
    """Where a return may lead from here: step number and words, the usual one first."""
    step = detail.step
    if step is None or Decision.RETURN not in detail.may:
        return []
    steps = [detail.sop.step(no) for no in step.returns_to]
    return [(s.no, f"{s.no}. {word(s.brief)} ({word(detail.sop.role(s.role).label)})") for s in steps]


def signers(found: Iterable[Appointment]) -> list[tuple[int, str]]:
    """Who may sign, as choices of a form."""
    return [(who.id, f"{who.holder} ({appointments.capacity_text(who)})") for who in found]


def quick_reasons(action: Action) -> list[tuple[str, str]]:
    """What a return from this step usually says, as choices: the sentence that is kept, and as this page says it."""
    return [(text, _(text)) for text in QUICK_REASONS.get(action, ())]


def reason_sent() -> str:
    """The reason of a return or refusal: the choices ticked, then what was typed, a line each."""
    ticked = [text.strip() for text in request.form.getlist("quick")]
    return "\n".join(part for part in (*ticked, request.form.get("reason", "").strip()) if part)


def _paraf_fault(data: bytes, signature: bytes, who: Appointment) -> str:
    try:
        paraf.verified(data, signature, keys(), who)
    except SigningRefused as fault:
        return faults.sentence(fault)
    return ""


def _picture(berkas_id: int, number: int, given: dict[str, str]) -> dict[str, Any]:
    def address(width: int) -> str:
        return url_for("berkas.page", berkas_id=berkas_id, number=number, lebar=width, **given)  # type: ignore[arg-type]  # url_for takes any values for the address

    return {
        "src": address(WIDTHS[1]),
        "srcset": ", ".join(f"{address(width)} {width}w" for width in WIDTHS),
        "sizes": SIZES,
        "large": address(WIDTHS[-1]),
        "width": WIDTHS[1],
        "height": round(WIDTHS[1] * A4_RATIO),
    }
