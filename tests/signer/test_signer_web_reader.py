"""Letters read by thumb, one after the other, and what is noted of it; a return is one tap away."""

from __future__ import annotations

import pytest
from helpers_web import Client, Site, hidden

pytest_plugins = ("helpers_web",)


@pytest.fixture(name="three")
def three_fixture(site: Site) -> list[int]:
    """Three letters that wait for the signature."""
    return [site.berkas(5) for _ in range(3)]


def test_the_reader_goes_from_letter_to_letter(site: Site, three: list[int]) -> None:
    client: Client = site.client("camat")
    page = client.get(f"/berkas/{three[0]}/baca").text
    assert "user-scalable" not in page and "maximum-scale" not in page, "pinching must work"
    assert "Surat 1 dari 3" in page and "Paraf sah: Drs. Bambang Prasetyo" in page
    assert f"/berkas/{three[1]}/halaman/1.webp" in page, "the next letter's first page is loaded ahead"
    assert f'href="/berkas/{three[0]}/kembalikan?lanjut=tandatangan"' in page
    for here, there in zip(three, [*(f"/berkas/{one}/baca" for one in three[1:]), "/tandatangan"], strict=True):
        sent = {"shown": hidden(client.get(f"/berkas/{here}/baca").text, "shown")}
        assert client.submit(f"/berkas/{here}/dibuka", sent).headers["Location"] == there
    assert client.get("/tandatangan").text.count("Sudah dibuka") == 3


def test_a_script_notes_an_opening_and_gets_nothing_back(site: Site, three: list[int]) -> None:
    client, as_json = site.client("camat"), {"Accept": "application/json"}
    shown = {"shown": site.shown(three[0]).hex()}
    assert client.submit(f"/berkas/{three[0]}/dibuka", shown, headers=as_json).status_code == 204
    assert client.submit(f"/berkas/{three[0]}/dibuka", {"shown": "00"}, headers=as_json).status_code == 409


def test_a_letter_replaced_while_it_was_read_is_read_again(site: Site, three: list[int]) -> None:
    client, old = site.client("camat"), site.shown(three[0]).hex()
    site.recompose(three[0])
    answer = client.submit(f"/berkas/{three[0]}/dibuka", {"shown": old}, follow_redirects=True)
    assert "sudah diganti versi baru" in answer.text and "Yang berubah sejak Anda mengembalikan" in answer.text
    assert client.get("/tandatangan").text.count("Sudah dibuka") == 0


def test_the_reader_of_a_letter_that_went_on_leads_to_its_berkas(site: Site) -> None:
    berkas = site.berkas(6)
    answer = site.client("camat").get(f"/berkas/{berkas}/baca")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/berkas/{berkas}")


def test_the_page_of_one_letter_shows_its_neighbours_and_opens_the_reader(site: Site, three: list[int]) -> None:
    page = site.client("camat").get(f"/berkas/{three[1]}/tandatangan").text
    assert f'href="/berkas/{three[0]}/tandatangan"' in page and f'href="/berkas/{three[2]}/tandatangan"' in page
    assert f'href="/berkas/{three[1]}/baca#halaman-1"' in page and "Surat 2 dari 3" in page


def test_a_return_is_one_tap_away_and_goes_on_with_the_letters(site: Site, three: list[int]) -> None:
    client, address = site.client("camat"), f"/berkas/{three[0]}/kembalikan?lanjut=tandatangan"
    page = client.get(address).text
    assert "Penerima keliru." in page and 'name="lanjut" value="tandatangan"' in page
    sent = {"version": hidden(page, "version"), "lanjut": "tandatangan", "to": "3"}
    assert "Alasan wajib diisi" in client.submit(f"/berkas/{three[0]}/kembalikan", sent).text
    answer = client.submit(f"/berkas/{three[0]}/kembalikan", sent | {"quick": "Penerima keliru."})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/tandatangan")
    assert site.detail(three[0]).position.step == 3


def test_there_is_no_return_page_where_nothing_can_be_returned(site: Site) -> None:
    for step in (2, 6):
        berkas = site.berkas(step)
        assert site.client("staf").get(f"/berkas/{berkas}/kembalikan").headers["Location"] == f"/berkas/{berkas}"
