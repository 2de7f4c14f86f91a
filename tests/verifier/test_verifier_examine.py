"""The judge on good files: the report's facts, the register, and files that are merely odd."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from string import Formatter

import helpers_attacks as tools
import helpers_pki as pki
import pytest

from verifier import examine
from verifier.errors import VerificationError
from verifier.messages import REASONS, effect, fail
from verifier.records import LetterRecord
from verifier.report import Report
from verifier.trust import Trust


class Register:
    """A register of one letter."""

    def __init__(self, pdf: bytes, status: str) -> None:
        self.sha256 = hashlib.sha256(pdf).digest()
        self.record = LetterRecord(status, "400.9/1/416-304/2026", "2026-01-05", "Undangan", 7, True)  # type: ignore[arg-type]

    def by_sha256(self, sha256: bytes) -> LetterRecord | None:
        return self.record if sha256 == self.sha256 else None

    def by_token(self, token: str) -> LetterRecord | None:
        return None


def with_register(pdf: bytes, status: str) -> Report:
    trust = pki.trust(pki.authority())
    return examine.pdf(pdf, name="surat.pdf", trust=trust, records=Register(tools.archived(), status))


@pytest.mark.parametrize("algorithm", ["ec", "rsa"])
def test_an_office_letter_is_valid_in_every_respect(algorithm: str) -> None:
    report = tools.judged(tools.archived(algorithm), of=algorithm)
    report.require_valid()
    (signature,) = report.signatures
    assert (report.verdict, report.integrity, report.indication) == ("valid", "unchanged", "TOTAL-PASSED")
    assert (signature.level, signature.covers, signature.integrity) == ("B-LTA", "revision", "unchanged")
    assert (signature.certified, signature.trusted, signature.mode) == (True, True, "simulasi")
    assert report.document_timestamps == 1
    assert [stamp.trusted for stamp in signature.timestamps] == [True, True]
    assert signature.signed_at is not None
    assert tools.STARTED <= signature.signed_at <= datetime.now(UTC)
    assert signature.valid_until is not None
    assert tools.codes(report) == {"registry-not-checked", "simulation"}


def test_a_letter_without_its_archive_is_not_confirmed() -> None:
    report = tools.judged(tools.signed())
    assert (report.verdict, report.subindication) == ("unconfirmed", "TRY_LATER")
    assert (report.signatures[0].level, report.integrity) == ("B-T", "unchanged")
    with pytest.raises(VerificationError) as caught:
        report.require_valid()
    assert caught.value.code == "revocation-unknown"


def test_several_signatures_are_permitted_changes_to_the_earlier() -> None:
    """By a signer who is nobody's office: the office's own rule does not bind other people's documents."""
    once = tools.foreign(pki.letter(), "Satu")
    report = examine.pdf(tools.foreign(once, "Dua"), name="x.pdf", trust=Trust())
    assert [s.integrity for s in report.signatures] == ["permitted-changes", "unchanged"]
    assert (report.integrity, report.verdict) == ("permitted-changes", "untrusted")
    assert "later-signature" in tools.codes(report)


def test_a_visible_signature_laid_over_the_text_is_not_permitted() -> None:
    """Sneaky signature attack: the second signer's box hides what the first one signed."""
    once = tools.foreign(pki.letter(), "Satu")
    covering = examine.pdf(tools.foreign(once, "Dua", (50, 740, 550, 800)), name="x.pdf", trust=Trust())
    assert covering.integrity == "unknown"
    assert "covers-content" in tools.codes(covering)
    beside = examine.pdf(tools.foreign(once, "Dua", (50, 100, 250, 150)), name="x.pdf", trust=Trust())
    assert beside.integrity == "permitted-changes"


@pytest.mark.parametrize(
    ("status", "verdict", "code"),
    [
        ("berlaku", "valid", "letter-identical"),
        ("dicabut", "revoked", "letter-withdrawn"),
        ("diganti", "revoked", "letter-replaced"),
    ],
)
def test_the_register_has_the_last_word(status: str, verdict: str, code: str) -> None:
    report = with_register(tools.archived(), status)
    assert report.verdict == verdict
    assert code in tools.codes(report)
    assert report.registry is not None
    assert report.registry.identical
    assert "registry-not-checked" not in tools.codes(report)


def test_a_letter_that_the_register_does_not_know_is_said_so() -> None:
    report = with_register(tools.signed(), "berlaku")
    assert report.registry is None
    assert "letter-unknown" in tools.codes(report)


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"\0" * 5000, b"<html></html>", b"%PDF-2.0\nstartxref\n0\n%%EOF"])
def test_what_is_no_pdf_is_unreadable(data: bytes) -> None:
    report = tools.judged(data)
    assert (report.verdict, report.integrity, report.exit_code) == ("unreadable", "unknown", 4)


def test_an_unsigned_letter_is_unsigned() -> None:
    report = tools.judged(pki.letter())
    assert (report.verdict, report.integrity, report.exit_code) == ("unsigned", "unsigned", 3)


def test_bytes_before_the_header_are_not_ignored() -> None:
    assert tools.judged(b"\n" + tools.archived()).exit_code != 0


def test_every_reason_speaks_both_languages() -> None:
    for code, (_, indonesian, english) in REASONS.items():
        places = {name for _, name, _, _ in Formatter().parse(indonesian + english) if name}
        reason = fail(code, **dict.fromkeys(places, "A"))
        assert reason.id != reason.en
        assert indonesian.endswith(".") and english.endswith(".")
        assert "{" not in reason.id + reason.en
        assert effect(code) == REASONS[code][0]


def test_the_report_reads_back_from_its_json() -> None:
    report = tools.judged(tools.archived())
    assert Report.model_validate_json(report.model_dump_json()) == report
    assert '"checked_at":"' in report.model_dump_json()
    assert report.model_dump_json().split('"checked_at":"')[1].split('"')[0].endswith("Z")
