"""/gaya: every part of the design system in its states, for builders; only in development."""

from __future__ import annotations

from flask import Blueprint, abort, render_template

from signer.web.context import web

pages = Blueprint("gaya", __name__)


@pages.get("/gaya")
def gaya() -> str:
    """The living page of the design system. 404 outside development."""
    if not web().settings.development:
        abort(404)
    return render_template("gaya.html")
