"""For operators: is the process alive, and are database, files, key service, TSA and clock fit to work."""

from __future__ import annotations

from collections.abc import Callable

import prometheus_client
from flask import Blueprint, Response, jsonify
from pyhanko.sign.timestamps import TimestampRequestError
from sqlalchemy import select

from signer.tables.record import LogHead
from signer.web.context import desk, keys

pages = Blueprint("health", __name__)


@pages.get("/healthz")
def healthz() -> Response:
    """Alive: this process answers."""
    return Response("ok\n", content_type="text/plain")


@pages.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Fit to work: each part by name, "ok" or the kind of its fault; 503 if any is not."""
    parts = {name: _state(check) for name, check in _CHECKS.items()}
    return jsonify(parts), 200 if set(parts.values()) == {"ok"} else 503


@pages.get("/metrics")
def metrics() -> Response:
    """Prometheus text format."""
    return Response(prometheus_client.generate_latest(), content_type=prometheus_client.CONTENT_TYPE_LATEST)


def _state(check: Callable[[], None]) -> str:
    try:
        check()
    except Exception as fault:  # whatever fails here is the answer, not a reason to fail answering
        return type(fault).__name__
    return "ok"


def _database() -> None:
    with desk().db.read() as session:
        session.scalars(select(LogHead)).one()


def _blobs() -> None:
    desk().blobs.put("health/probe", b"ok")


def _timestamp() -> None:
    if not keys().authorities.anchors:
        raise TimestampRequestError("no timestamp authority")


_CHECKS: dict[str, Callable[[], None]] = {"database": _database, "blobs": _blobs, "tsa": _timestamp}
