"""A real mail server on this machine (aiosmtpd) that keeps what it took over and can be told to misbehave."""

from __future__ import annotations

import asyncio
import email
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default as modern
from pathlib import Path
from typing import Any

from aiosmtpd import smtp
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, Session

USER, PASSWORD = "surat@contoh.test", "sandi/surat:@1"


@dataclass
class Taken:
    """One mail that the server took over."""

    sender: str
    recipient: str
    mail: EmailMessage
    peer: Any

    @property
    def message_id(self) -> str:
        """Its Message-ID."""
        return str(self.mail["Message-ID"])

    def text(self, kind: str = "plain") -> str:
        """Its plain text or HTML."""
        body = self.mail.get_body((kind,))
        assert body is not None
        return str(body.get_content())


@dataclass
class MailServer:
    """Where it listens, what it took over, and what it is to answer instead."""

    port: int = 0
    taken: list[Taken] = field(default_factory=list)
    answer_mail: str = ""
    answer_rcpt: str = ""
    answer_data: str = ""
    """Said instead of taking the text over."""
    slow: float = 0.0
    """Seconds between the text's last line and the answer."""
    deaf: bool = False
    """Take the text over, and end the connection instead of answering."""

    def url(self, options: str = "") -> str:
        """For SURAT_SMTP_URL."""
        return f"smtp://127.0.0.1:{self.port}{options}"

    def wait(self, count: int, seconds: float = 20.0) -> list[Taken]:
        """The mails, once there are so many."""
        until = time.monotonic() + seconds
        while len(self.taken) < count:
            assert time.monotonic() < until, f"{len(self.taken)} mails came, not {count}"
            time.sleep(0.05)
        return self.taken

    async def handle_MAIL(  # noqa: N802 (aiosmtpd's name)
        self, server: smtp.SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.answer_mail:
            return self.answer_mail
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, server: smtp.SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.answer_rcpt:
            return self.answer_rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: smtp.SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.answer_data:
            return self.answer_data
        if self.slow:
            await asyncio.sleep(self.slow)
        assert isinstance(envelope.content, bytes)
        mail = email.message_from_bytes(envelope.content, policy=modern)
        assert isinstance(mail, EmailMessage)
        self.taken.append(Taken(envelope.mail_from or "", envelope.rcpt_tos[0], mail, session.peer))
        if self.deaf:
            server.transport.abort()
        return "250 OK"


@contextmanager
def running(*, tls: Path | None = None, smtps: bool = False, auth: bool = False, port: int = 0) -> Iterator[MailServer]:
    """A server until the block ends; `tls`: a file with key and certificate, for STARTTLS or, with `smtps`, at once."""
    server = MailServer(port=port or _free_port())
    context = None
    if tls is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls)
    options: dict[str, Any] = {"enable_SMTPUTF8": False}
    if auth:
        options |= {"authenticator": _authenticate, "auth_required": True, "auth_require_tls": tls is not None}
    if context is not None:
        options |= {"ssl_context": context} if smtps else {"tls_context": context, "require_starttls": True}
    controller = Controller(server, "127.0.0.1", server.port, **options)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


def _authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    right = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
