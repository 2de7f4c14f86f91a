"""Several photos of papers as one PDF: upright, without metadata, small enough to hand in, large enough to read.

Photos are hostile: each is bounded in pixels before it is decoded, and only one is decoded at a time. What comes out
is drawn anew, so nothing of the original files goes along: no position (GPS), no camera, no thumbnail.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PIL import Image, ImageOps
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter

from signer.errors import Invalid
from signer.uploads import MAX_BYTES

A4_INCHES = (8.27, 11.69)
POINTS = 72
MAX_JPEG_PIXELS = 64_000_000
"""Above what phones give of themselves; a JPEG is decoded at half its size or less where that is enough."""
MAX_PNG_PIXELS = 24_000_000
"""A PNG can only be decoded whole."""


@dataclass(frozen=True)
class Quality:
    """Dots an inch on A4, and JPEG quality."""

    dpi: int
    jpeg: int


STEPS = (Quality(200, 82), Quality(200, 68), Quality(170, 60), Quality(150, 52))
"""Tried in this order until the PDF is small enough; at the last, text of 8 points can still be read."""

Photo = Callable[[], bytes]
"""Reads one photo when it is its turn, so that they are never all in memory."""


def join(photos: Sequence[tuple[str, Photo]], limit: int = MAX_BYTES) -> bytes:
    """One PDF, a photo a page, in this order. `photos`: name and reader of each.

    Raises Invalid (field `files`) naming the photo that cannot be used, or if it stays over `limit` bytes.
    """
    for quality in STEPS:
        pages = _pages(photos, quality, limit)
        if pages is not None:
            made = _document(pages)
            if len(made) <= limit:
                return made
    raise Invalid(
        "Terlalu banyak foto untuk satu PDF. Gabungkan lebih sedikit foto.",
        "Too many photos for one PDF. Join fewer of them.",
        field="files",
    )


def _pages(photos: Sequence[tuple[str, Photo]], quality: Quality, limit: int) -> list[bytes] | None:
    """Each photo as the JPEG of its page; None as soon as they are over the limit."""
    pages, total = [], 0
    for name, read in photos:
        pages.append(_page(name, read(), quality))
        total += len(pages[-1])
        if total > limit:
            return None
    return pages


def _page(name: str, data: bytes, quality: Quality) -> bytes:
    out = io.BytesIO()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            _upright(data, quality).save(out, "JPEG", quality=quality.jpeg, optimize=True)
    except Exception:  # a hostile photo may make any of Pillow's readers fail in any way; it is refused by name
        raise Invalid(
            f"{name}: foto tidak dapat dibaca atau terlalu besar.",
            f"{name}: the photo cannot be read or is too large.",
            field="files",
        ) from None
    return out.getvalue()


def _upright(data: bytes, quality: Quality) -> Image.Image:
    """The picture turned as it was held, on white, no larger than A4 at that quality."""
    with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as opened:
        room = MAX_JPEG_PIXELS if opened.format == "JPEG" else MAX_PNG_PIXELS
        if opened.width * opened.height > room:
            raise ValueError("too many pixels")
        short, long = (round(inches * quality.dpi) for inches in A4_INCHES)
        box = (long, short) if opened.width > opened.height else (short, long)
        opened.draft("RGB", box)
        turned = opened.getexif().get(0x0112, 1)
        opened.thumbnail(box, Image.Resampling.LANCZOS, reducing_gap=2.0)
        plain = _on_white(opened)
    plain.info.clear()
    plain.getexif()[0x0112] = turned
    return ImageOps.exif_transpose(plain).convert("RGB")


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        ground = Image.new("RGB", layer.size, "white")
        ground.paste(layer, mask=layer.getchannel("A"))
        return ground
    return picture.convert("RGB")


def _document(pages: Sequence[bytes]) -> bytes:
    writer = PdfFileWriter(stream_xrefs=False)
    for jpeg in pages:
        _add_page(writer, jpeg)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _add_page(writer: PdfFileWriter, jpeg: bytes) -> None:
    """An A4 page, upright or lying as the photo is, with the photo as large as it fits in the middle."""
    with Image.open(io.BytesIO(jpeg)) as picture:
        width, height = picture.size
    short, long = (inches * POINTS for inches in A4_INCHES)
    across, down = (long, short) if width > height else (short, long)
    scale = min(across / width, down / height)
    wide, high = width * scale, height * scale
    facts = {
        pdf_name("/Type"): pdf_name("/XObject"),
        pdf_name("/Subtype"): pdf_name("/Image"),
        pdf_name("/Width"): generic.NumberObject(width),
        pdf_name("/Height"): generic.NumberObject(height),
        pdf_name("/ColorSpace"): pdf_name("/DeviceRGB"),
        pdf_name("/BitsPerComponent"): generic.NumberObject(8),
        pdf_name("/Filter"): pdf_name("/DCTDecode"),
    }
    image = writer.add_object(generic.StreamObject(facts, encoded_data=jpeg))
    drawn = f"q {wide:.2f} 0 0 {high:.2f} {(across - wide) / 2:.2f} {(down - high) / 2:.2f} cm /Foto Do Q"
    page = PageObject(
        contents=writer.add_object(generic.StreamObject(stream_data=drawn.encode())),
        media_box=generic.ArrayObject([generic.FloatObject(f"{n:.2f}") for n in (0, 0, across, down)]),
        resources=generic.DictionaryObject(
            {pdf_name("/XObject"): generic.DictionaryObject({pdf_name("/Foto"): image})}
        ),
    )
    writer.insert_page(page)
