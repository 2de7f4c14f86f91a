"""Files that strangers hand in: recognised by content, bounded, never trusted."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from helpers_office import PDF
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from signer import uploads
from signer.errors import Invalid
from signer.uploads import Upload


def picture(kind: str, size: tuple[int, int] = (8, 8)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 10, 10)).save(out, kind)
    return out.getvalue()


def huge_png() -> bytes:
    """A PNG of few bytes that claims 60,000 x 60,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (PDF, "application/pdf"),
        (b"\r\n junk before " + PDF, "application/pdf"),
        (picture("JPEG"), "image/jpeg"),
        (picture("PNG"), "image/png"),
    ],
)
def test_content_says_what_it_is_whatever_the_name(data: bytes, media_type: str) -> None:
    for name in ("a.pdf", "a.jpg", "a.exe", ""):
        assert uploads.check(Upload("r", name, data)) == media_type


@pytest.mark.parametrize(
    "data",
    [
        b"MZ\x90\x00" + bytes(100),
        b"<html><script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"PK\x03\x04" + bytes(50),
        picture("GIF"),
        picture("BMP"),
        picture("TIFF"),
        picture("WEBP"),
        picture("PNG")[:40],
        picture("JPEG")[:10],
        b"\x89PNG\r\n\x1a\n",
        bytes(2000) + PDF,
        huge_png(),
    ],
)
def test_everything_else_is_refused_by_name(data: bytes) -> None:
    with pytest.raises(Invalid) as told:
        uploads.check(Upload("r", "tipu.pdf", data))
    assert told.value.field == "files"
    assert told.value.id.startswith("tipu.pdf: ")


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["PNG", "JPEG"]), st.data())
def test_damaged_pictures_are_refused_not_crashed_on(kind: str, data: st.DataObject) -> None:
    good = bytearray(picture(kind))
    for _ in range(data.draw(st.integers(1, 4))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(good)))
    try:
        assert uploads.check(Upload("r", "a.png", bytes(good[:cut]))) in uploads.MEDIA_TYPES
    except Invalid as fault:
        assert fault.field == "files"


@given(st.binary(max_size=300))
def test_any_bytes_are_recognised_or_refused(data: bytes) -> None:
    try:
        assert uploads.recognise(data) in uploads.MEDIA_TYPES
    except Invalid as fault:
        assert fault.field == "files"


def test_empty_and_oversized_files_are_refused() -> None:
    with pytest.raises(Invalid, match="empty"):
        uploads.check(Upload("r", "a.pdf", b""))
    limit = PDF + bytes(uploads.MAX_BYTES - len(PDF))
    assert uploads.check(Upload("r", "a.pdf", limit)) == "application/pdf"
    with pytest.raises(Invalid, match="over 10 MB"):
        uploads.check(Upload("r", "a.pdf", limit + b"\0"))


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("surat.pdf", "surat.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\a\\surat.pdf", "surat.pdf"),
        ("a\x00b\r\nc.pdf", "abc.pdf"),
        ("\u202efdp.exe", "fdp.exe"),
        ("", "berkas"),
        ("/", "berkas"),
        ("..", ".."),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_a_name_is_only_shown_and_harmless(given_name: str, shown: str) -> None:
    assert uploads.display_name(given_name) == shown
