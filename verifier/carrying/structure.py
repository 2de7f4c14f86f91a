"""The file as bytes and tables: whole, unlocked, unsigned, one version of itself, and read alike by every reader."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pyhanko.pdf_utils.xref import XRefSectionData

from verifier.carrying.reasons import refuse
from verifier.difference import pages_of
from verifier.document import Document, entry, items

_END = re.compile(rb"%%EOF(?:\r\n|\n|\r)?\Z")
_HEADER = re.compile(rb"[\s\0]*(\d{1,10})[\s\0]+(\d{1,5})[\s\0]+obj\b")
Place = tuple[int, int]
"""Where an object lies: (0, offset in the file), or (number of its object stream, index in it)."""


def bytes_outside(document: Document) -> None:
    """Something before the header or after the end: polyglots, and files whose letter could not be found again by its
    rendering (`verifier.web.upload` looks for it at each end of a revision). Raises `tail`.
    """
    if not document.data.startswith(b"%PDF-") or _END.search(document.data[-12:]) is None:
        raise refuse("tail")


def locked(document: Document) -> None:
    """Encrypted, even if no password is asked for. Raises `locked`."""
    if document.reader.encrypted:
        raise refuse("locked")


def already_signed(document: Document) -> None:
    """Signatures, fields for them, certifications: the Camat's certification must be the first. Raises `signed`."""
    if any(field.kind == "/Sig" for field in document.fields()) or entry(document.root, "/Perms"):
        raise refuse("signed")


def fillable(document: Document) -> None:
    """Form fields, whose values decide what is shown. Raises `form`."""
    form = entry(document.root, "/AcroForm")
    if document.fields() or items(entry(form, "/Fields")) or entry(form, "/XFA") is not None:
        raise refuse("form")


def earlier_version(document: Document) -> None:
    """An object that two tables define, or a later one frees: an older state lies in the file, to be taken out again or
    shown by another reader. Linearised files and the hybrid ones of word processors define nothing twice.
    Raises `earlier-version`.
    """
    known: dict[int, Place] = {}
    for section in _sections(document):
        if known.keys() & section.freed.keys():
            raise refuse("earlier-version")
        for number, place in _places(section).items():
            if known.setdefault(number, place) != place:
                raise refuse("earlier-version")


def misplaced_object(document: Document) -> None:
    """A table that points where its object does not begin: readers then search the file, each in its own way.
    Raises `damaged`.
    """
    for section in _sections(document):
        for number, (generation, offset) in section.standard_xrefs.items():
            found = _HEADER.match(document.data, offset, offset + 40)
            if found is None or (int(found[1]), int(found[2])) != (number, generation):
                raise refuse("damaged")


def unmeasured_page(document: Document) -> None:
    """A page without the size that it must have: readers assume different ones. Raises `odd-page`."""
    for number, page in enumerate(pages_of(document.root), start=1):
        if "/MediaBox" not in page.inherited:
            raise refuse("odd-page", number)


def numbers(document: Document) -> list[tuple[int, int]]:
    """Number and generation of every object that some table lists, in order."""
    found: set[tuple[int, int]] = set()
    for section in _sections(document):
        found |= {(number, generation) for number, (generation, _offset) in section.standard_xrefs.items()}
        found |= {(number, 0) for number in section.xrefs_in_objstm}
    return sorted(found)


def _sections(document: Document) -> Iterator[XRefSectionData]:
    """Every table from the oldest, a hybrid file's hidden ones behind the one that names them."""
    table = document.reader.xrefs
    for revision in range(table.total_revisions):
        section = table.get_xref_data(revision)
        yield section
        if section.hybrid is not None:
            yield section.hybrid.xref_data


def _places(section: XRefSectionData) -> dict[int, Place]:
    own = {number: (0, offset) for number, (_generation, offset) in section.standard_xrefs.items()}
    return own | {number: (at.obj_stream_id, at.ix_in_stream) for number, at in section.xrefs_in_objstm.items()}
