"""Who may call what: one rule per endpoint; an endpoint without a rule is refused to everybody.

Roles come before rows: a rule says which roles may call at all, the use case then says whose berkas it is (404 for
other people's). tests/signer/test_signer_web_access.py calls every route as every role.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from signer.web.context import person

ANYONE = frozenset({"*"})
SIGNED_IN = frozenset({"pemohon", "staf", "kasi", "camat", "admin", "auditor"})
BERKAS_READERS = frozenset({"pemohon", "staf", "kasi", "camat", "auditor"})
OFFICE_READERS = frozenset({"staf", "kasi", "camat", "auditor"})
APPLICANTS = frozenset({"pemohon", "staf"})
STAF = frozenset({"staf"})
ACCOUNT_MAKERS = frozenset({"staf", "admin"})

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
    "security.login": ANYONE,
    "security.logout": ANYONE,
    "security.change_password": SIGNED_IN,
    "inbox.home": SIGNED_IN,
    "inbox.notices": SIGNED_IN,
    "inbox.counts": SIGNED_IN,
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
    "check.check": STAF,
    "draft.form": STAF,
    "draft.save": STAF,
    "draft.preview": STAF,
    "draft.finalise": STAF,
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
    "sign.sign": frozenset({"camat"}),
    "register.enter": STAF,
    "register.book": OFFICE_READERS,
    "register.as_csv": OFFICE_READERS,
    "collect.collect": APPLICANTS,
    "sop.index": SIGNED_IN,
    "sop.show": SIGNED_IN,
    "people.index": ACCOUNT_MAKERS,
    "people.new": ACCOUNT_MAKERS,
    "people.state": ACCOUNT_MAKERS,
    "people.password": ACCOUNT_MAKERS,
    "track.track": ANYONE,
    "gaya.gaya": ANYONE,
    "language.choose": ANYONE,
}


def rule(endpoint: str) -> frozenset[str]:
    """The roles that may call an endpoint; nobody where no rule says so."""
    found = RULES.get(endpoint)
    if found is not None:
        return found
    return next((roles for prefix, roles in PREFIXES.items() if endpoint.startswith(prefix)), frozenset())


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
    return None


def _to_login() -> Response:
    if request.method != "GET" or request.accept_mimetypes.best == "application/json":
        abort(401)
    answer = redirect(url_for("security.login", next=request.full_path.rstrip("?")))
    assert isinstance(answer, Response)  # noqa: S101 (Flask's redirect gives its own response class)
    return answer
