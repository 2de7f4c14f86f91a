"""Handing mails over to a real server: what it says is told apart, and nothing travels unprotected."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from helpers_mail import PASSWORD, USER, MailServer, running

from signer.settings import Settings, SmtpServer
from signer.smtp import Deferred, Post, Refused, Uncertain, Unreachable

MESSAGE = b"Subject: Halo\r\nMessage-ID: <1@x>\r\n\r\n.titik di depan\r\nbaris\r\n"


@pytest.fixture(name="server")
def _server() -> Iterator[MailServer]:
    with running() as server:
        yield server


@pytest.fixture(name="certificate", scope="module")
def _certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and self-signed certificate of localhost, which nobody trusts but who is told to."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, form, plain) + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


def settings(url: str) -> SmtpServer:
    found = Settings.from_env({"SURAT_SMTP_URL": url}).smtp
    assert found is not None
    return found


def hand_over(url: str, recipient: str = "siti@contoh.test", timeout: float = 5.0) -> list[str]:
    """Hand one mail over; the points that were passed, "mark" for the mark."""
    points: list[str] = []
    with Post(settings(url), timeout) as post:
        post.hand_over(recipient, MESSAGE, lambda: points.append("mark"), points.append)
    return points


def test_a_mail_arrives_whole_and_is_marked_before_its_last_line(server: MailServer) -> None:
    assert hand_over(server.url()) == ["connected", "sent", "mark", "marked"]
    [taken] = server.taken
    assert (taken.sender, taken.recipient) == ("surat@localhost", "siti@contoh.test")
    assert taken.mail.get_content() == ".titik di depan\r\nbaris\r\n"


def test_several_mails_share_a_connection(server: MailServer) -> None:
    with Post(settings(server.url())) as post:
        for _ in range(3):
            post.hand_over("siti@contoh.test", MESSAGE, lambda: None, lambda point: None)
    assert len({taken.peer for taken in server.taken}) == 1 and len(server.taken) == 3


def test_what_the_mark_raises_leaves_the_mail_with_nobody(server: MailServer) -> None:
    def overtaken() -> None:
        raise ZeroDivisionError

    with Post(settings(server.url())) as post:
        with pytest.raises(ZeroDivisionError):
            post.hand_over("siti@contoh.test", MESSAGE, overtaken, lambda point: None)
        post.hand_over("budi@contoh.test", MESSAGE, lambda: None, lambda point: None)
    assert [taken.recipient for taken in server.taken] == ["budi@contoh.test"]


@pytest.mark.parametrize(
    ("command", "answer", "fault"),
    [
        ("mail", "451 4.3.0 nanti", Deferred),
        ("mail", "550 5.7.1 pengirim ditolak", Deferred),  # settings, not the recipient
        ("rcpt", "450 4.2.1 nanti", Deferred),
        ("rcpt", "550 5.1.1 siti@contoh.test tidak ada", Refused),
        ("data", "452 4.3.1 penuh", Deferred),
        ("data", "554 5.7.1 ditolak", Refused),
    ],
)
def test_answers_are_told_apart_without_their_words(server: MailServer, command: str, answer: str, fault: type) -> None:
    setattr(server, f"answer_{command}", answer)
    with pytest.raises(fault) as raised:
        hand_over(server.url())
    assert raised.value.args == (int(answer[:3]),)
    assert server.taken == []


def test_a_refusal_does_not_end_the_connection(server: MailServer) -> None:
    with Post(settings(server.url())) as post:
        server.answer_rcpt = "550 tidak ada"
        with pytest.raises(Refused):
            post.hand_over("siti@contoh.test", MESSAGE, lambda: None, lambda point: None)
        server.answer_rcpt = ""
        post.hand_over("budi@contoh.test", MESSAGE, lambda: None, lambda point: None)
    assert len(server.taken) == 1


def test_no_answer_to_the_last_line_is_uncertain(server: MailServer) -> None:
    server.slow = 2.0
    with pytest.raises(Uncertain):
        hand_over(server.url(), timeout=0.5)


def test_a_connection_that_ends_instead_of_an_answer_is_uncertain(server: MailServer) -> None:
    server.deaf = True
    with pytest.raises(Uncertain):
        hand_over(server.url())
    assert len(server.taken) == 1


def test_nobody_there_is_unreachable_and_asked_once_for_all(server: MailServer) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with Post(settings(f"smtp://127.0.0.1:{silent.getsockname()[1]}"), 0.3) as post:
            for said in ("Disconnected", "as before", "as before"):
                with pytest.raises(Unreachable, match=f"(?i){said}"):
                    post.hand_over("siti@contoh.test", MESSAGE, lambda: None, lambda point: None)


# ---- TLS and passwords ----


def test_starttls_with_a_trusted_certificate_and_a_password(certificate: Path) -> None:
    with running(tls=certificate, auth=True) as server:
        user, secret = quote(USER, safe=""), quote(PASSWORD, safe="")
        url = f"smtp://{user}:{secret}@localhost:{server.port}?starttls=yes&ca={certificate}"
        assert hand_over(url)[-1] == "marked"
        assert server.taken[0].sender == USER


def test_smtps_with_a_trusted_certificate(certificate: Path) -> None:
    with running(tls=certificate, smtps=True) as server:
        hand_over(f"smtps://localhost:{server.port}?ca={certificate}")
        assert len(server.taken) == 1


@pytest.mark.parametrize("scheme", ["smtps://localhost:{}", "smtp://localhost:{}?starttls=yes"])
def test_a_certificate_that_nobody_vouches_for_is_refused(certificate: Path, scheme: str) -> None:
    with running(tls=certificate, smtps=scheme.startswith("smtps")) as server:
        with pytest.raises(Unreachable, match="SSLCertVerificationError"):
            hand_over(scheme.format(server.port))
        assert server.taken == []


def test_a_server_without_starttls_gets_nothing(server: MailServer) -> None:
    with pytest.raises(Unreachable, match="SMTPNotSupportedError"):
        hand_over(server.url("?starttls=yes"))


def test_a_wrong_password_is_unreachable_and_not_repeated(certificate: Path) -> None:
    with running(tls=certificate, auth=True) as server:
        with pytest.raises(Unreachable) as raised:
            hand_over(f"smtp://a%40b.test:salahsekali@localhost:{server.port}?starttls=yes&ca={certificate}")
        assert "salahsekali" not in repr(raised.value)
        assert server.taken == []
