"""Values of a letter: from what a form or the API sends, to what the template's data allows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal

from signer.drafting.template import Column, Field, LetterTemplate
from signer.drafting.text import Alphabet, Label
from signer.errors import Invalid

Value = str | tuple[str, ...] | tuple[Mapping[str, str], ...]


def defaults(template: LetterTemplate, facts: Mapping[str, object]) -> dict[str, object]:
    """What a new draft starts from: each field's berkas fact if there is one, else its default.

    `facts` may be nested: the fact `agenda.place` is `facts["agenda"]["place"]`.
    """
    started = {f.key: _fact(facts, f.fact) or f.default for f in template.fields}
    return {key: value for key, value in started.items() if value}


def clean(template: LetterTemplate, values: Mapping[str, object], *, draft: bool = False) -> dict[str, Value]:
    """The template's fields as text ready to print: dates and times ISO, lines as tuples, rows as mappings.

    Takes what a form sends (strings) or Python values; cleaning clean values changes nothing. With `draft`, required
    fields may be empty. Raises Invalid whose `field` is the field's key (`sembako.3.amount` for a cell).
    """
    known = {field.key for field in template.fields}
    for key in values:
        if key not in known:
            raise Invalid("Isian itu tidak dikenal.", f"There is no field {key!r}.", field=str(key))
    reader = _Reader(template.press.alphabet, draft)
    return {field.key: reader.value(field, values.get(field.key)) for field in template.fields}


def faults(template: LetterTemplate, values: Mapping[str, object]) -> tuple[Invalid, ...]:
    """Everything wrong with the fields at once, for a form: at most one a field; empty if all may be printed."""
    reader, found = _Reader(template.press.alphabet, draft=False), []
    for field in template.fields:
        try:
            reader.value(field, values.get(field.key))
        except Invalid as error:
            found.append(error)
    return tuple(found)


def missing(key: str, label: Label) -> Invalid:
    """The refusal of an empty value that the letter cannot do without."""
    return Invalid(f"Isian “{label.id}” wajib diisi.", f"“{label.en}” must not be empty.", field=key)


@dataclass(frozen=True)
class _Reader:
    """Reads one field's value; a draft may have gaps."""

    alphabet: Alphabet
    draft: bool

    def value(self, field: Field, raw: object) -> Value:
        """The value as it will be printed. Raises Invalid."""
        value = self._of_type(field, raw)
        if field.required and not value and not self.draft:
            raise missing(field.key, field.called)
        return value

    def _of_type(self, field: Field, raw: object) -> Value:
        match field.type:
            case "text":
                return self._line(field.key, field.called, field.max_length, _string(field, raw))
            case "lines":
                return self._lines(field, raw)
            case "date":
                return _parsed(field, raw, _iso_date, "2026-01-31")
            case "time":
                return _parsed(field, raw, _iso_time, "09.00")
            case "rows":
                return self._rows(field, raw)

    def _line(self, key: str, label: Label, most: int, text: str) -> str:
        return self.alphabet.line(text, field=key, label=label, max_length=most)

    def _lines(self, field: Field, raw: object) -> tuple[str, ...]:
        joined = "\n".join(map(str, raw)) if isinstance(raw, list | tuple) else _string(field, raw)
        return self.alphabet.lines(joined, field=field.key, label=field.called, max_length=field.max_length)

    def _rows(self, field: Field, raw: object) -> tuple[Mapping[str, str], ...]:
        if raw in (None, ""):
            return ()
        if not isinstance(raw, list | tuple):
            raise _misshapen(field)
        if len(raw) > field.max_rows:
            raise Invalid(
                f"Isian “{field.label}” paling banyak {field.max_rows} baris.",
                f"“{field.label_en}” takes at most {field.max_rows} rows.",
                field=field.key,
            )
        rows = (self._row(field, number, row) for number, row in enumerate(raw))
        return tuple(row for row in rows if any(row.values()))

    def _row(self, field: Field, number: int, raw: object) -> dict[str, str]:
        if not isinstance(raw, Mapping):
            raise _misshapen(field)
        row = {}
        for column in field.columns:
            key = f"{field.key}.{number}.{column.key}"
            row[column.key] = self._line(
                key, _place(field, number, column), column.max_length, _cell(raw.get(column.key))
            )
        gaps = [column for column in field.columns if column.required and not row[column.key]]
        if gaps and any(row.values()) and not self.draft:
            raise missing(f"{field.key}.{number}.{gaps[0].key}", _place(field, number, gaps[0]))
        return row


def _place(field: Field, number: int, column: Column) -> Label:
    """One cell, its row counted from 1."""
    return Label(
        f"{field.label}, baris {number + 1}, {column.label}",
        f"{field.label_en}, row {number + 1}, {column.label_en}",
    )


def _parsed(field: Field, raw: object, parse: Callable[[str], str], example: str) -> str:
    text = raw.isoformat() if isinstance(raw, date | time) else _string(field, raw).strip()
    try:
        return parse(text) if text else ""
    except ValueError as error:
        raise Invalid(
            f"Isian “{field.label}” tidak dapat dibaca; contoh: {example}.",
            f"“{field.label_en}” cannot be read; for example: {example}.",
            field=field.key,
        ) from error


def _iso_date(text: str) -> str:
    return date.fromisoformat(text).isoformat()


def _iso_time(text: str) -> str:
    return time.fromisoformat(text.replace(".", ":")).strftime("%H:%M")


def _cell(raw: object) -> str:
    """A cell as text; numbers as Indonesian writes them (2.500 and 2,5)."""
    if isinstance(raw, int | float | Decimal) and not isinstance(raw, bool):
        return f"{raw:,}".translate({ord(","): ".", ord("."): ","})
    return "" if raw is None else str(raw)


def _string(field: Field, raw: object) -> str:
    if raw is None:
        return ""
    if not isinstance(raw, str):
        raise _misshapen(field)
    return raw


def _misshapen(field: Field) -> Invalid:
    return Invalid(
        f"Isian “{field.label}” bukan bentuk yang diharapkan.",
        f"“{field.label_en}” has the wrong shape.",
        field=field.key,
    )


def _fact(facts: Mapping[str, object], dotted: str) -> object:
    value: object = facts
    for part in dotted.split(".") if dotted else ():
        value = value.get(part) if isinstance(value, Mapping) else None
    return value if dotted else None
