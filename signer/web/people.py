"""Accounts: Staf makes Pemohon accounts, Admin all; a first password is shown once."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from signer import people
from signer.errors import Invalid
from signer.web import shown
from signer.web.context import actor, desk
from signer.web.language import word

pages = Blueprint("people", __name__, url_prefix="/akun")
FIELDS = ("username", "name", "role", "seksi")


@pages.get("/")
def index() -> str:
    """The accounts this person keeps; ?q= searches."""
    search = request.args.get("q", "").strip()[:100]
    return render_template("people/index.html", found=people.listed(desk(), actor(), search), search=search)


@pages.route("/baru", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    """The form of a new account; POST makes it and shows its first password, this once."""
    if request.method == "GET":
        return _form({})
    typed = {name: request.form.get(name, "") for name in FIELDS}
    roles = people.makeable(actor())
    if len(roles) == 1:
        typed["role"] = next(iter(roles))
    try:
        password = people.create(desk(), actor(), **typed)
    except Invalid as fault:
        return _form(typed, shown.errors_of(fault)), 422
    return _password_page(typed["username"], typed["name"], password), 201


@pages.post("/<int:user_id>/keadaan")
def state(user_id: int) -> ResponseReturnValue:
    """Switch an account on (`aktif` = ya) or off."""
    account = people.set_active(desk(), actor(), user_id, request.form.get("aktif") == "ya")
    if account.active:
        flash(_("Akun %(name)s aktif.", name=account.name), "success")
    else:
        flash(_("Akun %(name)s dinonaktifkan; sesinya berakhir.", name=account.name), "success")
    return redirect(url_for("people.index"), 303)


@pages.post("/<int:user_id>/sandi")
def password(user_id: int) -> ResponseReturnValue:
    """A new password for an account, shown this once."""
    account, made = people.reset_password(desk(), actor(), user_id)
    return _password_page(account.username, account.name, made)


def _form(typed: Mapping[str, str], errors: Mapping[str, str] | None = None) -> str:
    return render_template(
        "people/new.html",
        typed=typed,
        errors=errors or {},
        has_errors=bool(errors),
        roles=[(key, word(name)) for key, name in people.makeable(actor()).items()],
        sections=list(people.sections(desk(), actor()).items()),
    )


def _password_page(username: str, name: str, made: str) -> str:
    return render_template("people/password.html", username=username, name=name, made=made)
