"""SOP step 3 in the browser: the form from the template's data, preview, autosave, finalising, two staff at once."""

import base64
import io
import re

import pytest
from helpers_web import Site, hidden
from PIL import Image
from sqlalchemy import select

from signer import accounts
from signer.berkas import paraf
from signer.founding import DEMO_PEOPLE
from signer.tables.berkas import Draft
from signer.tables.letters import LetterNumber
from signer.tables.office import Office

pytest_plugins = ("helpers_web",)

JSON = {"Accept": "application/json"}


@pytest.fixture(name="berkas")
def berkas_fixture(site: Site) -> int:
    """A berkas that waits to be drafted."""
    return site.berkas(3)


def values(site: Site, berkas_id: int, **changes: object) -> dict[str, object]:
    """What the form of the invitation sends when nobody changes anything, but for `changes`."""
    page = site.client("staf").get(f"/berkas/{berkas_id}/surat").text
    chosen = re.search(r'<option value="(\d+)" selected>SUGONDO', page)
    assert chosen
    return {
        "version": hidden(page, "version"),
        "draft_version": hidden(page, "draft_version"),
        "template": "undangan-rakor",
        "hal": "Undangan Rapat Koordinasi BSPPS",
        "sifat": "Biasa",
        "letter_date": site.house.desk.today().isoformat(),
        "appointment_id": chosen.group(1),
        "recipients": "Forkopimcam\nAgen",
        "tembusan": "Arsip",
        "lampiran": "",
        "isi-pembuka": "Dengan ini kami mengundang Saudara:",
        "isi-tanggal": "2027-01-05",
        "isi-mulai": "09:00",
        "isi-selesai": "selesai",
        "isi-tempat": "Pendopo",
        "isi-acara": "Rakor",
        "isi-sembako-commodity": ["Beras", "", "Telur"],
        "isi-sembako-amount": ["500", "", "20"],
        "isi-sembako-unit": ["kg", "", "kg"],
        "isi-catatan": "",
        "isi-penutup": "Demikian disampaikan.",
        **changes,
    }


def colleague(site: Site) -> None:
    """A second Staf of the same seksi."""
    with site.app.app_context(), site.house.db.begin() as session:
        office = session.scalars(select(Office)).one()
        accounts.add_user(
            session,
            username="staf2",
            name="Dwi Santoso",
            password="sandi-staf2-demo",
            roles=["staf"],
            office_id=office.id,
            now=site.clock(),
            seksi="kemasyarakatan",
        )


def test_form_starts_from_the_berkas(site: Site, berkas: int) -> None:
    page = site.client("staf").get(f"/berkas/{berkas}/surat").text
    assert 'value="Pendopo Kecamatan Trawas"' in page
    assert "Forkopimcam\nAgen\nPerwakilan KPM" in page
    assert 'name="isi-sembako-commodity" value="Beras"' in page
    assert "SUGONDO, S.Sos., MM. (CAMAT TRAWAS)" in page


def test_every_field_of_every_template_has_its_input(site: Site, berkas: int) -> None:
    for key in site.detail(berkas).sop.templates:
        page = site.client("staf").get(f"/berkas/{berkas}/surat?templat={key}").text
        for field in site.house.desk.templates[key].fields:
            names = [f"isi-{field.key}-{column.key}" for column in field.columns] or [f"isi-{field.key}"]
            assert all(f'name="{name}"' in page for name in names), (key, field.key)


def test_another_template_of_another_sop_is_not_there(site: Site, berkas: int) -> None:
    assert site.client("staf").get(f"/berkas/{berkas}/surat?templat=../../etc/passwd").status_code == 404


def test_preview_gives_the_pages(site: Site, berkas: int) -> None:
    sent = values(site, berkas)
    answer = site.client("staf").submit(f"/berkas/{berkas}/surat/pratinjau", sent, headers=JSON)
    assert answer.status_code == 200
    [page] = answer.get_json()["pages"]
    assert page["src"].startswith("data:image/webp;base64,")
    again = site.client("staf").submit(
        f"/berkas/{berkas}/surat/pratinjau", {**sent, "lebar": "900", "ada": [page["id"]]}, headers=JSON
    )
    assert again.get_json()["pages"] == [{"id": page["id"]}], "a page that is shown already is not sent again"


@pytest.mark.parametrize(("asked", "given"), [("480", 480), ("1200", 1200), ("", 900), ("16000", 900), ("-1", 900)])
def test_preview_is_as_wide_as_the_panel_but_not_as_anybody_likes(
    site: Site, berkas: int, asked: str, given: int
) -> None:
    sent = {**values(site, berkas), "lebar": asked}
    answer = site.client("staf").submit(f"/berkas/{berkas}/surat/pratinjau", sent, headers=JSON)
    picture = base64.b64decode(answer.get_json()["pages"][0]["src"].partition(",")[2])
    with Image.open(io.BytesIO(picture)) as image:
        assert image.width == given


@pytest.mark.parametrize(
    ("name", "value", "at"),
    [
        ("hal", "中文", "hal"),
        ("letter_date", "besok", "letter_date"),
        ("appointment_id", "999", "appointment_id"),
        ("isi-tempat", "x" * 301, "isi-tempat"),
        ("isi-tanggal", "32 Januari", "isi-tanggal"),
        ("isi-sembako-amount", ["1", "", "\x00"], "isi-sembako-amount"),
        ("sifat", "Entah", "sifat"),
        ("recipients", "Ketua \u0600", "recipients"),
    ],
)
def test_preview_names_the_field_at_fault(site: Site, berkas: int, name: str, value: object, at: str) -> None:
    sent = values(site, berkas, **{name: value})
    answer = site.client("staf").submit(f"/berkas/{berkas}/surat/pratinjau", sent, headers=JSON)
    assert answer.status_code == 422
    assert list(answer.get_json()["errors"]) == [at]


def test_preview_without_script_shows_the_form_with_pages(site: Site, berkas: int) -> None:
    page = site.client("staf").submit(
        f"/berkas/{berkas}/surat/pratinjau", values(site, berkas, **{"isi-tempat": "Aula"})
    )
    assert page.status_code == 200
    assert 'src="data:image/webp;base64,' in page.text
    assert 'value="Aula"' in page.text


def test_typst_code_is_only_text(site: Site, berkas: int) -> None:
    sent = values(site, berkas, **{"isi-tempat": '#read("naskah.typ") $x$ <b>', "hal": '"><script>alert(1)</script>'})
    page = site.client("staf").submit(f"/berkas/{berkas}/surat/pratinjau", sent)
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text


def test_autosave_keeps_what_is_typed(site: Site, berkas: int) -> None:
    client = site.client("staf")
    sent = values(site, berkas, **{"isi-tempat": "", "hal": "Setengah", "isi-catatan": "中"})
    first = client.submit(f"/berkas/{berkas}/surat/simpan", sent, headers=JSON)
    assert first.get_json()["values"]["draft_version"] == "1"
    second = client.submit(f"/berkas/{berkas}/surat/simpan", sent | {"draft_version": "1"}, headers=JSON)
    assert second.get_json()["values"]["draft_version"] == "2"
    page = client.get(f"/berkas/{berkas}/surat").text
    assert 'value="Setengah"' in page
    assert "中" in page


def test_saving_without_script_comes_back_to_the_form(site: Site, berkas: int) -> None:
    answer = site.client("staf").submit(f"/berkas/{berkas}/surat/simpan", values(site, berkas, hal="Tersimpan"))
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/berkas/{berkas}/surat")


def test_autosave_over_somebody_elses_draft_is_refused(site: Site, berkas: int) -> None:
    colleague(site)
    sent = values(site, berkas)
    site.client("staf").submit(f"/berkas/{berkas}/surat/simpan", sent, headers=JSON)
    answer = site.client("staf2").submit(f"/berkas/{berkas}/surat/simpan", sent | {"hal": "Lain"}, headers=JSON)
    assert answer.status_code == 409
    assert "Rina Wulandari" in answer.get_json()["message"]


def test_finalising_hands_on_to_paraf(site: Site, berkas: int) -> None:
    answer = site.client("staf").submit(f"/berkas/{berkas}/surat/finalkan", values(site, berkas))
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/berkas/{berkas}")
    detail = site.detail(berkas)
    assert detail.position.step == 4
    assert detail.rendering is not None
    assert detail.rendering.number.startswith("400.9/")


def test_faults_of_finalising_stand_at_their_fields_and_keep_what_was_typed(site: Site, berkas: int) -> None:
    wrong = {"isi-tempat": "", "isi-sembako-amount": ["500", "", ""], "recipients": "", "hal": "Ketikan saya"}
    answer = site.client("staf").submit(f"/berkas/{berkas}/surat/finalkan", values(site, berkas, **wrong))
    assert answer.status_code == 422
    for anchor in ("isi-tempat", "isi-sembako-amount-3", "recipients"):
        assert f'<a href="#{anchor}">' in answer.text
        assert f'id="{anchor}"' in answer.text
    assert 'id="isi-tempat-error"' in answer.text
    assert 'value="Ketikan saya"' in answer.text
    assert 'value="Telur"' in answer.text
    assert site.detail(berkas).position.step == 3


def test_a_refused_finalising_reserves_no_number(site: Site, berkas: int) -> None:
    site.client("staf").submit(f"/berkas/{berkas}/surat/finalkan", values(site, berkas, **{"isi-tempat": ""}))
    with site.house.db.read() as session:
        assert session.scalars(select(LetterNumber)).all() == []


def test_finalising_over_somebody_elses_draft_shows_both(site: Site, berkas: int) -> None:
    colleague(site)
    sent = values(site, berkas, hal="Isian Rina")
    site.client("staf2").submit(f"/berkas/{berkas}/surat/simpan", sent | {"hal": "Isian Dwi"}, headers=JSON)
    answer = site.client("staf").submit(f"/berkas/{berkas}/surat/finalkan", sent)
    assert answer.status_code == 409
    assert "Dwi Santoso menyimpan surat ini" in answer.text
    assert "Isian " in answer.text and "Rina" in answer.text
    assert site.detail(berkas).position.step == 3


def test_a_berkas_changed_meanwhile_shows_the_form_again_with_what_was_typed(site: Site, berkas: int) -> None:
    sent = values(site, berkas, hal="Ketikan saya", version="999")
    answer = site.client("staf").submit(f"/berkas/{berkas}/surat/finalkan", sent)
    assert answer.status_code == 409
    assert 'value="Ketikan saya"' in answer.text
    again = sent | {"version": hidden(answer.text, "version")}
    assert site.client("staf").submit(f"/berkas/{berkas}/surat/finalkan", again).status_code == 303


def test_ones_own_newer_autosave_is_no_conflict(site: Site, berkas: int) -> None:
    sent = values(site, berkas)
    site.client("staf").submit(f"/berkas/{berkas}/surat/simpan", sent, headers=JSON)
    assert site.client("staf").submit(f"/berkas/{berkas}/surat/finalkan", sent).status_code == 303


def test_a_berkas_that_went_on_is_not_drafted_again(site: Site, berkas: int) -> None:
    colleague(site)
    sent = values(site, berkas)
    site.client("staf2").submit(f"/berkas/{berkas}/surat/finalkan", sent)
    answer = site.client("staf").submit(f"/berkas/{berkas}/surat/finalkan", sent)
    assert answer.status_code == 409
    assert "Memaraf surat" in answer.text
    assert site.client("staf").get(f"/berkas/{berkas}/surat").headers["Location"] == f"/berkas/{berkas}"


def test_form_without_versions_changes_nothing(site: Site, berkas: int) -> None:
    sent = values(site, berkas)
    del sent["version"]
    assert site.client("staf").submit(f"/berkas/{berkas}/surat/finalkan", sent).status_code == 409
    assert site.detail(berkas).position.step == 3


def test_what_changed_since_the_returned_letter_stands_beside_the_form(site: Site) -> None:
    berkas = site.berkas(4)
    desk = site.house.desk
    paraf.send_back(desk, site.actor("kasi"), berkas, site.row(berkas).version, "Hari keliru.")
    client = site.client("staf")
    assert "Belum ada yang berubah dari surat yang dikembalikan." in client.get(f"/berkas/{berkas}/surat").text
    sent = values(site, berkas, **{"isi-tanggal": "2027-01-06", "isi-tempat": "Balai Kecamatan Trawas"})
    answer = client.submit(f"/berkas/{berkas}/surat/simpan", sent, headers=JSON)
    part = answer.get_json()["parts"]["perubahan"]
    assert "Balai" in part and "<ins>" in part and "6 Januari 2027" in part
    assert part.strip() in client.get(f"/berkas/{berkas}/surat").text


def test_a_letter_that_never_came_back_has_no_changes(site: Site, berkas: int) -> None:
    assert 'id="perubahan"' not in site.client("staf").get(f"/berkas/{berkas}/surat").text


def test_reason_of_a_return_stands_on_top(site: Site) -> None:
    berkas = site.berkas(4)
    desk = site.house.desk
    paraf.send_back(desk, site.actor("kasi"), berkas, site.row(berkas).version, "Hari keliru.")
    page = site.client("staf").get(f"/berkas/{berkas}/surat").text
    assert page.index("Hari keliru.") < page.index('id="surat"')
    assert "Drs. Bambang Prasetyo" in page


def test_staf_returns_to_the_pemohon(site: Site, berkas: int) -> None:
    version = site.row(berkas).version
    sent = {"version": version, "quick": ["Dokumen tidak terbaca."], "reason": "Halaman 2."}
    assert site.client("staf").submit(f"/berkas/{berkas}/kembalikan", sent).status_code == 303
    detail = site.detail(berkas)
    assert detail.position.step == 1
    assert detail.events[-1].reason == "Dokumen tidak terbaca.\nHalaman 2."


def test_switching_template_keeps_the_saved_draft_until_typed(site: Site, berkas: int) -> None:
    client = site.client("staf")
    client.submit(f"/berkas/{berkas}/surat/simpan", values(site, berkas, hal="Konsep undangan"), headers=JSON)
    other = client.get(f"/berkas/{berkas}/surat?templat=surat-pengantar").text
    assert 'name="isi-barang-uraian"' in other
    assert 'value="Konsep undangan"' in client.get(f"/berkas/{berkas}/surat").text


def test_second_template_goes_through_too(site: Site, berkas: int) -> None:
    sent = {key: value for key, value in values(site, berkas).items() if not key.startswith("isi-")}
    sent |= {"template": "surat-pengantar", "hal": "Surat Pengantar"}
    sent |= {"isi-barang-uraian": ["Berkas"], "isi-barang-banyaknya": ["1 bendel"], "isi-barang-keterangan": [""]}
    sent |= {"isi-pembuka": "Bersama ini:", "isi-penutup": "Demikian."}
    assert site.client("staf").submit(f"/berkas/{berkas}/surat/finalkan", sent).status_code == 303
    assert site.detail(berkas).rendering.template == "surat-pengantar"  # type: ignore[union-attr]  # finalised above


def test_draft_is_encrypted_at_rest(site: Site, berkas: int) -> None:
    site.client("staf").submit(
        f"/berkas/{berkas}/surat/simpan", values(site, berkas, recipients="Bu Rahasia"), headers=JSON
    )
    with site.house.db.read() as session:
        row = session.get_one(Draft, berkas)
        assert b"Rahasia" not in row.values_sealed


def test_other_roles_cannot_draft(site: Site, berkas: int) -> None:
    for person in DEMO_PEOPLE:
        if person.role != "staf":
            assert site.client(person.username).get(f"/berkas/{berkas}/surat").status_code == 403
