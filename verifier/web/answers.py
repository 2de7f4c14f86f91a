"""What the public JSON says of a letter, and its errors (RFC 9457)."""

from __future__ import annotations

from datetime import date, datetime

from flask import Response

from verifier.errors import VerificationError
from verifier.records import PublicLetter, Status
from verifier.report import Frozen, Mode, Report
from verifier.web import wording
from verifier.web.fresh import Checked, Standing
from verifier.web.openapi import PROBLEM_TYPE, Problem
from verifier.web.replies import as_json, told


class KnownLetter(Frozen):
    """The letter that a hash belongs to."""

    token: str
    url: str
    office: str
    number: str
    date: date
    subject: str
    mode: Mode
    status: Status


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


class HashAnswer(Frozen):
    """`GET /api/v1/hashes/<sha256>`: `known` means byte for byte a file that the office released.

    An unknown hash says nothing about the file: it may be altered, reprinted, or simply somebody else's.
    """

    sha256: str
    known: bool
    letter: KnownLetter | None
    newest: bool
    """Whether it is the newest file of that letter; older ones were released too, and renewed since."""


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


def hash_answer(sha256: str, letter: PublicLetter | None, base_url: str) -> HashAnswer:
    """The JSON on a hash (64 hexadecimal digits, lower case)."""
    if letter is None:
        return HashAnswer(sha256=sha256, known=False, letter=None, newest=False)
    known = KnownLetter(
        token=letter.token,
        url=f"{base_url}/v/{letter.token}",
        office=letter.office,
        number=letter.number,
        date=letter.letter_date,
        subject=letter.subject,
        mode=letter.mode,
        status=letter.status,
    )
    return HashAnswer(sha256=sha256, known=True, letter=known, newest=letter.sha256.hex() == sha256)


def problem(status: int, fault: VerificationError) -> Response:
    """RFC 9457 problem+json in the language of the request."""
    body = Problem(type=f"urn:suratsah:{fault.code}", title=told(fault), status=status, code=fault.code)
    return as_json(body, status, PROBLEM_TYPE)
