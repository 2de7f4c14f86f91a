"""Timestamps over HTTP: a dead authority is passed over, a living one answers, none is an error that says so."""

import asyncio
import hashlib
import threading
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from flask import Flask

from certs_dev import web as pki_web
from certs_dev.authority import DevAuthority
from signer.cades import timestamp
from signer.errors import TimestampUnavailable
from signer.timestamps import FirstAnswering

DEAD = "http://127.0.0.1:9/tsa"
DIGEST = hashlib.sha256(b"surat").digest()


class Quiet(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def tsa_url(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tsa") / "pki"
    authority = DevAuthority.create(folder, base_url="http://127.0.0.1", service_passphrase="layanan" * 5, people=())
    app = Flask("tsa")
    app.register_blueprint(pki_web.blueprint(authority))
    with make_server("127.0.0.1", 0, app, handler_class=Quiet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/pki/tsa"
        server.shutdown()


def test_a_silent_authority_is_passed_over(tsa_url):
    token = asyncio.run(timestamp(DIGEST, FirstAnswering([DEAD, tsa_url])))
    imprint = token["content"]["encap_content_info"]["content"].parsed["message_imprint"]
    assert imprint["hashed_message"].native == DIGEST


def test_no_answer_at_all_means_no_signature():
    with pytest.raises(TimestampUnavailable):
        asyncio.run(timestamp(DIGEST, FirstAnswering([DEAD])))
