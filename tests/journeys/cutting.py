"""A line between browser and service that can be cut in the middle of an answer, as when a phone leaves its network."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit


class Line(socketserver.ThreadingTCPServer):
    """Carries bytes both ways to `service` while it is `up`; `cut` breaks what is under way, too."""

    daemon_threads = True

    def __init__(self, service: str) -> None:
        super().__init__(("127.0.0.1", 0), Carrier)
        parts = urlsplit(service)
        self.service = (parts.hostname or "", parts.port or 0)
        self.up = True
        self.ends: set[socket.socket] = set()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def cut(self) -> None:
        """From now on nothing gets through, in either direction."""
        self.up = False
        for end in list(self.ends):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """New connections get through again."""
        self.up = True


class Carrier(socketserver.BaseRequestHandler):
    """One connection of the browser, and its counterpart to the service."""

    server: Line
    request: socket.socket

    def handle(self) -> None:
        if not self.server.up:
            return
        with socket.create_connection(self.server.service) as far:
            pair = {self.request, far}
            self.server.ends |= pair
            back = threading.Thread(target=_carry, args=(far, self.request), daemon=True)
            back.start()
            _carry(self.request, far)
            back.join()
            self.server.ends -= pair


def _carry(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@contextmanager
def line(service: str) -> Iterator[Line]:
    """A line to the service until the block ends."""
    with Line(service) as made:
        thread = threading.Thread(target=made.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield made
        made.cut()
        made.shutdown()
        thread.join()
