"""Shows where one PDF looks different from another: the office's letter, and a file that claims to be it.

Drawn and compared page by page; runs in a process with limits (`verifier.pool`), since one of the two is a stranger's.
"""

from __future__ import annotations

import base64
import io

import pypdfium2
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from verifier.pictures import Pictures
from verifier.report import Frozen

WIDTH = 700
"""Pixels a page; enough to read what differs."""
MOST_PAGES = 8
MOST_SHOWN = 2
MOST_MARKS = 8
MOST_MARKED = 0.25
"""On a page, and of its area; with more, as between a scan and a drawing, frames would say nothing."""
FINE, COARSE = (1, 40), (3, 64)
"""Blur in pixels, and grey levels of 255 that count as different then: FINE finds one changed letter between two drawn
pages; COARSE overlooks how scanners and renderers differ, and also small changes.
"""
MARK = "#c1121f"
GRID = 20
"""Pixels; differences nearer to each other are marked as one."""


class PagePicture(Frozen):
    """One page with its differences framed, as WebP in base64; `page` counts from 1."""

    page: int
    webp: str
    width: int
    height: int


class Differences(Frozen):
    """Pages (from 1) that look different; `pages` and `original_pages` are how many either file has.

    `shown` holds those of them whose differences can be told apart.
    """

    compared: bool
    differing: list[int]
    pages: int
    original_pages: int
    shown: list[PagePicture]


def differing(file: bytes, original: bytes) -> Differences:
    """Compare the looks of the first MOST_PAGES pages; `compared` is False where a file cannot be drawn."""
    drawing = Pictures()
    try:
        counts = drawing.count(file), drawing.count(original)
        common = min(*counts, MOST_PAGES)
        pages = [
            (n + 1, *differences(drawing.image(file, n, WIDTH), drawing.image(original, n, WIDTH)))
            for n in range(common)
        ]
    except (pypdfium2.PdfiumError, ValueError, ZeroDivisionError):
        return Differences(compared=False, differing=[], pages=0, original_pages=0, shown=[])
    changed = [(number, image, marks) for number, image, marks in pages if marks]
    extra = range(min(counts) + 1, max(counts) + 1)
    return Differences(
        compared=True,
        differing=[*(number for number, _, _ in changed), *extra],
        pages=counts[0],
        original_pages=counts[1],
        shown=[_picture(*one) for one in changed if _telling(one[2], one[1].size)][:MOST_SHOWN],
    )


Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels."""


def differences(file: Image.Image, original: Image.Image) -> tuple[Image.Image, list[Box]]:
    """The file's page, and where it differs from the original's, in pixels."""
    page = file.convert("RGB")
    if page.size != original.size:
        return page, [(0, 0, page.width, page.height)]
    fine = _marks(page, original, *FINE)
    return page, fine if _telling(fine, page.size) else _marks(page, original, *COARSE) or fine


def _marks(page: Image.Image, original: Image.Image, blur: int, threshold: int) -> list[Box]:
    grey = [image.convert("L").filter(ImageFilter.BoxBlur(blur)) for image in (page, original)]
    return _boxes(ImageChops.difference(*grey).point(lambda value: 255 if value > threshold else 0))


def _telling(marks: list[Box], size: tuple[int, int]) -> bool:
    """Whether frames show what differs, rather than that everything does."""
    marked = sum((right - left) * (bottom - top) for left, top, right, bottom in marks)
    return len(marks) <= MOST_MARKS and marked <= MOST_MARKED * size[0] * size[1]


def _boxes(mask: Image.Image) -> list[Box]:
    """Frames around what is set in `mask`, on a coarse grid, touching cells joined."""
    small = mask.reduce(GRID).point(lambda value: 255 if value else 0)
    cells = {(i % small.width, i // small.width) for i, value in enumerate(small.tobytes()) if value}
    found = []
    while cells:
        group, waiting = set(), [cells.pop()]
        while waiting:
            x, y = waiting.pop()
            group.add((x, y))
            near = {(x + dx, y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)} & cells
            cells -= near
            waiting.extend(near)
        columns, rows = [x for x, _ in group], [y for _, y in group]
        box = min(columns), min(rows), max(columns) + 1, max(rows) + 1
        found.append(tuple(value * GRID for value in box))
    return [(box[0], box[1], box[2], box[3]) for box in found]


def framed(image: Image.Image, boxes: list[Box]) -> Image.Image:
    """The picture itself, with frames drawn into it."""
    draw = ImageDraw.Draw(image)
    for left, top, right, bottom in boxes:
        right, bottom = min(right + 2, image.width - 1), min(bottom + 2, image.height - 1)
        draw.rectangle((max(left - 2, 0), max(top - 2, 0), right, bottom), outline=MARK, width=3)
    return image


def webp(image: Image.Image) -> bytes:
    """The picture as WebP."""
    out = io.BytesIO()
    image.save(out, "WEBP", quality=80, method=0)
    return out.getvalue()


def _picture(number: int, image: Image.Image, boxes: list[Box]) -> PagePicture:
    picture = base64.b64encode(webp(framed(image, boxes))).decode()
    return PagePicture(page=number, webp=picture, width=image.width, height=image.height)
