"""Deep equality of two PDF object graphs, one from a signed revision and one from a later file.

Used to name what a later revision changed. Iterative, because outlines can be thousands of links long.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pyhanko.pdf_utils import generic

from verifier.document import Document, Reference, reference_of

_STRINGS = (generic.TextStringObject, generic.ByteStringObject)
_NUMBERS = (generic.NumberObject, generic.FloatObject)
_Pair = tuple[Reference, Reference]


@dataclass
class Sameness:
    """Compares by value. References to `anchors` (pages, form fields, annotations) are equal when they have the same
    place in both files; those objects are compared elsewhere, each by its own rule.
    """

    old: Document
    new: Document
    anchors: dict[str, dict[Reference, object]] = field(default_factory=lambda: {"old": {}, "new": {}})
    _proven: set[_Pair] = field(default_factory=set)

    def differs(self, old: Any, new: Any) -> bool:
        """Whether two raw objects (either may be a reference, or None for absent) differ anywhere below."""
        assumed: set[_Pair] = set()  # equal unless the walk shows otherwise: this is what ends cycles
        waiting = [(old, new)]
        while waiting:
            first, second = waiting.pop()
            pair = self._pair(first, second)
            if pair is not None and (pair in assumed or pair in self._proven):
                continue
            if self._anchored(first, second):
                continue
            if pair is not None:
                assumed.add(pair)
            below = self._below(pair, first, second)
            if below is None:
                return True
            waiting.extend(below)
        self._proven |= assumed
        return False

    def _pair(self, first: Any, second: Any) -> _Pair | None:
        one, two = reference_of(first), reference_of(second)
        return None if one is None or two is None else (one, two)

    def _below(self, pair: _Pair | None, first: Any, second: Any) -> list[tuple[Any, Any]] | None:
        """Pairs still to compare; for an object at the same place in both files, itself read once."""
        if pair is not None and pair[0] == pair[1] and self.old.location(pair[0]) == self.new.location(pair[1]):
            value = _value(self.old, first)
            return _children(value, value)
        return _children(_value(self.old, first), _value(self.new, second))

    def _anchored(self, first: Any, second: Any) -> bool:
        one, two = reference_of(first), reference_of(second)
        if one is None or two is None or one not in self.anchors["old"]:
            return False
        return self.anchors["old"][one] == self.anchors["new"].get(two)


def _value(document: Document, raw: Any) -> Any:
    """What a raw object stands for in this document (a shared object's references know only the old one)."""
    reference = reference_of(raw)
    value = raw if reference is None else document.get(reference)
    return None if isinstance(value, generic.NullObject) else value


def _children(old: Any, new: Any) -> list[tuple[Any, Any]] | None:
    """Pairs still to compare below two values, or None when the values themselves differ."""
    if isinstance(old, generic.DictionaryObject):
        if not isinstance(new, generic.DictionaryObject) or not _same_stream(old, new):
            return None
        keys = (set(old.keys()) | set(new.keys())) - _bookkeeping(old)
        return [(_raw(old, key), _raw(new, key)) for key in keys]
    if isinstance(old, generic.ArrayObject):
        if not isinstance(new, generic.ArrayObject) or len(old) != len(new):
            return None
        return [(old.raw_get(i), new.raw_get(i)) for i in range(len(old))]
    if isinstance(old, _STRINGS):
        same = isinstance(new, _STRINGS) and old.original_bytes == new.original_bytes
        return [] if same else None
    if isinstance(old, _NUMBERS) and isinstance(new, _NUMBERS):
        return [] if float(old) == float(new) else None
    return [] if type(old) is type(new) and old == new else None


def _bookkeeping(node: generic.DictionaryObject) -> set[str]:
    return {"/Length"} if isinstance(node, generic.StreamObject) else set()


def _raw(node: generic.DictionaryObject, key: str) -> Any:
    return node.raw_get(key) if key in node else None


def _same_stream(old: generic.DictionaryObject, new: generic.DictionaryObject) -> bool:
    if isinstance(old, generic.StreamObject) != isinstance(new, generic.StreamObject):
        return False
    if not isinstance(old, generic.StreamObject) or not isinstance(new, generic.StreamObject):
        return True
    return bool(old.encoded_data == new.encoded_data)
