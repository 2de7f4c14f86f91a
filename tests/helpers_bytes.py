"""A PDF and DER reader of the tests' own, over nothing but bytes, to look at what we sign without the engine we sign
with. It reads what our letters are made of (plain objects, one after the other) and raises on everything else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

_SPACE = re.compile(rb"(?:[\0\t\n\f\r ]|%[^\r\n]*)*")
_OBJECT = re.compile(rb"(\d+) (\d+) obj\b")
_REFERENCE = re.compile(rb"(\d+) (\d+) R\b")
_NUMBER = re.compile(rb"[+-]?(?:\d+\.?\d*|\.\d+)")
_NAME = re.compile(rb"/[^\0\t\n\f\r ()<>\[\]{}/%]*")
_HEX = re.compile(rb"<([0-9A-Fa-f]*)>")
_WORDS = {b"true": True, b"false": False, b"null": None}
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)


@dataclass(frozen=True)
class Ref:
    """An indirect reference."""

    number: int


@dataclass
class Dictionary:
    """A dictionary as written: keys in order, repeated ones too, and where each value lies in the file."""

    entries: list[tuple[str, Any, tuple[int, int]]] = field(default_factory=list)
    stream: bytes | None = None

    def __contains__(self, key: str) -> bool:
        return key in self.keys()

    def keys(self) -> list[str]:
        return [key for key, _, _ in self.entries]

    def get(self, key: str, default: Any = None) -> Any:
        return next((value for name, value, _ in self.entries if name == key), default)

    def __getitem__(self, key: str) -> Any:
        return next(value for name, value, _ in self.entries if name == key)

    def place(self, key: str) -> tuple[int, int]:
        return next(place for name, _, place in self.entries if name == key)


@dataclass
class Raw:
    """A file's objects by number, the newest last, each with its offset."""

    data: bytes
    objects: dict[int, list[tuple[int, Any]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        position = 0
        while found := _OBJECT.search(self.data, position):
            value, position = _value(self.data, found.end())
            position = self._stream(value, position)
            self.objects.setdefault(int(found.group(1)), []).append((found.start(), value))

    def _stream(self, value: Any, position: int) -> int:
        start = re.compile(rb"\s*stream\r?\n").match(self.data, position)
        if start is None or not isinstance(value, Dictionary):
            return position
        end = start.end() + int(self.of(value["/Length"]))
        value.stream = self.data[start.end() : end]
        return end

    def of(self, value: Any) -> Any:
        """The value, or what its reference leads to now."""
        return self.objects[value.number][-1][1] if isinstance(value, Ref) else value

    def root(self) -> Dictionary:
        """The newest catalogue."""
        catalogues = [(at, v) for held in self.objects.values() for at, v in held if _is_type(v, "/Catalog")]
        return max(catalogues, key=lambda one: one[0])[1]  # type: ignore[no-any-return]

    def signatures(self) -> list[tuple[Ref, Dictionary]]:
        """Every dictionary with a /ByteRange, in the file's order."""
        found = [
            (at, number, value)
            for number, held in self.objects.items()
            for at, value in held
            if isinstance(value, Dictionary) and "/ByteRange" in value
        ]
        return [(Ref(number), value) for _, number, value in sorted(found, key=lambda one: one[0])]


def _is_type(value: Any, name: str) -> bool:
    return isinstance(value, Dictionary) and value.get("/Type") == name


def _skip(data: bytes, position: int) -> int:
    found = _SPACE.match(data, position)
    return found.end() if found else position


def _value(data: bytes, position: int) -> tuple[Any, int]:
    position = _skip(data, position)
    if data.startswith(b"<<", position):
        return _dictionary(data, position + 2)
    if data.startswith(b"[", position):
        return _array(data, position + 1)
    if data.startswith(b"(", position):
        return _literal(data, position)
    for pattern, make in ((_REFERENCE, _reference), (_NAME, _name), (_HEX, _hex), (_NUMBER, _number)):
        if found := pattern.match(data, position):
            return make(found), found.end()
    for word, meaning in _WORDS.items():
        if data.startswith(word, position):
            return meaning, position + len(word)
    raise ValueError(f"no PDF object at {position}")


def _dictionary(data: bytes, position: int) -> tuple[Dictionary, int]:
    made = Dictionary()
    while not data.startswith(b">>", position := _skip(data, position)):
        key, position = _value(data, position)
        start = _skip(data, position)
        value, position = _value(data, start)
        made.entries.append((key, value, (start, position)))
    return made, position + 2


def _array(data: bytes, position: int) -> tuple[list[Any], int]:
    made: list[Any] = []
    while not data.startswith(b"]", position := _skip(data, position)):
        value, position = _value(data, position)
        made.append(value)
    return made, position + 1


def _literal(data: bytes, position: int) -> tuple[bytes, int]:
    depth, end = 0, position
    while True:
        byte = data[end : end + 1]
        depth += {b"(": 1, b")": -1}.get(byte, 0)
        end += 2 if byte == b"\\" else 1
        if depth == 0:
            return _ESCAPE.sub(_unescape, data[position + 1 : end - 1]), end


def _unescape(found: re.Match[bytes]) -> bytes:
    text = found.group(1)
    return bytes([int(text, 8)]) if text[:1].isdigit() else text


def _reference(found: re.Match[bytes]) -> Ref:
    return Ref(int(found.group(1)))


def _name(found: re.Match[bytes]) -> str:
    return found.group().decode("latin-1")


def _hex(found: re.Match[bytes]) -> bytes:
    return bytes.fromhex(found.group(1).decode())


def _number(found: re.Match[bytes]) -> int | float:
    text = found.group().decode()
    return float(text) if "." in text else int(text)


def elements(der: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """The DER elements one after the other: tag, content, whole encoding.
    Raises ValueError for a length that is indefinite or not the shortest (X.690 clause 10.1).
    """
    position = 0
    while position < len(der):
        tag, size, head = der[position], der[position + 1], 2
        if tag & 0x1F == 0x1F or size == 0x80:
            raise ValueError("a long tag or an indefinite length")
        if size > 0x80:
            head += size & 0x7F
            size = int.from_bytes(der[position + 2 : position + head], "big")
            if size < 0x80 or der[position + 2] == 0:
                raise ValueError("not the shortest length")
        end = position + head + size
        if end > len(der):
            raise ValueError("an element longer than its holder")
        yield tag, der[position + head : end], der[position:end]
        position = end


def require_der(der: bytes) -> None:
    """Raise ValueError unless every element has its shortest length and every SET OF is in order (X.690 11.6)."""
    for tag, content, _ in elements(der):
        if tag & 0x20:
            if tag == 0x31:
                require_sorted(content)
            require_der(content)


def require_sorted(content: bytes) -> None:
    """Raise ValueError unless the members of a SET OF stand in ascending order of their encodings."""
    members = [whole for _, _, whole in elements(content)]
    if members != sorted(members):
        raise ValueError("a SET OF that is not in order")
