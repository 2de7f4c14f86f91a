"""The quick reader of hexadecimal strings and pyHanko's own: the same string, the same position, the same failure."""

from __future__ import annotations

from io import BytesIO

from hypothesis import given
from hypothesis import strategies as st
from pyhanko.pdf_utils.misc import PdfError

from verifier import quick_hex

ODD = (PdfError, ValueError, TypeError)
TEXT = st.lists(
    st.sampled_from([b"<", b">", b"0", b"a", b"F", b"7e", b" ", b"\n", b"%x\n", b"g", b"\xff"]), max_size=12
)


def outcome(reader: object, data: bytes) -> object:
    stream = BytesIO(b"xx" + data)
    stream.seek(2)
    try:
        read = reader(stream)  # type: ignore[operator]
    except ODD as error:
        return type(error)
    return type(read), bytes(read.original_bytes), stream.tell()


@given(TEXT)
def test_both_readers_agree(parts: list[bytes]) -> None:
    data = b"<" + b"".join(parts)
    assert outcome(quick_hex.read, data) == outcome(quick_hex._thorough, data)


def test_a_plain_string_is_read_without_the_slow_way() -> None:
    stream = BytesIO(b"<" + b"00" * 100_000 + b"> tail")
    assert len(quick_hex.read(stream).original_bytes) == 100_000
    assert stream.read() == b" tail"
