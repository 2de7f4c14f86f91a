"""What is different between two versions of one letter, in the words of its form; for who looks at it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from signer.berkas import draft, wording, written
from signer.berkas.draft import Form
from signer.berkas.wording import Piece
from signer.berkas.written import Kind, Value
from signer.desk import Desk
from signer.tables.berkas import Rendering


@dataclass(frozen=True)
class Change:
    """One value that differs; empty where there was, or is, none. Dates and times in ISO 8601."""

    label: str
    label_en: str
    before: str
    after: str
    kind: Kind = "text"

    @property
    def pieces(self) -> list[Piece]:
        """Word by word."""
        return wording.pieces(self.before, self.after)


def since(desk: Desk, rendering: Rendering, at: datetime) -> list[Change]:
    """What `rendering` says differently from the newest one of its berkas made before `at`; empty if it is that one."""
    where = (Rendering.berkas_id == rendering.berkas_id, Rendering.created_at <= at)
    with desk.db.read() as session:
        older = session.scalar(select(Rendering).where(*where).order_by(Rendering.sequence.desc()).limit(1))
        if older is None or older.id == rendering.id:
            return []
        return differing(_printed(desk, session, older), _printed(desk, session, rendering))


def since_rendered(desk: Desk, berkas_id: int, form: Form) -> list[Change] | None:
    """What the form says differently from the berkas's newest rendering; None if it was never rendered."""
    newest = select(Rendering).where(Rendering.berkas_id == berkas_id).order_by(Rendering.sequence.desc()).limit(1)
    with desk.db.read() as session:
        rendering = session.scalar(newest)
        if rendering is None:
            return None
        return differing(_printed(desk, session, rendering), written.values(desk, session, form))


def differing(before: Mapping[str, Value], after: Mapping[str, Value]) -> list[Change]:
    """The values that are not the same, in the order of the form."""
    keys = [key for key in {**before, **after} if _said(before, key) != _said(after, key)]
    return [_change(before.get(key), after.get(key)) for key in keys]


def _said(values: Mapping[str, Value], key: str) -> str:
    return values[key].text if key in values else ""


def _change(old: Value | None, new: Value | None) -> Change:
    named = new or old
    assert named is not None  # noqa: S101 (the key is of one of both)
    return Change(named.label.id, named.label.en, old.text if old else "", new.text if new else "", named.kind)


def _printed(desk: Desk, session: Session, rendering: Rendering) -> dict[str, Value]:
    """The values a rendering was made from, its signatory as printed: appointments are edited later."""
    found = written.values(desk, session, draft.form_of(desk, rendering))
    capacity = " ".join(rendering.capacity.split()).rstrip(",")
    return found | {written.SIGNER: replace(found[written.SIGNER], text=f"{rendering.signatory} ({capacity})")}
