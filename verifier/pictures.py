"""Pictures of PDF pages: for the public page, and through `signer.pictures` for the preview, Kasi and Camat.

PDFium is not thread-safe, so all of this process's rendering goes through one lock: this module's. Files from outside
must be rendered in a process with limits, not here.
"""

from __future__ import annotations

import hashlib
import io
import math
import threading
from collections.abc import Container
from dataclasses import dataclass
from typing import ClassVar

import pypdfium2
from PIL import Image

MAX_PAGES = 200
MAX_PIXELS = 20_000_000
"""Of one page: a page of extreme shape is drawn smaller instead of filling the memory."""
MAX_SIDE = 16_000
"""Pixels; WebP holds no more than 16 383."""


@dataclass(frozen=True)
class PagePicture:
    """One page by its mark (of its pixels: equal marks, equal pictures), and as WebP unless the caller has it."""

    mark: str
    webp: bytes | None


class Pictures:
    """Draws pages, signature appearances included, as WebP pictures of a width in pixels."""

    _one_at_a_time: ClassVar = threading.Lock()

    def pages(self, pdf: bytes, width: int, *, most: int = MAX_PAGES) -> list[bytes]:
        """The first `most` pages, each `width` pixels wide. Raises pypdfium2.PdfiumError for an unreadable file."""
        with self._one_at_a_time, pypdfium2.PdfDocument(pdf) as document:
            document.init_forms()  # without it the signature's appearance is not drawn
            images = [_draw(document[n], width) for n in range(min(len(document), most))]
        return [_webp(image) for image in images]

    def changed(self, pdf: bytes, width: int, known: Container[str], *, most: int = MAX_PAGES) -> list[PagePicture]:
        """The first `most` pages as `pages` draws them, but those whose picture is `known` without it."""
        with self._one_at_a_time, pypdfium2.PdfDocument(pdf) as document:
            document.init_forms()
            images = [_draw(document[n], width) for n in range(min(len(document), most))]
        marks = [hashlib.sha256(image.tobytes()).hexdigest()[:32] for image in images]
        drawn = zip(marks, images, strict=True)
        return [PagePicture(mark, None if mark in known else _webp(image)) for mark, image in drawn]

    def page(self, pdf: bytes, number: int, width: int) -> bytes:
        """One page (from 0). Raises IndexError if there is no such page, pypdfium2.PdfiumError as `pages`."""
        return _webp(self.image(pdf, number, width))

    def image(self, pdf: bytes, number: int, width: int) -> Image.Image:
        """One page (from 0) as a picture to look at with a program, as for reading the QR back."""
        with self._one_at_a_time, pypdfium2.PdfDocument(pdf) as document:
            document.init_forms()
            if not 0 <= number < len(document):
                raise IndexError(f"no page {number}")
            return _draw(document[number], width)

    def sizes(self, pdf: bytes) -> tuple[tuple[float, float], ...]:
        """Width and height of every page in points. Raises pypdfium2.PdfiumError for an unreadable file."""
        with self._one_at_a_time, pypdfium2.PdfDocument(pdf) as document:
            return tuple(document.get_page_size(n) for n in range(len(document)))

    def text(self, pdf: bytes) -> str:
        """What the first MAX_PAGES pages say, as text. Raises pypdfium2.PdfiumError for an unreadable file."""
        with self._one_at_a_time, pypdfium2.PdfDocument(pdf) as document:
            pages = [document[n].get_textpage() for n in range(min(len(document), MAX_PAGES))]
            return "\n".join(page.get_text_bounded() for page in pages)

    def count(self, pdf: bytes) -> int:
        """How many pages the file has. Raises pypdfium2.PdfiumError for an unreadable one."""
        with self._one_at_a_time, pypdfium2.PdfDocument(pdf) as document:
            return len(document)


def page_pictures(pdf: bytes, width: int) -> list[bytes]:
    """Every page as a WebP picture `width` pixels wide."""
    return Pictures().pages(pdf, width)


def pixels(across: float, down: float, width: int) -> tuple[int, int]:
    """Width and height in pixels of the picture of a page of `across` by `down` points, asked for at `width`."""
    scale = _scale(across, down, width)
    return math.ceil(across * scale), math.ceil(down * scale)


def _scale(across: float, down: float, width: int) -> float:
    # PDFium rounds up, so a hair less than `width` gives exactly `width`.
    most = math.sqrt(MAX_PIXELS / (across * down))
    return min((width - 0.01) / across, most, MAX_SIDE / max(across, down))


def _draw(page: pypdfium2.PdfPage, width: int) -> Image.Image:
    across, down = page.get_size()
    image: Image.Image = page.render(scale=_scale(across, down, width)).to_pil()
    return image.copy()  # the bitmap's memory goes with the document


def _webp(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "WEBP", quality=85, method=0)
    return out.getvalue()
