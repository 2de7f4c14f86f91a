"""Kantor in the browser without JavaScript: what is to do, forms with faults at their fields, the logo, test letter."""

from __future__ import annotations

import html
import re

import pytest
from helpers_web import Site, png

pytest_plugins = ("helpers_web",)
TYPED = {
    "government": "PEMERINTAH <b>X</b>",
    "name": "KECAMATAN PACET",
    "address": "JL. A",
    "place": "Pacet",
    "unit": "4",
}


def test_the_first_page_says_what_is_to_do_and_leads_there(site: Site) -> None:
    admin = site.client("admin")
    page = admin.get("/kantor/").text
    assert "3 dari 7 siap" in page and 'href="/kantor/identitas?alur=mulai"' in page
    assert "Buka Kantor" in admin.get("/").text
    steps: tuple[tuple[str, dict[str, str], str], ...] = (
        ("identitas", TYPED, "/kantor/logo"),
        ("logo/hapus", {}, "/kantor/nomor"),
        ("nomor", {"number_pattern": "{urut}/{tahun}"}, "/akun/"),
        ("surat-uji", {}, "/kantor/surat-uji"),
    )
    for path, form, after in steps:
        answer = admin.submit(f"/kantor/{path}", form | {"alur": "mulai"})
        assert answer.headers["Location"] == f"{after}?alur=mulai", path
    assert "Langkah 4 dari 6" in admin.get("/akun/?alur=mulai").text
    assert "Kantor siap bekerja" in admin.get("/kantor/").text


def test_the_identity_is_kept_shown_everywhere_and_recorded(site: Site) -> None:
    admin = site.client("admin")
    answer = admin.submit("/kantor/identitas", TYPED)
    assert answer.status_code == 303 and answer.headers["Location"] == "/kantor/"
    for page in (admin.get("/kantor/").text, site.client().get("/masuk").text):
        assert "KECAMATAN PACET" in page and "<b>X" not in page
    history = site.client("auditor").get("/kantor/riwayat").text
    assert "Identitas kantor disimpan" in history and "Trawas → Pacet" in history


def test_the_record_keeps_no_name_and_says_in_words_that_it_changed(site: Site) -> None:
    admin = site.client("admin")
    person = site.actor("pemohon").user_id
    answer = admin.submit(f"/akun/{person}/ubah", {"name": "Siti Aminah Rahayu", "roles": ["pemohon"], "seksi": ""})
    assert answer.status_code == 303
    history = admin.get("/kantor/riwayat").text
    assert "Akun diubah" in history and "diubah</" in history and "changed" not in history


def test_faults_stand_at_their_fields_and_nothing_typed_is_lost(site: Site) -> None:
    admin = site.client("admin")
    answer = admin.submit("/kantor/identitas", TYPED | {"name": "", "place": "x" * 60})
    assert answer.status_code == 422
    for field in ("name", "place"):
        assert f'href="#{field}"' in answer.text and f'id="{field}-error"' in answer.text
    assert html.escape(TYPED["government"]) in answer.text and "JL. A" in answer.text
    assert "KECAMATAN TRAWAS" in admin.get("/kantor/identitas").text
    wrong = admin.submit("/kantor/nomor", {"number_pattern": "{urut.__class__}"})
    assert wrong.status_code == 422 and "tidak dikenal" in wrong.text and "{urut.__class__}" in wrong.text


def test_the_preview_answers_scripts_and_people(site: Site) -> None:
    admin = site.client("admin")
    json = {"Accept": "application/json"}
    form = {"halaman": "nomor", "number_pattern": "{urut:03d}/{tahun}"}
    drawn = admin.submit("/kantor/pratinjau", form, headers=json).get_json()
    assert drawn["pages"][0]["src"].startswith("data:image/webp;base64,")
    page = admin.submit("/kantor/pratinjau", form)
    assert page.status_code == 200 and "001/" in page.text and 'value="{urut:03d}/{tahun}"' in page.text
    faulty = admin.submit("/kantor/pratinjau", TYPED | {"halaman": "identitas", "name": ""}, headers=json)
    assert faulty.status_code == 422 and list(faulty.get_json()["errors"]) == ["name"]
    assert "{urut}/{unit}" not in admin.get("/kantor/nomor").text.replace("{klasifikasi}/{urut}/{unit}/{tahun}", "")


def test_the_logo_stands_in_every_head_and_is_served_as_a_picture(site: Site) -> None:
    admin = site.client("admin")
    assert admin.submit("/kantor/logo", {"logo": (png(), "a.png"), "logo_alt": "Lambang"}).status_code == 303
    page = site.client().get("/masuk").text
    found = re.search(r'src="(/logo/[0-9a-f]{64}\.png)"', page)
    assert found
    answer = site.client().get(found[1])
    assert answer.status_code == 200 and answer.mimetype == "image/png"
    assert "immutable" in answer.headers["Cache-Control"] and "Set-Cookie" not in answer.headers
    assert 'alt="Lambang"' in admin.get("/kantor/logo").text
    admin.submit("/kantor/logo/hapus")
    assert site.client().get(found[1]).status_code == 404
    assert "/logo/" not in site.client().get("/masuk").text


@pytest.mark.parametrize(
    ("data", "text"), [(b"<svg/>", "SVG tidak diterima"), (b"MZ", "Bukan gambar"), (b"", "Pilih file")]
)
def test_a_logo_that_is_none_is_refused_at_its_field(site: Site, data: bytes, text: str) -> None:
    answer = site.client("admin").submit("/kantor/logo", {"logo": (data, "a.svg"), "logo_alt": "Lambang saya"})
    assert answer.status_code == 422 and text in answer.text and 'href="#logo"' in answer.text
    assert "Lambang saya" in answer.text


def test_the_test_letter_is_shown_with_its_report_and_can_be_had(site: Site) -> None:
    admin = site.client("admin")
    assert "Belum ada surat uji" in admin.get("/kantor/surat-uji").text
    admin.submit("/kantor/surat-uji")
    page = admin.get("/kantor/surat-uji").text
    assert "Surat uji lolos semua pemeriksaan" in page and page.count('<strong class="good">') == 6
    pdf, picture = admin.get("/kantor/surat-uji/1.pdf"), admin.get("/kantor/surat-uji/1.webp")
    assert pdf.data.startswith(b"%PDF-") and picture.mimetype == "image/webp"
    assert 'filename="surat-uji-1.pdf"' in pdf.headers["Content-Disposition"]
    admin.submit("/kantor/nomor", {"number_pattern": "{urut}/{tahun}"})
    assert "berubah sejak surat ini dibuat" in admin.get("/kantor/surat-uji").text


def test_health_in_words(site: Site) -> None:
    admin = site.client("admin")
    page = admin.get("/kesehatan").text
    assert "Ada masalah" in page and "python -m signer worker" in page
    assert "Surel (SMTP)" in page and "pemberitahuan hanya di dalam aplikasi" in page
    site.drain()
    page = admin.get("/kesehatan").text
    assert "python -m signer worker" not in page and "Memberi stempel waktu" in page
    assert "Surel (SMTP)" in page and "pemberitahuan hanya di dalam aplikasi" in page
    assert site.client().get("/readyz").status_code == 200
