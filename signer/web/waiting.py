"""The letters that wait for the signature of the person signed in: their order, and what is told of each."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext as _

from signer import appointments
from signer.batch import opening
from signer.berkas import lists, views
from signer.berkas.lists import Row
from signer.berkas.views import Detail
from signer.sop import Action
from signer.web import dates, reading, shown
from signer.web.context import actor, desk


def rows() -> list[Row]:
    """The berkas that wait for this person's signature, most overdue first."""
    return [row for row in lists.inbox(desk(), actor()) if row.action is Action.SIGN and not row.on_behalf]


def place(berkas_id: int) -> dict[str, Any]:
    """Where a letter stands among those that wait: `number` of `all`, ids of the one `before` and `after`, or None."""
    ids = [row.id for row in rows()]
    at = ids.index(berkas_id) if berkas_id in ids else 0
    return {
        "number": at + 1,
        "all": len(ids),
        "before": ids[at - 1] if at else None,
        "after": ids[at + 1] if at + 1 < len(ids) else None,
    }


def letters(found: list[Row]) -> list[dict[str, Any]]:
    """These letters with their facts, as the table of batch signing shows them; each paraf is verified now."""
    details = [views.detail(desk(), actor(), row.id) for row in found]
    shas = [detail.rendering.sha256 for detail in details if detail.rendering]
    with desk().db.read() as session:
        opened = opening.among(session, actor(), shas)
    return [_letter(detail, opened) for detail in details if detail.rendering]


def _letter(detail: Detail, opened: set[bytes]) -> dict[str, Any]:
    rendering = detail.rendering
    assert rendering is not None  # noqa: S101 (asked by the caller)
    parafs = reading.parafs(detail)
    return {
        "id": detail.berkas.id,
        "value": f"{detail.berkas.id}:{rendering.sha256.hex()}",
        "number": rendering.number,
        "subject": rendering.subject,
        "date": rendering.letter_date,
        "days": (desk().today() - rendering.letter_date).days,
        "from": f"{detail.berkas.applicant}, {detail.berkas.desa}",
        "left": shown.minutes(detail.clock),
        "parafs": parafs,
        "news": reading.news(detail),
        "opened": rendering.sha256 in opened,
        "blocked": _blocked(detail, parafs),
        "href": url_for("reader.read", berkas_id=detail.berkas.id),
    }


def _blocked(detail: Detail, parafs: list[dict[str, Any]]) -> str:
    """Why the letter cannot be ticked, as a sentence; empty if it can. Signing asks all of it again."""
    rendering, signatory = detail.rendering, detail.signatory
    if rendering is None or signatory is None or signatory.user_id != actor().user_id:
        return str(_("Disusun untuk ditandatangani %(who)s.", who=rendering.signatory if rendering else "–"))
    if not appointments.holds(signatory, desk().today()):
        return str(_("Penunjukan penanda tangannya tidak berlaku hari ini."))
    if rendering.letter_date > desk().today():
        return str(_("Bertanggal %(date)s, sesudah hari ini.", date=dates.long_date(rendering.letter_date)))
    if not parafs or any(paraf["fault"] for paraf in parafs):
        return str(_("Parafnya tidak lolos pemeriksaan."))
    return ""
