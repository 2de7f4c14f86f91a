"""What differs between two texts, word by word, as people read it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
_WORDS = re.compile(r"\S+\s*")
ALIKE = 0.5
"""Texts with less in common than this are shown as one replaced by the other: shreds of words help nobody."""
MOST_TOKENS = 4_000
"""Longer texts are compared line by line: comparing words takes the product of both lengths."""
KEPT_WORDS = 6
"""Of a long stretch that did not change, this many words stay on either side."""


class Kind(StrEnum):
    """What happened to a piece of text."""

    SAME = "same"
    OUT = "out"
    IN = "in"


@dataclass(frozen=True)
class Piece:
    """A stretch of text that stayed, went out, or came in."""

    kind: Kind
    text: str


def pieces(before: str, after: str) -> list[Piece]:
    """The way from one text to the other; long stretches that stayed are shortened with an ellipsis."""
    old, new = _tokens(before), _tokens(after)
    if len(old) + len(new) > MOST_TOKENS:
        old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < ALIKE:
        return _solid([Piece(Kind.OUT, before), Piece(Kind.IN, after)])
    found = [
        piece
        for tag, a, b, c, d in matcher.get_opcodes()
        for piece in _opcode(tag, "".join(old[a:b]), "".join(new[c:d]))
    ]
    return [_shortened(piece, first=number == 0) for number, piece in enumerate(_joined(found))]


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text)


def _opcode(tag: str, old: str, new: str) -> list[Piece]:
    if tag == "equal":
        return [Piece(Kind.SAME, old)]
    return [Piece(Kind.OUT, old), Piece(Kind.IN, new)]


def _joined(found: list[Piece]) -> list[Piece]:
    """Neighbouring changes with only blanks or a comma between them become one."""
    joined: list[Piece] = []
    out = into = ""
    for piece in found:
        parts = piece.kind is Kind.SAME and (not (out or into) or re.search(r"\w", piece.text))
        if parts:
            joined += [Piece(Kind.OUT, out), Piece(Kind.IN, into), piece]
            out = into = ""
            continue
        out += piece.text if piece.kind is not Kind.IN else ""
        into += piece.text if piece.kind is not Kind.OUT else ""
    return _solid([*joined, Piece(Kind.OUT, out), Piece(Kind.IN, into)])


def _solid(found: list[Piece]) -> list[Piece]:
    return [piece for piece in found if piece.text]


def _shortened(piece: Piece, *, first: bool) -> Piece:
    words = _WORDS.findall(piece.text)
    if piece.kind is not Kind.SAME or len(words) <= 2 * KEPT_WORDS + 2:
        return piece
    head = "" if first else "".join(words[:KEPT_WORDS])
    return Piece(Kind.SAME, f"{head}… {''.join(words[-KEPT_WORDS:])}")
