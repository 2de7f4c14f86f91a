"""What is different between two renderings of one letter, in the words of its form; for who looks at it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from signer import own_pdf
from signer.berkas import draft
from signer.berkas.draft import Form
from signer.desk import Desk
from signer.drafting import Label
from signer.errors import NotFound
from signer.tables.berkas import Rendering

COMMON = {
    "letter_date": Label("Tanggal surat", "Letter date"),
    "sifat": Label("Sifat", "Classification (sifat)"),
    "lampiran": Label("Lampiran", "Attachments"),
    "hal": Label("Hal", "Subject"),
    "recipients": Label("Kepada", "To"),
    "tembusan": Label("Tembusan", "Copies to (tembusan)"),
}


@dataclass(frozen=True)
class Change:
    """One value that differs; empty where there was, or is, none."""

    label: str
    label_en: str
    before: str
    after: str


def since(desk: Desk, rendering: Rendering, at: datetime) -> list[Change]:
    """What `rendering` says differently from the newest one of its berkas made before `at`; empty if it is that one."""
    where = (Rendering.berkas_id == rendering.berkas_id, Rendering.created_at <= at)
    with desk.db.read() as session:
        older = session.scalar(select(Rendering).where(*where).order_by(Rendering.sequence.desc()).limit(1))
    if older is None or older.id == rendering.id:
        return []
    return [change for change in _pairs(desk, older, rendering) if change.before != change.after]


def _pairs(desk: Desk, older: Rendering, newer: Rendering) -> list[Change]:
    before, after = draft.form_of(desk, older), draft.form_of(desk, newer)
    found = [_change(label, getattr(before, key), getattr(after, key)) for key, label in COMMON.items()]
    found.append(_change(Label("Penanda tangan", "Signatory"), _signatory(older), _signatory(newer)))
    found.append(_change(Label("PDF diganti", "PDF replaced"), _uploaded(before), _uploaded(after)))
    found.append(_change(Label("Letak tanda tangan", "Place of the signature"), _place(before), _place(after)))
    labels = _labels(desk, older.template) | _labels(desk, newer.template)
    values = [(label, before.fields.get(key), after.fields.get(key)) for key, label in labels.items()]
    return found + [_change(label, old, new) for label, old, new in values]


def _change(label: Label, old: Any, new: Any) -> Change:
    return Change(label.id, label.en, _text(old), _text(new))


def _labels(desk: Desk, template: str) -> dict[str, Label]:
    try:
        return {field.key: field.called for field in desk.templates[template].fields}
    except NotFound:
        return {}  # a template that is gone no longer names its fields


def _uploaded(form: Form) -> str:
    """An uploaded PDF by name and fingerprint, as another may have the same name; empty for a drafted letter."""
    upload = form.fields.get("upload") if own_pdf.is_own(form.template) else None
    return f"{upload['name']} (SHA-256 {upload['sha256'][:8]}…)" if upload else ""


def _place(form: Form) -> str:
    """Where the box lies on an uploaded PDF; empty for a drafted letter, whose template says it."""
    if not own_pdf.is_own(form.template):
        return ""
    return f"halaman {form.fields['page']}: {form.fields['left']} × {form.fields['top']} mm"


def _signatory(rendering: Rendering) -> str:
    return f"{rendering.signatory} ({' '.join(rendering.capacity.split()).rstrip(',')})"


def _text(value: Any) -> str:
    """Any form value in one line: lists and rows joined."""
    if isinstance(value, Mapping):
        return " ".join(part for part in map(_text, value.values()) if part)
    if isinstance(value, list | tuple):
        return "; ".join(part for part in map(_text, value) if part)
    return " ".join(str(value or "").split())
