"""A PDF opened for judging: its bytes, pyHanko's reader over them, its form fields and its signatures.

The walk over the form is our own: pyHanko's drops signatures with an unknown /SubFilter and stops at odd names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.crypt import AuthStatus
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader

from verifier import quick_hex
from verifier.messages import fail

quick_hex.install()

# pyHanko raises these, besides its own PdfError, on malformed files (seen over the corpus and by fuzzing).
ODD_FILE = (
    PdfError,
    AssertionError,
    AttributeError,
    IndexError,
    KeyError,
    NotImplementedError,
    OSError,
    OverflowError,
    RecursionError,
    TypeError,
    ValueError,
)
# Some writers say "/Prev 0" for "no earlier table"; blanked in the copy that is parsed, never in what is digested.
_NO_PREVIOUS = re.compile(rb"/Prev 0(?=[\s/>])")
_MAX_FIELDS = 20_000
_MAX_DEPTH = 50

Reference = tuple[int, int]


@dataclass(frozen=True)
class FormField:
    """A terminal form field: dotted name, type, effective dictionary, reference, and its widgets (the field's own
    dictionary when it is merged with its only widget)."""

    name: str
    kind: str
    node: generic.DictionaryObject
    reference: Reference | None
    raw_value: Any  # as it stands in /V, inherited or not: a reference is not followed until someone asks
    widgets: tuple[tuple[Reference | None, generic.DictionaryObject], ...]

    @property
    def value(self) -> Any:
        """The value, resolved; None when absent or null. Parsing a signature's takes 20 ms: ask only when needed."""
        return resolved(self.raw_value)


@dataclass
class Document:
    """One PDF, or one revision of it (a prefix), with its reader."""

    data: bytes
    reader: PdfFileReader
    _fields: list[FormField] | None = field(default=None, repr=False)
    _places: dict[Reference, object] = field(default_factory=dict, repr=False)

    @classmethod
    def open(cls, data: bytes) -> Document:
        """Parse `data`. Raises VerificationError: unreadable, encrypted (an empty password is tried)."""
        try:
            reader = _reader(data)
            root = reader.root
            if not isinstance(root, generic.DictionaryObject):
                raise fail("unreadable")
        except ODD_FILE as error:
            raise fail("unreadable") from error
        return cls(data=data, reader=reader)

    @property
    def root(self) -> generic.DictionaryObject:
        """The document catalogue."""
        return self.reader.root

    def fields(self) -> list[FormField]:
        """Every terminal field of the form, in document order; each object visited once.
        Raises VerificationError (unreadable).
        """
        if self._fields is None:
            try:
                self._fields = list(_walk_form(self.root))
            except ODD_FILE as error:
                raise fail("unreadable") from error
        return self._fields

    def location(self, reference: Reference) -> object:
        """Where the newest definition of an object lies: a file offset, or (offset of its object stream, index)."""
        if reference not in self._places:
            place = self.reader.xrefs[generic.Reference(*reference)]
            packed = place is not None and not isinstance(place, int)
            inside = (self.location((place.obj_stream_id, 0)), place.ix_in_stream) if packed else place
            self._places[reference] = inside
        return self._places[reference]

    def get(self, reference: Reference) -> generic.PdfObject:
        """The newest definition of an object (null if there is none)."""
        found: generic.PdfObject = self.reader.get_object(generic.Reference(*reference))
        return found


def _reader(data: bytes) -> PdfFileReader:
    try:
        reader = PdfFileReader(BytesIO(data), strict=False)
    except ODD_FILE:
        patched = _NO_PREVIOUS.sub(b"       ", data)
        if patched == data:
            raise
        reader = PdfFileReader(BytesIO(patched), strict=False)
    if reader.encrypted and reader.decrypt(b"").status == AuthStatus.FAILED:
        raise fail("encrypted")
    return reader


def reference_of(raw: Any) -> Reference | None:
    """Object and generation number of an indirect reference, or None for anything else."""
    if isinstance(raw, generic.IndirectObject):
        return raw.idnum, raw.generation
    return None


def entry(node: Any, key: str) -> Any:
    """The dereferenced entry of a dictionary, or None when absent, null, or `node` is no dictionary."""
    if not isinstance(node, generic.DictionaryObject) or key not in node:
        return None
    value = node[key]
    return None if isinstance(value, generic.NullObject) else value


def items(node: Any) -> list[Any]:
    """Raw (undereferenced) members of an array; empty for anything else."""
    return [node.raw_get(i) for i in range(len(node))] if isinstance(node, generic.ArrayObject) else []


def resolved(raw: Any) -> Any:
    """What a raw member stands for; None for null."""
    value = raw.get_object() if isinstance(raw, generic.IndirectObject) else raw
    return None if isinstance(value, generic.NullObject) else value


@dataclass(frozen=True)
class _Inherited:
    name: str = ""
    kind: str = ""
    raw_value: Any = None
    depth: int = 0


def _walk_form(root: generic.DictionaryObject) -> Iterator[FormField]:
    """Depth first over /AcroForm /Fields; shared or circular nodes are visited once."""
    seen: set[Reference] = set()
    waiting = [(raw, _Inherited()) for raw in reversed(items(entry(entry(root, "/AcroForm"), "/Fields")))]
    while waiting and len(seen) < _MAX_FIELDS:
        raw, above = waiting.pop()
        reference, node = reference_of(raw), resolved(raw)
        if not isinstance(node, generic.DictionaryObject) or reference in seen or above.depth > _MAX_DEPTH:
            continue
        if reference is not None:
            seen.add(reference)
        here = _inherit(node, above)
        kids = [(kid, resolved(kid)) for kid in items(entry(node, "/Kids"))]
        named = [kid for kid, child in kids if entry(child, "/T") is not None]
        waiting.extend((kid, here) for kid in reversed(named))
        if not named:
            yield _terminal(node, reference, here, [(reference_of(kid), child) for kid, child in kids])


def _inherit(node: generic.DictionaryObject, above: _Inherited) -> _Inherited:
    partial = entry(node, "/T")
    name = above.name if partial is None else f"{above.name}.{partial}".lstrip(".")
    return _Inherited(
        name=name,
        kind=str(entry(node, "/FT") or above.kind),
        raw_value=node.raw_get("/V") if "/V" in node else above.raw_value,
        depth=above.depth + 1,
    )


def _terminal(
    node: generic.DictionaryObject, reference: Reference | None, here: _Inherited, kids: list[tuple[Any, Any]]
) -> FormField:
    widgets = [(ref, child) for ref, child in kids if isinstance(child, generic.DictionaryObject)]
    return FormField(
        name=here.name,
        kind=here.kind,
        node=node,
        reference=reference,
        raw_value=here.raw_value,
        widgets=tuple(widgets or [(reference, node)]),
    )
