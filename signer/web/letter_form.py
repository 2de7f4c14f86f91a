"""The drafting form: read from what was sent, and shown again, both derived from the template's data (step 3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from flask_babel import get_locale
from werkzeug.datastructures import MultiDict

from signer.berkas.draft import Form
from signer.drafting import Column, Field, LetterTemplate
from signer.errors import SuratError
from signer.web import faults

PREFIX = "isi-"
"""Before the template's own keys, so that none can be taken for a field of every letter."""
COMMON = frozenset({"template", "hal", "sifat", "letter_date", "lampiran", "recipients", "tembusan", "appointment_id"})


@dataclass(frozen=True)
class Faults:
    """Sentences by form field name ("" is the whole form), and by row: field name -> row from 0 -> (column, text)."""

    fields: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, Mapping[int, tuple[str, str]]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.fields or self.rows)

    @property
    def by_input(self) -> dict[str, str]:
        """For the page's script: one sentence per input name."""
        cells = {f"{name}-{found[1][0]}": found[1][1] for name, rows in self.rows.items() for found in rows.items()}
        return {**self.fields, **cells}

    @property
    def summary(self) -> list[tuple[str, str]]:
        """(element id, sentence) pairs for the summary above the form."""
        found = list(self.fields.items())
        for name, rows in self.rows.items():
            found += [(f"{name}-{column}-{number + 1}", text) for number, (column, text) in rows.items()]
        return found


def read(sent: MultiDict[str, str], template: LetterTemplate) -> Form:
    """What was typed, unchecked."""
    return Form(
        template=template.key,
        hal=sent.get("hal", ""),
        sifat=sent.get("sifat", ""),
        letter_date=sent.get("letter_date", ""),
        appointment_id=sent.get("appointment_id", None, type=int),
        recipients=_lines(sent.get("recipients", "")),
        tembusan=_lines(sent.get("tembusan", "")),
        lampiran=sent.get("lampiran", ""),
        fields={f.key: _rows(sent, f) if f.type == "rows" else sent.get(PREFIX + f.key, "") for f in template.fields},
    )


def shown(form: Form, template: LetterTemplate, wrong: Faults) -> list[dict[str, Any]]:
    """The template's fields as the page draws them, with their values and errors."""
    return [_shown(f, form.fields.get(f.key), wrong) for f in template.fields]


def placed(found: Iterable[SuratError], template: LetterTemplate) -> Faults:
    """Errors of the use cases at the form's own fields."""
    fields: dict[str, str] = {}
    rows: dict[str, dict[int, tuple[str, str]]] = {}
    keys = {f.key: f for f in template.fields}
    for fault in found:
        head, *rest = (fault.field or "").split(".")
        own = keys.get(head) if head not in COMMON else None
        if own is not None and len(rest) == 2 and rest[0].isdigit():
            number, column = int(rest[0]), rest[1]
            at = f"{PREFIX}{head}" if (number, column) == (0, own.columns[0].key) else ""
            if at:
                fields.setdefault(at, faults.sentence(fault))
            else:
                rows.setdefault(PREFIX + head, {}).setdefault(number, (column, faults.sentence(fault)))
        else:
            fields.setdefault(_name(head, own), faults.sentence(fault))
    return Faults(fields, rows)


def of_whole_form(sentence: str) -> Faults:
    """A fault that belongs to no field."""
    return Faults({"": sentence})


def _name(head: str, own: Field | None) -> str:
    if own is not None:
        return PREFIX + own.key
    if head in COMMON:
        return head
    return "appointment_id" if head == "signatory" else ""


def _shown(f: Field, value: Any, wrong: Faults) -> dict[str, Any]:
    name = PREFIX + f.key
    drawn: dict[str, Any] = {
        "name": name,
        "type": f.type,
        "label": _label(f),
        "help": f.help,
        "required": f.required,
        "max_length": f.max_length,
        "error": wrong.fields.get(name, ""),
    }
    if f.type == "rows":
        columns = [{"key": column.key, "label": _label(column)} for column in f.columns]
        return {**drawn, "columns": columns, "rows": _with_errors(value or (), wrong.rows.get(name, {}))}
    text = "\n".join(map(str, value)) if isinstance(value, list | tuple) else str(value or "")
    return {**drawn, "value": text, "tall": min(8, max(2, len(text) // 60 + text.count("\n") + 1))}


def _with_errors(rows: Iterable[Mapping[str, Any]], wrong: Mapping[int, tuple[str, str]]) -> list[dict[str, Any]]:
    drawn: list[dict[str, Any]] = []
    for number, row in enumerate(rows):
        column, text = wrong.get(number, ("", ""))
        drawn.append({**row, "error": text, "wrong": column} if text else dict(row))
    return drawn


def _label(described: Field | Column) -> str:
    return described.label_en if str(get_locale()) == "en" else described.label


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _rows(sent: MultiDict[str, str], f: Field) -> list[dict[str, str]]:
    """One mapping a row; rows that are empty at the end are left out, others keep their place for error messages."""
    columns = [sent.getlist(f"{PREFIX}{f.key}-{column.key}") for column in f.columns]
    keys = [column.key for column in f.columns]
    rows = [dict(zip(keys, cells, strict=True)) for cells in zip_longest(*columns, fillvalue="")]
    while rows and not any(value.strip() for value in rows[-1].values()):
        rows.pop()
    return rows
