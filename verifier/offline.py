"""Cuts the command line's process off from the network, before anything that could use it is loaded.

pyHanko loads an HTTP client to fetch certificates and revocation data. This judge never fetches; with an empty module
in the client's place it cannot, even by mistake, and it starts a third faster.
"""

from __future__ import annotations

import sys
from types import ModuleType


class NoNetwork(Exception):
    """Stands for every class of the HTTP client; making one raises OSError."""

    def __init__(self, *_: object, **__: object) -> None:
        raise OSError("the verifier does not use the network")


class _Client(ModuleType):
    def __getattr__(self, name: str) -> type[NoNetwork]:
        if name.startswith("__"):
            raise AttributeError(name)
        return NoNetwork


def cut_off() -> None:
    """Put the empty client in place, unless the real one is already loaded (then this is not the command line)."""
    sys.modules.setdefault("aiohttp", _Client("aiohttp"))
