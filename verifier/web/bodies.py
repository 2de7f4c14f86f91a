"""Reading what a stranger sends: bounded before any of it is read, and never kept."""

from __future__ import annotations

from flask import request
from werkzeug.exceptions import LengthRequired, RequestEntityTooLarge

FORM_BYTES = 16 * 1024
"""Of a form around its one file."""
NAME_LENGTH = 120


def require_bounded(most: int) -> None:
    """Refuse a body of unknown length, or over `most` bytes and a form around it. Raises 411 or 413.

    Werkzeug would cut a chunked body at its limit without a word, and another file would be judged.
    """
    if request.content_length is None:
        raise LengthRequired()
    if request.content_length > most + FORM_BYTES:
        raise RequestEntityTooLarge()


def form_file(field: str, most: int) -> tuple[str, bytes]:
    """Name and content of a form's file; the content is empty where none was chosen. Raises 411 or 413."""
    require_bounded(most)
    given = request.files.get(field)
    if given is None:
        return "", b""
    with given.stream as stream:
        data = stream.read(most + 1)
    if len(data) > most:
        raise RequestEntityTooLarge()
    return (given.filename or "surat.pdf")[-NAME_LENGTH:], data


def raw_body(most: int) -> bytes:
    """The request's body as it is. Raises 411 or 413; 400 where the sender broke off."""
    require_bounded(most)
    data = request.get_data(cache=False)
    if len(data) > most:
        raise RequestEntityTooLarge()
    return data
