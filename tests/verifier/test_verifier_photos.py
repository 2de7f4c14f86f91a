"""QRs in pictures as people take them, made from one of our own letters; and pictures that are none, or too much."""

from __future__ import annotations

import functools
import io
import zlib
from collections.abc import Callable

import helpers_attacks as tools
import pytest
from PIL import Image, ImageChops, ImageEnhance, ImageFilter

from signer import qr
from verifier import photos
from verifier.errors import VerificationError

TABLE = "#6b5b4a"
TEXT = "HTTPS://SURAT.TRAWAS.EXAMPLE.GO.ID/V/0123456789ABCDEF#" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" * 10
BICUBIC = Image.Resampling.BICUBIC


@functools.cache
def page(dpi: int = 150) -> Image.Image:
    """A page with the QR of a long letter, its modules half a millimetre wide."""
    side = round((qr.version(TEXT) * 4 + 17 + 2 * qr.QUIET_ZONE) * 0.5 / 25.4 * dpi)
    sheet = Image.new("RGB", (round(8.27 * dpi), round(11.69 * dpi)), "white")
    with Image.open(io.BytesIO(qr.png(TEXT))) as code:
        sheet.paste(code.convert("RGB").resize((side, side), Image.Resampling.LANCZOS), (dpi, 8 * dpi))
    return sheet


def jpeg(image: Image.Image, quality: int = 40) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def tilted(image: Image.Image) -> Image.Image:
    return image.rotate(8, BICUBIC, expand=True, fillcolor=TABLE)


def skewed(image: Image.Image) -> Image.Image:
    """As photographed from the lower edge: the far side is shorter."""
    width, height = image.size
    corners = (-0.12 * width, 0, 0, height, width, height, 1.12 * width, 0)
    return image.transform(image.size, Image.Transform.QUAD, corners, BICUBIC, fillcolor=TABLE)


def blurred(image: Image.Image) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(1.2))


def dim(image: Image.Image) -> Image.Image:
    return ImageEnhance.Brightness(image).enhance(0.35)


def shaded(image: Image.Image) -> Image.Image:
    shade = Image.linear_gradient("L").resize(image.size)
    return ImageChops.multiply(image, Image.merge("RGB", (shade, shade, shade)))


def grainy(image: Image.Image) -> Image.Image:
    grain = Image.effect_noise(image.size, 40)
    return ImageChops.add(image, Image.merge("RGB", (grain, grain, grain)), 1, -128)


def together(image: Image.Image) -> Image.Image:
    return dim(skewed(tilted(image)).filter(ImageFilter.GaussianBlur(0.8)))


WAYS = (lambda image: image, tilted, skewed, blurred, dim, shaded, grainy, together)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_pictures_as_people_take_them(way: Callable[[Image.Image], Image.Image]) -> None:
    assert photos.texts(jpeg(way(page()))) == [TEXT]


@pytest.mark.parametrize("angle", [90, 137, 180, 315])
def test_any_way_up(angle: int) -> None:
    assert photos.texts(jpeg(page().rotate(angle, BICUBIC, expand=True, fillcolor=TABLE))) == [TEXT]


def test_a_picture_that_the_first_look_does_not_read() -> None:
    """The further ways are there for a reason."""
    poor = jpeg(dim(page().filter(ImageFilter.GaussianBlur(1.4))), 80)
    with Image.open(io.BytesIO(poor)) as image:
        assert photos._read(image.convert("L")) == []
    assert photos.texts(poor) == [TEXT]


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG"])
def test_formats(kind: str) -> None:
    out = io.BytesIO()
    page().save(out, kind)
    assert photos.texts(out.getvalue()) == [TEXT]


def test_transparent_paper_is_white() -> None:
    out = io.BytesIO()
    code = page().convert("L")
    Image.merge("LA", (Image.new("L", code.size), ImageChops.invert(code))).save(out, "PNG")
    assert photos.texts(out.getvalue()) == [TEXT]


def test_two_codes_are_both_named() -> None:
    both = page().copy()
    with Image.open(io.BytesIO(qr.png("https://elsewhere.example/V/X"))) as code:
        both.paste(code.resize((200, 200)), (700, 200))
    assert photos.texts(jpeg(both)) == sorted([TEXT, "https://elsewhere.example/V/X"])


@pytest.mark.parametrize(
    "data", [b"", b"halo", b"GIF89a" + bytes(40), b"%PDF-1.7\n", jpeg(Image.new("RGB", (9, 9)))[:80]]
)
def test_what_is_no_picture(data: bytes) -> None:
    with pytest.raises(VerificationError) as caught:
        photos.texts(data)
    assert caught.value.code == "picture-unreadable"


def test_a_picture_of_too_many_pixels_is_not_decoded() -> None:
    header = b"IHDR" + (8000).to_bytes(4) + (8000).to_bytes(4) + bytes([8, 0, 0, 0, 0])
    chunk = (13).to_bytes(4) + header + zlib.crc32(header).to_bytes(4)
    empty = b"IDAT"
    data = b"\x89PNG\r\n\x1a\n" + chunk + bytes(4) + empty + zlib.crc32(empty).to_bytes(4)
    with pytest.raises(VerificationError) as caught:
        photos.texts(data)
    assert caught.value.code == "picture-too-large"


def test_nothing_to_read_ends_in_time() -> None:
    assert photos.texts(jpeg(Image.effect_noise((1500, 1500), 80).convert("RGB"), 90)) == []


def test_codes_on_a_pdf_and_none_on_a_broken_one() -> None:
    out = io.BytesIO()
    page().save(out, "PDF", resolution=150)
    assert photos.in_pdf(out.getvalue()) == [TEXT]
    assert photos.in_pdf(tools.archived()) == []
    assert photos.in_pdf(b"%PDF-1.7\nnot really") == []
