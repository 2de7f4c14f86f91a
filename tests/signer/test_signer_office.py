"""Identity, logo and number pattern as an admin changes them: what counts from when, and what is written down."""

from __future__ import annotations

import io
from dataclasses import replace

import pypdfium2
import pytest
from helpers_office import Office, at_once
from PIL import Image
from sqlalchemy import select

from signer import office as kantor
from signer import office_events
from signer.audit import AuditBroken
from signer.errors import Invalid, InvalidForm
from signer.office import Identity
from signer.tables.admin import OfficeEvent
from signer.tables.office import Office as OfficeRow

pytest_plugins = ("helpers_office",)
NEW = Identity(
    "PEMERINTAH KABUPATEN MOJOKERTO", "KECAMATAN PACET", "JL. RAYA 1\nTELEPON (0321) 123", "Pacet", "416-305"
)


def _text(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        return document[0].get_textpage().get_text_bounded()


def _pdf(office: Office, berkas_id: int) -> bytes:
    rendering = office.detail(berkas_id).rendering
    assert rendering is not None
    return office.desk.blobs.get_checked(rendering.blob_key, rendering.sha256)


def _picture(side: int = 60) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (side, side), "navy").save(out, "PNG")
    return out.getvalue()


def test_a_new_identity_counts_for_letters_finalised_from_now_on(office: Office) -> None:
    before = office.berkas(step=4)
    old = _pdf(office, before)
    kantor.save_identity(office.desk, office.actor("admin"), NEW)
    after = office.berkas(step=4)
    assert "KECAMATAN PACET" in _text(_pdf(office, after)) and "Pacet," in _text(_pdf(office, after))
    assert "/416-305/" in _text(_pdf(office, after))
    assert _pdf(office, before) == old and "KECAMATAN TRAWAS" in _text(old)
    event = office.rows(OfficeEvent)[-1]
    assert event.act == "identitas-kantor" and event.detail["place"] == {"from": "Trawas", "to": "Pacet"}
    assert "government" not in event.detail, "only what changed"


@pytest.mark.parametrize(
    ("changes", "field", "text"),
    [
        ({"name": " "}, "name", "wajib diisi"),
        ({"name": "x" * 61}, "name", "terlalu panjang"),
        ({"name": "KECAMATAN\nTRAWAS"}, "name", "paling banyak"),
        ({"government": "政府"}, "government", "tidak dapat dicetak"),
        ({"address": "a\nb\nc\nd"}, "address", "paling banyak 3 baris"),
        ({"place": ""}, "place", "wajib diisi"),
        ({"unit": "{urut}"}, "unit", "Kode unit hanya"),
        ({"unit": "4" * 20, "place": ""}, "place", "wajib diisi"),
    ],
)
def test_an_identity_at_fault_changes_nothing(
    sqlite_office: Office, changes: dict[str, str], field: str, text: str
) -> None:
    before = Identity.of(kantor.row(sqlite_office.desk, 1))
    with pytest.raises(InvalidForm) as caught:
        kantor.save_identity(sqlite_office.desk, sqlite_office.actor("admin"), replace(NEW, **changes))
    assert {fault.field for fault in caught.value.faults} == {field} and text in caught.value.faults[0].id
    assert Identity.of(kantor.row(sqlite_office.desk, 1)) == before
    assert sqlite_office.rows(OfficeEvent) == []


def test_a_unit_that_makes_numbers_too_long_is_refused_at_its_own_field(sqlite_office: Office) -> None:
    kantor.save_pattern(sqlite_office.desk, sqlite_office.actor("admin"), "{klasifikasi}/{urut}/{unit}/UM/{tahun}")
    with pytest.raises(Invalid) as caught:
        kantor.save_identity(sqlite_office.desk, sqlite_office.actor("admin"), replace(NEW, unit="4" * 20))
    assert caught.value.field == "unit" and "terlalu panjang untuk QR" in caught.value.id


def test_a_new_pattern_goes_on_with_the_years_sequence(office: Office) -> None:
    first = office.berkas(step=4)
    admin = office.actor("admin")
    assert kantor.next_number(office.desk, 1, "{urut:03d}/{tahun}", "x").startswith("002/")
    kantor.save_pattern(office.desk, admin, " {klasifikasi}/{urut:03d}/UND/{tahun} ")
    second = office.berkas(step=4)
    year = office.desk.today().year
    assert office.detail(first).rendering.number == f"400.9/1/416-304/{year}"  # type: ignore[union-attr]  # finalised
    assert office.detail(second).rendering.number == f"400.9/002/UND/{year}"  # type: ignore[union-attr]  # finalised


def test_the_logo_is_printed_kept_clean_and_can_go(office: Office) -> None:
    admin = office.actor("admin")
    plain = _pdf(office, office.berkas(step=4))
    kantor.save_logo(office.desk, admin, _picture(), "  Lambang   daerah ")
    row = kantor.row(office.desk, 1)
    assert row.logo_alt == "Lambang daerah" and row.logo_key.startswith("logos/")
    assert b"/Image" in _pdf(office, office.berkas(step=4)) and b"/Image" not in plain
    kantor.save_logo(office.desk, admin, b"", "Lambang lain")
    assert kantor.row(office.desk, 1).logo_key == row.logo_key, "the picture stays where only its text changes"
    kantor.remove_logo(office.desk, admin)
    assert b"/Image" not in _pdf(office, office.berkas(step=4))
    assert [event.act for event in office.rows(OfficeEvent)] == ["logo", "logo", "tanpa-logo"]


@pytest.mark.parametrize(
    ("data", "alt", "field"), [(b"", "x", "logo"), (b"GIF89a", "x", "logo"), (b"", " ", "logo_alt")]
)
def test_a_logo_at_fault_changes_nothing(sqlite_office: Office, data: bytes, alt: str, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        kantor.save_logo(sqlite_office.desk, sqlite_office.actor("admin"), data, alt)
    assert caught.value.field == field
    assert kantor.row(sqlite_office.desk, 1).logo_key == "" and sqlite_office.rows(OfficeEvent) == []


def test_the_preview_is_a_picture_of_the_kop(sqlite_office: Office) -> None:
    drawn = kantor.preview(sqlite_office.desk, 1, NEW, "{urut}/{tahun}", "simulasi")
    with Image.open(io.BytesIO(drawn)) as picture:
        assert picture.format == "WEBP" and picture.size == kantor.PREVIEW_SIZE
    with pytest.raises(Invalid):
        kantor.preview(sqlite_office.desk, 1, NEW, "{urut.__class__}/{tahun}", "simulasi")


def test_the_record_is_one_chain_even_when_two_admins_act_at_once(office: Office) -> None:
    admin = office.actor("admin")
    acts = [lambda n=n: kantor.save_pattern(office.desk, admin, f"{n}/{{urut}}/{{tahun}}") for n in "abcd"]  # type: ignore[misc]  # bound
    assert at_once(*acts) == [None] * 4
    with office.desk.db.read() as session:
        assert office_events.check(session, 1) == 4


def test_a_record_that_was_touched_is_found(sqlite_office: Office) -> None:
    kantor.save_pattern(sqlite_office.desk, sqlite_office.actor("admin"), "{urut}/{tahun}")
    with sqlite_office.desk.db.begin() as session:
        session.scalars(select(OfficeEvent)).one().detail = {"number_pattern": "lain"}
    with sqlite_office.desk.db.read() as session, pytest.raises(AuditBroken, match="entry 1"):
        office_events.check(session, 1)


def test_only_the_own_office_is_changed(sqlite_office: Office) -> None:
    with sqlite_office.desk.db.begin() as session:
        session.add(
            OfficeRow(
                code="9", government="A", name="B", address="C", place="D", unit="9", number_pattern="{urut}/{tahun}"
            )
        )
    kantor.save_identity(sqlite_office.desk, sqlite_office.actor("admin"), NEW)
    assert [row.name for row in sqlite_office.rows(OfficeRow)] == ["KECAMATAN PACET", "B"]
