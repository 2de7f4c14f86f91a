"""SOP steps 6 and 7: the register's next line, and who took the letter."""

from __future__ import annotations

import csv
import io

import pytest
from helpers_office import Office, at_once

from signer import register, registering
from signer.berkas import collect
from signer.errors import Conflict, Invalid, NotFound, NotYourStep
from signer.sop import Position, State
from signer.tables.letters import Collection, RegisterEntry

pytest_plugins = ("helpers_office",)


def csv_rows(office: Office) -> list[list[str]]:
    """The book as a spreadsheet reads it."""
    steps = office.detail(1).sop
    assert steps.register is not None
    with office.desk.db.read() as session:
        text = register.as_csv(steps.register, register.lines(session, office.actor("staf").office_id))
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:])))


def test_the_letter_gets_the_next_number_of_the_book(office: Office) -> None:
    berkas_id = office.berkas(step=6)
    given = registering.enter(office.desk, office.actor("staf"), berkas_id, office.version(berkas_id), " Segera ")
    seen = office.detail(berkas_id, "pemohon")
    assert given == 1
    assert seen.position == Position(7, State.RUNNING)
    assert seen.entry is not None and (seen.entry.sequence, seen.entry.remark) == (1, "Segera")


def test_the_berkas_is_closed_once_the_letter_is_taken(office: Office) -> None:
    berkas_id = office.berkas(step=8)
    seen = office.detail(berkas_id, "pemohon")
    assert seen.position == Position(None, State.FINISHED)
    assert seen.collection is not None and seen.collection.taken_by == "Siti Aminah"
    assert len(seen.events) == 7
    assert seen.may == frozenset()
    with pytest.raises(NotYourStep):
        office.collect(berkas_id)


def test_the_pemohon_confirms_the_collection_themselves(office: Office) -> None:
    berkas_id, pemohon = office.berkas(step=7), office.actor("pemohon")
    collect.collect(office.desk, pemohon, berkas_id, office.version(berkas_id), "  Pak   Karto ")
    assert office.rows(Collection)[0].taken_by == "Pak Karto"


def test_collecting_needs_a_name_and_happens_once(office: Office) -> None:
    berkas_id, staf = office.berkas(step=7), office.actor("staf")
    seen = office.version(berkas_id)
    for name in (" ", "x" * 201):
        with pytest.raises(Invalid) as told:
            collect.collect(office.desk, staf, berkas_id, seen, name)
        assert told.value.field == "taken_by"
    given = at_once(*[lambda: collect.collect(office.desk, staf, berkas_id, seen, "Siti")] * 2)
    assert {type(one) for one in given} == {type(None), Conflict}
    assert len(office.rows(Collection)) == 1


def test_a_remark_that_is_too_long_enters_nothing(sqlite_office: Office) -> None:
    office, berkas_id = sqlite_office, sqlite_office.berkas(step=6)
    with pytest.raises(Invalid) as told:
        registering.enter(office.desk, office.actor("staf"), berkas_id, office.version(berkas_id), "x" * 501)
    assert told.value.field == "remark"
    assert office.rows(RegisterEntry) == []


@pytest.mark.parametrize("step", [2, 5, 7])
def test_only_a_signed_letter_is_entered_once(sqlite_office: Office, step: int) -> None:
    with pytest.raises(NotYourStep):
        sqlite_office.register(sqlite_office.berkas(step=step))


@pytest.mark.parametrize("who", ["pemohon", "kasi", "camat", "auditor", "admin"])
def test_only_staf_registers(sqlite_office: Office, who: str) -> None:
    office, berkas_id = sqlite_office, sqlite_office.berkas(step=6)
    with pytest.raises((NotYourStep, NotFound)):
        registering.enter(office.desk, office.actor(who), berkas_id, office.version(berkas_id))
    assert office.rows(RegisterEntry) == []


def test_the_book_lists_and_finds_its_lines(office: Office) -> None:
    office.berkas(step=7, desa="Selotapak", applicant="Karto 100%")
    office.berkas(step=8)
    assert [row[0].split("/")[0] for row in csv_rows(office)[1:]] == ["2", "1"]
    year = office.desk.today().year
    with office.desk.db.read() as session:

        def found(search: str = "", year: int | None = None) -> list[int]:
            return [line.sequence for line in register.lines(session, 1, search=search, year=year)]

        assert found("selotapak karto") == [1]
        assert found("100%") == [1]
        assert found("%") == [1]  # a wildcard is a letter like any other
        assert found(f"416-304/{year}") == [2, 1]
        assert found("tidak-ada") == found(year=year - 1) == []
        assert register.years(session, 1) == [year]
        assert register.lines(session, 999) == []


def test_the_csv_carries_the_sops_columns_and_disarms_formulas(office: Office) -> None:
    office.berkas(step=8, applicant='=HYPERLINK("http://x")', desa='Desa "Tamiajeng", utara')
    head, line = csv_rows(office)
    assert head == [
        "Nomor register",
        "Tanggal",
        "Nomor dan tanggal surat",
        "Hal",
        "Pemohon",
        "Desa",
        "Hari/tempat Rakor",
        "Penandatangan dan kapasitas",
        "Diambil oleh/tanggal",
        "Status",
        "Keterangan",
    ]
    values = dict(zip(head, line, strict=True))
    assert values["Pemohon"] == '\'=HYPERLINK("http://x")'
    assert values["Desa"] == 'Desa "Tamiajeng", utara'
    assert values["Penandatangan dan kapasitas"] == "SUGONDO, S.Sos., MM. (CAMAT TRAWAS)"
    assert values["Status"] == "berlaku"
    assert values["Diambil oleh/tanggal"].startswith("Siti Aminah, ")
