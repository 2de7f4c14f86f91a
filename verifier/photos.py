"""Reads QR codes from what a stranger sends: a phone's photo of the paper, a scan, or a PDF's pages.

Decoding pictures and drawing PDFs belongs into a process with limits (`verifier.pool`), not into the server's own.
Each way of looking finds what another misses; the order was measured on a letter at 100 to 300 dpi, rotated, skewed,
blurred, dim and noisy (tests/verifier/test_verifier_photos.py). Cheap ways come first and the first that finds wins.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterable, Iterator

import pypdfium2
import zxingcpp
from PIL import Image, ImageFilter, ImageOps

from verifier.errors import VerificationError
from verifier.pictures import Pictures

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_PIXELS = 50_000_000
"""Of a picture; more than phones take, and what fits a worker's memory."""
MOST_SIDE = 4000
"""Pixels; larger pictures are made smaller first: a letter's QR is then still over 6 pixels a module."""
MOST_CODES = 8
MOST_TEXT = 4096
SECONDS = 4.0
"""After this no further way is tried."""
MOST_PAGES = 10
DEEPER_PAGES = 2
DPI = 150

Way = Callable[[Image.Image], Image.Image]


def texts(picture: bytes) -> list[str]:
    """The texts of the QR codes in a JPEG, PNG or WebP picture, sorted; empty if none is found.

    Raises VerificationError `picture-unreadable` or `picture-too-large`.
    """
    deadline = time.monotonic() + SECONDS
    return _first_found([_grey(picture)], _WAYS, deadline)


def in_pdf(data: bytes) -> list[str]:
    """The texts of the QR codes on a PDF's first pages, sorted; empty if none is found or it cannot be drawn."""
    deadline = time.monotonic() + SECONDS
    try:
        found = _first_found(_pages(data, MOST_PAGES, DPI), _WAYS[:1], deadline)
        return found or _first_found(_pages(data, DEEPER_PAGES, 2 * DPI), _WAYS[:3], deadline)
    except (pypdfium2.PdfiumError, ValueError, ZeroDivisionError):
        return []


def _pages(data: bytes, most: int, dpi: int) -> Iterator[Image.Image]:
    drawing = Pictures()
    for number, (across, _down) in enumerate(drawing.sizes(data)[:most]):
        width = min(max(round(across / 72 * dpi), 1), MOST_SIDE)
        yield drawing.image(data, number, width).convert("L")


def _first_found(images: Iterable[Image.Image], ways: Iterable[Way], deadline: float) -> list[str]:
    """What the first successful way finds in each image, all together."""
    found: set[str] = set()
    for image in images:
        for way in ways:
            if time.monotonic() > deadline:
                break
            seen = _read(way(image))
            if seen:
                found.update(seen)
                break
    return sorted(found)[:MOST_CODES]


def _read(image: Image.Image) -> list[str]:
    formats = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    seen = zxingcpp.read_barcodes(image, formats=formats, text_mode=zxingcpp.TextMode.Plain)
    return [code.text for code in seen if 0 < len(code.text) <= MOST_TEXT]


def _grey(picture: bytes) -> Image.Image:
    try:
        with Image.open(io.BytesIO(picture), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise _too_large()
            image.draft("L", (MOST_SIDE, MOST_SIDE))  # a JPEG is decoded grey, and smaller, at once
            opened = _on_white(image).convert("L")
    except Image.DecompressionBombError:
        raise _too_large() from None
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise VerificationError(
            "picture-unreadable",
            "Gambar ini tidak dapat dibaca. Kirim foto JPEG, PNG, atau WebP.",
            "This picture cannot be read. Send a JPEG, PNG or WebP photo.",
        ) from error
    opened.thumbnail((MOST_SIDE, MOST_SIDE), Image.Resampling.BOX)
    return opened


def _on_white(image: Image.Image) -> Image.Image:
    """Without transparency, which would turn white paper black."""
    if not image.has_transparency_data:
        return image
    clear = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear)


def _too_large() -> VerificationError:
    most = MOST_PIXELS // 1_000_000
    return VerificationError(
        "picture-too-large",
        f"Gambar ini lebih dari {most} megapiksel. Kirim foto yang lebih kecil.",
        f"This picture has more than {most} megapixels. Send a smaller one.",
    )


def _as_it_is(image: Image.Image) -> Image.Image:
    return image


def _softened(image: Image.Image) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(1))


def _sharpened(image: Image.Image) -> Image.Image:
    return ImageOps.autocontrast(image).filter(ImageFilter.UnsharpMask(2, 250, 0))


def _halved(image: Image.Image) -> Image.Image:
    return image.resize((max(image.width // 2, 1), max(image.height // 2, 1)), Image.Resampling.LANCZOS)


def _doubled(image: Image.Image) -> Image.Image:
    """Twice as large, if there is room; else sampled anew, which also helps."""
    factor = min(2.0, MOST_SIDE / max(image.size))
    size = max(round(image.width * factor), 1), max(round(image.height * factor), 1)
    return image.resize(size, Image.Resampling.BICUBIC)


def _doubled_sharpened(image: Image.Image) -> Image.Image:
    return _doubled(ImageOps.autocontrast(image)).filter(ImageFilter.UnsharpMask(4, 300, 0))


def _without_specks(image: Image.Image) -> Image.Image:
    return image.filter(ImageFilter.MedianFilter(3))


def _turned(image: Image.Image) -> Image.Image:
    return image.rotate(45, Image.Resampling.BICUBIC, expand=True, fillcolor=255)


def _black_and_white(image: Image.Image) -> Image.Image:
    return ImageOps.autocontrast(image, cutoff=5).point(lambda value: 255 if value > 127 else 0)


_WAYS: tuple[Way, ...] = (
    _as_it_is,
    _softened,
    _sharpened,
    _halved,
    _doubled,
    _without_specks,
    _doubled_sharpened,
    _turned,
    _black_and_white,
)
