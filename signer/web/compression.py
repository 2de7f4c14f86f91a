"""Public pages leave compressed: a village's network carries a third of the bytes.

Only pages of the verifier. Whoever can make a person's browser ask for addresses of their choice, and sees how long the
answers are, can guess a secret that stands on the same page as what they chose (the BREACH attack). The verifier's
pages hold no form token, no name and no cookie; pages behind the sign-in do, and stay as they are.
"""

from __future__ import annotations

import gzip

from flask import Flask, Response, request

LEAST = 600
"""Bytes; a shorter answer fits one packet anyway."""
LEVEL = 6
"""A page of 30 kB takes half a millisecond."""
PREFIX = "verifier."
TYPES = frozenset({"text/html", "text/javascript", "text/calendar", "application/manifest+json"})
"""No JSON: programs ask for that, and reports are short."""


def install(app: Flask) -> None:
    """Compress the answers of the public pages."""
    app.after_request(_compressed)


def accepts_gzip() -> bool:
    """Whether the request's browser takes gzip."""
    return request.accept_encodings.quality("gzip") > 0


def _compressed(response: Response) -> Response:
    if not (request.endpoint or "").startswith(PREFIX) or response.mimetype not in TYPES:
        return response
    response.vary.add("Accept-Encoding")
    if response.is_streamed or "Content-Encoding" in response.headers or not accepts_gzip():
        return response
    data = response.get_data()
    if len(data) >= LEAST:
        response.set_data(gzip.compress(data, LEVEL, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response
