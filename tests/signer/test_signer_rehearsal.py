"""The signed test letter: real in every check, and nothing of it in the office's own books."""

from __future__ import annotations

from datetime import timedelta

import pypdfium2
import pytest
from helpers_office import Office
from sqlalchemy import update

from signer import appointing, office, readiness, rehearsal
from signer.errors import Conflict
from signer.tables.admin import OfficeEvent, TrialLetter
from signer.tables.berkas import Berkas
from signer.tables.letters import Counter, Letter, LetterNumber, RegisterEntry
from signer.tables.office import Appointment
from signer.tables.record import LogLeaf
from verifier import examine

pytest_plugins = ("helpers_office",)


def _done(desk_of: Office) -> bool:
    return next(item for item in readiness.items(desk_of.desk, 1) if item.key == "uji").done


def test_a_test_letter_is_valid_there_and_nothing_here(office: Office) -> None:
    made = rehearsal.run(office.desk, office.actor("admin"), office.house.stage)
    assert made.report["verdict"] == "valid" and made.report["signatures"][0]["level"] == "B-LTA"
    pdf = office.desk.blobs.get_checked(made.pdf_key, bytes.fromhex(made.report["sha256"]))
    with pypdfium2.PdfDocument(pdf) as document:
        text = document[0].get_textpage().get_text_bounded()
    for part in ("SURAT UJI, BUKAN SURAT DINAS", "UJI/400.9/1/416-304/", "KECAMATAN TRAWAS", "CAMAT TRAWAS"):
        assert part in text
    assert "SUGONDO" not in text + str(made.report), "no real person signs it"
    for table in (Berkas, Letter, LetterNumber, Counter, RegisterEntry, LogLeaf):
        assert office.rows(table) == []  # type: ignore[type-abstract]  # concrete tables
    report = examine.pdf(pdf, name="uji.pdf", trust=office.keys.trust, records=office.house.records)
    assert report.verdict == "untrusted" and report.registry is None, "the office's own verifier refuses it"
    assert [event.act for event in office.rows(OfficeEvent)] == ["surat-uji"]


def test_it_counts_until_the_kop_or_the_pattern_changes(sqlite_office: Office) -> None:
    admin = sqlite_office.actor("admin")
    assert not _done(sqlite_office)
    rehearsal.run(sqlite_office.desk, admin, sqlite_office.house.stage)
    assert _done(sqlite_office)
    office.save_pattern(sqlite_office.desk, admin, "{urut:03d}/{klasifikasi}/{tahun}")
    assert not _done(sqlite_office)
    rehearsal.run(sqlite_office.desk, admin, sqlite_office.house.stage)
    assert _done(sqlite_office) and len(sqlite_office.rows(TrialLetter)) == 2


def test_it_needs_no_camat_and_no_key_of_the_office(sqlite_office: Office) -> None:
    with sqlite_office.desk.db.begin() as session:
        session.execute(update(Appointment).values(ends_on=sqlite_office.desk.today() - timedelta(days=1)))
    assert appointing.absent(sqlite_office.desk, 1) is None
    made = rehearsal.run(sqlite_office.desk, sqlite_office.actor("admin"), sqlite_office.house.stage)
    assert made.report["verdict"] == "valid"


def test_one_at_a_time(sqlite_office: Office) -> None:
    with rehearsal._one_at_a_time, pytest.raises(Conflict):
        rehearsal.run(sqlite_office.desk, sqlite_office.actor("admin"), sqlite_office.house.stage)
    assert sqlite_office.rows(TrialLetter) == []
