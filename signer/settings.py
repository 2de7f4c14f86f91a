"""All settings, read once from the environment (contracts.md: Environment); nothing else reads it.

`Settings.from_env()` gives a frozen value that app.py hands on; parts receive only what they need.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

Mode = Literal["development", "production"]
Algorithm = Literal["ec", "rsa"]


class SettingsFault(Exception):
    """A setting is missing or unfit; the message names the variable and what to do."""


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
        settings = cls(
            mode=_mode(env.get("SURAT_MODE", "development")),
            base_url=_base_url(env.get("SURAT_BASE_URL", "http://127.0.0.1:8000")),
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
