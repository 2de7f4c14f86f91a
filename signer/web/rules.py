"""What an admin edits as text: the SOP files and the letter templates; checked or printed for trial, then in force."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from signer import rules, sop
from signer.errors import Conflict, NotFound
from signer.rules import Checked, TemplateText, TextFault
from signer.trial import Printed
from signer.web import faults
from signer.web.context import actor, desk
from signer.web.language import current

pages = Blueprint("rules", __name__, url_prefix="/kantor")


@pages.get("/sop/")
def sops() -> str:
    """The SOPs in force, each to be edited, and a new one."""
    return render_template("rules/sops.html", rows=rules.sop_rows(desk(), actor()))


@pages.route("/sop/baru", methods=["GET", "POST"])
def new_sop() -> ResponseReturnValue:
    """A new SOP from a text; another SOP's text is the best start, so the first one's is offered."""
    if request.method == "POST":
        return _sop_sent(None)
    first = rules.sop_rows(desk(), actor())[:1]
    return _sop_page(None, rules.sop_text(desk(), actor(), first[0].sop.key) if first else "", "")


@pages.route("/sop/<slug>", methods=["GET", "POST"])
def edit_sop(slug: str) -> ResponseReturnValue:
    """The text in force; POST checks what was sent, or puts it in force (`aksi` = berlakukan)."""
    text = rules.sop_text(desk(), actor(), slug)
    return _sop_sent(slug) if request.method == "POST" else _sop_page(slug, text, sop.digest(text))


@pages.get("/templat/")
def templates() -> str:
    """The letter templates in force, each to be edited, and a new one."""
    return render_template("rules/templates.html", found=list(desk().templates))


@pages.route("/templat/baru", methods=["GET", "POST"])
def new_template() -> ResponseReturnValue:
    """A new template, from the texts of ?dari= or the first one."""
    if request.method == "POST":
        return _template_sent(request.form.get("key", "").strip(), new=True)
    start = request.args.get("dari") or next(template.key for template in desk().templates)
    return _template_page(replace(rules.template_text(desk(), start), key="", version=0), new=True)


@pages.route("/templat/<key>", methods=["GET", "POST"])
def edit_template(key: str) -> ResponseReturnValue:
    """The texts in force; POST prints what was sent for trial, or puts it in force (`aksi` = berlakukan)."""
    text = rules.template_text(desk(), key)
    return _template_sent(key, new=False) if request.method == "POST" else _template_page(text, new=False)


def _sop_sent(slug: str | None) -> ResponseReturnValue:
    text, seen = _text_sent(), request.form.get("seen", "")
    try:
        if request.form.get("aksi") != "berlakukan":
            return _sop_page(slug, text, seen, checked=rules.check_sop(desk(), actor(), slug, text))
        published = rules.publish_sop(desk(), actor(), slug, text, seen)
    except TextFault as fault:
        return _sop_page(slug, text, seen, fault=fault), 422
    except Conflict:
        return _sop_page(slug, text, seen, taken=True), 409
    flash(_("SOP %(name)s berlaku untuk berkas yang dimulai dari sekarang.", name=published.header.name), "success")
    return redirect(url_for("sop.show", slug=published.key), 303)


def _sop_page(
    slug: str | None,
    text: str,
    seen: str,
    *,
    checked: Checked | None = None,
    fault: TextFault | None = None,
    taken: bool = False,
) -> str:
    return render_template(
        "rules/sop.html",
        slug=slug,
        text=text,
        seen=seen,
        checked=checked,
        errors=_errors(fault),
        line=fault.line if fault else None,
        taken=taken,
        has_errors=fault is not None or taken,
    )


def _template_sent(key: str, *, new: bool) -> ResponseReturnValue:
    version = request.form.get("version", -1, type=int)
    sent = TemplateText(key, request.form.get("description", ""), request.form.get("source", ""), version)
    try:
        return _DEEDS.get(request.form.get("aksi", ""), _tried)(sent, new)
    except TextFault as fault:
        return _template_page(sent, new=new, fault=fault), 422
    except Conflict:
        return _template_page(sent, new=new, taken=True), 409


def _tried(sent: TemplateText, new: bool) -> ResponseReturnValue:
    printed = rules.try_template(desk(), sent.key, sent.description, sent.source)
    return _template_page(sent, new=new, printed=printed), 422 if printed.fault else 200


def _published(sent: TemplateText, new: bool) -> ResponseReturnValue:
    rules.publish_template(desk(), actor(), sent, new=new)
    flash(_("Templat %(key)s berlaku untuk surat yang disusun dari sekarang.", key=sent.key), "success")
    return redirect(url_for("rules.templates"), 303)


def _as_pdf(sent: TemplateText, _new: bool) -> ResponseReturnValue:
    printed = rules.try_template(desk(), sent.key, sent.description, sent.source)
    if not printed.pdf:
        raise NotFound()
    name = f"uji-{sent.key}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return Response(printed.pdf, content_type="application/pdf", headers=headers)


_DEEDS: dict[str, Callable[[TemplateText, bool], ResponseReturnValue]] = {"berlakukan": _published, "pdf": _as_pdf}


def _template_page(
    shown: TemplateText,
    *,
    new: bool,
    printed: Printed | None = None,
    fault: TextFault | None = None,
    taken: bool = False,
) -> str:
    pictures = (
        ["data:image/webp;base64," + base64.b64encode(page).decode() for page in printed.pages] if printed else []
    )
    said = printed.fault if printed else None
    return render_template(
        "rules/template.html",
        t=shown,
        new=new,
        others=[template.key for template in desk().templates],
        pictures=[{"src": src, "width": 900, "height": 1273} for src in pictures],
        print_fault=(said.en if current() == "en" else said.id) if said else "",
        printed=printed is not None,
        errors=_errors(fault),
        line=fault.line if fault else None,
        taken=taken,
        has_errors=bool(fault or said or taken),
    )


def _errors(fault: TextFault | None) -> dict[str, str]:
    return {fault.field or "": faults.sentence(fault)} if fault else {}


def _text_sent() -> str:
    """What was typed, or the text of the file that was chosen instead. Raises TextFault."""
    file = request.files.get("text-file")
    if file is None or not file.filename:
        return request.form.get("text", "")
    data = file.read(4 * rules.MOST_CHARACTERS + 1)
    file.close()
    return rules.decoded(data, "text")
