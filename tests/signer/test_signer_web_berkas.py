"""The list of berkas, one berkas whole, and the files that its readers may open."""

from __future__ import annotations

import hashlib
import io

import pytest
from helpers_web import PDF, Site, png
from PIL import Image
from sqlalchemy import select

from signer.accounts import User
from signer.berkas import submit
from signer.uploads import Upload

pytest_plugins = ("helpers_web",)


def _other_applicant(site: Site) -> str:
    """A second Pemohon's user name; they set a password of their own already."""
    site.client("staf").submit("/akun/baru", {"name": "Orang Lain", "username": "orang.lain"})
    with site.house.db.begin() as session:
        session.scalars(select(User).where(User.username == "orang.lain")).one().must_change_password = False
    return "orang.lain"


def _attached(site: Site, name: str, data: bytes) -> str:
    """A new berkas with one file; gives the file's address."""
    berkas_id = site.berkas(step=1)
    assert (
        submit.attach(site.house.desk, site.actor("pemohon"), berkas_id, [Upload("berkas-pemohon", name, data)]) == []
    )
    return f"/berkas/{berkas_id}/lampiran/{site.detail(berkas_id).files[0].id}"


def test_the_list_searches_by_desa_code_and_number(site: Site) -> None:
    found, other = site.berkas(step=4, desa="Duyung"), site.berkas(step=2, applicant="Bu Lurah", desa="Selotapak")
    client = site.client("auditor")
    number = site.detail(found).rendering.number
    for search in ("duyung", site.row(found).code, number):
        page = client.get("/berkas/", query_string={"q": search}).text
        assert f"/berkas/{found}" in page and "Bu Lurah" not in page
    assert f"/berkas/{other}" in client.get("/berkas/").text
    assert "Tidak ada berkas yang cocok" in client.get("/berkas/?q=tidakada").text


def test_filters_live_in_the_address_and_the_form_shows_them(site: Site) -> None:
    two, three = site.berkas(step=2, desa="Duyung"), site.berkas(step=3)
    client, year = site.client("staf"), site.house.desk.today().year
    for query, found in (
        ("posisi=2", {two}), ("posisi=berjalan", {two, three}), ("posisi=selesai", set()), ("desa=Duyung", {two}),
        (f"tahun={year}", {two, three}), ("tahun=1999", set()), (f"tahun={year}&sampai={year}-01-01", set()),
        ("lewat=ya", set()), ("posisi=dikembalikan", set()), (f"dari={year}-01-01&urut=pemohon", {two, three}),
    ):  # fmt: skip
        page = client.get(f"/berkas/?{query}").text
        assert {number for number in (two, three) if f'data-id="{number}"' in page} == found, query
        assert "Hapus semua saringan" in page
    page = client.get("/berkas/?posisi=2&desa=Duyung").text
    assert '<option value="2" selected>2. Memeriksa kelengkapan</option>' in page
    assert '<option value="Duyung" selected>' in page and "<details open>" in page
    assert "1 berkas ditemukan" in page and f"/berkas/{two}/periksa" in page


def test_what_the_address_cannot_mean_is_no_filter(site: Site) -> None:
    berkas_id = site.berkas(step=2)
    for query in ("posisi=-1", "posisi=²", "tahun=0000", "tahun=99999", "urut=x", "halaman=0", "halaman=zz", "lewat=x"):
        assert f'data-id="{berkas_id}"' in site.client("staf").get(f"/berkas/?{query}").text, query


def test_dates_that_are_none_are_said_at_their_field(site: Site) -> None:
    berkas_id, client = site.berkas(step=2), site.client("staf")
    answer = client.get("/berkas/?dari=2026-13-01&q=siti")
    assert answer.status_code == 422 and 'id="dari-error"' in answer.text and 'value="siti"' in answer.text
    assert f'data-id="{berkas_id}"' not in answer.text
    answer = client.get("/berkas/?dari=2026-03-01&sampai=2026-02-01")
    assert answer.status_code == 422 and 'id="sampai-error"' in answer.text and 'value="2026-02-01"' in answer.text


def test_a_long_list_has_pages_that_keep_the_filter(site: Site) -> None:
    for _ in range(52):
        site.berkas(step=1)
    client = site.client("staf")
    first, second = client.get("/berkas/?posisi=1").text, client.get("/berkas/?posisi=1&halaman=2").text
    assert (first.count("data-id="), second.count("data-id=")) == (50, 2)
    assert "52 berkas" in first and 'href="/berkas/?posisi=1&amp;halaman=2"' in first
    assert 'href="/berkas/?posisi=1"' in second and "Halaman 2 dari 2" in second
    assert client.get("/berkas/?posisi=1&halaman=999").text.count("data-id=") == 2


def test_a_berkas_shows_position_facts_papers_and_the_way_on(site: Site) -> None:
    berkas_id = site.berkas(step=2)
    page = site.client("staf").get(f"/berkas/{berkas_id}").text
    for text in ("Pendopo Kecamatan Trawas", "Forkopimcam, Agen, Perwakilan KPM", "Beras", "pengantar-desa.pdf"):
        assert text in page
    assert f"/berkas/{berkas_id}/periksa" in page
    kasi = site.client("kasi").get(f"/berkas/{berkas_id}").text
    assert f"/berkas/{berkas_id}/periksa" not in kasi and "menunggu Staf" in kasi


def test_reasons_of_a_return_and_what_is_new_since(site: Site) -> None:
    berkas_id = site.berkas(step=2)
    site.give_back(berkas_id, "Stempel desa belum ada.")
    client = site.client("pemohon")
    assert "Pengantar dari Desa: Stempel desa belum ada." in client.get(f"/berkas/{berkas_id}").text
    site.clock.shift(minutes=1)
    submit.attach(site.house.desk, site.actor("pemohon"), berkas_id, [Upload("pengantar-desa", "baru.pdf", PDF + b"2")])
    assert client.get(f"/berkas/{berkas_id}").text.count("Baru sejak dikembalikan") == 1


def test_reasons_among_the_office_are_not_the_applicants(site: Site) -> None:
    from signer.berkas import paraf

    berkas_id = site.berkas(step=4)
    paraf.send_back(site.house.desk, site.actor("kasi"), berkas_id, site.row(berkas_id).version, "Salah ketik NIP.")
    assert "Salah ketik NIP." in site.client("staf").get(f"/berkas/{berkas_id}").text
    assert "Salah ketik NIP." not in site.client("pemohon").get(f"/berkas/{berkas_id}").text


def test_a_finished_berkas_shows_letter_register_and_collection(site: Site) -> None:
    berkas_id = site.berkas(step=8)
    detail = site.detail(berkas_id)
    page = site.client("pemohon").get(f"/berkas/{berkas_id}").text
    for text in (detail.letter.number, f"1/{detail.entry.year}", "Siti Aminah", f"/v/{detail.letter.token}"):
        assert text in page
    assert "Paraf dan tanda tangan" not in page, "who gave paraf is the office's own matter"
    office = site.client("auditor").get(f"/berkas/{berkas_id}").text
    assert detail.rendering.sha256.hex()[:16] in office and "Drs. Bambang Prasetyo" in office


def test_other_peoples_berkas_look_like_none(site: Site) -> None:
    berkas_id = site.berkas(step=7)
    file_id = site.detail(berkas_id).files[0].id
    stranger = site.client(_other_applicant(site))
    for path in ("", "/surat.pdf", "/halaman/1.webp", f"/lampiran/{file_id}", "/isian", "/tarik"):
        assert stranger.get(f"/berkas/{berkas_id}{path}").status_code == 404, path
        assert site.client("staf").get(f"/berkas/99999{path}").status_code == 404, path
    for path in ("/serahkan", "/lampiran", f"/lampiran/{file_id}/keluarkan", "/tarik", "/isian"):
        assert stranger.submit(f"/berkas/{berkas_id}{path}", {"version": "1"}).status_code == 404, path
    assert "Siti Aminah" not in stranger.get("/berkas/").text


def test_an_attachment_is_only_of_its_own_berkas(site: Site) -> None:
    first, second = site.berkas(step=2), site.berkas(step=2)
    foreign = site.detail(second).files[0].id
    assert site.client("staf").get(f"/berkas/{first}/lampiran/{foreign}").status_code == 404


@pytest.mark.parametrize(
    ("name", "data", "media_type", "filename"),
    [
        ("../../etc/passwd", PDF, "application/pdf", "passwd.pdf"),
        ("surat\r\nX-Evil: 1.pdf", PDF, "application/pdf", "suratX-Evil: 1.pdf"),
        ("gambar.html", png(), "image/png", "gambar.html.png"),
        ("C:\\Users\\a\\foto.PNG", png(), "image/png", "foto.PNG"),
        ("surat pengantar “desa”.pdf", PDF, "application/pdf", "surat%20pengantar"),
    ],
)
def test_attachments_come_sandboxed_under_a_safe_name(
    site: Site, name: str, data: bytes, media_type: str, filename: str
) -> None:
    answer = site.client("kasi").get(_attached(site, name, data))
    assert answer.data == data
    assert answer.headers["Content-Type"] == media_type
    assert answer.headers["Content-Disposition"].startswith("inline; filename")
    assert filename in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "X-Evil" not in answer.headers


def test_a_file_that_is_gone_from_the_store_says_so(site: Site) -> None:
    address = _attached(site, "a.pdf", PDF)
    blobs = site.house.settings.instance / "blobs" / "attachments"
    next(blobs.iterdir()).write_bytes(b"damaged")
    answer = site.client("staf").get(address)
    assert answer.status_code == 404


def test_names_of_files_are_escaped(site: Site) -> None:
    address = _attached(site, "<img src=x onerror=alert(1)>.pdf", PDF)
    page = site.client("staf").get(address.rsplit("/lampiran", 1)[0]).text
    assert "<img src=x" not in page and "&lt;img src=x" in page


def test_pages_of_the_rendering_are_for_staff_until_it_is_a_letter(site: Site) -> None:
    berkas_id = site.berkas(step=4)
    kasi, sha = site.client("kasi"), site.shown(berkas_id).hex()
    answer = kasi.get(f"/berkas/{berkas_id}/halaman/1.webp?lebar=480&v={sha}")
    assert Image.open(io.BytesIO(answer.data)).size[0] == 480
    assert "immutable" in answer.headers["Cache-Control"] and "private" in answer.headers["Cache-Control"]
    again = kasi.get(f"/berkas/{berkas_id}/halaman/1.webp?lebar=480", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304 and again.data == b""
    assert site.client("pemohon").get(f"/berkas/{berkas_id}/halaman/1.webp").status_code == 404
    assert f"v={sha}" in kasi.get(f"/berkas/{berkas_id}").text


@pytest.mark.parametrize("path", ["0.webp", "2.webp", "1.webp?lebar=5000", "1.webp?lebar=x&v=00", "1.webp?v=00"])
def test_pictures_that_do_not_exist(site: Site, path: str) -> None:
    assert site.client("kasi").get(f"/berkas/{site.berkas(step=4)}/halaman/{path}").status_code == 404


def test_the_rendering_and_the_letter_are_the_stored_bytes(site: Site) -> None:
    berkas_id = site.berkas(step=6)
    staf, detail = site.client("staf"), site.detail(berkas_id)
    draft = staf.get(f"/berkas/{berkas_id}/naskah.pdf")
    assert hashlib.sha256(draft.data).digest() == detail.rendering.sha256
    answer = staf.get(f"/berkas/{berkas_id}/surat.pdf")
    assert hashlib.sha256(answer.data).digest() == detail.letter_file.sha256
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=surat-400.9-")
    assert answer.data.startswith(draft.data)
    assert site.client("pemohon").get(f"/berkas/{berkas_id}/surat.pdf").status_code == 404, "not registered yet"
    assert site.client("pemohon").get(f"/berkas/{berkas_id}/naskah.pdf").status_code == 403


def test_the_applicant_gets_the_letter_once_it_is_to_be_collected(site: Site) -> None:
    berkas_id = site.berkas(step=7)
    client = site.client("pemohon")
    assert client.get(f"/berkas/{berkas_id}/surat.pdf").status_code == 200
    assert client.get(f"/berkas/{berkas_id}/halaman/1.webp").status_code == 200


def test_there_is_no_letter_before_it_is_signed(site: Site) -> None:
    berkas_id = site.berkas(step=2)
    client = site.client("staf")
    for path in ("surat.pdf", "naskah.pdf", "halaman/1.webp"):
        assert client.get(f"/berkas/{berkas_id}/{path}").status_code == 404


def test_the_control_sheet_carries_the_paraf(site: Site) -> None:
    berkas_id = site.berkas(step=5)
    page = site.client("camat").get(f"/berkas/{berkas_id}/kendali").text
    assert "KASI KEMASYARAKATAN" in page and site.shown(berkas_id).hex() in page
    assert "Rina Wulandari" in page
    assert site.client("pemohon").get(f"/berkas/{berkas_id}/kendali").status_code == 403
