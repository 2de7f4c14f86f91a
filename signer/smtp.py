"""Handing one mail after another over to the office's mail server, so that it is known what became of each.

SMTP has one moment at which a server takes a mail over: its answer to the line with a single dot that ends the text
(RFC 5321 section 4.2.5). smtplib's `sendmail` hides it; here everything up to that line is sent first, then the
caller marks the mail as handed over, and only then comes the dot. Faults carry the server's code alone: its words
may repeat an address.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress

from signer.settings import SmtpServer

TIMEOUT = 20.0
"""Seconds for each answer; the last one, too, must come well before the outbox's lease of the mail ends."""


class Unreachable(Exception):
    """No server, no trusted TLS, or a wrong password; the mail was not taken over."""


class Deferred(Exception):
    """The server did not take the mail over now; a later attempt may succeed."""


class Refused(Exception):
    """The server will never take this mail to this recipient over (5xx)."""


class Uncertain(Exception):
    """The dot was sent and no answer came: the server may have taken the mail over or not."""


class Post:
    """One connection for as many mails as there are; opened when first needed, closed with the block."""

    def __init__(self, server: SmtpServer, timeout: float = TIMEOUT) -> None:
        """`timeout`: seconds for each answer of the server."""
        self._server, self._timeout = server, timeout
        self._smtp: smtplib.SMTP | None = None
        self._down = False

    def __enter__(self) -> Post:
        return self

    def __exit__(self, *_fault: object) -> None:
        if self._smtp is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._smtp.quit()
            self._drop()

    def hand_over(
        self, recipient: str, message: bytes, mark: Callable[[], None], passed: Callable[[str], None]
    ) -> None:
        """Give the server one mail (`message` with CRLF line ends); returns once it has taken it over.

        `mark` is called when all but the last line is sent; what it raises leaves the mail with nobody. `passed` is
        told "connected" and "sent" (but for the dot) and "marked". Raises Unreachable, Deferred, Refused, Uncertain.
        """
        smtp = self._open()
        passed("connected")
        try:
            self._envelope(smtp, recipient)
            smtp.send(_stuffed(message))
        except (OSError, smtplib.SMTPException) as fault:
            self._drop()
            raise Unreachable(type(fault).__name__) from None
        passed("sent")
        try:
            mark()
        except BaseException:
            self._drop()  # without its last line the server throws the mail away
            raise
        passed("marked")
        self._finish(smtp)

    def _finish(self, smtp: smtplib.SMTP) -> None:
        try:
            smtp.send(b".\r\n")
            code, _words = smtp.getreply()
        except (OSError, smtplib.SMTPException) as fault:
            self._drop()
            raise Uncertain(type(fault).__name__) from None
        if code != 250:
            self._judge(smtp, code)

    def _envelope(self, smtp: smtplib.SMTP, recipient: str) -> None:
        code, _words = smtp.mail(self._server.sender)
        if code != 250:
            self._judge(smtp, code, whose="sender")
        code, _words = smtp.rcpt(recipient)
        if code not in (250, 251):
            self._judge(smtp, code)
        code, _words = smtp.docmd("DATA")
        if code != 354:
            self._judge(smtp, code)

    def _judge(self, smtp: smtplib.SMTP, code: int, whose: str = "recipient") -> None:
        """Raise what an answer means; a refused sender is a matter of settings, which an operator can mend."""
        try:
            smtp.rset()
        except (OSError, smtplib.SMTPException):
            self._drop()
        if 500 <= code < 600 and whose == "recipient":
            raise Refused(code)
        raise Deferred(code)

    def _open(self) -> smtplib.SMTP:
        if self._smtp is not None and not _answers(self._smtp):
            self._drop()
        if self._down:
            raise Unreachable("as before")  # the next drain tries again; the mails behind this one need not wait
        if self._smtp is None:
            try:
                self._smtp = self._connected()
            except (OSError, smtplib.SMTPException) as fault:
                self._down = True
                raise Unreachable(type(fault).__name__) from None
        return self._smtp

    def _connected(self) -> smtplib.SMTP:
        server = self._server
        own_name, seconds = server.sender.rpartition("@")[2], self._timeout
        if server.security == "tls":
            context = _trusting(server)
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, own_name, timeout=seconds, context=context)
        else:
            smtp = smtplib.SMTP(server.host, server.port, own_name, timeout=seconds)
        try:
            if server.security == "starttls":
                smtp.starttls(context=_trusting(server))
            if server.username is not None and server.password is not None:
                smtp.login(server.username, server.password)
            smtp.ehlo_or_helo_if_needed()
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None


def _trusting(server: SmtpServer) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(server.ca) if server.ca else None)


def _answers(smtp: smtplib.SMTP) -> bool:
    """Whether the connection that served the mail before still serves: servers end one after so many mails."""
    try:
        return smtp.noop()[0] == 250
    except (OSError, smtplib.SMTPException):
        return False


def _stuffed(message: bytes) -> bytes:
    """The text with its leading dots doubled and a line end behind it (RFC 5321 section 4.5.2)."""
    text = re.sub(rb"(?m)^\.", b"..", message)
    return text if text.endswith(b"\r\n") else text + b"\r\n"
