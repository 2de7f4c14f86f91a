"""The JSON interface: reports on files, letters, hashes, its description; wrong requests; schemathesis over all."""

from __future__ import annotations

import hashlib
import io
import json
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import helpers_attacks as tools
import helpers_pki as pki
import pytest
import schemathesis
from flask import Flask
from flask_babel import Babel
from helpers_public import Public
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from werkzeug.serving import make_server

from signer.tables.letters import Letter, LetterFile
from verifier import web as verifier_web
from verifier.pool import Pool
from verifier.report import Report
from verifier.trust import Trust
from verifier.web.api import FORM, PDF

pytest_plugins = ("helpers_public",)

VERIFICATIONS = "/api/v1/verifications"
ORIGIN = "http://127.0.0.1:8000"


def verify(public: Public, data: bytes, **options: Any) -> Any:
    return public.client.post(VERIFICATIONS, data=data, content_type=PDF, **options)


def problem(answer: Any, status: int) -> str:
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json"), answer.data
    body = answer.get_json()
    assert body["status"] == status and body["title"] and body["type"] == f"urn:suratsah:{body['code']}"
    return str(body["code"])


def test_the_report_on_a_released_letter(shared: Public) -> None:
    data = shared.blob().read_bytes()
    answer = verify(shared, data)
    assert answer.status_code == 200 and answer.content_type == "application/json"
    assert answer.headers["Cache-Control"] == "no-store" and "Set-Cookie" not in answer.headers
    report = Report.model_validate_json(answer.data)
    assert (report.verdict, report.integrity) == ("valid", "unchanged")
    assert report.registry is not None and report.registry.identical
    assert report.sha256 == hashlib.sha256(data).hexdigest()


def test_a_form_gives_the_same_report(shared: Public) -> None:
    data = shared.blob().read_bytes()
    answer = shared.client.post(VERIFICATIONS, data={"file": (io.BytesIO(data), "Surat.pdf")}, content_type=FORM)
    report, other = answer.get_json(), verify(shared, data).get_json()
    assert report.pop("file") == "Surat.pdf" and other.pop("file") == "surat.pdf"
    for varying in ("checked_at", "seconds"):
        report.pop(varying), other.pop(varying)
    assert report == other


def test_a_changed_letter_names_the_one_that_it_claims_to_be(shared: Public) -> None:
    changed = shared.blob().read_bytes().replace(b"/Type", b"/Typf", 1)
    report = Report.model_validate_json(verify(shared, changed).data)
    assert report.verdict == "altered"
    assert report.registry is not None and not report.registry.identical
    assert "letter-differs" in {reason.code for reason in report.reasons}
    added = Report.model_validate_json(verify(shared, shared.blob().read_bytes() + b"% more\n").data)
    assert added.verdict != "valid" and "letter-continued" in {reason.code for reason in added.reasons}


def test_a_good_signature_does_not_make_a_letter_that_was_never_released(public: Public) -> None:
    """As with a copied QR over somebody's own valid signature: the register's word is missing."""
    public.change(LetterFile, sha256=bytes(32))
    report = Report.model_validate_json(verify(public, public.blob().read_bytes()).data)
    assert (report.verdict, report.integrity, report.indication) == ("unconfirmed", "unchanged", "TOTAL-PASSED")
    assert report.registry is not None and not report.registry.identical


def test_a_stranger_s_file_is_examined_too(shared: Public) -> None:
    report = Report.model_validate_json(verify(shared, tools.archived()).data)
    assert (report.verdict, report.integrity, report.registry) == ("untrusted", "unchanged", None)
    assert {"letter-unknown", "chain-untrusted"} <= {reason.code for reason in report.reasons}
    assert Report.model_validate_json(verify(shared, b"halo").data).verdict == "unreadable"


def test_withdrawn_wins_over_a_good_signature(public: Public) -> None:
    public.change(Letter, status="dicabut")
    report = Report.model_validate_json(verify(public, public.blob().read_bytes()).data)
    assert report.verdict == "revoked" and report.reasons[0].code == "letter-withdrawn"


@pytest.mark.parametrize(
    ("body", "media", "status"),
    [
        (b"", PDF, 411),
        (b"x", "text/plain", 415),
        (b"x", "", 415),
        (b"", FORM, 422),
        (b"x" * (20 * 1024 * 1024 + 20_000), PDF, 413),
        (b"x" * (20 * 1024 * 1024 + 1), PDF, 413),
    ],
)
def test_wrong_requests_are_problems(shared: Public, body: bytes, media: str, status: int) -> None:
    problem(shared.client.post(VERIFICATIONS, data=body, content_type=media), status)


def test_an_empty_body_is_told_what_is_missing(shared: Public) -> None:
    with served(shared.site.app) as port:
        head = f"POST {VERIFICATIONS} HTTP/1.1\nHost: x\nContent-Type: {PDF}\nContent-Length: 0"
        status, text = spoken(port, head, b"")
    assert status == 422 and "problem+json" in text


def test_the_interface_answers_in_json_whatever_is_asked_for(shared: Public) -> None:
    browser = {"Accept": "text/html"}
    assert problem(shared.client.get("/api/v1/nothing", headers=browser), 404) == "http-404"
    wrong = shared.client.get(VERIFICATIONS, headers=browser)
    assert problem(wrong, 405) and "POST" in wrong.headers["Allow"]
    unknown = shared.client.get("/api/v1/letters/0000000000000000", headers={"Accept-Language": "en"})
    assert problem(unknown, 404) == "letter-not-found" and unknown.get_json()["title"].startswith("There is no")


def test_a_hash_is_enough_to_know_a_released_file(public: Public) -> None:
    sha256 = hashlib.sha256(public.blob().read_bytes()).hexdigest()
    for written in (sha256, sha256.upper()):
        known = public.client.get(f"/api/v1/hashes/{written}").get_json()
        assert known["known"] and known["newest"] and known["sha256"] == sha256
        assert known["letter"]["status"] == "berlaku" and known["letter"]["token"] == public.token
        assert known["letter"]["mode"] == "simulasi"
    public.change(Letter, status="diganti")
    assert public.client.get(f"/api/v1/hashes/{sha256}").get_json()["letter"]["status"] == "diganti"
    unknown = public.client.get(f"/api/v1/hashes/{'0' * 64}").get_json()
    assert (unknown["known"], unknown["letter"]) == (False, None)
    assert problem(public.client.get("/api/v1/hashes/abc"), 404) == "hash-form"


def test_nothing_of_a_file_is_kept(shared: Public, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    instance = shared.site.house.settings.instance

    def kept() -> list[tuple[Path, int]]:
        return sorted((path, path.stat().st_size) for path in instance.rglob("*") if path.is_file())

    before, large = kept(), tools.archived() + b"%" * 2_000_000  # past what a form's parser holds in memory
    assert verify(shared, large).status_code == 200
    form = {"file": (io.BytesIO(large), "x.pdf")}
    answer = shared.client.post(VERIFICATIONS, data=form, content_type=FORM)
    assert answer.status_code == 200
    answer.request.environ["wsgi.input"].close()  # the test client's own copy
    assert list(tmp_path.iterdir()) == [] and kept() == before


@contextmanager
def served(app: Flask) -> Iterator[int]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def spoken(port: int, head: str, body: bytes) -> tuple[int, str]:
    """A request as bytes over a socket: the answer's status and head."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += line.recv(65536)
    return int(answer.split(b" ", 2)[1]), answer.decode()


@pytest.mark.parametrize("path", [VERIFICATIONS, "/periksa", "/periksa/qr"])
@pytest.mark.parametrize("extra", ["", "\nContent-Length: 5"])
def test_a_chunked_body_is_refused_before_it_is_cut(shared: Public, path: str, extra: str) -> None:
    """Werkzeug would stop reading a chunked body at its limit, silently, and another file would be judged."""
    chunked = b"5\r\n%PDF-\r\n0\r\n\r\n"
    head = f"POST {path} HTTP/1.1\nHost: x\nConnection: close\nContent-Type: {PDF}\nTransfer-Encoding: chunked{extra}"
    with served(shared.site.app) as port:
        status, text = spoken(port, head, chunked)
    assert status == 411
    assert ("problem+json" in text) is path.startswith("/api/")


def test_a_body_that_breaks_off_is_not_judged(shared: Public) -> None:
    with served(shared.site.app) as port, socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        head = f"POST {VERIFICATIONS} HTTP/1.1\r\nHost: x\r\nContent-Type: {PDF}\r\nContent-Length: 900\r\n\r\n%PDF"
        line.sendall(head.encode())
        line.shutdown(socket.SHUT_WR)
        answer = line.recv(65536)
    assert answer == b"" or b" 400 " in answer.split(b"\r\n")[0]


def test_overload_is_503_with_retry_after(shared: Public) -> None:
    app, pool = Flask(__name__), Pool(places=1, waiting=0)
    Babel(app)
    trust = Trust.from_pem(pki.authority().trust_pem())
    clock = lambda: datetime.now(UTC)  # noqa: E731
    app.register_blueprint(verifier_web.blueprint(shared.site.house.records, trust, ORIGIN, clock, pool=pool))
    with pool.worker():
        answer = app.test_client().post(VERIFICATIONS, data=b"%PDF", content_type=PDF)
    assert problem(answer, 503) == "busy" and int(answer.headers["Retry-After"]) > 0
    assert app.test_client().post(VERIFICATIONS, data=b"%PDF", content_type=PDF).status_code == 200
    pool.close()


def test_the_description_says_what_there_is(shared: Public) -> None:
    answer = shared.client.get("/api/v1/openapi.json")
    described = answer.get_json()
    assert described["openapi"] == "3.1.0" and described["servers"] == [{"url": ORIGIN}]
    assert set(described["paths"]) == {
        VERIFICATIONS,
        "/api/v1/letters/{token}",
        "/api/v1/hashes/{sha256}",
        "/api/v1/openapi.json",
    }
    body = described["paths"][VERIFICATIONS]["post"]["requestBody"]["content"]
    assert set(body) == {PDF, FORM}
    known = described["components"]["schemas"]
    assert {"Report", "LetterAnswer", "HashAnswer", "Problem"} <= set(known)
    for name in json.dumps(described).split('"#/components/schemas/')[1:]:
        assert name.split('"')[0] in known


@pytest.fixture(name="schema", scope="module")
def schema_fixture(shared: Public) -> schemathesis.BaseSchema:
    pdfs = st.sampled_from([tools.archived(), pki.letter(), shared.blob().read_bytes()]) | st.binary(
        min_size=1, max_size=300
    )
    schemathesis.openapi.media_type(PDF, pdfs)
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", shared.site.app)


def test_every_answer_is_as_described(schema: schemathesis.BaseSchema) -> None:
    seen: list[str | None] = []
    for result in schema.get_all_operations():
        operation = result.ok()
        for mode in schemathesis.GenerationMode:

            @given(case=operation.as_strategy(generation_mode=mode))
            @settings(max_examples=15, deadline=None, database=None, suppress_health_check=list(HealthCheck))
            def one(case: schemathesis.Case) -> None:
                seen.append(case.media_type)
                case.call_and_validate()

            try:
                one()
            except Unsatisfiable:  # an operation that takes nothing, or any text, has no wrong arguments
                assert mode is schemathesis.GenerationMode.NEGATIVE
    assert len(seen) > 60 and {PDF, FORM} <= set(seen)
