"""The authority's services over HTTP under /pki/, the addresses its certificates name."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable

from cryptography import x509
from flask import Blueprint, Response, request
from flask.sansio.blueprints import BlueprintSetupState
from werkzeug.exceptions import (
    BadRequest,
    LengthRequired,
    RequestEntityTooLarge,
    RequestURITooLarge,
    UnsupportedMediaType,
)

from certs_dev.authority import DevAuthority
from certs_dev.certificates import to_der, to_pem

OCSP_LIMIT = 8 * 1024  # bytes; 32 certificates and a nonce take about 3 kB
TSA_LIMIT = 2 * 1024  # bytes; a SHA-512 request takes about 120
PATH_LIMIT = 2048  # characters of base64 in a GET
_LONG = "public, max-age=86400"
_SHORT = "public, max-age=60, no-transform, must-revalidate"  # RFC 5019, 6.2; a revocation shows within a minute
_NEVER = "no-store"


def _reply(data: bytes, content_type: str, cache: str) -> Response:
    reply = Response(data, content_type=content_type)
    reply.headers["Cache-Control"] = cache
    return reply


def _body(content_type: str, limit: int) -> bytes:
    """The whole request body, or an HTTP error; never a part of it.

    A chunked body, for which Werkzeug knows no length, is refused unread: it would be cut at the app's limit.
    """
    if request.content_length is None:
        raise LengthRequired
    if request.content_length > limit:
        raise RequestEntityTooLarge
    if request.mimetype != content_type:
        raise UnsupportedMediaType(f"send {content_type}")
    data = request.stream.read(limit + 1)
    if len(data) != request.content_length:
        raise BadRequest("the body is shorter than its Content-Length")
    return data


def _from_path(encoded: str) -> bytes:
    """The request in a GET's path: base64, percent-encoding already taken off (RFC 6960, A.1)."""
    if len(encoded) > PATH_LIMIT:
        raise RequestURITooLarge
    try:
        padding = "=" * (-len(encoded) % 4)  # some clients leave it away
        return base64.b64decode(encoded + padding, validate=True)
    except binascii.Error as error:
        raise BadRequest("not base64") from error


def _add_certificate(pages: Blueprint, name: str, certificate: x509.Certificate) -> None:
    der, pem = to_der(certificate), to_pem(certificate)

    def as_der() -> Response:
        return _reply(der, "application/pkix-cert", _LONG)

    def as_pem() -> Response:
        return _reply(pem, "application/x-pem-file", _LONG)

    pages.add_url_rule(f"/{name}.crt", f"{name}_crt", as_der)
    pages.add_url_rule(f"/{name}.pem", f"{name}_pem", as_pem)


def _add_list(pages: Blueprint, name: str, current: Callable[[], bytes]) -> None:
    def list_now() -> Response:
        return _reply(current(), "application/pkix-crl", _SHORT)

    pages.add_url_rule(f"/{name}.crl", f"{name}_crl", list_now)


def _exempt_from_csrf(state: BlueprintSetupState) -> None:
    """Take the blueprint out of Flask-WTF's protection, if the application has it: these POSTs come from programs
    without a session, and change nothing.
    """
    protection = state.app.extensions.get("csrf")
    if protection is not None:
        protection.exempt(state.blueprint)


def blueprint(authority: DevAuthority) -> Blueprint:
    """Routes under /pki/: root and ca as .crt (DER), .pem and .crl; trust.pem; ocsp (POST and GET); tsa (POST).

    Register it after the application's CSRF protection, from which it exempts itself.
    """
    pages = Blueprint("pki", __name__, url_prefix="/pki")
    pages.record_once(_exempt_from_csrf)

    def ocsp_post() -> Response:
        answer = authority.ocsp(_body("application/ocsp-request", OCSP_LIMIT))
        return _reply(answer, "application/ocsp-response", _NEVER)

    def ocsp_get(encoded: str) -> Response:
        return _reply(authority.ocsp(_from_path(encoded)), "application/ocsp-response", _SHORT)

    def tsa_post() -> Response:
        answer = authority.tsa(_body("application/timestamp-query", TSA_LIMIT))
        return _reply(answer, "application/timestamp-reply", _NEVER)

    def trust() -> Response:
        return _reply(authority.trust_pem(), "application/x-pem-file", _LONG)

    _add_certificate(pages, "root", authority.certificate("root"))
    _add_certificate(pages, "ca", authority.certificate("ca"))
    _add_list(pages, "root", lambda: authority.crl("root"))
    _add_list(pages, "ca", lambda: authority.crl("ca"))
    pages.add_url_rule("/trust.pem", "trust", trust)
    pages.add_url_rule("/ocsp", "ocsp", ocsp_post, methods=["POST"])
    pages.add_url_rule("/ocsp/<path:encoded>", "ocsp_get", ocsp_get)
    pages.add_url_rule("/tsa", "tsa", tsa_post, methods=["POST"])
    return pages
