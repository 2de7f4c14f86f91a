"""The logo comes from outside: drawn anew, bounded before it is decoded, and nothing of the file survives."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from signer import letterhead
from signer.blobs import BlobMissing, Blobs
from signer.errors import Invalid


def _png(width: int, height: int, mode: str = "RGBA", **more: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, (width, height)).save(out, "PNG", **more)
    return out.getvalue()


def _bomb() -> bytes:
    """A PNG that says it is 60 000 pixels square."""
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")]
    parts = [struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def test_a_picture_is_drawn_anew_small_and_clean() -> None:
    notes = PngInfo()
    notes.add_text("Comment", "<script>rahasia</script>")
    made = letterhead.clean_logo(_png(2000, 1000, pnginfo=notes, icc_profile=b"profil") + b"<script>ekor</script>")
    assert b"rahasia" not in made and b"ekor" not in made and b"iCCP" not in made
    with Image.open(io.BytesIO(made)) as picture:
        assert (picture.format, picture.mode, picture.size) == ("PNG", "RGBA", (340, 170))


def test_a_photo_is_turned_upright() -> None:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (100, 50), "red").save(out, "JPEG", exif=exif)
    with Image.open(io.BytesIO(letterhead.clean_logo(out.getvalue()))) as picture:
        assert picture.size == (50, 100) and not picture.getexif()


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "Pilih file logo"),
        (b"<?xml version='1.0'?><svg onload='x()'/>", "SVG tidak diterima"),
        (b"GIF89a" + b"\0" * 100, "Bukan gambar PNG atau JPEG"),
        (_png(100, 100)[:60], "Bukan gambar PNG atau JPEG"),
        (_png(31, 100), "terlalu kecil"),
        (_bomb(), "terlalu besar"),
        (b"\0" * (letterhead.MAX_UPLOAD + 1), "paling besar 2 MB"),
    ],
)
def test_everything_else_is_refused_with_its_reason(data: bytes, text: str) -> None:
    with pytest.raises(Invalid) as caught:
        letterhead.clean_logo(data)
    assert caught.value.field == "logo" and text in caught.value.id


def test_the_stored_logo_is_the_one_that_was_stored(tmp_path: Path) -> None:
    blobs = Blobs(f"file://{tmp_path}")
    key = letterhead.keep_logo(_png(64, 64), blobs)
    assert letterhead.keep_logo(_png(64, 64), blobs) == key
    assert letterhead.logo(key, blobs).startswith(b"\x89PNG") and letterhead.logo("", blobs) == b""
    (tmp_path / key).write_bytes(b"lain")
    with pytest.raises(BlobMissing):
        letterhead.logo(key, blobs)
