"""The drafting form: read from what was sent, and shown again, both derived from the template's data (step 3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from werkzeug.datastructures import MultiDict

from signer.berkas.draft import Form
from signer.drafting import Column, Field, LetterTemplate
from signer.errors import SuratError
from signer.web import faults, language

PREFIX = "isi-"
"""Before the template's own keys, so that none can be taken for a field of every letter."""
COMMON = frozenset({"template", "hal", "sifat", "letter_date", "lampiran", "recipients", "tembusan", "appointment_id"})


@dataclass(frozen=True)
class Cell:
    """A fault in one cell of a table: its row from 0, its column, and the element to jump to."""

    row: int
    column: str
    element: str
    text: str


@dataclass(frozen=True)
class Faults:
    """Sentences by form field name ("" is the whole form), and of table cells by the table's field name."""

    fields: Mapping[str, str] = field(default_factory=dict)
    cells: Mapping[str, list[Cell]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.fields or self.cells)

    @property
    def by_input(self) -> dict[str, str]:
        """For the page's script: one sentence per input name."""
        found = {f"{name}-{cell.column}": cell.text for name, cells in self.cells.items() for cell in cells}
        return {**self.fields, **found}

    @property
    def summary(self) -> list[tuple[str, str]]:
        """(element id, sentence) pairs for the summary above the form."""
        return [*self.fields.items(), *((cell.element, cell.text) for cells in self.cells.values() for cell in cells)]


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
    cells: dict[str, list[Cell]] = {}
    own = {f.key: f for f in template.fields}
    for fault in found:
        head, *rest = (fault.field or "").split(".")
        table = own.get(head) if head not in COMMON else None
        if table is not None and len(rest) == 2:
            cells.setdefault(PREFIX + head, []).append(_cell(table, int(rest[0]), rest[1], faults.sentence(fault)))
        else:
            fields.setdefault(_name(head, table), faults.sentence(fault))
    return Faults(fields, cells)


def of_whole_form(sentence: str) -> Faults:
    """A fault that belongs to no field."""
    return Faults({"": sentence})


def _cell(table: Field, row: int, column: str, text: str) -> Cell:
    """As the rows macro names its boxes: the first one as the table, every other by column and row from 1."""
    name = PREFIX + table.key
    first = row == 0 and column == table.columns[0].key
    return Cell(row, column, name if first else f"{name}-{column}-{row + 1}", text)


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
        "help": language.word(f.help),
        "required": f.required,
        "max_length": f.max_length,
        "error": wrong.fields.get(name, ""),
    }
    if f.type == "rows":
        columns = [{"key": column.key, "label": _label(column)} for column in f.columns]
        return {**drawn, "columns": columns, "rows": _with_errors(value or (), wrong.cells.get(name, []))}
    text = "\n".join(map(str, value)) if isinstance(value, list | tuple) else str(value or "")
    return {**drawn, "value": text, "tall": min(8, max(2, len(text) // 60 + text.count("\n") + 1))}


def _with_errors(rows: Iterable[Mapping[str, Any]], wrong: Iterable[Cell]) -> list[dict[str, Any]]:
    drawn = [dict(row) for row in rows]
    for cell in wrong:
        drawn[cell.row] |= {"error": cell.text, "wrong": cell.column}
    return drawn


def _label(described: Field | Column) -> str:
    return described.label_en if language.current() == "en" else described.label


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
