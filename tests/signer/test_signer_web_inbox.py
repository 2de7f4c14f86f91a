"""The first page of each role, notices and counts."""

from __future__ import annotations

import pytest
from helpers_web import Site

pytest_plugins = ("helpers_web",)


def test_an_applicant_sees_their_own_berkas_and_the_way_to_a_new_one(site: Site) -> None:
    site.berkas(step=2)
    page = site.client("pemohon").get("/").text
    assert "Siti Aminah, Ketapanrame" in page
    assert "menunggu Staf / Pengolah Data Kemasyarakatan" in page
    assert "/berkas/baru" in page and "Ajukan Rakor baru" in page


def test_what_waits_is_listed_with_its_next_action(site: Site) -> None:
    waiting, elsewhere = site.berkas(step=2), site.berkas(step=4, applicant="Bu Lurah")
    page = site.client("staf").get("/").text
    assert f"/berkas/{waiting}/periksa" in page
    assert "Bu Lurah" not in page
    assert f"/berkas/{elsewhere}/paraf" in site.client("kasi").get("/").text


def test_steps_recorded_for_somebody_else_stand_apart(site: Site) -> None:
    berkas_id = site.berkas(step=1)
    page = site.client("staf").get("/").text
    assert page.index("Dicatat atas nama Pemohon") < page.index(f"/berkas/{berkas_id}/isian")


def test_the_most_overdue_comes_first(site: Site) -> None:
    early = site.berkas(step=2, applicant="Pertama")
    site.clock.shift(days=1)
    site.berkas(step=2, applicant="Kedua")
    page = site.client("staf").get("/").text
    assert page.index("Pertama") < page.index("Kedua")
    site.clock.shift(days=3)
    assert "lewat" in site.client("staf").get("/").text
    assert site.row(early).step == 2


def test_a_returned_berkas_says_so(site: Site) -> None:
    site.give_back(site.berkas(step=2), "Halaman 2 tidak terbaca.")
    assert "Dikembalikan" in site.client("pemohon").get("/").text


@pytest.mark.parametrize(
    ("who", "text", "link"),
    [
        ("camat", "Tidak ada yang menunggu Anda", "/berkas/"),
        ("pemohon", "Belum ada pengajuan", "/berkas/baru"),
        ("admin", "Kelola kantor", "/kantor/"),
        ("auditor", "membaca semua berkas", "/berkas/"),
    ],
)
def test_an_empty_inbox_says_what_there_is_to_do(site: Site, who: str, text: str, link: str) -> None:
    page = site.client(who).get("/").text
    assert text in page and f'href="{link}"' in page


def test_notices_are_counted_listed_and_marked_read(site: Site) -> None:
    client = site.client("staf")
    site.berkas(step=2)
    site.drain()
    assert client.get("/jumlah").json == {"title": 1, "counts": {"inbox.notices": 1}}
    assert "Berkas ini menunggu Anda." in client.get("/pemberitahuan").text
    assert client.submit("/pemberitahuan").status_code == 303
    assert client.get("/jumlah").json["title"] == 0
    assert "Tidak ada pemberitahuan baru" in client.get("/pemberitahuan").text


def test_opening_a_berkas_reads_its_notices_alone(site: Site) -> None:
    first, _second = site.berkas(step=2), site.berkas(step=2)
    site.drain()
    client = site.client("staf")
    assert client.get("/jumlah").json["title"] == 2
    client.get(f"/berkas/{first}")
    assert client.get("/jumlah").json["title"] == 1


def test_a_stranger_is_sent_to_sign_in(site: Site) -> None:
    answer = site.client().get("/")
    assert answer.status_code == 302 and "/masuk" in answer.headers["Location"]


def test_text_that_was_typed_is_escaped(site: Site) -> None:
    site.berkas(step=2, applicant="<script>alert(1)</script>", desa='"><img src=x>')
    page = site.client("staf").get("/").text
    assert "<script>alert" not in page and "<img src=x>" not in page
    assert "&lt;script&gt;" in page
