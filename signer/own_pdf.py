"""A PDF that the office did not compose: which letters are such, and what a bounded process says of the file.

Their renderings carry one of two keys where others carry a template's: whether strangers may see the pages is decided
by Staf when it is uploaded, as no template vouches for what stands there (domain.md section 3).
"""

from __future__ import annotations

import json

from pydantic import ValidationError

from signer.appearance import OWN_HEIGHT_MM, WIDTH_MM
from signer.drafting import Mode, Templates
from signer.errors import Invalid
from verifier.carrying.inspection import Answer, Inspection
from verifier.carrying.paper import Spot
from verifier.errors import VerificationError
from verifier.pool import Pool

OPEN, CLOSED = "pdf-sendiri", "pdf-sendiri-tertutup"
"""Instead of a template's key: pages shown to strangers, or facts only."""
INSPECT_SECONDS = 20.0
"""For a file of the largest size and most pages on a busy machine; each page is drawn and searched for QRs."""


def is_own(template: str) -> bool:
    """Whether a draft or rendering with this template key is an uploaded PDF."""
    return template in (OPEN, CLOSED)


def shows_pages(template: str, sifat: str, shelf: Templates) -> bool:
    """Whether strangers may see the pages: Staf said so, and no template withholds letters of this sifat."""
    return template == OPEN and all(sifat not in known.facts_only for known in shelf)


def spot(page: int, left: float, top: float) -> Spot:
    """The signature's box with its upper left corner there, in mm from the edges of the page as shown."""
    return Spot(page, left, top, WIDTH_MM, OWN_HEIGHT_MM)


def inspect(pool: Pool, pdf: bytes, *, number: str, mode: Mode, place: Spot | None = None) -> Inspection:
    """What the file is, and whether it may carry the signature; with `place`, also whether that is free.

    Raises Invalid with field `pdf` or `place`, the sentence saying what is wrong and what to do.
    """
    details = {"number": number, "mode": mode, "width": str(WIDTH_MM), "height": str(OWN_HEIGHT_MM)}
    answer = _asked(pool, "inspect", pdf, INSPECT_SECONDS, details | {"spot": _written(place)})
    if answer.inspection is None:
        raise _unclear()
    return answer.inspection


def look_under(pool: Pool, pdf: bytes, place: Spot) -> None:
    """Raises Invalid (field `place`) with what lies under the box, or that it leaves the page."""
    _asked(pool, "look-under", pdf, INSPECT_SECONDS, {"spot": _written(place)})


def picture(pool: Pool, pdf: bytes, page: int, width: int) -> bytes:
    """Page `page` (from 1) as WebP, drawn in a bounded process; empty if there is none. Raises Invalid."""
    try:
        with pool.worker() as worker:
            return worker.run("picture", pdf, page=str(page), width=str(width))
    except VerificationError as fault:
        raise _told(fault.code, fault.id, fault.en, "pdf") from fault


def _asked(pool: Pool, task: str, pdf: bytes, seconds: float, details: dict[str, str]) -> Answer:
    try:
        with pool.worker() as worker:
            answer = Answer.model_validate_json(worker.run(task, pdf, seconds=seconds, **details))
    except VerificationError as fault:
        raise _told(fault.code, fault.id, fault.en, "pdf") from fault
    except ValidationError as fault:
        raise _unclear() from fault
    refusal = answer.refusal
    if refusal is not None:
        raise _told(refusal.code, refusal.id, refusal.en, "place" if refusal.place else "pdf")
    return answer


def _told(code: str, id: str, en: str, field: str) -> Invalid:
    fault = Invalid(id, en, field=field) if code not in ("too-slow", "too-large", "examination-failed") else _unclear()
    fault.code = code
    return fault


def _unclear() -> Invalid:
    return Invalid(
        "PDF ini tidak selesai diperiksa: terlalu rumit atau rusak. Cetak dokumennya ke PDF baru, lalu unggah.",
        "This PDF could not be checked: it is too complex, or damaged. Print it to a new PDF and upload that.",
        field="pdf",
    )


def _written(place: Spot | None) -> str:
    return "" if place is None else json.dumps(place.__dict__)
