"""Accounts: Staf makes Pemohon accounts, Admin all and edits them; a first password is shown once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from signer import people
from signer.accounts import ROLES
from signer.errors import Invalid
from signer.web import flow, shown
from signer.web.context import actor, desk, keys
from signer.web.language import word

pages = Blueprint("people", __name__, url_prefix="/akun")
FIELDS = ("username", "name", "seksi")


@pages.get("/")
def index() -> str:
    """The accounts this person keeps; ?q= searches."""
    search = request.args.get("q", "").strip()[:100]
    admin = "admin" in actor().roles
    lacking: list[str] = _lacking() if admin else []
    return render_template(
        "people/index.html",
        found=people.listed(desk(), actor(), search),
        search=search,
        admin=admin,
        lacking=[(role, word(ROLES[role])) for role in lacking if role in ROLES],
        place=flow.place("orang") if admin else None,
    )


@pages.route("/baru", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    """The form of a new account; POST makes it and shows its first password, this once. ?peran= chooses a role."""
    if request.method == "GET":
        return _form({}, [request.args.get("peran", "")])
    typed, roles = _typed()
    try:
        password = people.create(desk(), actor(), roles=roles, **typed)
    except Invalid as fault:
        return _form(typed, roles, shown.errors_of(fault)), 422
    return _password_page(typed["username"], typed["name"], password), 201


@pages.route("/<int:user_id>/ubah", methods=["GET", "POST"])
def edit(user_id: int) -> ResponseReturnValue:
    """Another name, other roles or seksi."""
    account = people.one(desk(), actor(), user_id)
    if request.method == "GET":
        start = {"name": account.name, "seksi": account.seksi or ""}
        return _form(start, account.keys, account=account)
    typed, roles = _typed()
    del typed["username"]
    try:
        people.edit(desk(), actor(), user_id, roles=roles, **typed)
    except Invalid as fault:
        return _form(typed, roles, shown.errors_of(fault), account), 422
    flash(_("Akun %(name)s disimpan.", name=typed["name"]), "success")
    return redirect(url_for("people.index"), 303)


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


def _lacking() -> list[str]:
    """The SOPs' roles that nobody fills yet."""
    return next(item.facts["lacking"] for item in flow.waiting() if item.key == "orang")


def _typed() -> tuple[dict[str, str], list[str]]:
    """What was sent, and the roles; who can give one role alone need not say it."""
    roles = people.makeable(actor())
    chosen = list(roles) if len(roles) == 1 else request.form.getlist("roles")
    return {name: request.form.get(name, "") for name in FIELDS}, chosen


def _form(
    typed: Mapping[str, str],
    chosen: Sequence[str],
    errors: Mapping[str, str] | None = None,
    account: people.Account | None = None,
) -> str:
    return render_template(
        "people/new.html",
        typed=typed,
        chosen=chosen,
        errors=errors or {},
        has_errors=bool(errors),
        account=account,
        roles=[(key, word(name)) for key, name in people.makeable(actor()).items()],
        sections=list(people.sections(desk(), actor()).items()),
        alur=flow.FLOW if flow.following() else "",
    )


def _password_page(username: str, name: str, made: str) -> str:
    back = flow.address("orang") if flow.following() else url_for("people.index")
    # It is printed and handed over: the office's own address, whatever the request called this server.
    address = f"{keys().base_url}{url_for('security.login')}"
    return render_template(
        "people/password.html", username=username, name=name, made=made, back=back, login_address=address
    )
