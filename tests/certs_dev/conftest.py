"""One authority of each algorithm for reading tests, throw-away ones for tests that change them, and a real server."""

from __future__ import annotations

import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.serving import make_server

from certs_dev.authority import DevAuthority
from certs_dev.certificates import to_pem
from certs_dev.people import Person
from certs_dev.web import blueprint

SERVICE = "service-passphrase-of-the-tests-0123456789"
CAMAT = Person("camat", "Sugondo, S.Sos., MM.", "Camat Trawas", "rahasia camat")
KASI = Person("kasi", "Siti Aminah, S.E.", "Kasi Kemasyarakatan", "rahasia kasi")


@pytest.fixture(scope="session")
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="session")
def make(port: int) -> Callable[..., DevAuthority]:
    def made(folder: Path, **more: object) -> DevAuthority:
        given = {
            "base_url": f"http://127.0.0.1:{port}",
            "service_passphrase": SERVICE,
            "people": [CAMAT, KASI],
            **more,
        }
        return DevAuthority.create(folder, **given)  # type: ignore[arg-type]  # the tests' own shorthand

    return made


@pytest.fixture(scope="session", params=["ec", "rsa"])
def either(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, make: Callable[..., DevAuthority]
) -> DevAuthority:
    """An authority of each algorithm that no test may change."""
    return make(tmp_path_factory.mktemp("either") / "pki", algorithm=request.param)


@pytest.fixture
def authority(tmp_path: Path, make: Callable[..., DevAuthority]) -> DevAuthority:
    """An authority of this test's own."""
    return make(tmp_path / "pki")


@pytest.fixture
def server(authority: DevAuthority, port: int) -> Iterator[str]:
    """`authority` on a real socket, at the address its certificates name."""
    app = Flask("pki-test")
    app.config["MAX_CONTENT_LENGTH"] = 1024 * 1024
    app.register_blueprint(blueprint(authority))
    running = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{port}"
    running.shutdown()
    thread.join()
    running.server_close()


@pytest.fixture
def openssl(tmp_path: Path) -> Callable[..., str]:
    """Run the openssl binary in the test's folder; its standard output, or a failure that shows what it said."""

    def run(*arguments: str | Path, ok: bool = True) -> str:
        done = subprocess.run(["openssl", *map(str, arguments)], cwd=tmp_path, capture_output=True, timeout=20)
        said = done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace")
        assert (done.returncode == 0) == ok, said
        return said

    return run


@pytest.fixture
def pems() -> Callable[[DevAuthority, Path], None]:
    """Write root.pem, ca.pem, ... and camat.pem of an authority into a folder, for openssl."""

    def write(authority: DevAuthority, folder: Path) -> None:
        for kind in ("root", "ca", "tsa", "ocsp", "seal"):
            (folder / f"{kind}.pem").write_bytes(to_pem(authority.certificate(kind)))
        for name in ("camat", "kasi"):
            (folder / f"{name}.pem").write_bytes(to_pem(authority.person_certificate(name)))

    return write
