"""Who may call what: one rule per endpoint; an endpoint without a rule is refused to everybody.

Roles come before rows: a rule says which roles may call at all, the use case then says whose berkas it is (404 for
other people's). tests/signer/test_signer_web_access.py calls every route as every role.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from signer.web.context import must_change_password, person

ANYONE = frozenset({"*"})
SIGNED_IN = frozenset({"pemohon", "staf", "kasi", "camat", "admin", "auditor"})
BERKAS_READERS = frozenset({"pemohon", "staf", "kasi", "camat", "auditor"})
TOLD = BERKAS_READERS - {"auditor"}
OFFICE_READERS = frozenset({"staf", "kasi", "camat", "auditor"})
APPLICANTS = frozenset({"pemohon", "staf"})
STAF = frozenset({"staf"})
CAMAT = frozenset({"camat"})
ACCOUNT_MAKERS = frozenset({"staf", "admin"})
ADMIN = frozenset({"admin"})
KEY_HOLDERS = frozenset({"kasi", "camat"})

OWN_PASSWORD = frozenset({"security.change_password", "security.logout"})
"""All that a person may do before they have set a password of their own."""

PREFIXES: Mapping[str, frozenset[str]] = {
    "pki.": ANYONE,
    "verifier.": ANYONE,
}
"""Whole blueprints that are for anyone."""

RULES: dict[str, frozenset[str]] = {
    "static": ANYONE,
    "health.healthz": ANYONE,
    "health.readyz": ANYONE,
    "health.metrics": ANYONE,
    "health.page": ADMIN,
    "security.login": ANYONE,
    "security.logout": ANYONE,
    "security.change_password": SIGNED_IN,
    "inbox.home": SIGNED_IN,
    "inbox.listed": SIGNED_IN,
    "inbox.notices": SIGNED_IN,
    "inbox.counts": SIGNED_IN,
    "notices.choices": TOLD,
    "notices.address": TOLD,
    "notices.forget": TOLD,
    "notices.confirm": ANYONE,
    "notices.stop": ANYONE,
    "berkas.index": BERKAS_READERS,
    "berkas.show": BERKAS_READERS,
    "berkas.attachment": BERKAS_READERS,
    "berkas.page": BERKAS_READERS,
    "berkas.rendering": OFFICE_READERS,
    "berkas.letter": BERKAS_READERS,
    "berkas.control_sheet": OFFICE_READERS,
    "submit.new": APPLICANTS,
    "submit.edit": APPLICANTS,
    "submit.attach": APPLICANTS,
    "submit.set_aside": APPLICANTS,
    "submit.hand_in": APPLICANTS,
    "submit.withdraw": APPLICANTS,
    "uploading.start": APPLICANTS,
    "uploading.part": APPLICANTS,
    "uploading.cancel": APPLICANTS,
    "uploading.join": APPLICANTS,
    "check.check": STAF,
    "draft.form": STAF,
    "draft.save": STAF,
    "draft.preview": STAF,
    "draft.finalise": STAF,
    "merge.merge": STAF,
    "copying.copy": STAF,
    "own.form": STAF,
    "own.number": STAF,
    "own.upload": STAF,
    "own.save": STAF,
    "own.place": STAF,
    "own.finalise": STAF,
    "own.page": STAF,
    "paraf.paraf": frozenset({"kasi"}),
    "paraf.send_back": frozenset({"staf", "kasi", "camat"}),
    "paraf.refuse": frozenset({"staf", "kasi", "camat"}),
    "sign.sign": CAMAT,
    "batch.choose": CAMAT,
    "batch.show": CAMAT,
    "batch.follow": CAMAT,
    "reader.read": CAMAT,
    "reader.opened": CAMAT,
    "register.enter": STAF,
    "register.book": OFFICE_READERS,
    "register.as_csv": OFFICE_READERS,
    "collect.collect": APPLICANTS,
    "contacts.index": OFFICE_READERS,
    "contacts.add": STAF,
    "contacts.edit": STAF,
    "contacts.state": STAF,
    "contacts.offered": STAF,
    "sop.index": SIGNED_IN,
    "sop.show": SIGNED_IN,
    "rules.sops": ADMIN,
    "rules.new_sop": ADMIN,
    "rules.edit_sop": ADMIN,
    "rules.templates": ADMIN,
    "rules.new_template": ADMIN,
    "rules.edit_template": ADMIN,
    "people.index": ACCOUNT_MAKERS,
    "people.new": ACCOUNT_MAKERS,
    "people.edit": ADMIN,
    "people.state": ACCOUNT_MAKERS,
    "people.password": ACCOUNT_MAKERS,
    "office.home": ADMIN,
    "office.identity": ADMIN,
    "office.number": ADMIN,
    "office.preview": ADMIN,
    "office.logo": ADMIN,
    "office.remove_logo": ADMIN,
    "office.logo_file": ANYONE,
    "office.history": ADMIN | {"auditor"},
    "office.rehearse": ADMIN,
    "office.rehearsed_pdf": ADMIN,
    "office.rehearsed_picture": ADMIN,
    "appointing.index": ADMIN,
    "appointing.new": ADMIN,
    "appointing.stand_in": ADMIN,
    "appointing.end": ADMIN,
    "appointing.own_keys": KEY_HOLDERS,
    "appointing.set_key": KEY_HOLDERS,
    "setup.begin": ANYONE,
    "track.track": ANYONE,
    "help.index": ANYONE,
    "help.show": ANYONE,
    "help.picture": ANYONE,
    "gaya.gaya": ANYONE,
    "language.choose": ANYONE,
}


def rule(endpoint: str) -> frozenset[str]:
    """The roles that may call an endpoint; nobody where no rule says so."""
    found = RULES.get(endpoint)
    if found is not None:
        return found
    return next((roles for prefix, roles in PREFIXES.items() if endpoint.startswith(prefix)), frozenset())


def allows(endpoint: str, roles: frozenset[str]) -> bool:
    """Whether somebody with these roles may call the endpoint."""
    allowed = rule(endpoint)
    return allowed == ANYONE or bool(roles & allowed)


def guard() -> BaseResponse | None:
    """Before every request: let it pass, send a stranger to /masuk, or refuse."""
    if request.endpoint is None:
        return None
    allowed = rule(request.endpoint)
    if allowed == ANYONE:
        return None
    who = person()
    if who is None:
        return _to_login()
    if not who.roles & allowed:
        abort(403)
    return _own_password_first(request.endpoint)


def _own_password_first(endpoint: str) -> BaseResponse | None:
    """Somebody signed in with a password that another person made sets their own before anything else."""
    if endpoint in OWN_PASSWORD or not must_change_password():
        return None
    if request.method != "GET" or request.accept_mimetypes.best == "application/json":
        abort(403)
    return redirect(url_for("security.change_password"))


def _to_login() -> Response:
    if request.method != "GET" or request.accept_mimetypes.best == "application/json":
        abort(401)
    answer = redirect(url_for("security.login", next=request.full_path.rstrip("?")))
    assert isinstance(answer, Response)  # noqa: S101 (Flask's redirect gives its own response class)
    return answer
