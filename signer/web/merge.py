"""Two people wrote one draft at once: both texts field by field, and one draft made of them by choice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from signer.berkas import draft, merging, wording
from signer.berkas.draft import Form
from signer.berkas.merging import Difference, Side
from signer.berkas.views import Detail
from signer.berkas.written import Value
from signer.errors import Conflict, Invalid, InvalidForm
from signer.sop import Action
from signer.web import faults, language, reading
from signer.web.context import actor, desk

pages = Blueprint("merge", __name__)


@dataclass(frozen=True)
class Two:
    """Both drafts: this person's, what it was started from where that is known, and the newest one saved."""

    detail: Detail
    mine: Form
    base: Form | None
    theirs: Form
    version: int
    """Of the newest draft."""
    who: str
    at: datetime
    found: list[Difference]


@dataclass(frozen=True)
class Asked:
    """What was chosen so far, and what is wrong with it, by the values' keys."""

    choices: Mapping[str, Side] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)


@pages.post("/berkas/<int:berkas_id>/surat/gabung")
def merge(berkas_id: int) -> ResponseReturnValue:
    """Save the draft made of both by choice; both again where a choice is missing or somebody saved once more."""
    detail = reading.standing(berkas_id, Action.PROCESS)
    mine = merging.from_page(desk(), berkas_id, request.form.get("mine", ""))
    if mine is None:
        raise Invalid("Halaman ini tidak lengkap terkirim. Buka kembali suratnya.", "The page was not sent whole.")
    two = _two(detail, mine, request.form.get("base", ""))
    asked = Asked(_choices(two.found))
    if two.version != request.form.get("draft_version", -1, type=int):
        return _page(two, asked), 409
    try:
        draft.save(desk(), actor(), berkas_id, two.version, merging.merged(two.theirs, mine, two.found, asked.choices))
    except Conflict:
        return _page(_two(detail, mine, request.form.get("base", "")), asked), 409
    except InvalidForm as fault:
        wrong = {one.field or "": faults.sentence(one) for one in fault.faults}
        return _page(two, Asked(asked.choices, wrong)), 422
    flash(_("Kedua isian digabung dan tersimpan. Periksa pratinjaunya."), "success")
    return redirect(url_for("draft.form", berkas_id=berkas_id), 303)


def asked(detail: Detail, mine: Form, base: str) -> ResponseReturnValue:
    """The answer to a draft that would overwrite somebody's: 409 with both, or for the page's script who it was."""
    two = _two(detail, mine, base)
    if faults.wants_json():
        text = _("%(who)s juga mengubah surat ini. Isian Anda masih di sini, belum tersimpan.", who=_called(two))
        return jsonify({"message": text}), 409
    return _page(two, Asked()), 409


def _two(detail: Detail, mine: Form, base: str) -> Two:
    """Raises Conflict where nobody's draft is there to be compared with."""
    known = merging.from_page(desk(), detail.berkas.id, base)
    with desk().db.read() as session:
        saved = draft.load(desk(), session, detail.berkas.id)
        last = draft.last_saved(session, detail.berkas.id)
        if saved is None or last is None:
            raise Conflict()
        found = merging.differences(desk(), session, known, saved[0], mine)
    return Two(detail, mine, known, *saved, *last, found)


def _choices(found: list[Difference]) -> dict[str, Side]:
    """The sides chosen: one button for all of them, else one choice a value."""
    whole = request.form.get("semua")
    sent = {one.key: whole or request.form.get(f"pilih-{one.key}", "") for one in found}
    return {key: Side(side) for key, side in sent.items() if side in list(Side)}


def _called(two: Two) -> str:
    return _("Anda sendiri, di tab lain,") if two.who == actor().name else two.who


def _page(two: Two, asked: Asked) -> str:
    berkas_id = two.detail.berkas.id
    return render_template(
        "draft/conflict.html",
        detail=two.detail,
        who=_called(two),
        name=_("tab lain") if two.who == actor().name else two.who,
        at=two.at,
        draft_version=two.version,
        mine=merging.carried(desk(), berkas_id, two.mine),
        base=request.form.get("base", ""),
        items=[_item(one, asked) for one in two.found],
        errors=[(f"pilih-{key}", text) for key, text in asked.wrong.items()],
        has_errors=True,
    )


def _item(one: Difference, asked: Asked) -> dict[str, Any]:
    """One value as the page draws it: both sides against what it was, or against each other where that is lost."""
    chosen = asked.choices.get(one.key) or one.proposed
    worded = {side: _worded(value) for side, value in ((Side.THEIRS, one.theirs), (Side.MINE, one.mine))}
    before = reading.value_text(one.mine.kind, one.base) if one.base is not None else None
    return {
        "key": one.key,
        "label": one.mine.label.en if language.current() == "en" else one.mine.label.id,
        "error": asked.wrong.get(one.key, ""),
        "chosen": chosen.value if chosen else "",
        "proposed": one.proposed.value if one.proposed else "",
        "sides": [
            {
                "side": side.value,
                "pieces": wording.pieces(worded[Side.THEIRS] if before is None else before, text),
                "same": before == text,
                "text": text,
            }
            for side, text in worded.items()
        ],
    }


def _worded(value: Value) -> str:
    if value.key == merging.TEMPLATE:
        template = desk().templates[value.text]
        return template.title_en if language.current() == "en" else template.title
    return reading.value_text(value.kind, value.text)
