"""The services over a real socket: types, caching, limits, and that every address in a certificate answers."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from asn1crypto import tsp
from cryptography import x509
from flask import Flask
from flask_wtf import CSRFProtect

from certs_dev.authority import DevAuthority
from certs_dev.certificates import to_der
from certs_dev.web import OCSP_LIMIT, PATH_LIMIT, TSA_LIMIT, blueprint

QUERY = tsp.TimeStampReq(
    {
        "version": "v1",
        "message_imprint": {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": bytes(32)},
        "cert_req": True,
    }
).dump()


def raw(server: str, request: bytes) -> bytes:
    """What the server says to exactly these bytes; the sending side is closed after them."""
    where = urlsplit(server)
    with socket.create_connection((str(where.hostname), int(where.port or 0)), timeout=5) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        said = b""
        while part := connection.recv(65536):
            said += part
    return said


def post(url: str, body: bytes, content_type: str) -> urllib.request.Request:
    return urllib.request.Request(url, data=body, headers={"Content-Type": content_type})


def code(request: urllib.request.Request | str) -> int:
    try:
        with urllib.request.urlopen(request) as reply:
            return int(reply.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("root.crt", "application/pkix-cert"),
        ("ca.crt", "application/pkix-cert"),
        ("root.pem", "application/x-pem-file"),
        ("ca.pem", "application/x-pem-file"),
        ("trust.pem", "application/x-pem-file"),
        ("root.crl", "application/pkix-crl"),
        ("ca.crl", "application/pkix-crl"),
    ],
)
def test_documents_have_their_type_and_may_be_cached(server: str, path: str, content_type: str) -> None:
    with urllib.request.urlopen(f"{server}/pki/{path}") as reply:
        assert reply.headers["Content-Type"] == content_type
        assert reply.headers["Cache-Control"].startswith("public, max-age=")
        assert reply.read()


def addresses(certificate: x509.Certificate) -> Iterator[tuple[str, str]]:
    for extension in certificate.extensions:
        if isinstance(extension.value, x509.AuthorityInformationAccess):
            for one in extension.value:
                yield one.access_method._name, str(one.access_location.value)
        if isinstance(extension.value, x509.CRLDistributionPoints):
            for point in extension.value:
                for name in point.full_name or ():
                    yield "crl", str(name.value)


def test_every_address_in_every_certificate_answers(authority: DevAuthority, server: str) -> None:
    certificates = [authority.certificate(kind) for kind in ("root", "ca", "tsa", "ocsp", "seal")]
    certificates.append(authority.person_certificate("camat"))
    issuers = {one.subject: one for one in certificates[:2]}
    seen = set()
    for certificate in certificates:
        for what, url in addresses(certificate):
            seen.add(what)
            if what == "OCSP":
                assert code(post(url, b"\x30\x00", "application/ocsp-request")) == 200
                continue
            with urllib.request.urlopen(url) as reply:
                content = reply.read()
            if what == "crl":
                assert x509.load_der_x509_crl(content).issuer == certificate.issuer
            else:
                assert content == to_der(issuers[certificate.issuer])
    assert seen == {"OCSP", "caIssuers", "crl"}


def test_a_timestamp_comes_over_http_and_is_not_cached(server: str) -> None:
    with urllib.request.urlopen(post(f"{server}/pki/tsa", QUERY, "application/timestamp-query")) as reply:
        assert reply.headers["Content-Type"] == "application/timestamp-reply"
        assert reply.headers["Cache-Control"] == "no-store"
        assert tsp.TimeStampResp.load(reply.read())["status"]["status"].native == "granted"


SERVICES = [("tsa", "application/timestamp-query", TSA_LIMIT), ("ocsp", "application/ocsp-request", OCSP_LIMIT)]


@pytest.mark.parametrize(("path", "content_type", "limit"), SERVICES)
def test_bodies_have_a_limit(server: str, path: str, content_type: str, limit: int) -> None:
    url = f"{server}/pki/{path}"
    assert code(post(url, bytes(limit), content_type)) == 200  # read whole, and refused by the protocol
    assert code(post(url, bytes(limit + 1), content_type)) == 413


@pytest.mark.parametrize(("path", "content_type", "limit"), SERVICES)
def test_other_types_and_methods_are_refused(server: str, path: str, content_type: str, limit: int) -> None:
    assert code(post(f"{server}/pki/{path}", QUERY, "application/octet-stream")) == 415
    assert code(f"{server}/pki/{path}") == 405


@pytest.mark.parametrize(("path", "content_type", "limit"), SERVICES)
@pytest.mark.parametrize("length", [b"", b"Content-Length: 4\r\n"])
def test_a_chunked_body_is_refused_never_cut(
    server: str, path: str, content_type: str, limit: int, length: bytes
) -> None:
    head = f"POST /pki/{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: {content_type}\r\n"
    chunks = b"Transfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n"
    assert b" 411 " in raw(server, head.encode() + length + chunks).splitlines()[0]


@pytest.mark.parametrize(("path", "content_type", "limit"), SERVICES)
def test_a_body_that_ends_early_is_refused(server: str, path: str, content_type: str, limit: int) -> None:
    head = f"POST /pki/{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: {content_type}\r\n"
    said = raw(server, head.encode() + f"Content-Length: {len(QUERY) + 10}\r\n\r\n".encode() + QUERY)
    assert b" 400 " in said.splitlines()[0]


def test_a_get_must_be_short_base64(server: str) -> None:
    assert code(f"{server}/pki/ocsp/{'A' * (PATH_LIMIT + 1)}") == 414
    assert code(f"{server}/pki/ocsp/MAA=****") == 400
    assert code(f"{server}/pki/ocsp/AAAAA") == 400  # no base64 has this length
    assert code(f"{server}/pki/ocsp/MAA=") == 200  # read, and refused by the protocol


def test_an_application_with_csrf_protection_still_serves_programs(authority: DevAuthority) -> None:
    app = Flask("protected")
    app.secret_key = "x"
    CSRFProtect(app)
    app.add_url_rule("/other", "other", lambda: "done", methods=["POST"])
    app.register_blueprint(blueprint(authority))
    client = app.test_client()
    assert client.post("/other").status_code == 400
    reply = client.post("/pki/tsa", data=QUERY, content_type="application/timestamp-query")
    assert reply.status_code == 200
    assert tsp.TimeStampResp.load(reply.data)["status"]["status"].native == "granted"


def test_nothing_else_is_there(server: str) -> None:
    for path in ("", "people/camat.p12", "keys/root.key", "issued.json", "tsa.crt", "seal.crt"):
        assert code(f"{server}/pki/{path}") == 404


def test_trust_pem_is_what_the_authority_gives(authority: DevAuthority, server: str) -> None:
    with urllib.request.urlopen(f"{server}/pki/trust.pem") as reply:
        assert reply.read() == authority.trust_pem()
