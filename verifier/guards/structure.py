"""Guards over the raw file, independent of the engine's own view of it."""

from __future__ import annotations

import bisect
import re
from collections import Counter

from pyhanko.pdf_utils.xref import XRefSectionType

from verifier.document import ODD_FILE, Document, FormField, reference_of
from verifier.messages import fail
from verifier.signatures import SignedPart

_TAIL = re.compile(rb"[\s\0]*(?:startxref\s+\d+\s+)?(?:%%EOF)?[\s\0\x1a]*")
_ENDED = re.compile(rb"\bendobj\b|\bstream\r?\n")
_CONTENTS = re.compile(rb"/Contents\s*<([0-9A-Fa-f\s]*)>")
_RANGE = re.compile(rb"/ByteRange\b")
_USAGE_RIGHTS = re.compile(rb"/UR3?\b")  # Adobe Reader's extended features, nobody's signature


def incremental_saving_attack(document: Document, parts: list[SignedPart]) -> None:
    """Bytes after the last revision that its cross-references do not account for: a lenient viewer rebuilds the table
    and shows them (Mladenov et al., CCS 2019, "1 Trillion Dollar Refund", incremental saving attack, variants 2-4).
    Raises VerificationError (trailing-bytes).
    """
    covered = max((part.end for part in parts), default=0)
    if covered >= len(document.data):
        return
    table = document.reader.xrefs
    ends = [table.get_xref_container_info(i).end_location for i in range(table.total_revisions)]
    tail = document.data[max([covered, *ends]) :]
    if _TAIL.fullmatch(_without_trailer(tail)) is None:
        raise fail("trailing-bytes")


def _without_trailer(tail: bytes) -> bytes:
    """The tail of a file after its last table, less the trailer dictionary that belongs to it."""
    start = tail.lstrip(b"\0\t\n\f\r ")
    if not start.startswith((b"trailer", b"endobj", b"<<")):
        return tail
    end = start.find(b"startxref")
    body = start[:end] if end >= 0 else start
    return tail if re.search(rb"\bobj\b", body) or end < 0 else start[end:]


def bytes_before_header(document: Document) -> None:
    """Something before "%PDF-": offsets shift in some viewers and not in others (polyglot files).
    Raises VerificationError (leading-bytes).
    """
    if not document.data.startswith(b"%PDF-"):
        raise fail("leading-bytes")


def hidden_signature(document: Document, parts: list[SignedPart]) -> None:
    """A signature dictionary that the cross-references know but no field holds: an engine that walks the form would
    judge the file without it (Rohlmann et al., IEEE S&P 2021, "Breaking the Specification"; also what a single
    flipped bit in the form does). Raises VerificationError (signature-hidden).
    """
    offsets = sorted(_all_offsets(document))
    for match in _RANGE.finditer(document.data):
        holder = _holder(document.data, offsets, match.start())
        if holder is None:
            continue
        if any(part.gap[0] > holder and _same_object(document.data, holder, part.gap[0]) for part in parts):
            continue
        text = document.data[holder : max(match.end(), document.data.find(b"endobj", match.start()))]
        contents = _CONTENTS.search(text)
        if contents and contents.group(1).strip(b"0 \t\r\n") and _USAGE_RIGHTS.search(text) is None:
            raise fail("signature-hidden")


def _holder(data: bytes, offsets: list[int], position: int) -> int | None:
    """Offset of the object, known to some cross-reference, that a position lies in; None outside any or in a stream."""
    index = bisect.bisect_right(offsets, position) - 1
    if index < 0:
        return None
    start = offsets[index]
    return None if _ENDED.search(data, start, position) else start


def _same_object(data: bytes, start: int, end: int) -> bool:
    return b"endobj" not in data[start:end]


def _all_offsets(document: Document) -> set[int]:
    table = document.reader.xrefs
    found: set[int] = set()
    for revision in range(table.total_revisions):
        section = table.get_xref_data(revision)
        found |= {offset for _, offset in section.standard_xrefs.values()}
        if table.get_xref_container_info(revision).xref_section_type == XRefSectionType.HYBRID_MAIN and section.hybrid:
            found |= {offset for _, offset in section.hybrid.xref_data.standard_xrefs.values()}
    return found


def shared_signature(fields: list[FormField]) -> None:
    """One signature dictionary in several fields: it can vouch for one place only (pdf-insecurity.org, USF).
    Raises VerificationError (signature-shared).
    """
    try:
        held = [reference_of(f.node.raw_get("/V")) for f in fields if "/V" in f.node]
    except ODD_FILE as error:
        raise fail("signature-shared") from error
    if any(count > 1 for reference, count in Counter(held).items() if reference is not None):
        raise fail("signature-shared")


def contents_padding(part: SignedPart) -> None:
    """Bytes hidden behind the signature in /Contents, which nothing signs: they must be zero (CCS 2019, section 4.3).
    Raises VerificationError (contents-padding).
    """
    if part.contents[part.encoded_length :].strip(b"\0"):
        raise fail("contents-padding", field=part.field)
