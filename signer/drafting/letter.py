"""What a letter says, apart from its template: kop, number, dates, recipients, signatory (Permendagri 1/2023)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from signer.errors import Invalid

Mode = Literal["simulasi", "bsre"]

AN, UB = "a.n. ", "u.b."


@dataclass(frozen=True)
class Kop:
    """The office's letterhead: `lines` from the highest unit down to the office itself (printed large), address, logo.

    `logo` is a PNG or JPEG, or empty.
    """

    lines: tuple[str, ...]
    address: tuple[str, ...] = ()
    logo: bytes = b""


@dataclass(frozen=True)
class SignatureBlock:
    """Who signs: `capacity` lines above, then name with titles, pangkat, golongan and NIP (empty where none)."""

    capacity: tuple[str, ...]
    name: str
    rank: str = ""
    grade: str = ""
    nip: str = ""

    def check_capacity(self) -> None:
        """The forms of domain.md section 2: own post; a.n. and the deputy; a.n., deputy, u.b. alone, and a second.

        Raises Invalid (field `signatory.capacity`).
        """
        titles = [line for number, line in enumerate(self.capacity) if number != 2]
        third_is_ub = len(self.capacity) < 3 or self.capacity[2] == UB
        delegated = bool(titles) and titles[0].startswith(AN)
        own = [titles[0].removeprefix(AN), *titles[1:]] if titles else []
        if (
            len(self.capacity) not in ({2, 4} if delegated else {1})
            or not third_is_ub
            or any(not line.strip() or line.startswith((AN.strip(), UB)) for line in own)
        ):
            raise Invalid(
                "Jabatan penanda tangan tidak sesuai tata naskah dinas: u.b. hanya setelah a.n., pada baris sendiri.",
                "The signatory's capacity breaks the rules of official letters: u.b. only after a.n., on its own line.",
                field="signatory.capacity",
            )


@dataclass(frozen=True)
class LetterData:
    """All that goes into one letter; `number` is None until one is reserved, and a final letter needs one.

    `lampiran` empty means: counted from the pages behind the letter, or "-". `fields` holds the template's values by
    key (see `values.clean`). `draft` marks a preview: it says DRAF, claims no signature, and may have gaps.
    """

    kop: Kop
    number: str | None
    letter_date: date
    place: str
    sifat: str
    hal: str
    recipients: tuple[str, ...]
    signatory: SignatureBlock
    mode: Mode
    draft: bool
    lampiran: str = ""
    fields: Mapping[str, object] = field(default_factory=dict)
    tembusan: tuple[str, ...] = ()
