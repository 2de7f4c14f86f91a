"""What the public JSON says of a letter, and its errors (RFC 9457)."""

from __future__ import annotations

from datetime import date, datetime

from flask import Response, json

from verifier.errors import VerificationError
from verifier.records import Status
from verifier.report import Frozen, Mode, Report
from verifier.web import wording
from verifier.web.fresh import Checked, Standing


class LetterFacts(Frozen):
    """The facts of a letter; no addressee, Pemohon or beneficiary among them. Times UTC."""

    token: str
    url: str
    office: str
    government: str
    number: str
    date: date
    subject: str
    signatory: str
    capacity: str
    mode: Mode
    status: Status
    signed_at: datetime
    register_number: int | None
    register_year: int | None
    log_index: int | None
    sha256: str
    size: int
    pdf: str | None
    """Address of the signed PDF, where it may be shown."""


class LetterAnswer(Frozen):
    """`GET /api/v1/letters/<token>`: `standing` is the answer, `report` how it was found (contracts.md)."""

    standing: Standing
    letter: LetterFacts
    report: Report


def answer(checked: Checked, base_url: str) -> LetterAnswer:
    """The JSON of a checked letter."""
    letter = checked.letter
    url = f"{base_url}/v/{letter.token}"
    facts = LetterFacts(
        token=letter.token,
        url=url,
        office=letter.office,
        government=letter.government,
        number=letter.number,
        date=letter.letter_date,
        subject=letter.subject,
        signatory=letter.signatory,
        capacity=letter.capacity,
        mode=wording.mode(checked),
        status=letter.status,
        signed_at=letter.signed_at,
        register_number=letter.register_number,
        register_year=letter.register_year,
        log_index=letter.log_index,
        sha256=letter.sha256.hex(),
        size=letter.size,
        pdf=f"{url}/letter.pdf" if letter.shows_pages else None,
    )
    return LetterAnswer(standing=checked.standing, letter=facts, report=checked.report)


def problem(status: int, fault: VerificationError) -> Response:
    """RFC 9457 problem+json in the language of the request."""
    title = fault.en if wording.language() == "en" else fault.id
    body = {"type": f"urn:suratsah:{fault.code}", "title": title, "status": status, "code": fault.code}
    return Response(json.dumps(body), status, content_type="application/problem+json")
