"""The address book of invitees: Staf tidies it, the office reads it, the drafting form is offered its names."""

from __future__ import annotations

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from signer import contacts as book
from signer.errors import Invalid
from signer.web import faults
from signer.web.context import actor, desk

pages = Blueprint("contacts", __name__, url_prefix="/buku-alamat")


@pages.get("")
def index() -> str:
    """The whole book, or what is searched for in it."""
    return _page()


@pages.post("")
def add() -> ResponseReturnValue:
    """Put names into the book, one a line, all in one group if one is given."""
    try:
        made = book.add(desk(), actor(), request.form.get("names", "").splitlines(), request.form.get("group", ""))
    except Invalid as fault:
        return _page({fault.field or "": faults.sentence(fault)}), 422
    if made:
        flash(ngettext("%(num)s nama ditambahkan.", "%(num)s nama ditambahkan.", made), "success")
    else:
        flash(_("Semua nama itu sudah ada di buku alamat."), "info")
    return redirect(url_for("contacts.index"), 303)


@pages.route("/<int:contact_id>", methods=["GET", "POST"])
def edit(contact_id: int) -> ResponseReturnValue:
    """One name with its group; POST writes them otherwise."""
    entry, errors = book.entry(desk(), actor(), contact_id), {}
    if request.method == "POST":
        try:
            book.change(desk(), actor(), contact_id, request.form.get("name", ""), request.form.get("group", ""))
        except Invalid as fault:
            errors = {fault.field or "": faults.sentence(fault)}
        else:
            flash(_("Perubahan tersimpan."), "success")
            return redirect(url_for("contacts.index"), 303)
    text = render_template(
        "contacts/edit.html",
        entry=entry,
        name=request.form.get("name", entry.name),
        group=request.form.get("group", entry.group),
        groups=book.groups(book.listed(desk(), actor())),
        errors=errors,
        has_errors=bool(errors),
    )
    return text, 422 if errors else 200


@pages.post("/<int:contact_id>/keadaan")
def state(contact_id: int) -> ResponseReturnValue:
    """Stop offering a name (`sisihkan` = ya), or offer it again."""
    aside = request.form.get("sisihkan") == "ya"
    entry = book.set_aside(desk(), actor(), contact_id, aside)
    said = _("%(name)s disisihkan: tidak ditawarkan lagi.", name=entry.name)
    flash(said if aside else _("%(name)s ditawarkan lagi.", name=entry.name), "success")
    return redirect(url_for("contacts.index"), 303)


@pages.get("/tawaran")
def offered() -> Response:
    """The names that the drafting form offers while one types, most used first, with their groups."""
    found = book.offered(desk(), actor())
    return jsonify({"contacts": [{"name": one.name, "group": one.group} for one in found]})


def _page(errors: dict[str, str] | None = None) -> str:
    search = request.args.get("q", "")[:100].strip()
    found = book.listed(desk(), actor(), search)
    return render_template(
        "contacts/index.html",
        found=found,
        groups=book.groups(found),
        search=search,
        may_edit="staf" in actor().roles,
        names=request.form.get("names", ""),
        group=request.form.get("group", ""),
        errors=errors or {},
        has_errors=bool(errors),
    )
