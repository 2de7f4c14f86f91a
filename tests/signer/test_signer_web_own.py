"""The pages of an own PDF: one next action at a time, reasons at their fields, nothing typed is lost, no script."""

from __future__ import annotations

import re

import helpers_own as pdfs
import pytest
from helpers_web import Site, hidden
from sqlalchemy import select

from signer import accounts
from signer.berkas import own
from signer.tables.berkas import Draft
from signer.tables.letters import LetterNumber
from signer.tables.office import Office

pytest_plugins = ("helpers_web",)

JSON = {"Accept": "application/json"}


@pytest.fixture(name="berkas")
def berkas_fixture(site: Site) -> int:
    """A berkas that waits to be processed."""
    return site.berkas(3)


def values(site: Site, berkas_id: int, username: str = "staf", **changes: object) -> dict[str, object]:
    """What the form sends as it stands, but for `changes`."""
    page = site.client(username).get(f"/berkas/{berkas_id}/pdf").text
    chosen = re.search(r'<option value="(\d+)" selected>SUGONDO', page)
    assert chosen
    sent: dict[str, object] = {name: hidden(page, name) for name in ("version", "draft_version", "shown")}
    sent |= {"hal": "Undangan Rakor", "sifat": "Biasa", "letter_date": site.house.desk.today().isoformat()}
    sent |= {"appointment_id": chosen[1], "public": "ya"}
    for name in ("left", "top"):
        found = re.search(rf'id="{name}" name="{name}"[^>]*?value="([^"]*)"', page)
        sent[name] = found[1] if found else ""
    return sent | {"page": "1"} | changes


def reserved(site: Site, berkas_id: int) -> str:
    """The number, reserved on the page."""
    answer = site.client("staf").submit(f"/berkas/{berkas_id}/pdf/nomor", values(site, berkas_id))
    assert answer.status_code == 200
    return own.number_of(site.house.desk, berkas_id)


def uploaded(site: Site, berkas_id: int, data: bytes, name: str = "Surat.pdf", **changes: object) -> object:
    sent = values(site, berkas_id, **changes) | {"pdf": (data, name)}
    return site.client("staf").submit(f"/berkas/{berkas_id}/pdf/unggah", sent)


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


def actions(page: str) -> list[str]:
    """The buttons in the page's bar of actions."""
    bar = re.findall(r'<div class="actions no-print sticky">(.*?)</div>', page, re.DOTALL)
    return [re.sub(r"<[^>]+>|\s+", " ", one).strip() for one in bar]


def test_one_next_action_at_a_time(site: Site, berkas: int) -> None:
    client = site.client("staf")
    assert "Pakai PDF sendiri" in client.get(f"/berkas/{berkas}/surat").text
    assert actions(client.get(f"/berkas/{berkas}/pdf").text) == ["Pesan nomor"]
    number = reserved(site, berkas)
    page = client.get(f"/berkas/{berkas}/pdf").text
    assert actions(page) == ["Unggah PDF"]
    assert f'value="{number}"' in page
    assert uploaded(site, berkas, pdfs.letter(number)).status_code == 303  # type: ignore[attr-defined]
    assert actions(client.get(f"/berkas/{berkas}/pdf").text) == ["Finalkan surat"]


def test_reserving_keeps_what_was_typed_and_saves_no_draft(site: Site, berkas: int) -> None:
    answer = site.client("staf").submit(f"/berkas/{berkas}/pdf/nomor", values(site, berkas, hal="Setengah jadi"))
    assert 'value="Setengah jadi"' in answer.text
    with site.house.db.read() as session:
        assert session.get(Draft, berkas) is None
    wrong = site.client("staf").submit(f"/berkas/{berkas}/pdf/nomor", values(site, berkas, letter_date="besok"))
    assert (wrong.status_code, 'id="letter_date-error"' in wrong.text) == (422, True)


def test_a_refused_file_is_told_at_its_field_and_nothing_is_lost(site: Site, berkas: int) -> None:
    number = reserved(site, berkas)
    answer = uploaded(site, berkas, pdfs.with_script(number), hal="Ketikan saya", public="tidak")
    assert answer.status_code == 422  # type: ignore[attr-defined]
    page = answer.text  # type: ignore[attr-defined]
    assert 'id="pdf-error"' in page and "JavaScript" in page and '<a href="#pdf">' in page
    assert 'value="Ketikan saya"' in page
    assert re.search(r'value="tidak" checked', page)
    for empty in (b"", b"x" * (10 * 1024 * 1024 + 5)):
        assert uploaded(site, berkas, empty).status_code == 422  # type: ignore[attr-defined]


def test_the_page_shows_where_the_box_lies_without_a_script(site: Site, berkas: int) -> None:
    uploaded(site, berkas, pdfs.letter(reserved(site, berkas)))
    client = site.client("staf")
    page = client.get(f"/berkas/{berkas}/pdf").text
    assert 'viewBox="0 0 210.0 297.0"' in page
    assert re.search(r'class="place-box" x="88.0" y="\d+', page)
    picture = re.search(r'<image href="([^"]+)"', page)
    assert picture
    answer = client.get(picture[1].replace("&amp;", "&"))
    assert (answer.status_code, answer.content_type) == (200, "image/webp")
    assert client.get(f"/berkas/{berkas}/pdf/halaman/2.webp?v={hidden(page, 'shown')}").status_code == 404
    assert client.get(f"/berkas/{berkas}/pdf/halaman/1.webp?v={'0' * 64}").status_code == 404


def test_the_place_is_checked_for_the_script_and_without_it(site: Site, berkas: int) -> None:
    uploaded(site, berkas, pdfs.letter(reserved(site, berkas)))
    client, address = site.client("staf"), f"/berkas/{berkas}/pdf/letak"
    assert client.submit(address, values(site, berkas), headers=JSON).get_json()["free"] is True
    taken = client.submit(address, values(site, berkas, top="30,5"), headers=JSON).get_json()
    assert taken["free"] is False and "ada tulisan" in taken["text"]
    page = client.submit(address, values(site, berkas))
    assert (page.status_code, "Tempat ini kosong" in page.text) == (200, True)
    wrong = client.submit(address, values(site, berkas, top="30"))
    assert wrong.status_code == 422 and 'id="place-error"' in wrong.text and '<a href="#left">' in wrong.text
    odd = client.submit(address, values(site, berkas, top="tinggi"))
    assert odd.status_code == 422 and 'id="top-error"' in odd.text


def test_finalising_hands_on_to_paraf(site: Site, berkas: int) -> None:
    uploaded(site, berkas, pdfs.letter(reserved(site, berkas)))
    answer = site.client("staf").submit(f"/berkas/{berkas}/pdf/finalkan", values(site, berkas))
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/berkas/{berkas}")
    assert site.detail(berkas).position.step == 4
    kasi = site.client("kasi")
    assert "PDF yang diunggah Staf" in kasi.get(f"/berkas/{berkas}/paraf").text
    assert kasi.get(f"/berkas/{berkas}/halaman/1.webp").content_type == "image/webp"
    assert kasi.get(f"/berkas/{berkas}/halaman/2.webp").status_code == 404


def test_faults_of_finalising_stand_at_their_fields(site: Site, berkas: int) -> None:
    reserved(site, berkas)
    sent = values(site, berkas, hal="", public="", letter_date="")
    answer = site.client("staf").submit(f"/berkas/{berkas}/pdf/finalkan", sent)
    assert answer.status_code == 422
    for anchor in ("hal", "public", "letter_date", "pdf"):
        assert f'<a href="#{anchor}">' in answer.text
        assert f'id="{anchor}"' in answer.text


def test_a_scan_is_finalised_once_the_number_is_confirmed(site: Site, berkas: int) -> None:
    uploaded(site, berkas, pdfs.scan(reserved(site, berkas)))
    client = site.client("staf")
    assert 'name="unread"' in client.get(f"/berkas/{berkas}/pdf").text
    refused = client.submit(f"/berkas/{berkas}/pdf/finalkan", values(site, berkas))
    assert refused.status_code == 422 and 'id="unread-error"' in refused.text
    sent = values(site, berkas, unread="ya")
    assert client.submit(f"/berkas/{berkas}/pdf/finalkan", sent).status_code == 303


def test_drafting_opens_with_the_waiting_pdf_and_templates_stay_one_click_away(site: Site, berkas: int) -> None:
    uploaded(site, berkas, pdfs.letter(reserved(site, berkas)))
    client = site.client("staf")
    assert client.get(f"/berkas/{berkas}/surat").headers["Location"] == f"/berkas/{berkas}/pdf"
    assert client.get(f"/berkas/{berkas}/surat?templat=undangan-rakor").status_code == 200


def test_autosave_and_somebody_elses_newer_draft(site: Site, berkas: int) -> None:
    colleague(site)
    uploaded(site, berkas, pdfs.letter(reserved(site, berkas)))
    sent = values(site, berkas)
    saved = site.client("staf2").submit(f"/berkas/{berkas}/pdf/simpan", sent | {"hal": "Isian Dwi"}, headers=JSON)
    assert saved.get_json() == {"values": {"draft_version": "2"}}
    told = site.client("staf").submit(f"/berkas/{berkas}/pdf/simpan", sent, headers=JSON)
    assert told.status_code == 409 and "Dwi Santoso" in told.get_json()["message"]
    answer = site.client("staf").submit(f"/berkas/{berkas}/pdf/finalkan", sent | {"hal": "Isian Rina"})
    assert answer.status_code == 409
    assert "Dwi Santoso" in answer.text and 'value="Isian Rina"' in answer.text
    again = sent | {"hal": "Isian Rina", "draft_version": hidden(answer.text, "draft_version")}
    assert site.client("staf").submit(f"/berkas/{berkas}/pdf/finalkan", again).status_code == 303


def test_a_form_without_versions_changes_nothing(site: Site, berkas: int) -> None:
    sent = values(site, berkas)
    del sent["version"]
    assert site.client("staf").submit(f"/berkas/{berkas}/pdf/nomor", sent).status_code == 409
    with site.house.db.read() as session:
        assert session.scalars(select(LetterNumber)).all() == []


def test_an_old_link_leads_to_where_the_berkas_is(site: Site) -> None:
    later = site.berkas(4)
    assert site.client("staf").get(f"/berkas/{later}/pdf").headers["Location"] == f"/berkas/{later}"


def test_a_hostile_name_is_only_text(site: Site, berkas: int) -> None:
    uploaded(site, berkas, pdfs.letter(reserved(site, berkas)), "<img onerror=alert(1)>.pdf")
    page = site.client("staf").get(f"/berkas/{berkas}/pdf").text
    assert "<img onerror" not in page and "&lt;img onerror" in page
