"""Where in a TOML text a table or key stands, so that a fault can be shown at its line."""

from __future__ import annotations

import re
from collections.abc import Iterator

_HEADER = re.compile(r"\s*(\[\[?)\s*([\w.-]+)\s*\]\]?")
_KEY = re.compile(r"\s*\"?([\w-]+)\"?\s*=")
_FENCES = ('"""', "'''")
_PARSER_SAYS = re.compile(r"\(at line (\d+), column \d+\)")


def line_of(text: str, table: str, key: str = "") -> int | None:
    """The line (from 1) of `key` in `table`, else of the table's header; None where neither stands.

    `table` is written as SopFault has it: `kepala`, `langkah[3]` (rows from 1), "" for the top level.
    """
    header = 1 if not table else None
    for number, name, found in _keys(text):
        if name == table and not found:
            header = number
        elif name == table and found == key:
            return number
    return header


def line_said(message: str) -> int | None:
    """The line that the TOML parser names in its message; None where it names none."""
    found = _PARSER_SAYS.search(message)
    return int(found[1]) if found else None


def _keys(text: str) -> Iterator[tuple[int, str, str]]:
    """Each header (key "") and each key: line, table's name with its row, key."""
    table, rows = "", dict[str, int]()
    for number, line in _outside_strings(text):
        if header := _HEADER.match(line):
            table = _row(header[2], header[1] == "[[", rows)
            yield number, table, ""
        elif key := _KEY.match(line):
            yield number, table, key[1]


def _row(header: str, repeats: bool, rows: dict[str, int]) -> str:
    """`field.column` as `field[2].column[1]`: each part that repeats with the row it is in; `rows` counts them."""
    *parents, last = header.split(".")
    name = ""
    for part in parents:
        name = f"{name}.{part}" if name else part
        name = f"{name}[{rows[name]}]" if name in rows else name
    name = f"{name}.{last}" if name else last
    if repeats:
        rows[name] = rows.get(name, 0) + 1
        return f"{name}[{rows[name]}]"
    return name


def _outside_strings(text: str) -> Iterator[tuple[int, str]]:
    """The lines that do not begin inside a string of several lines."""
    fence = ""
    for number, line in enumerate(text.splitlines(), 1):
        if not fence:
            yield number, line
        for mark in _FENCES:
            if fence in ("", mark) and line.count(mark) % 2:
                fence = "" if fence else mark
