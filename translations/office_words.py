"""Babel's extractor for the office's data files: the values of some keys, wherever they stand (babel.cfg)."""

from __future__ import annotations

import tomllib
from collections.abc import Container, Iterator, Mapping
from typing import Any, BinaryIO


def extract(
    fileobj: BinaryIO, _keywords: Any, _comment_tags: Any, options: Mapping[str, str]
) -> Iterator[tuple[int, str, str, list[str]]]:
    """(line, function name, text, comments) of each text under one of `options["keys"]`, as Babel asks of extractors.

    The line is 1 for all: TOML readers do not tell it.
    """
    keys = options["keys"].split()
    for text in dict.fromkeys(_texts(tomllib.load(fileobj), keys)):
        yield 1, "_", text, []


def _texts(value: Any, keys: Container[str]) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key in keys and isinstance(inner, str) and inner:
                yield inner
            else:
                yield from _texts(inner, keys)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, keys)
