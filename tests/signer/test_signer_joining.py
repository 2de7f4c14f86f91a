"""Photos as one PDF: upright, without metadata, readable, small; hostile ones are refused by name."""

from __future__ import annotations

import io
from typing import Any

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from test_signer_uploads import huge_png

from signer import joining, uploads
from signer.errors import Invalid


def picture(
    kind: str, size: tuple[int, int] = (60, 80), mode: str = "RGB", colour: Any = None, **options: Any
) -> bytes:
    """A picture of one colour."""
    out = io.BytesIO()
    Image.new(mode, size, colour if colour is not None else 0).save(out, kind, **options)
    return out.getvalue()


def join(*photos: bytes, **options: Any) -> bytes:
    """The photos called 1.jpg, 2.jpg and so on, as one PDF."""
    return joining.join([(f"{n}.jpg", lambda data=data: data) for n, data in enumerate(photos, 1)], **options)


def pages(pdf: bytes) -> list[Image.Image]:
    """The PDF's pages as pictures, a pixel a point."""
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    return [page.render(scale=1).to_pil().convert("RGB") for page in document]


def noise(size: tuple[int, int]) -> bytes:
    """A photo that compresses badly."""
    out = io.BytesIO()
    Image.effect_noise(size, 100).convert("RGB").save(out, "JPEG", quality=90)
    return out.getvalue()


def test_a_photo_a_page_in_order_a4_upright_or_lying() -> None:
    made = pages(join(picture("JPEG", (60, 80), colour="red"), picture("PNG", (80, 60), colour="blue")))
    assert [page.size for page in made] == [(596, 842), (842, 596)]
    assert made[0].getpixel((300, 420)) == pytest.approx((254, 0, 0), abs=3)
    assert made[1].getpixel((400, 300)) == pytest.approx((0, 0, 254), abs=3)
    assert uploads.recognise(join(picture("JPEG"), picture("JPEG"))) == "application/pdf"


@pytest.mark.parametrize(
    ("turned", "corner"),
    [(1, (0, 0)), (2, (1, 0)), (3, (1, 1)), (4, (0, 1)), (5, (0, 0)), (6, (1, 0)), (7, (1, 1)), (8, (0, 1))],
)
def test_photos_stand_as_they_were_held(turned: int, corner: tuple[int, int]) -> None:
    sheet = Image.new("RGB", (400, 300), "white")
    sheet.paste("red", (0, 0, 200, 150))
    exif, out = Image.Exif(), io.BytesIO()
    exif[0x0112] = turned
    sheet.save(out, "JPEG", quality=95, exif=exif)
    [page] = pages(join(out.getvalue()))
    assert (page.width > page.height) == (turned < 5)
    reds = [
        (x, y)
        for x in (0, 1)
        for y in (0, 1)
        if page.getpixel((page.width * (1 + 2 * x) // 4, page.height * (3 + 2 * y) // 8))[1] < 100  # type: ignore[index]
    ]
    assert reds == [corner]


def test_nothing_of_the_photos_own_data_goes_along() -> None:
    exif = Image.Exif()
    exif[0x010F] = "RAHASIA-KAMERA"
    exif.get_ifd(0x8825)[1], exif.get_ifd(0x8825)[2] = "S", (7.0, 36.0, 0.0)
    photo = picture("JPEG", exif=exif, comment=b"RAHASIA-KOMENTAR", icc_profile=b"RAHASIA-PROFIL" * 20)
    assert b"RAHASIA-KAMERA" in photo
    made = join(photo, photo)
    assert b"RAHASIA" not in made and b"Exif" not in made and b"ICC_PROFILE" not in made


def test_at_most_200_dots_an_inch() -> None:
    with Image.open(io.BytesIO(joining._page("x", noise((4000, 3000)), joining.STEPS[0]))) as page:
        assert page.size in [(2205, 1654), (2206, 1654)]
    with Image.open(io.BytesIO(joining._page("x", noise((300, 200)), joining.STEPS[0]))) as page:
        assert page.size == (300, 200), "never made larger"


def test_quality_steps_down_until_it_fits_and_no_further_than_readable() -> None:
    photos = [noise((1700, 2300))] * 3
    whole = join(*photos)
    smaller = join(*photos, limit=len(whole) - 1)
    assert len(smaller) < len(whole)
    assert pages(smaller)[0].size == (596, 842)
    with pytest.raises(Invalid, match="Join fewer") as told:
        join(*photos, limit=200_000)
    assert told.value.field == "files"
    last = joining.STEPS[-1]
    assert last.dpi >= 150 and last.jpeg >= 50


@pytest.mark.parametrize(
    ("mode", "colour"), [("L", 128), ("LA", (0, 0)), ("RGBA", (0, 0, 0, 0)), ("P", 0), ("1", 1), ("I;16", 40000)]
)
def test_every_kind_of_picture(mode: str, colour: Any) -> None:
    [page] = pages(join(picture("PNG", (60, 80), mode, colour)))
    if mode in ("LA", "RGBA"):
        assert page.getpixel((300, 400)) == (255, 255, 255), "see-through is white, like paper"


def test_cmyk_and_progressive_jpegs() -> None:
    assert len(pages(join(picture("JPEG", mode="CMYK"), picture("JPEG", progressive=True)))) == 2


@pytest.mark.parametrize(
    "bad",
    [huge_png(), b"", b"%PDF-1.4", picture("GIF"), picture("JPEG")[:-40][:200], picture("PNG")[:50],
     picture("PNG", (5000, 5000), "1")],
)  # fmt: skip
def test_a_photo_that_cannot_be_used_is_named(bad: bytes) -> None:
    with pytest.raises(Invalid) as told:
        join(picture("JPEG"), bad)
    assert told.value.id.startswith("2.jpg: ") and told.value.field == "files"


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(["PNG", "JPEG"]), st.data())
def test_damaged_photos_are_refused_not_crashed_on(kind: str, data: st.DataObject) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    good = bytearray(picture(kind, exif=exif))
    for _ in range(data.draw(st.integers(1, 6))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert join(bytes(good)).startswith(b"%PDF-")
    except Invalid as fault:
        assert fault.field == "files"


def test_one_photo_is_read_at_a_time() -> None:
    held: list[int] = []
    read = [0]

    def photo() -> bytes:
        read[0] += 1
        held.append(read[0])
        return picture("JPEG", (900, 1200))

    joining.join([("a", photo)] * 5)
    assert held == [1, 2, 3, 4, 5], "each once, when it is its turn"
