"""`python -m verifier.worker FD`: a process of `verifier.pool`. It has the verifier loaded, waits, and forks per task.

It parses nothing of a stranger's itself: each task runs in a child of its own (`verifier.sandbox`) with limits on
memory and time, so that nothing of one file outlives it. Request and answer go over the socket FD as messages: a JSON
header `{"task", "seconds", "blobs", "details"}` and then the blobs; back come the outcome and the answer's bytes.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable
from datetime import datetime
from multiprocessing.connection import Connection
from typing import Any, TypeAlias

from verifier.errors import VerificationError
from verifier.offline import cut_off

Details: TypeAlias = dict[str, Any]
Task: TypeAlias = Callable[[list[bytes], Details], bytes]


def tasks() -> dict[str, Task]:
    """What a worker can do, by name; loads everything that it takes."""
    from pydantic import TypeAdapter

    from verifier import comparing, differing, examine, photos
    from verifier.carrying import inspection
    from verifier.trust import Trust

    changes = TypeAdapter(list[differing.Difference])

    def examined(blobs: list[bytes], details: Details) -> bytes:
        trust = Trust.from_pem(*blobs[1:])
        at = datetime.fromisoformat(details["at"])
        return examine.pdf(blobs[0], name=details["name"], trust=trust, at=at).model_dump_json().encode()

    return {
        "examine": examined,
        "codes-in-picture": lambda blobs, _details: _codes(photos.texts, blobs[0]),
        "codes-in-pdf": lambda blobs, _details: _codes(photos.in_pdf, blobs[0]),
        "compare": lambda blobs, _details: comparing.differing(blobs[0], blobs[1]).model_dump_json().encode(),
        "differences": lambda blobs, _details: changes.dump_json(differing.pictures(blobs[0])),
        "inspect": lambda blobs, details: inspection.inspected(blobs[0], details),
        "look-under": lambda blobs, details: inspection.looked_under(blobs[0], details),
        "picture": lambda blobs, details: inspection.picture(blobs[0], details),
    }


def _codes(read: Callable[[bytes], list[str]], data: bytes) -> bytes:
    """The texts found, or why the picture could not be read."""
    try:
        return json.dumps({"texts": read(data)}).encode()
    except VerificationError as fault:
        return json.dumps({"refused": [fault.code, fault.id, fault.en]}).encode()


def main(descriptor: int) -> int:
    """Serve the socket until the other end closes."""
    cut_off()
    known = tasks()

    from verifier.sandbox import in_child

    gc.collect()
    gc.freeze()  # a child's own collecting then does not touch, and so not copy, what all share
    with Connection(descriptor) as connection:
        while (request := _received(connection)) is not None:
            header, blobs = request

            def work(header: Details = header, blobs: list[bytes] = blobs) -> bytes:
                os.close(descriptor)  # a task that was taken over cannot speak for those to come
                return known[header["task"]](blobs, header["details"])

            outcome, answer = in_child(work, header["seconds"])
            connection.send_bytes(outcome.encode())
            connection.send_bytes(answer)
    return 0


def _received(connection: Connection) -> tuple[Details, list[bytes]] | None:
    try:
        header: Details = json.loads(connection.recv_bytes())
        return header, [connection.recv_bytes() for _ in range(header["blobs"])]
    except (EOFError, ConnectionError):
        return None


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
