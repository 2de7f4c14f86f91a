"""Text as a letter can hold it: normalised, and only characters that the letter's fonts have."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from fontTools.ttLib import TTFont

from signer.errors import Invalid

# What copying from a browser, chat or word processor leaves in a text without being meant: dropped.
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200e\u200f\u2060\ufeff\u00ad"))
# Forms that the fonts lack or that differ only in how a line may break.
_FORMS = {0x2011: "-", 0x202F: "\u00a0", 0x2007: "\u00a0", 0x02BB: "‘", 0x02BC: "’", 0x2028: "\n", 0x2029: "\n"}
_BLANKS = re.compile(r"[ \t\n\r\v\f]+")
_BREAKS = re.compile(r"\r\n?|\n|\v|\f")


@dataclass(frozen=True)
class Label:
    """What people call a field, in Indonesian and English, for sentences about its value."""

    id: str
    en: str


@dataclass(frozen=True)
class Alphabet:
    """The characters that every font of the letters has."""

    characters: frozenset[int]

    @classmethod
    def of_fonts(cls, folder: Path) -> Alphabet:
        """Read the character maps of the folder's OpenType fonts. Raises ValueError if there is none."""
        maps = [set(_character_map(path)) for path in sorted(folder.glob("*.otf"))]
        if not maps:
            raise ValueError(f"no fonts in {folder}")
        # Private-use code points mean nothing outside this font, so a search or a screen reader could not read them.
        return cls(frozenset(code for code in set.intersection(*maps) if unicodedata.category(chr(code)) != "Co"))

    def line(self, text: str, *, field: str, label: Label, max_length: int) -> str:
        """One line of text, blanks collapsed. Raises Invalid naming `field` and, for people, `label`."""
        line = _BLANKS.sub(" ", _normal(text)).strip()
        if len(line) > max_length:
            raise Invalid(
                f"Isian “{label.id}” terlalu panjang: {len(line)} karakter, paling banyak {max_length}.",
                f"“{label.en}” is too long: {len(line)} characters, at most {max_length}.",
                field=field,
            )
        for character in line:
            if ord(character) not in self.characters:
                raise _unprintable(character, field, label)
        return line

    def lines(self, text: str, *, field: str, label: Label, max_length: int) -> tuple[str, ...]:
        """The non-empty lines of a text, each as `line`; `max_length` is that of all together."""
        raw = [part for part in _BREAKS.split(_normal(text)) if part.strip()]
        if sum(map(len, raw)) > max_length:
            self.line(" ".join(raw), field=field, label=label, max_length=max_length)
        return tuple(self.line(part, field=field, label=label, max_length=max_length) for part in raw)


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", text).translate(_INVISIBLE | _FORMS)


def _character_map(path: Path) -> dict[int, str]:
    with TTFont(path, lazy=True) as font:
        found: dict[int, str] = font["cmap"].getBestCmap()
        return found


def _unprintable(character: str, field: str, label: Label) -> Invalid:
    shown = f"“{character}” " if character.isprintable() else ""
    code = f"U+{ord(character):04X}"
    return Invalid(
        f"Isian “{label.id}” memuat karakter {shown}({code}) yang tidak dapat dicetak pada surat. Hapus atau ganti.",
        f"“{label.en}” holds the character {shown}({code}), which cannot be printed in a letter. Delete or replace it.",
        field=field,
    )
