"""The SOP page: every word of the file's table, and a berkas's place in it."""

from __future__ import annotations

import html

from helpers_web import Site

from signer import sops

pytest_plugins = ("helpers_web",)


def _text(page: str) -> str:
    return html.unescape(page)


def test_the_list_leads_to_the_sop(site: Site) -> None:
    page = site.client("pemohon").get("/sop/").text
    assert 'href="/sop/rakor-bspps"' in page and "065/ 05 /416-304/2024" in page


def test_the_whole_sop_is_on_its_page(site: Site) -> None:
    steps = site.detail(site.berkas()).sop
    page = _text(site.client("auditor").get("/sop/rakor-bspps").text)
    texts = [*steps.legal_basis, *steps.qualifications, *steps.equipment, steps.warning, steps.recording, *steps.notes]
    texts += [steps.header.title, steps.header.number, steps.approval.name, "SOP Kegiatan RAKOR", "Tgl Revisi", "Ket"]
    texts += [role.heading for role in steps.roles]
    for step in steps.steps:
        texts += [step.activity, step.materials, step.output, f"{step.minutes} menit"]
    assert [text for text in texts if text not in page] == []
    assert "40 menit" in page and "15 Januari 2024" in page


def test_the_flow_goes_back_where_the_file_says(site: Site) -> None:
    page = _text(site.client("staf").get("/sop/rakor-bspps").text)
    assert page.count("tidak: ke 1") == 2 and "tidak: ke 3 / 4" in page
    assert page.count('aria-label="keputusan"') == 4


def test_the_berkas_is_marked_in_the_table(site: Site) -> None:
    berkas_id = site.berkas(step=2)
    page = site.client("pemohon").get(f"/sop/rakor-bspps?berkas={berkas_id}").text
    assert page.count('aria-current="step"') == 1 and page.count("Berkas di sini") == 1
    assert "Siti Aminah, Ketapanrame" in page
    assert "Berkas di sini" not in site.client("pemohon").get("/sop/rakor-bspps").text


def test_a_berkas_shows_the_version_it_started_under(site: Site) -> None:
    berkas_id = site.berkas(step=2)
    with site.house.db.begin() as session:
        version, steps = sops.current(session, 1, "rakor-bspps")
        changed = version.text.replace('tanggal_revisi = ""', "tanggal_revisi = 2026-02-03")
        sops.publish(session, 1, steps.key, changed, site.house.desk.now())
    client = site.client("staf")
    assert "3 Februari 2026" in client.get("/sop/rakor-bspps").text
    assert "3 Februari 2026" not in client.get(f"/sop/rakor-bspps?berkas={berkas_id}").text


def test_a_related_sop_is_linked_once_its_file_is_there(site: Site) -> None:
    client = site.client("staf")
    assert 'href="/sop/kegiatan-rakor"' not in client.get("/sop/rakor-bspps").text
    with site.house.db.begin() as session:
        version, _steps = sops.current(session, 1, "rakor-bspps")
        other = version.text.replace('kunci = "rakor-bspps"', 'kunci = "kegiatan-rakor"', 1)
        sops.publish(session, 1, "kegiatan-rakor", other, site.house.desk.now())
    assert 'href="/sop/kegiatan-rakor"' in client.get("/sop/rakor-bspps").text
    assert "Pilih layanan" in client.get("/berkas/baru").text, "with two SOPs there is a choice"
    assert client.get("/berkas/baru?sop=kegiatan-rakor").status_code == 200
    assert client.get("/berkas/baru?sop=tidak-ada").status_code == 404


def test_what_is_not_there(site: Site) -> None:
    client = site.client("pemohon")
    own, foreign = site.berkas(step=2), site.berkas(step=2, by="staf")
    queries = (f"tidak-ada?berkas={own}", "rakor-bspps?berkas=9999", f"rakor-bspps?berkas={foreign}")
    for path in ("tidak-ada", *queries):
        assert client.get(f"/sop/{path}").status_code == 404, path
