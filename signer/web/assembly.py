"""Puts the office's web application together; app.py adds the public pages and the development CA's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from flask import Flask, Response, request
from werkzeug.middleware.proxy_fix import ProxyFix

from signer.desk import Desk, KeyDesk
from signer.rehearsal import Theatre
from signer.settings import Settings
from signer.web import (
    access,
    appointing,
    batch,
    berkas,
    check,
    collect,
    compression,
    contacts,
    copying,
    draft,
    faults,
    gaya,
    health,
    help,
    inbox,
    language,
    layout,
    merge,
    notices,
    office,
    own,
    paraf,
    people,
    reader,
    register,
    rules,
    security,
    setup,
    sign,
    sop_pages,
    submit,
    track,
    uploading,
)
from signer.web.assets import Assets
from signer.web.context import EXTENSION, Web, web

STATIC = Path(__file__).parent / "static"
BLUEPRINTS = (
    health.pages,
    draft.pages,
    merge.pages,
    copying.pages,
    contacts.pages,
    own.pages,
    paraf.pages,
    sign.pages,
    batch.pages,
    reader.pages,
    register.pages,
    collect.pages,
    inbox.pages,
    notices.pages,
    berkas.pages,
    submit.pages,
    uploading.pages,
    check.pages,
    sop_pages.pages,
    rules.pages,
    people.pages,
    office.pages,
    appointing.pages,
    setup.pages,
    track.pages,
    help.pages,
    gaya.pages,
    language.pages,
)


def assembled(
    desk: Desk,
    keys: KeyDesk,
    settings: Settings,
    session_secret: str,
    templates: Path,
    kick: Callable[[], None],
    theatre: Theatre,
) -> Flask:
    """The Flask application with every page of the office. `templates` is the folder above pages/."""
    app = Flask("signer", template_folder=str(templates / "pages"), static_folder=str(STATIC))
    app.extensions[EXTENSION] = Web(desk, keys, settings, kick, theatre)
    security.secure(app, desk.db, settings, session_secret, templates.parent / "translations")
    faults.install(app)
    app.before_request(access.guard)
    app.after_request(_kick_after_act)
    app.context_processor(layout.variables)
    compression.install(app)
    Assets(STATIC).install(app)
    layout.filters(app)
    for pages in BLUEPRINTS:
        app.register_blueprint(pages)
    app.extensions["csrf"].exempt(app.view_functions["notices.stop"])  # mail programs press its button, RFC 8058
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies)  # type: ignore[method-assign]  # Flask's documented way
    return app


def _kick_after_act(response: Response) -> Response:
    """After something was done, ask the worker to look at the outbox; it looks by itself each minute anyway.

    What anyone may send (files to check), and each part of a file, leave nothing to do and must not fill the queue.
    """
    acted = request.method == "POST" and response.status_code < 400 and request.blueprint != uploading.pages.name
    if acted and access.rule(request.endpoint or "") != access.ANYONE:
        web().kick()
    return response
