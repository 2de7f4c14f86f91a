"""Cross-reference tables that came after a signature, and that two viewers would read differently.

A table can wake bytes that slept in the signed file, or free an object in a way that one reader honours and another
ignores; an object that no table lists appears where a viewer rebuilds the table. Then what is compared here is not what
people see. (Mladenov et al., CCS 2019, incremental saving attack; Mainka et al., NDSS 2021, hide-and-replace.)
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from pyhanko.pdf_utils.xref import ObjStreamRef, XRefSectionData

from verifier.document import ODD_FILE, Document
from verifier.messages import fail
from verifier.signatures import SignedPart

_HEADER = re.compile(rb"(?<![0-9])[0-9]{1,10}[\s\0]+[0-9]{1,5}[\s\0]+obj\b")
_ENDED = re.compile(rb"\bendobj\b")
_Place = int | ObjStreamRef


def ambiguous_table(document: Document, parts: list[SignedPart]) -> None:
    """A table after the first signature that places objects outside its own revision, or frees or numbers them against
    their generation. Raises VerificationError (table-ambiguous).
    """
    signed = min((part.end for part in parts), default=len(document.data))
    if signed >= len(document.data):
        return
    known, floor = _Known(), 0
    table = document.reader.xrefs
    try:
        for revision in range(table.total_revisions):
            section, place = table.get_xref_data(revision), table.get_xref_container_info(revision)
            if place.start_location >= signed and any(known.against(section, floor)):
                raise fail("table-ambiguous")
            known.learn(section)
            floor = max(floor, place.end_location)
    except ODD_FILE as error:
        raise fail("table-ambiguous") from error


def unlisted_object(document: Document, parts: list[SignedPart]) -> None:
    """An object after the first signature that no table lists. Raises VerificationError (object-unlisted)."""
    signed = min((part.end for part in parts), default=len(document.data))
    if signed >= len(document.data):
        return
    listed = sorted(_listed(document))
    for found in _HEADER.finditer(document.data, signed):
        index = bisect.bisect_right(listed, found.start()) - 1
        start = listed[index] if index >= 0 else 0
        if start != found.start() and (start < signed or _ENDED.search(document.data, start, found.start())):
            raise fail("object-unlisted")


@dataclass
class _Known:
    """Where the tables so far place each object, and under which generation; what they freed, and for which one."""

    places: dict[int, tuple[int, _Place]] = field(default_factory=dict)
    freed: dict[int, int] = field(default_factory=dict)

    def learn(self, section: XRefSectionData) -> None:
        """Add a table's entries, a hybrid file's hidden ones first."""
        if section.hybrid is not None:
            self.learn(section.hybrid.xref_data)
        self.freed |= section.freed
        self.places |= section.standard_xrefs
        self.places |= {number: (0, place) for number, place in section.xrefs_in_objstm.items()}

    def against(self, section: XRefSectionData, floor: int) -> Iterator[bool]:
        """For each entry of a table whose revision begins at `floor`: whether it contradicts what is known."""
        hidden = section.hybrid.xref_data if section.hybrid is not None else None
        own = {number for number, (_, offset) in section.standard_xrefs.items() if offset >= floor}
        if hidden is not None:
            yield from self.against(hidden, floor)
            own |= {number for number, (_, offset) in hidden.standard_xrefs.items() if offset >= floor}
        for number, (generation, offset) in section.standard_xrefs.items():
            same = self.places.get(number) == (generation, offset)
            yield number in section.freed or not (same or (offset >= floor and self._numbered(number, generation)))
        for number, place in section.xrefs_in_objstm.items():
            yield self.places.get(number) != (0, place) and place.obj_stream_id not in own
        for number, following in section.freed.items():
            listed = hidden is not None and (number in hidden.standard_xrefs or number in hidden.xrefs_in_objstm)
            yield number in self.places and not listed and self.places[number][0] + 1 != following

    def _numbered(self, number: int, generation: int) -> bool:
        """Whether an object may be written under this generation: its own, or the one it was freed for."""
        held = self.places.get(number)
        return generation in (held[0] if held else 0, self.freed.get(number, 0))


def _listed(document: Document) -> Iterator[int]:
    """Offsets, white space skipped, of every object that some table lists, and of tables that are objects."""
    table = document.reader.xrefs
    for revision in range(table.total_revisions):
        section, place = table.get_xref_data(revision), table.get_xref_container_info(revision)
        offsets = [place.start_location, *(offset for _, offset in section.standard_xrefs.values())]
        if section.hybrid is not None:
            offsets.append(section.hybrid.meta_info.start_location)
            offsets += [offset for _, offset in section.hybrid.xref_data.standard_xrefs.values()]
        for offset in offsets:
            found = _HEADER.search(document.data, offset, offset + 40)
            yield found.start() if found else offset
