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
    assert client.get("/jumlah").json["counts"] == {"inbox.home": 1, "inbox.notices": 1}
    assert "Giliran Anda: Memeriksa kelengkapan." in client.get("/pemberitahuan").text
    assert client.submit("/pemberitahuan").status_code == 303
    assert client.get("/jumlah").json["counts"]["inbox.notices"] == 0
    assert "Tidak ada pemberitahuan baru" in client.get("/pemberitahuan").text


def test_opening_a_berkas_reads_its_notices_alone(site: Site) -> None:
    first, _second = site.berkas(step=2), site.berkas(step=2)
    site.drain()
    client = site.client("staf")
    assert client.get("/jumlah").json["counts"]["inbox.notices"] == 2
    client.get(f"/berkas/{first}")
    assert client.get("/jumlah").json["counts"]["inbox.notices"] == 1


def test_the_title_and_the_menu_count_what_waits_and_not_what_is_unread(site: Site) -> None:
    for step in (1, 2, 2, 3):
        site.berkas(step=step)
    site.drain()
    page = site.client("staf").get("/berkas/").text
    assert "<title>(3) " in page
    assert '<span class="count" data-count="inbox.home">3</span>' in page
    assert "<title>(" not in site.client("auditor").get("/").text


def test_an_unchanged_poll_is_answered_with_nothing(site: Site) -> None:
    berkas_id, client = site.berkas(step=2), site.client("staf")
    first = client.get("/jumlah", headers={"Accept": "application/json"})
    tag = {"If-None-Match": first.headers["ETag"]}
    again = client.get("/jumlah", headers=tag)
    assert (again.status_code, again.data) == (304, b"")
    site.give_back(berkas_id, "Stempel desa belum ada.")
    changed = client.get("/jumlah", headers=tag)
    assert changed.status_code == 200 and changed.json["mark"] != first.json["mark"]
    assert f'data-mark="{changed.json["mark"]}"' in client.get("/").text


def test_who_signed_out_is_told_so_by_the_poll(site: Site) -> None:
    assert site.client().get("/jumlah", headers={"Accept": "application/json"}).status_code == 401
    assert "data-signed-out" in site.client("staf").get("/").text


def test_the_list_alone_is_what_the_page_holds(site: Site) -> None:
    site.berkas(step=2)
    client = site.client("staf")
    part, page = client.get("/tugas").text, client.get("/").text
    assert "<html" not in part and part.strip() in page


def test_a_row_has_its_clock_against_the_sop_and_the_reason_it_came_back(site: Site) -> None:
    site.give_back(site.berkas(step=2), "Stempel <desa> belum ada.")
    page = site.client("pemohon").get("/").text
    assert "standar 5 menit kerja" in page and "sisa" in page
    assert "Pengantar dari Desa: Stempel &lt;desa&gt; belum ada." in page


def test_many_are_summed_up_and_narrowed_to_a_step_or_to_what_is_late(site: Site) -> None:
    site.clock.shift(days=-4)
    late = [site.berkas(step=2) for _ in range(3)]
    site.clock.shift(days=4)
    soon = [site.berkas(step=3) for _ in range(3)]
    client = site.client("staf")
    page = client.get("/").text
    assert "6 berkas menunggu Anda" in page and "3 lewat waktu" in page
    assert 'href="/?langkah=3"' in page and 'href="/?langkah=lewat"' in page
    for chosen, kept in (("3", soon), ("lewat", late), ("", late + soon), ("9", late + soon), ("x", late + soon)):
        part = client.get("/tugas", query_string={"langkah": chosen}).text
        assert {number for number in late + soon if f'data-id="{number}"' in part} == set(kept), chosen
        assert "6 berkas menunggu Anda" in part
    assert 'data-live-list="/tugas?langkah=3"' in client.get("/?langkah=3").text


def test_few_need_no_parts(site: Site) -> None:
    site.berkas(step=2), site.berkas(step=3)
    assert "langkah=" not in site.client("staf").get("/").text


def test_a_stranger_is_sent_to_sign_in(site: Site) -> None:
    answer = site.client().get("/")
    assert answer.status_code == 302 and "/masuk" in answer.headers["Location"]


def test_text_that_was_typed_is_escaped(site: Site) -> None:
    site.berkas(step=2, applicant="<script>alert(1)</script>", desa='"><img src=x>')
    page = site.client("staf").get("/").text
    assert "<script>alert" not in page and "<img src=x>" not in page
    assert "&lt;script&gt;" in page
