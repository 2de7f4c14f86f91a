"""Copying an earlier letter in the browser: found, chosen, told what stayed."""

from __future__ import annotations

import re

from helpers_web import Site, hidden
from test_signer_web_draft import JSON, values

pytest_plugins = ("helpers_web",)


def chosen(page: str) -> str:
    found = re.search(r'name="surat" value="(\d+)"', page)
    assert found
    return found[1]


def test_a_letter_is_found_and_copied(site: Site) -> None:
    site.berkas(4, desa="Kesiman")
    berkas, client = site.berkas(3), site.client("staf")
    assert f"/berkas/{berkas}/surat/salin" in client.get(f"/berkas/{berkas}/surat").text
    page = client.get(f"/berkas/{berkas}/surat/salin?q=kesiman").text
    sent = {"draft_version": hidden(page, "draft_version"), "surat": chosen(page), "penerima": "ya"}
    answer = client.submit(f"/berkas/{berkas}/surat/salin", sent)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/berkas/{berkas}/surat")
    page = client.get(f"/berkas/{berkas}/surat").text
    assert "Disalin dari surat 400.9/1/" in page
    assert "Tetap milik berkas ini: Tanggal surat, Penanda tangan, Hari/Tanggal" in page


def test_nothing_chosen_is_told_and_nothing_found_too(site: Site) -> None:
    site.berkas(4)
    berkas, client = site.berkas(3), site.client("staf")
    answer = client.submit(f"/berkas/{berkas}/surat/salin", {"draft_version": "0"})
    assert answer.status_code == 422
    assert "Pilih surat yang disalin." in answer.text
    assert "Tidak ada surat yang cocok" in client.get(f"/berkas/{berkas}/surat/salin?q=entah").text


def test_the_first_letter_of_all_has_nothing_to_copy(site: Site) -> None:
    assert "Belum ada surat terdahulu" in site.client("staf").get(f"/berkas/{site.berkas(3)}/surat/salin").text


def test_a_draft_that_would_be_replaced_is_announced_and_never_overwritten_unseen(site: Site) -> None:
    site.berkas(4)
    berkas, client = site.berkas(3), site.client("staf")
    old = client.get(f"/berkas/{berkas}/surat/salin").text
    client.submit(f"/berkas/{berkas}/surat/simpan", values(site, berkas, hal="Ketikan baru"), headers=JSON)
    sent = {"draft_version": hidden(old, "draft_version"), "surat": chosen(old)}
    answer = client.submit(f"/berkas/{berkas}/surat/salin", sent)
    assert answer.status_code == 409
    assert "Konsep sekarang diganti" in answer.text and "Rina Wulandari" in answer.text
    assert "Ketikan baru" in client.get(f"/berkas/{berkas}/surat").text


def test_a_berkas_that_went_on_leads_to_its_own_page(site: Site) -> None:
    berkas = site.berkas(4)
    assert site.client("staf").get(f"/berkas/{berkas}/surat/salin").headers["Location"] == f"/berkas/{berkas}"
