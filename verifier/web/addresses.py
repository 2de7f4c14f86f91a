"""Which addresses are this service's own: where it is now, and the hosts that letters printed earlier still name."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from verifier import seal as seals
from verifier.errors import VerificationError


class Addresses:
    """The service's own address (`base_url`, without a path) and its former hosts ("surat.example.go.id[:port]")."""

    def __init__(self, base_url: str, old_hosts: Sequence[str] = ()) -> None:
        self.base_url = base_url
        self.host = urlsplit(base_url).netloc
        known = [base_url, *(f"{scheme}://{host}" for host in old_hosts for scheme in ("https", "http"))]
        self._own = {_origin(url) for url in known} - {None}

    def owns(self, text: str) -> bool:
        """Whether an address from a QR is one of this service's, by scheme, host and port; never by how it begins."""
        return _origin(text) in self._own

    @staticmethod
    def named(text: str) -> str:
        """The host that a browser would open for a QR's text, to be shown and never linked; "" if it is no address."""
        # As browsers do: backslashes count as slashes, line breaks and tabs do not count at all.
        cleaned = text.strip().translate({10: None, 13: None, 9: None, 92: "/"})
        try:
            parts = urlsplit(cleaned)
            host = parts.hostname or ""
            port = f":{parts.port}" if parts.port else ""
        except ValueError:
            return ""
        if parts.scheme.lower() not in ("http", "https") or not host.isprintable():
            return ""
        return _unmistakable(host[:253]) + port


def _unmistakable(host: str) -> str:
    """A name in other than ASCII letters as the network knows it: it may look just like another."""
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host.encode("unicode_escape").decode("ascii")


def _origin(text: str) -> str | None:
    parts = text.split("/", 3)
    try:
        return seals.origin("/".join(parts[:3]))
    except VerificationError:
        return None
