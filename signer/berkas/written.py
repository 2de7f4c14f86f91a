"""What stands in a drafting form, value by value, with the names that people know: for comparing two forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy.orm import Session

from signer import appointments, own_pdf
from signer.berkas.draft import Form
from signer.desk import Desk
from signer.drafting import Label
from signer.errors import NotFound
from signer.tables.office import Appointment

Kind = Literal["text", "date", "time"]
SIGNER = "appointment_id"
OWN = "isi."
"""Before the keys of a template's own fields."""
COMMON: Mapping[str, tuple[Label, Kind]] = {
    "letter_date": (Label("Tanggal surat", "Letter date"), "date"),
    "sifat": (Label("Sifat", "Classification (sifat)"), "text"),
    "lampiran": (Label("Lampiran", "Attachments"), "text"),
    "hal": (Label("Hal", "Subject"), "text"),
    "recipients": (Label("Kepada", "To"), "text"),
    "tembusan": (Label("Tembusan", "Copies to (tembusan)"), "text"),
    SIGNER: (Label("Penanda tangan", "Signatory"), "text"),
}
_PLACE = Label("Letak tanda tangan", "Place of the signature")


@dataclass(frozen=True)
class Value:
    """One value of a form as text: dates and times in ISO 8601, lists and tables a line an entry."""

    key: str
    label: Label
    kind: Kind
    text: str


def values(desk: Desk, session: Session, form: Form) -> dict[str, Value]:
    """Every value of the form by its key, in the order of the form; the template's own as `isi.<key>`."""
    found = {
        key: Value(key, label, kind, _signatory(session, form) if key == SIGNER else text(getattr(form, key)))
        for key, (label, kind) in COMMON.items()
    }
    if own_pdf.is_own(form.template):
        return found | _uploaded(form)
    for key, (label, kind) in _own(desk, form.template).items():
        found[OWN + key] = Value(OWN + key, label, kind, text(form.fields.get(key)))
    return found


def text(value: Any) -> str:
    """A form's value as lines: an entry of a list or a row of a table each; blanks at their ends left out."""
    if isinstance(value, Mapping):
        cells = [" ".join(str(cell or "").split()) for cell in value.values()]
        return " · ".join(cells).rstrip(" ·")
    if isinstance(value, list | tuple):
        return "\n".join(part for part in map(text, value) if part)
    lines = str(value or "").splitlines()
    return "\n".join(line.strip() for line in lines if line.strip())


def _uploaded(form: Form) -> dict[str, Value]:
    """An own PDF by name and fingerprint, as another may have the same name, and where the box lies on it."""
    upload, at = form.fields.get("upload"), form.fields
    file = f"{upload['name']} (SHA-256 {upload['sha256'][:8]}…)" if upload else ""
    place = f"halaman {at['page']}: {at['left']} × {at['top']} mm" if at.get("page") else ""
    told = (("upload", Label("PDF diganti", "PDF replaced"), file), ("place", _PLACE, place))
    return {OWN + key: Value(OWN + key, label, "text", text) for key, label, text in told}


def _own(desk: Desk, template: str) -> dict[str, tuple[Label, Kind]]:
    try:
        fields = desk.templates[template].fields
    except NotFound:
        return {}  # a template that is gone no longer names its fields
    return {f.key: (f.called, f.type if f.type in ("date", "time") else "text") for f in fields}


def _signatory(session: Session, form: Form) -> str:
    who = session.get(Appointment, form.appointment_id) if form.appointment_id is not None else None
    return f"{who.holder} ({appointments.capacity_text(who)})" if who else ""
