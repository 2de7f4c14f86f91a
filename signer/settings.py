"""All settings, read once from the environment (contracts.md: Environment); nothing else reads it.

`Settings.from_env()` gives a frozen value that app.py hands on; parts receive only what they need.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from email.errors import MessageError
from email.headerregistry import Address
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

Mode = Literal["development", "production"]
Algorithm = Literal["ec", "rsa"]


Security = Literal["tls", "starttls", "none"]
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class SettingsFault(Exception):
    """A setting is missing or unfit; the message names the variable and what to do."""


@dataclass(frozen=True)
class SmtpServer:
    """The mail server of SURAT_SMTP_URL."""

    host: str
    port: int
    security: Security
    """From the first byte (smtps), after STARTTLS (a server without it is refused), or none (this machine alone)."""
    sender: str
    """The address that mails come from."""
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    ca: Path | None = None
    """Certificates (PEM) to trust instead of the system's, e.g. of an office's own mail server."""


@dataclass(frozen=True)
class Settings:
    """How this instance runs. Secrets are kept out of `repr`."""

    mode: Mode
    base_url: str
    """Public address without trailing slash; its host goes into every QR."""
    instance: Path
    """Folder of everything this instance keeps (database, blobs, development PKI)."""
    database_url: str
    blobs_url: str
    jobs_url: str
    keys: str
    tsa_urls: tuple[str, ...]
    trust_dir: Path | None
    old_hosts: tuple[str, ...]
    pki_algorithm: Algorithm
    """Keys of a development CA that is made new: ec (P-256) or rsa (2048 bits)."""
    proxies: int
    """How many trusted reverse proxies stand before the service."""
    demo: bool
    """Whether a development instance gets the demo accounts; without them the first admin is made by a setup code."""
    smtp: SmtpServer | None = None
    """Where mails are handed over; None: everything works, and people are told in the application alone."""
    _secret_key: str | None = None
    _data_key: str | None = None

    def __repr__(self) -> str:
        return f"Settings(mode={self.mode!r}, base_url={self.base_url!r}, instance={str(self.instance)!r})"

    @property
    def development(self) -> bool:
        """Whether the development CA and demo accounts may exist here."""
        return self.mode == "development"

    @property
    def demo_people(self) -> bool:
        """Whether the demo accounts, whose passwords everybody knows, belong to this instance."""
        return self.development and self.demo

    def throw_away(self, folder: Path) -> Settings:
        """The same settings over an instance in `folder` alone: no server, own secrets and TSA."""
        return replace(
            self,
            mode="development",
            instance=folder,
            database_url=f"sqlite:///{folder}/surat.db",
            blobs_url=f"file://{folder}/blobs",
            jobs_url=f"sqlite:///{folder}/jobs.db",
            tsa_urls=(),  # its trust knows its own authority alone
            trust_dir=None,
            smtp=None,
            _secret_key=None,
            _data_key=None,
        )

    @property
    def secret_key(self) -> str | None:
        """SURAT_SECRET_KEY, or None where development makes one of its own."""
        return self._secret_key

    @property
    def data_key(self) -> str | None:
        """SURAT_DATA_KEY (encryption at rest), or None where development makes one of its own."""
        return self._data_key

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Settings:
        """Read SURAT_* from `env` (default: the process's).

        Raises SettingsFault where a value is unfit, or missing in production.
        """
        env = os.environ if env is None else env
        instance = Path(env.get("SURAT_INSTANCE", "instance")).resolve()
        base_url = _base_url(env.get("SURAT_BASE_URL", "http://127.0.0.1:8000"))
        settings = cls(
            mode=_mode(env.get("SURAT_MODE", "development")),
            base_url=base_url,
            instance=instance,
            database_url=env.get("SURAT_DATABASE_URL", f"sqlite:///{instance}/surat.db"),
            blobs_url=env.get("SURAT_BLOBS_URL", f"file://{instance}/blobs"),
            jobs_url=env.get("SURAT_JOBS_URL", f"sqlite:///{instance}/jobs.db"),
            keys=env.get("SURAT_KEYS", "pkcs12"),
            tsa_urls=tuple(filter(None, env.get("SURAT_TSA_URLS", "").split(","))),
            trust_dir=Path(env["SURAT_TRUST_DIR"]) if env.get("SURAT_TRUST_DIR") else None,
            old_hosts=tuple(filter(None, env.get("SURAT_OLD_HOSTS", "").split(","))),
            pki_algorithm=_algorithm(env.get("SURAT_PKI_ALGORITHM", "ec")),
            proxies=_count(env.get("SURAT_PROXIES", "0")),
            smtp=_smtp(env.get("SURAT_SMTP_URL", ""), base_url),
            demo=_switch("SURAT_DEMO", env.get("SURAT_DEMO", "1")),
            _secret_key=env.get("SURAT_SECRET_KEY") or None,
            _data_key=env.get("SURAT_DATA_KEY") or None,
        )
        settings._check()
        return settings

    def _check(self) -> None:
        if self.keys != "pkcs12":
            raise SettingsFault(f"SURAT_KEYS={self.keys}: only pkcs12 is available in this version.")
        if self.instance.exists() and not self.instance.is_dir():
            raise SettingsFault(f"SURAT_INSTANCE={self.instance}: is a file; it must be a folder, or not exist yet.")
        if self.development:
            return
        for name, value in (("SURAT_SECRET_KEY", self._secret_key), ("SURAT_DATA_KEY", self._data_key)):
            if value is None or len(value) < 32:
                raise SettingsFault(f"{name} must be set to at least 32 characters in production.")
        if not self.base_url.startswith("https://"):
            raise SettingsFault("SURAT_BASE_URL must be an https:// address in production: it stands in every QR.")
        raise SettingsFault(
            "SURAT_MODE=production needs a key service of a certification authority; this version has only the "
            "development CA, which production refuses."
        )


def _mode(text: str) -> Mode:
    modes: dict[str, Mode] = {"development": "development", "production": "production"}
    if text in modes:
        return modes[text]
    raise SettingsFault(f"SURAT_MODE={text}: must be development or production.")


def _algorithm(text: str) -> Algorithm:
    known: dict[str, Algorithm] = {"ec": "ec", "rsa": "rsa"}
    if text in known:
        return known[text]
    raise SettingsFault(f"SURAT_PKI_ALGORITHM={text}: must be ec or rsa.")


def _switch(name: str, text: str) -> bool:
    if text not in ("0", "1"):
        raise SettingsFault(f"{name}={text}: must be 0 or 1.")
    return text == "1"


def _count(text: str) -> int:
    if not text.isdigit():
        raise SettingsFault(f"SURAT_PROXIES={text}: must be a number, how many reverse proxies to trust.")
    return int(text)


def _base_url(text: str) -> str:
    parts = urlsplit(text.rstrip("/"))
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path or parts.query or parts.fragment:
        raise SettingsFault(f"SURAT_BASE_URL={text}: must be http(s)://HOST[:PORT] without a path.")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _smtp(text: str, base_url: str) -> SmtpServer | None:
    """`smtp[s]://[user:password@]host[:port][?from=ADDRESS&starttls=yes|no&ca=FILE]`; user and password %-encoded.

    Faults never repeat the value: it may hold a password.
    """
    if not text:
        return None
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise SettingsFault("SURAT_SMTP_URL: not an address of the form smtp://HOST:PORT.") from None
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path not in ("", "/") or parts.fragment:
        raise SettingsFault("SURAT_SMTP_URL: must be smtp://[USER:PASSWORD@]HOST[:PORT] or smtps://...")
    options = _smtp_options(parts)
    security = _smtp_security(parts, options.get("starttls"))
    username = unquote(parts.username) if parts.username else None
    if username and not parts.password:
        raise SettingsFault("SURAT_SMTP_URL: a user needs a password (smtp://USER:PASSWORD@HOST).")
    return SmtpServer(
        host=parts.hostname,
        port=port or {"tls": 465, "starttls": 587, "none": 25}[security],
        security=security,
        sender=_sender(options.get("from"), username, base_url),
        username=username,
        password=unquote(parts.password) if parts.password else None,
        ca=Path(options["ca"]) if "ca" in options else None,
    )


def _smtp_options(parts: SplitResult) -> dict[str, str]:
    options = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
    unknown = sorted(options.keys() - {"from", "starttls", "ca"})
    if unknown:
        raise SettingsFault(f"SURAT_SMTP_URL: unknown option {', '.join(unknown)}; there are from, starttls, ca.")
    if "ca" in options and not Path(options["ca"]).is_file():
        raise SettingsFault(f"SURAT_SMTP_URL: ca={options['ca']} is not a file.")
    return options


def _smtp_security(parts: SplitResult, starttls: str | None) -> Security:
    """STARTTLS unless told otherwise; a password never travels in clear but inside this machine."""
    if starttls not in (None, "yes", "no"):
        raise SettingsFault("SURAT_SMTP_URL: starttls must be yes or no.")
    if parts.scheme == "smtps":
        return "tls"
    local = parts.hostname in LOOPBACK
    if starttls == "yes" or (starttls is None and not local):
        return "starttls"
    if parts.username and not local:
        raise SettingsFault("SURAT_SMTP_URL: a password needs smtps:// or starttls=yes; without, it travels in clear.")
    return "none"


def _sender(given: str | None, username: str | None, base_url: str) -> str:
    """The address that was given, else the user if it is one, else surat@ the host of SURAT_BASE_URL."""
    host = urlsplit(base_url).hostname or ""
    own = username if username and "@" in username else f"surat@{host if host[-1:].isalpha() else 'localhost'}"
    try:
        sender = Address(addr_spec=given if given is not None else own)
    except (MessageError, ValueError, IndexError):
        raise SettingsFault("SURAT_SMTP_URL: from must be a plain e-mail address.") from None
    if not sender.domain or not sender.addr_spec.isascii():
        raise SettingsFault("SURAT_SMTP_URL: from must be a plain e-mail address.")
    return sender.addr_spec
