"""Two people wrote one draft at once: what each changed, and one draft made of both by choice."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from signer.berkas import draft, written
from signer.berkas.draft import Form
from signer.berkas.written import OWN, Value
from signer.desk import Desk
from signer.drafting import Label
from signer.errors import Invalid, InvalidForm
from signer.vault import VaultFault

BASE_LABEL = "draft.base"
TEMPLATE = "template"


class Side(StrEnum):
    """Whose value is used."""

    THEIRS = "mereka"
    MINE = "saya"


@dataclass(frozen=True)
class Difference:
    """One value on which both drafts differ, and what it was when this person's page was opened (None: not known)."""

    theirs: Value
    mine: Value
    base: str | None

    @property
    def key(self) -> str:
        """The value's key."""
        return self.mine.key

    @property
    def proposed(self) -> Side | None:
        """The side that alone changed it; None where both did, or nobody can tell."""
        if self.base == self.mine.text:
            return Side.THEIRS
        return Side.MINE if self.base == self.theirs.text else None


def carried(desk: Desk, berkas_id: int, form: Form) -> str:
    """A form as text that a page can carry and nobody but us can read or change: what its editing started from."""
    sealed = desk.vault.seal_text(draft.as_text(form), f"{BASE_LABEL}.{berkas_id}")
    return base64.urlsafe_b64encode(sealed).decode()


def from_page(desk: Desk, berkas_id: int, text: str) -> Form | None:
    """The form that `carried` wrote for this berkas; None where the text is not that."""
    try:
        sealed = base64.urlsafe_b64decode(text.encode())
        return draft.from_text(desk.vault.open_text(sealed, f"{BASE_LABEL}.{berkas_id}"))
    except (ValueError, VaultFault):
        return None


def differences(desk: Desk, session: Session, base: Form | None, theirs: Form, mine: Form) -> list[Difference]:
    """Each value on which both differ, in the order of the form; the template alone where that differs already."""
    if theirs.template != mine.template:
        return [Difference(_whole(theirs), _whole(mine), base.template if base else None)]
    known = written.values(desk, session, base) if base and base.template == mine.template else {}
    own, other = written.values(desk, session, mine), written.values(desk, session, theirs)
    return [
        Difference(other[key], own[key], known[key].text if key in known else None)
        for key in own
        if own[key].text != other[key].text
    ]


def merged(theirs: Form, mine: Form, found: list[Difference], choices: Mapping[str, Side]) -> Form:
    """One form of both: each differing value from the side chosen.

    Raises InvalidForm naming every value without a choice: nobody's words are dropped by default.
    """
    open_ones = [one for one in found if one.key not in choices]
    if open_ones:
        raise InvalidForm([_undecided(one) for one in open_ones])
    taken = {one.key for one in found if choices[one.key] is Side.THEIRS}
    if TEMPLATE in {one.key for one in found}:
        return theirs if taken else mine
    common: dict[str, Any] = {key: getattr(theirs, key) for key in taken if not key.startswith(OWN)}
    own = {key.removeprefix(OWN): theirs.fields.get(key.removeprefix(OWN)) for key in taken if key.startswith(OWN)}
    return replace(mine, **common, fields={**mine.fields, **own})


def _whole(form: Form) -> Value:
    """The template, which stands for all that is written in it."""
    return Value(TEMPLATE, Label("Templat surat", "Letter template"), "text", form.template)


def _undecided(one: Difference) -> Invalid:
    return Invalid(
        f"Pilih isian yang dipakai untuk “{one.mine.label.id}”.",
        f"Choose which “{one.mine.label.en}” is used.",
        field=one.key,
    )
