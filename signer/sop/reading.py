"""Reading TOML tables strictly: every fault names its table and key, every key must be known."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

from signer.errors import SuratError

_E = TypeVar("_E", bound=StrEnum)
_T = TypeVar("_T")
_KEY = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


class SopFault(SuratError):
    """An SOP file cannot be used: `table` and `key` say where ("" for the table itself), `id`/`en` what.

    `table` is written as in TOML and counts rows from 1: `kepala`, `langkah[3]`, `permohonan.barang[1]`; the
    top level is "".
    """

    code = "sop-fault"

    def __init__(self, table: str, key: str, id: str, en: str) -> None:
        self.table, self.key = table, key
        where = ".".join(part for part in (table, key) if part) or "toml"
        super().__init__(f"Berkas SOP, {where}: {id}.", f"SOP file, {where}: {en}.", field=where)


class Table:
    """One TOML table: each method takes one key out, checked; `close` faults on keys nobody asked for."""

    def __init__(self, name: str, values: object) -> None:
        """`name` as in `SopFault.table`, `values` what tomllib read there; SopFault unless it is a table."""
        self.name = name
        if not isinstance(values, Mapping):
            raise SopFault(name, "", "harus berupa tabel", "must be a table")
        self._values: Mapping[str, object] = values
        self._asked: set[str] = set()

    def fault(self, key: str, id: str, en: str) -> SopFault:
        """The fault to raise about `key` of this table."""
        return SopFault(self.name, key, id, en)

    def has(self, key: str) -> bool:
        """Whether the file gives this key."""
        return key in self._values

    def take(self, key: str) -> object:
        """The raw value; SopFault if the key is missing."""
        self._asked.add(key)
        if key not in self._values:
            raise self.fault(key, "wajib diisi", "is required")
        return self._values[key]

    def text(self, key: str, *, empty: bool = False) -> str:
        """One line of text, kept as written; `empty` allows ""."""
        return self._line(key, self.take(key), empty=empty)

    def key(self, key: str) -> str:
        """A key of ours: small letters, digits and single hyphens."""
        return self._key(key, self.take(key))

    def date(self, key: str) -> date:
        """A TOML local date such as 2024-01-15."""
        value = self.take(key)
        if not isinstance(value, date) or isinstance(value, datetime):
            raise self.fault(key, "harus tanggal seperti 2024-01-15", "must be a date such as 2024-01-15")
        return value

    def number(self, key: str) -> int:
        """A whole number from 1."""
        return self._number(key, self.take(key))

    def flag(self, key: str) -> bool:
        """true or false."""
        value = self.take(key)
        if not isinstance(value, bool):
            raise self.fault(key, "harus true atau false", "must be true or false")
        return value

    def choice(self, key: str, kind: type[_E]) -> _E:
        """One of an enumeration's values."""
        return self._choice(key, self.take(key), kind)

    def texts(self, key: str, *, empty: bool = False) -> tuple[str, ...]:
        """A list of one-line texts; `empty` allows []."""
        return self._list(key, lambda value: self._line(key, value), empty=empty)

    def keys(self, key: str, *, empty: bool = False) -> tuple[str, ...]:
        """A list of different keys of ours."""
        return self._distinct(key, self._list(key, lambda value: self._key(key, value), empty=empty))

    def numbers(self, key: str) -> tuple[int, ...]:
        """A list of different whole numbers from 1."""
        return self._distinct(key, self._list(key, lambda value: self._number(key, value)))

    def choices(self, key: str, kind: type[_E]) -> tuple[_E, ...]:
        """A list of different values of an enumeration."""
        return self._distinct(key, self._list(key, lambda value: self._choice(key, value, kind)))

    def table(self, key: str) -> Table:
        """The table under `key`."""
        return Table(self._below(key), self.take(key))

    def tables(self, key: str, *, empty: bool = False) -> tuple[Table, ...]:
        """The array of tables under `key`, rows named from 1; `empty` allows the key to be missing or []."""
        if empty and not self.has(key):
            return ()
        rows = self._list(key, lambda value: value, empty=empty)
        return tuple(Table(f"{self._below(key)}[{no}]", row) for no, row in enumerate(rows, 1))

    def close(self) -> None:
        """Raise SopFault for the first key that was never asked for: a misspelt key must not pass unseen."""
        for key in self._values:
            if key not in self._asked:
                raise self.fault(key, "kunci tidak dikenal", "unknown key")

    def _below(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key

    def _list(self, key: str, read: Callable[[object], _T], *, empty: bool = False) -> tuple[_T, ...]:
        value = self.take(key)
        if not isinstance(value, list):
            raise self.fault(key, "harus berupa daftar", "must be a list")
        if not value and not empty:
            raise self.fault(key, "daftar tidak boleh kosong", "the list must not be empty")
        return tuple(read(item) for item in value)

    def _distinct(self, key: str, values: tuple[_T, ...]) -> tuple[_T, ...]:
        if len(set(values)) != len(values):
            raise self.fault(key, "ada isi yang ditulis dua kali", "names something twice")
        return values

    def _line(self, key: str, value: object, *, empty: bool = False) -> str:
        if not isinstance(value, str):
            raise self.fault(key, "harus berupa teks", "must be text")
        # Control characters would break the letter (Typst refuses NUL) and the register's CSV rows.
        if any(unicodedata.category(char) == "Cc" for char in value):
            raise self.fault(key, "harus satu baris tanpa karakter kendali", "must be one line, no control characters")
        if not value.strip() and not empty:
            raise self.fault(key, "tidak boleh kosong", "must not be empty")
        return value

    def _key(self, key: str, value: object) -> str:
        line = self._line(key, value)
        if not _KEY.fullmatch(line):
            raise self.fault(
                key,
                f"{line!r} harus huruf kecil, angka dan tanda hubung",
                f"{line!r} must be small letters, digits and hyphens",
            )
        return line

    def _number(self, key: str, value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise self.fault(key, "harus bilangan bulat mulai dari 1", "must be a whole number from 1")
        return value

    def _choice(self, key: str, value: object, kind: type[_E]) -> _E:
        known = ", ".join(kind)
        if not isinstance(value, str) or value not in set(kind):
            raise self.fault(key, f"{value!r} tidak dikenal; pilih {known}", f"unknown {value!r}; one of {known}")
        return kind(value)
