"""/mulai: the first admin of a new instance, by the code that the operator was shown."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_security import login_user
from flask_security.proxies import _security

from signer import setup
from signer.errors import Invalid, NotFound
from signer.web import flow, shown
from signer.web.context import desk
from signer.web.security import limiter

pages = Blueprint("setup", __name__)
FIELDS = ("code", "name", "username", "password", "again")


@pages.route("/mulai", methods=["GET", "POST"])
@limiter.limit("20/minute", methods=["POST"])
def begin() -> ResponseReturnValue:
    """The form for the first admin; it is not there any more once there is one."""
    if not setup.needed(desk().db):
        raise NotFound()
    if request.method == "GET":
        return _form({})
    typed = {name: request.form.get(name, "") for name in FIELDS}
    try:
        user_id = setup.first_admin(desk(), **typed)
    except Invalid as fault:
        return _form(typed, shown.errors_of(fault)), 422
    made = _security.datastore.find_user(id=user_id)
    assert made is not None  # noqa: S101 (committed just before)
    login_user(made, authn_via=["password"])
    return redirect(flow.address("identitas"), 303)


def _form(typed: Mapping[str, str], errors: Mapping[str, str] | None = None) -> str:
    return render_template("setup/begin.html", typed=typed, errors=errors or {}, has_errors=bool(errors))
