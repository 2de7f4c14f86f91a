"""Step 3: a letter of the office is found again, and copied into this berkas's draft as a new start."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from signer.berkas import copying, draft
from signer.berkas.copying import Copied
from signer.drafting import Label
from signer.errors import Conflict, NotYourStep
from signer.sop import Action
from signer.web import language, reading
from signer.web.context import actor, desk

pages = Blueprint("copying", __name__)


@pages.route("/berkas/<int:berkas_id>/surat/salin", methods=["GET", "POST"])
def copy(berkas_id: int) -> ResponseReturnValue:
    """Search earlier letters (`q`); POST copies the one chosen (`surat`), with its recipients if `penerima` is set."""
    try:
        reading.standing(berkas_id, Action.PROCESS)
    except NotYourStep as fault:
        if request.method == "POST":
            raise
        return reading.elsewhere(berkas_id, fault)
    if request.method == "GET":
        return _page(berkas_id)
    chosen = request.form.get("surat", None, type=int)
    if chosen is None:
        return _page(berkas_id, _("Pilih surat yang disalin.")), 422
    seen = request.form.get("draft_version", -1, type=int)
    try:
        done = copying.copy(desk(), actor(), berkas_id, seen, chosen, with_recipients="penerima" in request.form)
    except Conflict:
        said = _("Konsep ini baru saja disimpan lagi, jadi belum ada yang disalin. Salin lagi bila tetap mau.")
        return _page(berkas_id, said), 409
    flash(_told(done), "success")
    return redirect(url_for("draft.form", berkas_id=berkas_id), 303)


def _told(done: Copied) -> str:
    said = _(
        "Disalin dari surat %(number)s: %(taken)s. Tetap milik berkas ini: %(kept)s. Periksa setiap isian.",
        number=done.number,
        taken=_names(done.taken),
        kept=_names(done.kept),
    )
    return str(said)


def _names(labels: tuple[Label, ...]) -> str:
    return ", ".join(label.en if language.current() == "en" else label.id for label in labels)


def _page(berkas_id: int, error: str = "") -> str:
    detail = reading.standing(berkas_id, Action.PROCESS)
    search = request.values.get("q", "")[:100].strip()
    with desk().db.read() as session:
        saved = draft.load(desk(), session, berkas_id)
        last = draft.last_saved(session, berkas_id)
    return render_template(
        "draft/copy.html",
        detail=detail,
        letters=copying.earlier(desk(), actor(), berkas_id, search),
        titles={one.key: one.title_en if language.current() == "en" else one.title for one in desk().templates},
        search=search,
        draft_version=saved[1] if saved else 0,
        last=last,
        limit=copying.LIST_LIMIT,
        error=error,
        has_errors=bool(error),
    )
