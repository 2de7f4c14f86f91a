"""Puts the office's web application together; app.py adds the public pages and the development CA's."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from flask import Flask, Response, request
from werkzeug.middleware.proxy_fix import ProxyFix

from signer.desk import Desk, KeyDesk
from signer.settings import Settings
from signer.web import (
    access,
    berkas,
    check,
    collect,
    draft,
    faults,
    gaya,
    health,
    inbox,
    language,
    layout,
    own,
    paraf,
    people,
    register,
    security,
    sign,
    sop_pages,
    submit,
    track,
)
from signer.web.context import EXTENSION, Web, web

STATIC = Path(__file__).parent / "static"
BLUEPRINTS = (
    health.pages,
    draft.pages,
    own.pages,
    paraf.pages,
    sign.pages,
    register.pages,
    collect.pages,
    inbox.pages,
    berkas.pages,
    submit.pages,
    check.pages,
    sop_pages.pages,
    people.pages,
    track.pages,
    gaya.pages,
    language.pages,
)


def assembled(
    desk: Desk, keys: KeyDesk, settings: Settings, session_secret: str, templates: Path, kick: Callable[[], None]
) -> Flask:
    """The Flask application with every page of the office. `templates` is the folder above pages/."""
    app = Flask("signer", template_folder=str(templates / "pages"), static_folder=str(STATIC))
    app.extensions[EXTENSION] = Web(desk, keys, settings, kick)
    security.secure(app, desk.db, settings, session_secret, templates.parent / "translations")
    faults.install(app)
    app.before_request(access.guard)
    app.after_request(_kick_after_act)
    app.context_processor(layout.variables)
    app.jinja_env.globals["asset_version"] = _asset_version()
    layout.filters(app)
    for pages in BLUEPRINTS:
        app.register_blueprint(pages)
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies)  # type: ignore[method-assign]  # Flask's documented way
    return app


def _kick_after_act(response: Response) -> Response:
    """After something was done, ask the worker to look at the outbox; it looks by itself each minute anyway.

    What anyone may send (files to check) leaves nothing to do, and must not fill the queue.
    """
    acted = request.method == "POST" and response.status_code < 400
    if acted and access.rule(request.endpoint or "") != access.ANYONE:
        web().kick()
    return response


def _asset_version() -> str:
    digest = hashlib.sha256()
    for path in sorted(STATIC.rglob("*")):
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
