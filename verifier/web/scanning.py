"""What a QR's text means to a stranger: a letter of this office, something else of ours, or somebody else's address.

An address that is not this service's is named and never opened or linked: a QR proves nothing about where it leads.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from verifier import examine, seal, token
from verifier.errors import VerificationError
from verifier.pool import Pool
from verifier.records import Letters, PublicLetter
from verifier.report import SealReport
from verifier.trust import Trust
from verifier.web.addresses import Addresses

MOST_PICTURE_BYTES = 10 * 1024 * 1024
PICTURE_SECONDS = 6.0
IN_ADDRESS = re.compile(r"/v/([^/?#]+)", re.IGNORECASE)
"""The code in a letter's address."""

Kind: TypeAlias = Literal["letter", "withdrawn", "unregistered", "refused", "ours", "foreign", "text"]
"""letter: sealed, registered, in force. refused: our address, but the seal does not hold. ours: our address, no letter.
foreign: another host. text: no address at all."""


@dataclass(frozen=True)
class Scanned:
    """One QR: what it is; `host` where it leads elsewhere, `seal` and `letter` where it is one of ours."""

    kind: Kind
    host: str = ""
    seal: SealReport | None = None
    letter: PublicLetter | None = None
    fragment: str = ""
    """What stands after the # of the letter's address: its seal."""
    reason: VerificationError | None = None


class Scanner:
    """Judges QR texts, and finds them in pictures."""

    def __init__(
        self, letters: Letters, trust: Trust, addresses: Addresses, pool: Pool, clock: Callable[[], datetime]
    ) -> None:
        self._letters = letters
        self._trust = trust
        self._addresses = addresses
        self._pool = pool
        self._clock = clock

    def picture(self, data: bytes) -> list[Scanned]:
        """The QR codes of a JPEG, PNG or WebP; empty if none is seen. Nothing is kept.

        Raises VerificationError: busy, picture-unreadable, picture-too-large, or as verifier.pool's Worker.run.
        """
        with self._pool.worker() as worker:
            answer = json.loads(worker.run("codes-in-picture", data, seconds=PICTURE_SECONDS))
        if "refused" in answer:
            raise VerificationError(*answer["refused"])
        return [self.text(text) for text in answer["texts"]]

    def text(self, text: str) -> Scanned:
        """What one QR's text means."""
        text = text.strip()
        if not self._addresses.owns(text):
            host = self._addresses.named(text)
            if host == self._addresses.host:  # ours, in a spelling that no QR of ours has
                return Scanned("ours")
            return Scanned("foreign", host=host) if host else Scanned("text")
        try:
            qr = seal.parse(text)
        except VerificationError as fault:
            return Scanned("ours", reason=fault, letter=self._letter(text))
        report = examine.seal(text, trust=self._trust, at=self._clock())
        letter = self._letters.letter(qr.token)
        fragment = seal.base32(qr.seal)
        if report.verdict != "valid":
            first = report.reasons[0]
            why = VerificationError(first.code, first.id, first.en)
            return Scanned("refused", seal=report, letter=letter, reason=why)
        return Scanned(_kind(letter), seal=report, letter=letter, fragment=fragment)

    def _letter(self, text: str) -> PublicLetter | None:
        """The letter of one of our addresses whose seal is missing or miscopied."""
        found = IN_ADDRESS.search(text)
        try:
            return self._letters.letter(token.addressed(found[1])) if found else None
        except VerificationError:
            return None


def _kind(letter: PublicLetter | None) -> Kind:
    if letter is None:
        return "unregistered"
    return "letter" if letter.status == "berlaku" else "withdrawn"
