"""The pages for strangers: one letter by its QR, and checking a code that was typed."""

from __future__ import annotations

from flask import Blueprint, Response, abort, redirect
from werkzeug.wrappers import Response as Answer

from verifier.records import Records
from verifier.trust import Trust


def blueprint(records: Records, trust: Trust, base_url: str) -> Blueprint:
    """The public pages over the office's register, judged by `trust`; `base_url` is the office's true address."""
    pages = Blueprint("verifier", __name__)

    @pages.get("/v/<token>")
    def letter(token: str) -> Answer:
        record = records.by_token(token)
        if record is None:
            abort(404)
        return Response(record.number)

    @pages.get("/V/<token>")
    def letter_upper(token: str) -> Answer:
        return redirect(f"/v/{token}", 302)

    @pages.get("/periksa")
    def check() -> Answer:
        return Response(base_url)

    return pages
