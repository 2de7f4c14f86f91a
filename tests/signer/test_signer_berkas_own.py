"""SOP step 3 with a finished PDF: its bytes are the rendering, and everything after goes over exactly those bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

import helpers_own as pdfs
import pytest
from helpers_office import Office
from sqlalchemy import select

from signer import own_pdf
from signer.berkas import changes, draft, own
from signer.errors import Conflict, Invalid, InvalidForm, NotFound, NotYourStep
from signer.tables.berkas import Attachment, Berkas, Draft
from signer.tables.letters import LetterFile, LetterNumber
from signer.tables.office import Appointment
from signer.tables.record import AuditEntry
from verifier import examine

pytest_plugins = ("helpers_office",)


def facts(office: Office, berkas_id: int, **changed: object) -> own.Facts:
    """What the form shows, with something typed."""
    with office.desk.db.read() as session:
        row = session.get_one(Berkas, berkas_id)
        sheet = own.load(office.desk, session, row, office.detail(berkas_id).sop)
    return replace(sheet.facts, **({"public": "ya"} | changed))  # type: ignore[arg-type]


def version_of(office: Office, berkas_id: int) -> int:
    """The draft's version."""
    rows = office.rows(Draft, berkas_id=berkas_id)
    return rows[0].version if rows else 0


def reserve(office: Office, berkas_id: int) -> str:
    today = office.desk.today().isoformat()
    return own.reserve(office.desk, office.actor("staf"), berkas_id, office.version(berkas_id), today)


def upload(office: Office, berkas_id: int, data: bytes, **changed: object) -> own.Kept:
    before = version_of(office, berkas_id)
    typed = facts(office, berkas_id, **changed)
    return own.upload(office.desk, office.actor("staf"), berkas_id, before, typed, "Surat.pdf", data, "simulasi")


def finalise(office: Office, berkas_id: int, kept: own.Kept, **changed: object) -> int:
    typed, version = facts(office, berkas_id, **changed), office.version(berkas_id)
    return own.finalise(office.desk, office.keys, office.actor("staf"), berkas_id, version, typed, kept.sha256)


def finalised(office: Office, data: bytes | None = None) -> int:
    """A berkas whose letter is an own PDF and waits for paraf."""
    berkas_id = office.berkas(step=3)
    number = reserve(office, berkas_id)
    finalise(office, berkas_id, upload(office, berkas_id, data or pdfs.letter(number)))
    return berkas_id


def test_the_uploaded_bytes_are_the_rendering_and_become_a_valid_letter(office: Office) -> None:
    berkas_id = office.berkas(step=3)
    number = reserve(office, berkas_id)
    data = pdfs.letter(number)
    kept = upload(office, berkas_id, data)
    assert (kept.number_page, kept.has_text, len(kept.pages)) == (1, True, 1)
    finalise(office, berkas_id, kept)
    rendering = office.detail(berkas_id).rendering
    assert rendering is not None
    assert (rendering.template, rendering.number, rendering.page) == (own_pdf.OPEN, number, 0)
    assert office.desk.blobs.get(rendering.blob_key) == data
    assert rendering.sha256 == hashlib.sha256(data).digest()
    office.give_paraf(berkas_id)
    office.sign(berkas_id)
    [file] = office.rows(LetterFile)
    signed = office.desk.blobs.get(file.blob_key)
    assert signed.startswith(data)
    report = examine.pdf(signed, name="surat.pdf", trust=office.keys.trust)
    assert report.verdict == "valid"
    office.register(berkas_id)
    office.collect(berkas_id)


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_the_qr_is_read_back_from_a_turned_page(sqlite_office: Office, degrees: int) -> None:
    walk_to_signature(sqlite_office, lambda number: pdfs.turned(degrees, number))


@pytest.mark.parametrize("make", [pdfs.rewritten, pdfs.cropped, lambda number: pdfs.letter(number, standard="a-2b")])
def test_pdfs_of_other_makers_are_signed_too(sqlite_office: Office, make: Callable[[str], bytes]) -> None:
    walk_to_signature(sqlite_office, make)


def walk_to_signature(office: Office, make: Callable[[str], bytes]) -> None:
    berkas_id = office.berkas(step=3)
    data = make(reserve(office, berkas_id))
    finalise(office, berkas_id, upload(office, berkas_id, data))
    office.give_paraf(berkas_id)
    office.sign(berkas_id)  # reads the QR back from the page as it is shown


def test_a_scan_needs_the_number_confirmed_and_the_audit_says_so(office: Office) -> None:
    berkas_id = office.berkas(step=3)
    kept = upload(office, berkas_id, pdfs.scan(reserve(office, berkas_id)))
    assert kept.number_page is None and not kept.has_text
    with pytest.raises(Invalid) as refused:
        finalise(office, berkas_id, kept)
    assert refused.value.field == "unread"
    finalise(office, berkas_id, kept, unread=True)
    [entry] = [row for row in office.rows(AuditEntry, berkas_id=berkas_id) if row.act == "pdf-sendiri"]
    assert entry.detail["number_confirmed"] is True
    office.give_paraf(berkas_id)
    office.sign(berkas_id)


def test_reserving_twice_gives_the_same_number_and_one_record(office: Office) -> None:
    berkas_id = office.berkas(step=3)
    assert reserve(office, berkas_id) == reserve(office, berkas_id)
    assert len(office.rows(LetterNumber)) == 1
    assert [row.act for row in office.rows(AuditEntry, berkas_id=berkas_id)].count("nomor-dipesan") == 1


def test_a_drafted_letter_keeps_the_number_reserved_for_a_pdf(sqlite_office: Office) -> None:
    office, berkas_id = sqlite_office, sqlite_office.berkas(step=3)
    number = reserve(office, berkas_id)
    office.finalise(berkas_id)
    rendering = office.detail(berkas_id).rendering
    assert rendering is not None and rendering.number == number


def test_everything_that_is_missing_is_named_at_once(office: Office) -> None:
    berkas_id = office.berkas(step=3)
    typed = facts(office, berkas_id, hal=" ", public="", letter_date="", appointment_id=None, sifat="Entah")
    with pytest.raises(InvalidForm) as refused:
        own.finalise(office.desk, office.keys, office.actor("staf"), berkas_id, office.version(berkas_id), typed, "")
    named = {fault.field for fault in refused.value.faults}
    assert named == {"hal", "public", "letter_date", "appointment_id", "sifat", "number", "pdf"}
    assert office.rows(LetterNumber) == []


def test_a_refused_file_changes_nothing(office: Office) -> None:
    berkas_id = office.berkas(step=3)
    with pytest.raises(Invalid) as refused:
        upload(office, berkas_id, b"PK\x03\x04 bukan PDF")
    assert (refused.value.field, refused.value.code) == ("pdf", "not-pdf")
    assert office.rows(Draft, berkas_id=berkas_id) == []


def test_the_box_is_not_put_over_text(sqlite_office: Office) -> None:
    office, berkas_id = sqlite_office, sqlite_office.berkas(step=3)
    kept = upload(office, berkas_id, pdfs.letter(reserve(office, berkas_id)))
    with pytest.raises(Invalid) as refused:
        finalise(office, berkas_id, kept, left="40", top="60")
    assert refused.value.field == "place"
    assert "ada tulisan" in refused.value.id
    with pytest.raises(Invalid) as told:
        own.look_under(office.desk, office.actor("staf"), berkas_id, kept.sha256, facts(office, berkas_id, top="290"))
    assert "tepinya" in told.value.id


def test_a_file_replaced_in_another_tab_is_a_conflict(sqlite_office: Office) -> None:
    office, berkas_id = sqlite_office, sqlite_office.berkas(step=3)
    number = reserve(office, berkas_id)
    old = upload(office, berkas_id, pdfs.letter(number))
    upload(office, berkas_id, pdfs.rewritten(number))
    with pytest.raises(Conflict):
        finalise(office, berkas_id, old)


def test_somebody_elses_newer_draft_is_not_overwritten(sqlite_office: Office) -> None:
    office, berkas_id = sqlite_office, sqlite_office.berkas(step=3)
    kept = upload(office, berkas_id, pdfs.letter(reserve(office, berkas_id)))
    with pytest.raises(Conflict):
        own.save(office.desk, office.actor("staf"), berkas_id, 0, facts(office, berkas_id, hal="Lain"))
    version = own.save(office.desk, office.actor("staf"), berkas_id, 1, facts(office, berkas_id, hal="Lain"))
    assert version == 2
    with office.desk.db.read() as session:
        sheet = own.load(office.desk, session, session.get_one(Berkas, berkas_id), office.detail(berkas_id).sop)
    assert (sheet.facts.hal, sheet.kept) == ("Lain", kept)


def test_a_returned_pdf_is_replaced_and_the_change_is_named(office: Office) -> None:
    berkas_id = finalised(office)
    first = office.detail(berkas_id).rendering
    office.send_back(berkas_id, "kasi", "Ganti halaman satu.")
    returned = office.detail(berkas_id).events[-1].at
    number = own.number_of(office.desk, berkas_id)
    finalise(office, berkas_id, upload(office, berkas_id, pdfs.rewritten(number)))
    second = office.detail(berkas_id).rendering
    assert first is not None and second is not None
    assert (second.number, second.sequence) == (first.number, 2)
    found = changes.since(office.desk, second, returned)
    assert [change.label for change in found] == ["PDF diganti"]
    assert "Surat.pdf" in found[0].before and found[0].before != found[0].after
    office.send_back(berkas_id, "kasi", "Pakai templat saja.")
    again = office.detail(berkas_id).events[-1].at
    office.finalise(berkas_id)
    third = office.detail(berkas_id).rendering
    assert third is not None
    assert {"PDF diganti", "Letak tanda tangan"} < {change.label for change in changes.since(office.desk, third, again)}


def test_a_box_that_was_moved_is_named(sqlite_office: Office) -> None:
    office, berkas_id = sqlite_office, finalised(sqlite_office)
    office.send_back(berkas_id, "kasi", "Turunkan sedikit.")
    returned = office.detail(berkas_id).events[-1].at
    with office.desk.db.read() as session:
        row = session.get_one(Berkas, berkas_id)
        kept = own.load(office.desk, session, row, office.detail(berkas_id).sop).kept
    assert kept is not None
    finalise(office, berkas_id, kept, top="130")
    rendering = office.detail(berkas_id).rendering
    assert rendering is not None
    [change] = changes.since(office.desk, rendering, returned)
    assert (change.label, change.after) == ("Letak tanda tangan", "halaman 1: 88 × 130 mm")


def test_a_name_too_long_for_the_box_is_told_before_anybody_signs(sqlite_office: Office) -> None:
    office, berkas_id = sqlite_office, sqlite_office.berkas(step=3)
    kept = upload(office, berkas_id, pdfs.letter(reserve(office, berkas_id)))
    with office.desk.db.begin() as session:
        for who in session.scalars(select(Appointment).where(Appointment.role == "camat")):
            who.holder, who.rank, who.capacity = "Panjang Sekali " * 8, "Pangkat " * 7, "an"
            who.jabatan, who.own_title = "CAMAT " + "WILAYAH " * 12, "SEKRETARIS " + "KECAMATAN " * 9
    with pytest.raises(InvalidForm) as refused:
        finalise(office, berkas_id, kept)
    assert [fault.field for fault in refused.value.faults] == ["appointment_id"]


def test_whether_strangers_see_pages_is_staf_s_word_and_the_sifat_s(sqlite_office: Office) -> None:
    shelf = sqlite_office.desk.templates
    assert own_pdf.shows_pages(own_pdf.OPEN, "Biasa", shelf)
    assert not own_pdf.shows_pages(own_pdf.OPEN, "Rahasia", shelf)
    assert not own_pdf.shows_pages(own_pdf.CLOSED, "Biasa", shelf)
    berkas_id = finalised(sqlite_office)
    sqlite_office.give_paraf(berkas_id)
    sqlite_office.sign(berkas_id)
    letter = sqlite_office.detail(berkas_id).letter
    assert letter is not None
    found = sqlite_office.house.records.letter(letter.token)
    assert found is not None and found.shows_pages


def test_the_waiting_file_is_encrypted_and_no_attachment(sqlite_office: Office) -> None:
    office, berkas_id = sqlite_office, sqlite_office.berkas(step=3)
    data = pdfs.letter(reserve(office, berkas_id))
    kept = upload(office, berkas_id, data)
    assert data[:64] not in office.desk.blobs.get(kept.blob_key)
    assert office.rows(Attachment, berkas_id=berkas_id, requirement=own.REQUIREMENT) == []
    assert own.pdf(office.desk, office.actor("staf"), berkas_id, kept.sha256) == data
    with pytest.raises(NotFound):
        own.pdf(office.desk, office.actor("staf"), berkas_id, "00" * 32)


def test_only_who_drafts_may_and_only_at_that_step(sqlite_office: Office) -> None:
    office, berkas_id = sqlite_office, sqlite_office.berkas(step=3)
    today = office.desk.today().isoformat()
    for username in ("kasi", "camat", "auditor"):
        with pytest.raises(NotYourStep):
            own.reserve(office.desk, office.actor(username), berkas_id, office.version(berkas_id), today)
    later = office.berkas(step=4)
    with pytest.raises(NotYourStep):
        own.upload(
            office.desk, office.actor("staf"), later, 1, facts(office, later), "x.pdf", pdfs.letter(), "simulasi"
        )


def test_the_form_starts_from_the_drafted_letter(sqlite_office: Office) -> None:
    office, berkas_id = sqlite_office, sqlite_office.berkas(step=3)
    form = office.form(berkas_id, hal="Sudah diketik")
    draft.save(office.desk, office.actor("staf"), berkas_id, 0, form)
    assert facts(office, berkas_id).hal == "Sudah diketik"
