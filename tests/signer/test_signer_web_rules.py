"""An admin edits SOP files and letter templates: checked with line and fault, shown as a difference, then in force."""

from __future__ import annotations

import html

from helpers_web import Site, hidden

from signer import sop

pytest_plugins = ("helpers_web",)
SLUG, KEY = "rakor-bspps", "undangan-rakor"


def _area(page: str, name: str) -> str:
    start = page.index(f'name="{name}"')
    return html.unescape(page[page.index(">", start) + 1 : page.index("</textarea>", start)]).lstrip("\n")


def test_an_sop_is_checked_then_put_in_force(site: Site) -> None:
    admin = site.client("admin")
    page = admin.get(f"/kantor/sop/{SLUG}").text
    changed = _area(page, "text").replace("waktu = 10", "waktu = 12", 1)
    data = {"text": changed, "seen": hidden(page, "seen")}
    checked = admin.submit(f"/kantor/sop/{SLUG}", data)
    assert checked.status_code == 200 and "File ini dapat dipakai" in checked.text
    assert "waktu = 12</ins>" in checked.text and _area(checked.text, "text") == changed
    done = admin.submit(f"/kantor/sop/{SLUG}", data | {"aksi": "berlakukan"}, follow_redirects=True)
    assert "berlaku untuk berkas yang dimulai dari sekarang" in done.text and "12 menit" in done.text
    history = site.client("auditor").get("/kantor/riwayat").text
    assert "SOP diberlakukan" in history and sop.digest(changed)[:8] in history and hidden(page, "seen")[:8] in history
    again = admin.submit(f"/kantor/sop/{SLUG}", data | {"aksi": "berlakukan"})
    assert again.status_code == 409 and _area(again.text, "text") == changed


def test_a_fault_stands_at_its_field_with_its_line(site: Site) -> None:
    admin = site.client("admin")
    text = _area(admin.get(f"/kantor/sop/{SLUG}").text, "text").replace("no = 5", "no = 50", 1)
    answer = admin.submit(f"/kantor/sop/{SLUG}", {"text": text, "aksi": "berlakukan"})
    line = text[: text.index("no = 50")].count("\n") + 1
    assert answer.status_code == 422 and f"Baris {line}." in answer.text and _area(answer.text, "text") == text


def test_a_chosen_file_counts_instead_of_the_text(site: Site) -> None:
    admin = site.client("admin")
    page = admin.get("/kantor/sop/baru").text
    other = _area(page, "text").replace('kunci = "rakor-bspps"', 'kunci = "kegiatan-rakor"', 1)
    data = {"text": "x", "seen": "", "text-file": (other.encode(), "sop.toml"), "aksi": "berlakukan"}
    assert admin.submit("/kantor/sop/baru", data).headers["Location"] == "/sop/kegiatan-rakor"
    assert "kegiatan-rakor" in admin.get("/kantor/sop/").text
    wrong = admin.submit("/kantor/sop/baru", {"text-file": (b"\xff\xfe", "sop.toml")})
    assert wrong.status_code == 422 and "UTF-8" in wrong.text


def test_a_template_is_printed_for_trial_then_put_in_force(site: Site) -> None:
    admin = site.client("admin")
    page = admin.get(f"/kantor/templat/{KEY}").text
    data = {
        "version": hidden(page, "version"),
        "description": _area(page, "description").replace('title = "', 'title = "Baru: ', 1),
        "source": _area(page, "source"),
    }
    tried = admin.submit(f"/kantor/templat/{KEY}", data | {"aksi": "uji"})
    assert "Uji cetak berhasil" in tried.text and "data:image/webp;base64," in tried.text
    pdf = admin.submit(f"/kantor/templat/{KEY}", data | {"aksi": "pdf"})
    assert pdf.data.startswith(b"%PDF-") and pdf.mimetype == "application/pdf"
    done = admin.submit(f"/kantor/templat/{KEY}", data | {"aksi": "berlakukan"}, follow_redirects=True)
    assert "Baru: " in done.text
    assert "Templat surat diberlakukan" in site.client("auditor").get("/kantor/riwayat").text
    assert admin.submit(f"/kantor/templat/{KEY}", data | {"aksi": "berlakukan"}).status_code == 409


def test_a_template_that_does_not_print_keeps_what_was_typed(site: Site) -> None:
    admin = site.client("admin")
    page = admin.get(f"/kantor/templat/{KEY}").text
    source = _area(page, "source").replace("#kop(d)", "#kop(e)", 1)
    data = {"version": hidden(page, "version"), "description": _area(page, "description"), "source": source}
    for deed in ("uji", "berlakukan"):
        answer = admin.submit(f"/kantor/templat/{KEY}", data | {"aksi": deed})
        assert answer.status_code == 422 and "undangan-rakor.typ:" in answer.text
        assert _area(answer.text, "source") == source
    assert admin.submit(f"/kantor/templat/{KEY}", data | {"aksi": "pdf"}).status_code == 404


def test_a_new_template_starts_from_another_and_needs_a_key_of_its_own(site: Site) -> None:
    admin = site.client("admin")
    page = admin.get("/kantor/templat/baru?dari=surat-pengantar").text
    texts = {name: _area(page, name) for name in ("description", "source")}
    taken = admin.submit("/kantor/templat/baru", texts | {"key": KEY, "version": "0", "aksi": "berlakukan"})
    assert taken.status_code == 422 and "sudah dipakai templat lain" in taken.text
    texts["description"] = texts["description"].replace("surat-pengantar.typ", "surat-tugas.typ")
    made = admin.submit("/kantor/templat/baru", texts | {"key": "surat-tugas", "version": "0", "aksi": "berlakukan"})
    assert made.headers["Location"] == "/kantor/templat/"
    assert "surat-tugas" in admin.get("/kantor/templat/").text
    assert admin.get("/kantor/templat/tidak-ada").status_code == 404
