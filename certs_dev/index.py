"""The list of issued certificates: one JSON file that every process of an instance reads and changes.

A change holds the file lock and replaces the file whole. Entries are only ever added or made longer by a
revocation, so the file's size grows with each change and a reader can tell a new file from the one it knows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from cryptography import x509

from certs_dev.errors import AuthorityMissingError
from certs_dev.files import exclusive, write_atomically

Issuer = Literal["root", "ca"]


@dataclass(frozen=True)
class Revocation:
    """When (UTC, whole seconds) and why a certificate was revoked (RFC 5280, 5.3.1)."""

    at: datetime
    reason: x509.ReasonFlags


@dataclass(frozen=True)
class Issued:
    """One certificate: who issued it to whom, until when, and whether it was revoked."""

    serial: int
    issuer: Issuer
    subject: str
    not_after: datetime
    person: str | None = None
    revocation: Revocation | None = None


def _to_json(entry: Issued) -> dict[str, str]:
    row: dict[str, str] = {
        "issuer": entry.issuer,
        "subject": entry.subject,
        "not_after": entry.not_after.isoformat(),
    }
    if entry.person is not None:
        row["person"] = entry.person
    if entry.revocation is not None:
        row["revoked_at"] = entry.revocation.at.isoformat()
        row["reason"] = entry.revocation.reason.value
    return row


def _from_json(serial: str, row: dict[str, Any]) -> Issued:
    revocation = None
    if "revoked_at" in row:
        at = datetime.fromisoformat(row["revoked_at"])
        revocation = Revocation(at, x509.ReasonFlags(row["reason"]))
    return Issued(
        serial=int(serial, 16),
        issuer=row["issuer"],
        subject=row["subject"],
        not_after=datetime.fromisoformat(row["not_after"]),
        person=row.get("person"),
        revocation=revocation,
    )


class Index:
    """Certificates by serial number, as the file says at this moment."""

    def __init__(self, path: Path, lock: Path) -> None:
        self._path = path
        self._lock = lock
        self._known: tuple[tuple[int, int, int], Mapping[int, Issued]] | None = None

    def entries(self) -> Mapping[int, Issued]:
        """Every certificate issued until now, by any process. Raises AuthorityMissingError."""
        try:
            status = self._path.stat()
        except FileNotFoundError as error:
            raise AuthorityMissingError(f"the list of issued certificates is missing: {self._path}") from error
        stamp = (status.st_ino, status.st_mtime_ns, status.st_size)
        known = self._known
        if known is None or known[0] != stamp:
            known = (stamp, self._read())
            self._known = known
        return known[1]

    def revoked(self, issuer: Issuer) -> dict[int, Revocation]:
        """Revocations of one issuer's certificates, by serial number."""
        return {
            entry.serial: entry.revocation
            for entry in self.entries().values()
            if entry.issuer == issuer and entry.revocation is not None
        }

    @contextmanager
    def change(self) -> Iterator[dict[int, Issued]]:
        """Yield the entries to change, alone among all processes; they are kept unless the block raises."""
        with exclusive(self._lock):
            entries = self._read() if self._path.exists() else {}
            yield entries
            rows = {f"{serial:x}": _to_json(entry) for serial, entry in entries.items()}
            write_atomically(self._path, json.dumps({"format": 1, "issued": rows}, indent=1).encode())

    def _read(self) -> dict[int, Issued]:
        rows = json.loads(self._path.read_bytes())["issued"]
        return {int(serial, 16): _from_json(serial, row) for serial, row in rows.items()}
