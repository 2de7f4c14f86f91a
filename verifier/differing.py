"""What a file shows beside what was signed: the signed revision's pages, the current ones, and where they differ.

For people, where the report says that the look of a page changed (shadow attacks, annotations, covered text). Draws a
stranger's file: run it in a process with limits (`verifier.sandbox`, `verifier.pool`).
"""

from __future__ import annotations

from collections.abc import Iterator

import pypdfium2
from PIL import Image
from pydantic import ConfigDict

from verifier.comparing import WIDTH, differences, framed, webp
from verifier.document import Document, FormField
from verifier.errors import VerificationError
from verifier.integrity import verify_value
from verifier.pictures import Pictures
from verifier.report import Frozen
from verifier.signatures import SignedPart, filled_fields, read_part

MOST_PAGES = 30
"""Compared; the first ones."""
MOST_SHOWN = 4


class Difference(Frozen):
    """One page (from 1) that looks different, as WebP pictures WIDTH pixels wide: as signed, as it is now, and as it is
    now with the differences framed in red. A page that one of the two does not have is None there.
    """

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    page: int
    before: bytes | None
    after: bytes | None
    marked: bytes | None


def pictures(data: bytes, *, most: int = MOST_SHOWN) -> list[Difference]:
    """The first `most` pages that look different from the oldest signed revision whose bytes hold; empty where there is
    none, nothing came after it, or a side cannot be drawn. Never raises for what is in `data`.
    """
    signed = _signed_end(data)
    if signed is None or signed >= len(data):
        return []
    found: list[Difference] = []
    try:
        for difference in _compared(data[:signed], data):
            found.append(difference)
            if len(found) == most:
                break
    except (pypdfium2.PdfiumError, ValueError, ZeroDivisionError, OSError):
        return found
    return found


def _compared(old: bytes, new: bytes) -> Iterator[Difference]:
    drawing = Pictures()
    counts = drawing.count(old), drawing.count(new)
    for number in range(min(MOST_PAGES, max(counts))):
        first, second = (
            drawing.image(side, number, WIDTH) if number < count else None
            for side, count in zip((old, new), counts, strict=True)
        )
        if first is None or second is None:
            yield Difference(page=number + 1, before=_webp(first), after=_webp(second), marked=None)
            continue
        page, boxes = differences(second, first)
        if boxes:
            after = webp(page)
            yield Difference(page=number + 1, before=webp(first), after=after, marked=webp(framed(page, boxes)))


def _webp(image: Image.Image | None) -> bytes | None:
    return None if image is None else webp(image)


def _signed_end(data: bytes) -> int | None:
    """Where the oldest revision ends whose signature holds."""
    try:
        document = Document.open(data)
        ends = [part.end for field in filled_fields(document) for part in _holding(document, field)]
    except VerificationError:
        return None
    return min(ends, default=None)


def _holding(document: Document, field: FormField) -> Iterator[SignedPart]:
    try:
        part = read_part(document, field)
        verify_value(part, document.data)
    except VerificationError:
        return
    yield part
