"""The files of the form of SOP step 1: those that came with it, and those sent before, for which it carries tickets."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

from flask import request, url_for

from signer import incoming
from signer.berkas.views import Detail
from signer.errors import Invalid, NotFound
from signer.incoming import Waiting
from signer.sop import Requirement, Sop
from signer.uploads import Stored, Upload
from signer.web import applying, dates, faults, uploading
from signer.web.context import actor, desk

Sent = Upload | Stored


def gather(steps: Sop, place: str, have: Sequence[tuple[str, bytes]] = ()) -> tuple[list[Sent], dict[str, str]]:
    """What the form brings, each file once, and the faults of photos that could not be joined, by field.

    `have`: requirement and SHA-256 of the files that the berkas has already.
    """
    dropped = request.form.getlist("drop")
    _drop(dropped)
    tickets = [ticket for ticket in request.form.getlist("kept") if ticket not in dropped]
    fresh: list[Upload] = applying.uploads(steps)
    refused: list[tuple[str, Invalid]] = []
    for need in steps.requirements:
        if f"gabung-{need.key}" in request.form:
            kept, faulty = incoming.keep(
                desk(), actor(), place, [file for file in fresh if file.requirement == need.key]
            )
            fresh = [file for file in fresh if file.requirement != need.key]
            tickets, unjoined = _joined(place, need, [*tickets, *(one.ticket for one in kept)])
            refused += [*faulty, *unjoined]
    before = [stored for _one, stored in incoming.take(desk(), actor(), tickets)]
    return _once([*before, *fresh], have), by_requirement(refused)


def keep(place: str, files: Iterable[Sent]) -> dict[str, str]:
    """Keep what came with a form that cannot be used yet; gives the faults of files that cannot either, by field."""
    fresh = [file for file in files if isinstance(file, Upload)]
    _kept, refused = incoming.keep(desk(), actor(), place, fresh)
    return by_requirement(refused)


def given(steps: Sop, place: str, detail: Detail | None) -> dict[str, list[dict[str, Any]]]:
    """By requirement, the files that are there already, as the files macro lists them."""
    taken = [one for one, _stored in incoming.take(desk(), actor(), request.form.getlist("kept"))]
    waiting = {one.ticket: one for one in [*taken, *incoming.waiting(desk(), actor(), place)]}
    found: dict[str, list[dict[str, Any]]] = {need.key: [] for need in steps.requirements}
    for file in detail.files if detail else ():
        address = url_for("berkas.attachment", berkas_id=detail.berkas.id, attachment_id=file.id) if detail else ""
        line = {"name": file.name, "size": dates.size_text(file.size), "id": file.id, "href": address}
        found.setdefault(file.requirement, []).append(line)
    for one in waiting.values():
        found.setdefault(one.requirement, []).append(_line(one))
    return found


def by_requirement(refused: Iterable[tuple[str, Invalid]]) -> dict[str, str]:
    """One sentence a file field, whatever number of its files was refused."""
    found: dict[str, str] = {}
    for key, fault in refused:
        name = f"files-{key}"
        found[name] = f"{found[name]} {faults.sentence(fault)}" if name in found else faults.sentence(fault)
    return found


def _line(one: Waiting) -> dict[str, Any]:
    return {
        "name": one.name,
        "size": dates.size_text(one.size),
        "ticket": one.ticket,
        "photo": one.photo,
        "percent": None if one.whole else 100 * one.received // one.size,
    }


def _drop(tickets: Iterable[str]) -> None:
    for ticket in tickets:
        with suppress(NotFound):
            incoming.drop(desk(), actor(), ticket)


def _once(files: Iterable[Sent], have: Iterable[tuple[str, bytes]]) -> list[Sent]:
    """Each file once for each requirement, and none that the berkas has already."""
    seen, found = set(have), []
    for file in files:
        same = (file.requirement, file.sha256 if isinstance(file, Stored) else hashlib.sha256(file.data).digest())
        if same not in seen:
            seen.add(same)
            found.append(file)
    return found


def _joined(place: str, need: Requirement, tickets: list[str]) -> tuple[list[str], list[tuple[str, Invalid]]]:
    """The tickets, with one PDF's in place of those of the requirement's photos; or unchanged, with the fault."""
    own = [one for one, _stored in incoming.take(desk(), actor(), tickets) if one.requirement == need.key and one.photo]
    if len(own) < 2:
        return tickets, []
    photos = [one.ticket for one in own]
    try:
        made = incoming.join(desk(), actor(), place, photos, uploading.joined_name(need, len(photos)))
    except Invalid as fault:
        return tickets, [(need.key, fault)]
    return [*(ticket for ticket in tickets if ticket not in photos), made.ticket], []
