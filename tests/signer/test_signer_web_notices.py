"""The pages of notices: what is unread by berkas, what was read, choices, and the links of mails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from helpers_web import Client, Site, opened
from sqlalchemy import select

import app as house_module
from signer import mailboxes
from signer.mailing import STOP, TOKEN
from signer.settings import Settings
from signer.tables.mail import Mailbox
from signer.tables.record import Notice
from signer.web import security

pytest_plugins = ("helpers_web",)
CHOICES, ADDRESS = "/pengaturan/pemberitahuan", "/pengaturan/pemberitahuan/alamat"
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture(name="posting")
def _posting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with a mail server set, which nothing is sent to here."""
    security.limiter.reset()
    with opened(tmp_path_factory.mktemp("posting")) as site:
        smtp = Settings.from_env({"SURAT_SMTP_URL": "smtp://127.0.0.1:9"}).smtp
        house = house_module.House(replace(site.house.settings, smtp=smtp), site.clock)
        app = house_module.create_app(house)
        app.test_client_class = Client
        yield Site(house, app, site.clock)
        house.db.close()


def mailbox(site: Site) -> Mailbox:
    with site.house.db.read() as session:
        return session.scalars(select(Mailbox)).one()


def confirmed(site: Site, username: str = "kasi") -> Client:
    """A client of a person who has a confirmed address."""
    client = site.client(username)
    assert client.submit(ADDRESS, {"address": f"{username}@contoh.test"}).status_code == 303
    token = site.house.desk.vault.open_text(mailbox(site).token_sealed, TOKEN)
    assert site.client().submit(f"/surel/konfirmasi/{token}").status_code == 200
    return client


# ---- the list ----


def test_unread_notices_stand_together_by_berkas_with_one_next_step(site: Site) -> None:
    first, second = site.berkas(step=4, applicant="Pertama"), site.berkas(step=4, applicant="Kedua")
    site.drain()
    page = site.client("kasi").get("/pemberitahuan").text
    assert page.index("Kedua") < page.index("Pertama")
    assert page.count("<article") == 2
    assert f"/berkas/{first}/paraf" in page and f"/berkas/{second}/paraf" in page
    assert "(Staf / Pengolah Data Kemasyarakatan). Giliran Anda: Memaraf surat." in page


def test_the_pemohon_reads_roles_not_names_and_where_the_reason_is(site: Site) -> None:
    berkas_id = site.berkas(step=2)
    site.give_back(berkas_id, "Halaman 2 tidak terbaca.")
    site.drain()
    page = site.client("pemohon").get("/pemberitahuan").text
    assert "Staf / Pengolah Data Kemasyarakatan mengembalikan berkas Anda untuk diperbaiki" in page
    assert site.actor("staf").name not in page and "Halaman 2" not in page
    assert f'href="/berkas/{berkas_id}">Baca alasan dan perbaiki' in page


def test_a_letter_that_is_ready_says_so(site: Site) -> None:
    site.berkas(step=7)
    site.drain()
    page = site.client("pemohon").get("/pemberitahuan").text
    assert "Surat sudah jadi dan dapat diambil." in page and "Buka dan ambil surat" in page


def test_what_has_passed_calls_nobody_any_more(site: Site) -> None:
    berkas_id = site.berkas(step=4)
    site.drain()
    assert site.client("kasi").get("/jumlah").json["counts"]["inbox.notices"] == 1
    site._paraf(berkas_id)
    site.drain()
    kasi, pemohon = site.client("kasi"), site.client("pemohon")
    assert kasi.get("/jumlah").json["counts"]["inbox.notices"] == 0
    page = kasi.get("/pemberitahuan").text
    assert "Tidak ada pemberitahuan baru" in page and "Pemberitahuan lama" in page
    assert pemohon.get("/jumlah").json["counts"]["inbox.notices"] == 1
    page = pemohon.get("/pemberitahuan").text
    assert page.index("Kini di langkah 5") < page.index("Pemberitahuan lama") < page.index("Kini di langkah 4")


def test_a_step_taken_before_its_notice_is_told_offers_the_berkas_alone(site: Site) -> None:
    berkas_id = site.berkas(step=4)
    site.drain()
    site._paraf(berkas_id)
    page = site.client("kasi").get("/pemberitahuan").text
    assert "/paraf" not in page and "Lihat berkas" in page


def test_one_notice_one_berkas_or_all_are_marked_read(site: Site) -> None:
    site.berkas(step=2)
    berkas_id = site.berkas(step=3)
    site.berkas(step=2)
    site.drain()
    client = site.client("staf")
    unread = client.get("/jumlah").json["counts"]["inbox.notices"]
    assert unread == 3
    with site.house.db.read() as session:
        one = session.scalars(select(Notice.id).where(Notice.user_id == site.actor("staf").user_id)).first()
    client.submit("/pemberitahuan", {"id": str(one)})
    assert client.get("/jumlah").json["counts"]["inbox.notices"] == unread - 1
    client.submit("/pemberitahuan", {"berkas": str(berkas_id)})
    assert client.get("/jumlah").json["counts"]["inbox.notices"] == 1
    client.submit("/pemberitahuan")
    assert client.get("/jumlah").json["counts"]["inbox.notices"] == 0
    page = client.get("/pemberitahuan").text
    assert "Tidak ada pemberitahuan baru" in page and "Pemberitahuan lama" in page and "Siti Aminah" in page


def test_nobody_marks_somebody_elses_notices(site: Site) -> None:
    site.berkas(step=4)
    site.drain()
    with site.house.db.read() as session:
        one = session.scalars(select(Notice.id).where(Notice.user_id == site.actor("kasi").user_id)).one()
    site.client("camat").submit("/pemberitahuan", {"id": str(one)})
    assert site.client("kasi").get("/jumlah").json["counts"]["inbox.notices"] == 1


def test_older_notices_come_in_pages(site: Site) -> None:
    for number in range(21):
        site.berkas(step=2, applicant=f"Orang {number:02}")
    site.drain()
    client = site.client("staf")
    client.submit("/pemberitahuan")
    first, second = client.get("/pemberitahuan").text, client.get("/pemberitahuan?halaman=2").text
    assert "Halaman 1 dari 2" in first and "Orang 20" in first and "Orang 00" not in first
    assert "Orang 00" in second
    for odd in ("0", "-1", "99", "x"):
        assert client.get(f"/pemberitahuan?halaman={odd}").status_code == 200


def test_notices_of_an_older_version_are_still_readable(site: Site) -> None:
    berkas_id = site.berkas(step=2)
    site.drain()
    with site.house.db.begin() as session:
        for notice in session.scalars(select(Notice)):
            notice.movement_id = None
    assert "Berkas ini menunggu Anda." in site.client("staf").get("/pemberitahuan").text
    assert f"/berkas/{berkas_id}" in site.client("pemohon").get("/pemberitahuan").text


# ---- choices ----


def test_without_a_mail_server_the_page_says_what_works(site: Site) -> None:
    page = site.client("kasi").get(CHOICES).text
    assert "Surel belum disiapkan di kantor ini" in page and "Tidak ada langkah yang menunggu surel" in page
    assert 'name="address"' not in page
    answer = site.client("kasi").submit(ADDRESS, {"address": "kasi@contoh.test"})
    assert answer.status_code == 422 and "Surel belum disiapkan di kantor ini." in answer.text
    with site.house.db.read() as session:
        assert session.scalars(select(Mailbox)).all() == []


def test_an_address_is_asked_for_confirmed_and_used(posting: Site) -> None:
    client = posting.client("kasi")
    page = client.get(CHOICES).text
    assert 'name="address"' in page and "Simpan pilihan" not in page
    assert client.submit(ADDRESS, {"address": "kasi@contoh.test"}).status_code == 303
    assert "dikirim ke kasi@contoh.test" in client.get(CHOICES).text
    token = posting.house.desk.vault.open_text(mailbox(posting).token_sealed, TOKEN)
    stranger = posting.client()
    assert "kasi@contoh.test" in stranger.get(f"/surel/konfirmasi/{token}").text
    assert mailbox(posting).address_sealed is None  # mail programs open links by themselves
    assert "Alamat terkonfirmasi" in stranger.submit(f"/surel/konfirmasi/{token}").text
    assert "Terkonfirmasi" in client.get(CHOICES).text
    again = stranger.get(f"/surel/konfirmasi/{token}")
    assert again.status_code == 404 and "tidak berlaku lagi" in again.text


def test_an_address_that_is_none_is_said_at_its_field_and_kept(posting: Site) -> None:
    answer = posting.client("kasi").submit(ADDRESS, {"address": "bukan alamat"})
    assert answer.status_code == 422
    assert 'value="bukan alamat"' in answer.text and 'id="address-error"' in answer.text


def test_choices_are_kept_and_a_wrong_one_is_said(posting: Site) -> None:
    client = confirmed(posting)
    form = {"giliran": "ringkasan", "peringatan": "tidak", "language": "en"}
    assert client.submit(CHOICES, form).status_code == 303
    found = mailboxes.chosen(posting.house.desk, posting.actor("kasi"))
    assert (dict(found.choices), found.language) == ({"giliran": "ringkasan", "peringatan": "tidak"}, "en")
    answer = client.submit(CHOICES, form | {"giliran": "kadang"})
    assert answer.status_code == 422 and "Pilih salah satu." in answer.text


def test_an_address_is_deleted(posting: Site) -> None:
    client = confirmed(posting)
    assert client.submit("/pengaturan/pemberitahuan/hapus-alamat").status_code == 303
    assert "kasi@contoh.test" not in client.get(CHOICES).text


def test_unsubscribing_needs_neither_session_nor_cookie(posting: Site) -> None:
    confirmed(posting)
    token = posting.house.desk.vault.open_text(mailbox(posting).stop_sealed, STOP)
    program = posting.client()
    page = program.get(f"/surel/berhenti/{token}")
    assert page.status_code == 200 and "Hentikan semua surel" in page.text
    assert set(mailbox(posting).choices.values()) != {"tidak"}
    answer = program.post(f"/surel/berhenti/{token}", data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200 and "Tidak ada surel lagi" in answer.text
    assert set(mailbox(posting).choices.values()) == {"tidak"}


def test_an_address_that_refused_mails_is_said_plainly(posting: Site) -> None:
    client = confirmed(posting)
    with posting.house.db.begin() as session:
        session.scalars(select(Mailbox)).one().failed_at = posting.clock()
    page = client.get(CHOICES).text
    assert "Alamat Anda menolak surel" in page and "Menolak surel" in page


@pytest.mark.parametrize("who", ["auditor", "admin"])
def test_who_is_told_nothing_has_nothing_to_choose(site: Site, who: str) -> None:
    assert CHOICES not in site.client(who).get("/pemberitahuan").text
    assert site.client(who).get(CHOICES).status_code == 403
