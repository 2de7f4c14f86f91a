"""The tasks of a worker: inspect a PDF whole, look under a box, draw a page; answers are JSON or a picture."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any, TypeAlias

from pydantic import BaseModel
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from verifier.carrying import active, paper, structure
from verifier.carrying.paper import Box, Paper, Spot
from verifier.carrying.reasons import refuse
from verifier.difference import changes
from verifier.document import ODD_FILE, Document, entry
from verifier.errors import VerificationError
from verifier.pictures import Pictures

Details: TypeAlias = dict[str, Any]
GUARDS: tuple[Callable[[Document], None], ...] = (
    structure.locked,
    structure.bytes_outside,
    structure.already_signed,
    structure.fillable,
    active.active_content,
    active.overlays,
    structure.earlier_version,
    structure.misplaced_object,
    structure.unmeasured_page,
)
"""In the order in which people would want to hear of them."""
_FIELD = "PercobaanTandaTangan"


class Inspection(BaseModel):
    """What is known of a PDF that may carry the signature.

    `pages`: width and height in mm, as shown; `number_page`: from 1, where the letter's number stands in its text
    (None: nowhere); `suggestion`: page, left, top in mm of a free place; `box`: of the place asked for, in PDF points.
    """

    pages: list[tuple[float, float]]
    has_text: bool
    number_page: int | None
    suggestion: tuple[int, float, float] | None
    box: Box | None
    pdfa: bool


class Refusal(BaseModel):
    """Why not; `place`: because of where the box lies, not of the file."""

    code: str
    id: str
    en: str
    place: bool


class Answer(BaseModel):
    """One of the two."""

    inspection: Inspection | None = None
    refusal: Refusal | None = None


def inspected(data: bytes, details: Details) -> bytes:
    """Everything about a PDF, and about the place in `details` (JSON `spot`) if one is given; an Answer."""
    try:
        document = _accepted(data)
        sheets = Paper(data)
        found = _described(document, sheets, details)
    except VerificationError as fault:
        return _refused(fault, place=False)
    try:
        found.box = _placed(data, sheets, _spot(details))
    except VerificationError as fault:
        return _refused(fault, place=True)
    return Answer(inspection=found).model_dump_json().encode()


def looked_under(data: bytes, details: Details) -> bytes:
    """Whether the place is free, of a PDF that was accepted before; an Answer (its refusal, or nothing)."""
    try:
        spot = _spot(details)
        if spot is not None:
            Paper(data).free(spot)
    except VerificationError as fault:
        return _refused(fault, place=True)
    return Answer().model_dump_json().encode()


def picture(data: bytes, details: Details) -> bytes:
    """One page (`page`, from 1) as WebP of `width` pixels; nothing if there is no such page."""
    try:
        return Pictures().page(data, int(details["page"]) - 1, int(details["width"]))
    except IndexError:
        return b""


def _accepted(data: bytes) -> Document:
    """The file parsed, and past every guard. Raises VerificationError."""
    if b"%PDF-" not in data[:1024]:
        raise refuse("not-pdf")
    try:
        document = Document.open(data)
        for guard in GUARDS:
            guard(document)
    except VerificationError as fault:
        raise {"unreadable": refuse("damaged"), "encrypted": refuse("locked")}.get(fault.code, fault) from fault
    except ODD_FILE as error:
        raise refuse("damaged") from error
    return document


def _described(document: Document, sheets: Paper, details: Details) -> Inspection:
    sizes = sheets.sizes()
    if entry(entry(document.root, "/Pages"), "/Count") != len(sizes):
        raise refuse("damaged")
    texts = [sheets.text(number) for number in range(1, len(sizes) + 1)]
    paper.honest("\n".join(texts), simulated=details["mode"] == "simulasi")
    sheets.codes()
    wanted = details["number"]
    standing = [n for n, text in enumerate(texts, start=1) if wanted and paper.number_in(text, wanted)]
    suggested = sheets.suggestion(float(details["width"]), float(details["height"]))
    return Inspection(
        pages=sizes,
        has_text=any(text.strip() for text in texts),
        number_page=standing[0] if standing else None,
        suggestion=(suggested.page, suggested.left, suggested.top) if suggested else None,
        box=None,
        pdfa=b"pdfaid:part" in _metadata(document),
    )


def _metadata(document: Document) -> bytes:
    try:
        return bytes(getattr(entry(document.root, "/Metadata"), "data", b""))
    except ODD_FILE:
        return b""


def _spot(details: Details) -> Spot | None:
    given = details.get("spot", "")
    return Spot(**json.loads(given)) if given else None


def _placed(data: bytes, sheets: Paper, spot: Spot | None) -> Box | None:
    """The box of a free place, once the file was found to take a signature field there, and nothing else changed."""
    if spot is None:
        return None
    box = sheets.free(spot)
    _rehearse(data, spot.page - 1, box)
    return box


def _rehearse(data: bytes, page: int, box: Box) -> None:
    """Append a signature field as signing will, and compare as the judge will. Raises `damaged`."""
    try:
        writer = IncrementalPdfFileWriter(io.BytesIO(data + b"\n"), strict=False)
        append_signature_field(writer, SigFieldSpec(_FIELD, on_page=page, box=box))  # type: ignore[arg-type]  # real numbers too
        out = io.BytesIO()
        writer.write(out)
        found = changes(Document.open(data), Document.open(out.getvalue()))
    except (VerificationError, *ODD_FILE) as error:
        raise refuse("damaged") from error
    if any(change.code != "signature-field-added" and change.code != "metadata-changed" for change in found):
        raise refuse("damaged")


def _refused(fault: VerificationError, *, place: bool) -> bytes:
    refusal = Refusal(code=fault.code, id=fault.id, en=fault.en, place=place)
    return Answer(refusal=refusal).model_dump_json().encode()
