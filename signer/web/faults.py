"""Errors as pages that say what to do, or RFC 9457 problem+json where JSON was asked for; never a stack trace."""

from __future__ import annotations

from http import HTTPStatus

import structlog
from flask import Flask, Response, jsonify, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError
from werkzeug.exceptions import HTTPException

from signer.errors import Conflict, NotFound, NotYourStep, StaleRendering, SuratError
from signer.web import language

STATUS: dict[type[SuratError], int] = {NotFound: 404, NotYourStep: 409, Conflict: 409, StaleRendering: 409}
WITH_PAGE = frozenset({400, 403, 404, 405, 409, 411, 413, 429, 500, 503})

log = structlog.get_logger()


def install(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(SuratError, _surat)
    app.register_error_handler(DataError, _beyond_measure)
    app.register_error_handler(OverflowError, _beyond_measure)
    app.register_error_handler(Exception, _unexpected)


def sentence(fault: SuratError) -> str:
    """The error's sentence in the language of this request."""
    return fault.en if language.current() == "en" else fault.id


def status_of(fault: SuratError) -> int:
    """The HTTP status of an error of ours: 404, 409, or 422 for what the person can correct."""
    return next((code for kind, code in STATUS.items() if isinstance(fault, kind)), 422)


def wants_json() -> bool:
    """Whether the request prefers JSON over a page; the JSON interface speaks nothing else."""
    if request.path.startswith("/api/"):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json" or request.is_json


def problem(status: int, code: str, text: str) -> Response:
    """RFC 9457 problem+json."""
    answer = jsonify({"type": f"urn:suratsah:{code}", "title": text, "status": status, "code": code})
    answer.status_code = status
    answer.content_type = "application/problem+json"
    return answer


def _page(status: int, code: str, text: str = "") -> Response:
    if wants_json():
        return problem(status, code, text or HTTPStatus(status).phrase)
    name = status if status in WITH_PAGE else (500 if status >= 500 else 400)
    return Response(render_template(f"errors/{name}.html", text=text), status)


def _csrf(_error: CSRFError) -> Response:
    return _page(400, "csrf", _("Halaman ini kedaluwarsa. Muat ulang, lalu kirim lagi."))


def _http(error: HTTPException) -> Response:
    if error.response is not None or error.code is None or error.code < 400:
        return Response(error.get_response())  # type: ignore[arg-type]  # redirects raised by routing
    answer = _page(error.code, f"http-{error.code}")
    for name, value in error.get_headers(request.environ):
        if name in ("Allow", "Retry-After"):
            answer.headers[name] = value
    return answer


def _surat(fault: SuratError) -> Response:
    return _page(status_of(fault), fault.code, sentence(fault))


def _beyond_measure(error: Exception) -> Response:
    """A number, or a text with a NUL, that no column can hold: pages never send one. SQLite raises OverflowError."""
    log.warning("beyond-measure", endpoint=request.endpoint, error=type(error).__name__)
    return _page(400, "http-400")


def _unexpected(error: Exception) -> Response:
    """A defect: logged with its trace for us, a plain page for the person. The act was rolled back."""
    log.error("unexpected", endpoint=request.endpoint, exc_info=error)
    return _page(500, "internal")
