"""Pages of the signed revision rendered beside the same pages of the current file, and compared pixel by pixel.

Catches what structure alone cannot tell: shadow attacks that hide or replace content, and annotations or signature
fields laid over it (Mainka et al., NDSS 2021, "Shadow Attacks"; Rohlmann et al., IEEE S&P 2021, "Breaking the
Specification": evil annotation and sneaky signature attacks).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from verifier.difference import Box, Change
from verifier.errors import VerificationError
from verifier.messages import fail

if TYPE_CHECKING:  # loaded only when needed: most letters have nothing to compare
    import pypdfium2
    from PIL import Image

_SCALE = 1.0  # pixels a point; letters are readable at this size
_THRESHOLD = 40  # of 255: antialiasing and font hinting stay below
_STRAY = 12  # pixels that may differ on a page for no reason
_MOST_PAGES = 30
_FREE_TO_COVER = {"form-filled"}


def shadow_attack(before: bytes, after: bytes, changes: list[Change]) -> list[VerificationError]:
    """Reasons for pages that look different outside the boxes that `changes` account for, or whose signed content a
    new box covers: appearance-differs, covers-content. Raises VerificationError (comparison-impossible).
    """
    import pypdfium2

    try:
        old, new = _open(pypdfium2, before), _open(pypdfium2, after)
        if len(old) != len(new):
            return [fail("pages-added")]
        pages = _pages_to_compare(len(new), changes)
        return [reason for page in pages for reason in _page(old, new, page, changes)]
    except (pypdfium2.PdfiumError, OSError, ValueError) as error:
        raise fail("comparison-impossible") from error


def _open(library: object, data: bytes) -> pypdfium2.PdfDocument:
    document = library.PdfDocument(data)  # type: ignore[attr-defined]  # the module, passed in to keep its import lazy
    document.init_forms()
    return document


def _pages_to_compare(count: int, changes: list[Change]) -> list[int]:
    """The pages that changes name, then the others in order, up to the limit."""
    named = sorted({change.page for change in changes if change.page is not None and change.page < count})
    others = [page for page in range(count) if page not in named]
    return [*named, *others][: max(_MOST_PAGES, len(named))]


def _page(
    old: pypdfium2.PdfDocument, new: pypdfium2.PdfDocument, index: int, changes: list[Change]
) -> Iterator[VerificationError]:
    from PIL import ImageChops

    first, second = _render(old, index), _render(new, index)
    if first.size != second.size:
        yield fail("appearance-differs", where=index + 1)
        return
    differing = ImageChops.difference(first, second).convert("L").point(lambda v: 255 if v > _THRESHOLD else 0)
    for change in (c for c in changes if c.page == index and c.box is not None):
        area = _pixels(new, index, change.box, first.size)
        if area is None:
            continue
        free = change.code in _FREE_TO_COVER or change.placed
        if not free and _covers(_render(old, index, content_only=True), differing, area):
            yield fail("covers-content", where=f"{change.where}, {index + 1}")
        differing.paste(0, area)
    if sum(differing.histogram()[128:]) > _STRAY:
        yield fail("appearance-differs", where=index + 1)


def _render(document: pypdfium2.PdfDocument, index: int, *, content_only: bool = False) -> Image.Image:
    shown = not content_only  # without annotations: an earlier signature's stamp is not signed content
    image = document[index].render(scale=_SCALE, may_draw_forms=shown, draw_annots=shown).to_pil()
    return image.convert("L")  # type: ignore[no-any-return]  # pypdfium2 is untyped


def _covers(first: Image.Image, differing: Image.Image, area: tuple[int, int, int, int]) -> bool:
    """Whether pixels that were content (unlike the box's commonest colour) changed within the box."""
    from PIL import ImageChops

    before, changed = first.crop(area), differing.crop(area)
    levels = before.histogram()
    background = max(range(256), key=levels.__getitem__)
    content = before.point(lambda v: 255 if abs(v - background) > _THRESHOLD else 0)
    return sum(ImageChops.multiply(content, changed).histogram()[128:]) > _STRAY


def _pixels(
    document: pypdfium2.PdfDocument, index: int, box: Box | None, size: tuple[int, int]
) -> tuple[int, int, int, int] | None:
    """A box in points as pixels of the rendered page (unrotated pages; others give the whole page's own box)."""
    if box is None or box[2] - box[0] <= 0 or box[3] - box[1] <= 0:
        return None
    page = document[index]
    left, bottom, right, top = page.get_cropbox()
    x1, y1, x2, y2 = _turned(box, (left, bottom, right, top), page.get_rotation())
    wide, high = size
    area = (int(x1) - 2, int(high - y2) - 2, int(x2) + 3, int(high - y1) + 3)
    clipped = (max(0, area[0]), max(0, area[1]), min(wide, area[2]), min(high, area[3]))
    return clipped if clipped[0] < clipped[2] and clipped[1] < clipped[3] else None


def _turned(box: Box, crop: Box, rotation: int) -> Box:
    """A box relative to the crop box's corner as it is shown, for pages turned clockwise by 0, 90, 180 or 270."""
    x1, y1, x2, y2 = box[0] - crop[0], box[1] - crop[1], box[2] - crop[0], box[3] - crop[1]
    wide, high = crop[2] - crop[0], crop[3] - crop[1]
    if rotation == 90:
        return y1, wide - x2, y2, wide - x1
    if rotation == 180:
        return wide - x2, high - y2, wide - x1, high - y1
    if rotation == 270:
        return high - y2, x1, high - y1, x2
    return x1, y1, x2, y2
