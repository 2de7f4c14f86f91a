"""How answers of the public pages leave: never kept by a cache where they are true only now."""

from __future__ import annotations

from flask import Response, request
from pydantic import BaseModel
from werkzeug.wrappers import Response as Answer

from verifier.errors import VerificationError
from verifier.web import wording

RETRY_SECONDS = "60"


def prefers_json() -> bool:
    """Whether the request prefers JSON over a page."""
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def told(fault: VerificationError) -> str:
    """A fault's sentence in the language of this request."""
    return fault.en if wording.language() == "en" else fault.id


def as_json(model: BaseModel, status: int = 200, content_type: str = "application/json") -> Response:
    """A model as a JSON answer."""
    return Response(model.model_dump_json(), status, content_type=content_type)


def live(response: Response) -> Response:
    """A verdict is true now: no cache keeps it. The answer depends on what was asked for."""
    response.headers["Cache-Control"] = "no-store"
    response.vary.update(["Accept", "Accept-Language"])
    if response.status_code == 503:
        response.headers["Retry-After"] = RETRY_SECONDS
    return response


def cached(response: Response, tag: str, *, seconds: int) -> Answer:
    """A file that is named by its content: kept by the reader's browser only, and asked for again after `seconds`."""
    response.cache_control.private = True
    if seconds:
        response.cache_control.max_age = seconds
    else:
        response.cache_control.no_cache = True
    response.set_etag(tag)
    return response.make_conditional(request)
