"""Hexadecimal strings read at once. pyHanko reads character by character: over a quarter of the time a letter takes.

Only the plain form, digits and nothing else, is read here; whatever is odd (white space, comments, an odd number of
digits, no end) goes to pyHanko's own reader, so both give the same or fail the same.
"""

from __future__ import annotations

import re
from io import BytesIO
from typing import BinaryIO, TypeAlias

from pyhanko.pdf_utils import generic

String: TypeAlias = "generic.ByteStringObject | generic.TextStringObject"

_PLAIN = re.compile(rb"<((?:[0-9A-Fa-f]{2})*)>")
_thorough = generic.read_hex_string_from_stream


def read(stream: BinaryIO) -> String:
    """The hexadecimal string at the stream's position, which moves behind it. Raises what pyHanko's reader raises."""
    found = _PLAIN.match(stream.getbuffer(), stream.tell()) if isinstance(stream, BytesIO) else None
    if found is None:
        return _thorough(stream)
    stream.seek(found.end())
    return generic.pdf_string(bytes.fromhex(found.group(1).decode("ascii")))


def install() -> None:
    """Put this reader in the place of pyHanko's, for this process."""
    generic.read_hex_string_from_stream = read
