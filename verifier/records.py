"""What the verifier must look up about an office's own letters; `signer.public` implements it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True)
class LetterRecord:
    """One letter in the register. `identical`: the file asked about is a revision that was ever released."""

    status: Literal["berlaku", "dicabut", "diganti"]
    number: str
    date: str
    subject: str
    register_number: int | None = None
    identical: bool = False
    log_index: int | None = None


class Records(Protocol):
    """The register as the verifier sees it: two look-ups, read only."""

    def by_sha256(self, sha256: bytes) -> LetterRecord | None:
        """The letter of which a file with this SHA-256 (32 bytes) was ever released, or None."""

    def by_token(self, token: str) -> LetterRecord | None:
        """The letter whose QR carries this token (16 characters, upper case), or None."""
