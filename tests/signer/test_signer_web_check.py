"""SOP step 2 in the browser: the checklist, returning with reasons, refusing."""

from __future__ import annotations

from typing import Any

import pytest
from helpers_web import PDF, Site, hidden, png

from signer.berkas import submit
from signer.uploads import Upload

pytest_plugins = ("helpers_web",)
KEYS = ("pengantar-desa", "ijin-monev", "berkas-pemohon")


def _decision(site: Site, berkas_id: int, aksi: str, **changes: Any) -> dict[str, Any]:
    """Everything complete, and what `changes` say otherwise."""
    page = site.client("staf").get(f"/berkas/{berkas_id}/periksa").text
    values: dict[str, Any] = {f"periksa-{key}": "lengkap" for key in KEYS}
    return values | {"aksi": aksi, "version": hidden(page, "version")} | changes


def test_the_papers_stand_beside_their_requirement(site: Site) -> None:
    berkas_id = site.berkas(step=1)
    files = [Upload("pengantar-desa", "cap.png", png()), Upload("berkas-pemohon", "kk.pdf", PDF)]
    submit.attach(site.house.desk, site.actor("pemohon"), berkas_id, files)
    submit.hand_in(site.house.desk, site.actor("pemohon"), berkas_id)
    page = site.client("staf").get(f"/berkas/{berkas_id}/periksa").text
    numbers = {file.name: file.id for file in site.detail(berkas_id).files}
    assert page.count(f"/berkas/{berkas_id}/lampiran/{numbers['kk.pdf']}") == 1
    assert f'<img src="/berkas/{berkas_id}/lampiran/{numbers["cap.png"]}" alt="cap.png"' in page
    assert page.index("Pengantar dari Desa") < page.index("cap.png") < page.index("kk.pdf")


def test_accepted_goes_on_to_the_letter(site: Site) -> None:
    berkas_id = site.berkas(step=2)
    answer = site.client("staf").submit(f"/berkas/{berkas_id}/periksa", _decision(site, berkas_id, "terima"))
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/berkas/{berkas_id}")
    assert site.row(berkas_id).step == 3


def test_returned_with_a_reason_for_each_item(site: Site) -> None:
    berkas_id = site.berkas(step=2)
    lacking = {"periksa-ijin-monev": "kurang", "alasan-ijin-monev": "Tanggal <i>salah</i>."}
    data = _decision(site, berkas_id, "kembalikan", catatan="Segera.", **lacking)
    assert site.client("staf").submit(f"/berkas/{berkas_id}/periksa", data).status_code == 303
    assert site.row(berkas_id).step == 1
    page = site.client("pemohon").get(f"/berkas/{berkas_id}/isian").text
    assert "Pengajuan Ijin Monev: Tanggal &lt;i&gt;salah&lt;/i&gt;." in page and "Segera." in page


def test_the_next_check_shows_what_was_found_before(site: Site) -> None:
    berkas_id = site.berkas(step=2)
    site.give_back(berkas_id, "Belum dicap.")
    submit.hand_in(site.house.desk, site.actor("pemohon"), berkas_id)
    page = site.client("staf").get(f"/berkas/{berkas_id}/periksa").text
    assert "Pemeriksaan sebelumnya: Belum dicap." in page


@pytest.mark.parametrize(
    ("aksi", "changes", "field", "text"),
    [
        ("terima", {"periksa-ijin-monev": ""}, "periksa-ijin-monev", "tandai lengkap atau belum"),
        ("terima", {"periksa-ijin-monev": "kurang"}, "periksa-ijin-monev", "Belum lengkap"),
        ("kembalikan", {"periksa-ijin-monev": "kurang"}, "alasan-ijin-monev", "Tulis apa yang kurang."),
        ("kembalikan", {}, "catatan", "Alasan wajib diisi"),
        ("tolak", {"alasan-tolak": "Ganda"}, "yakin", "Centang bahwa pengajuan ini memang ditolak"),
        ("tolak", {"yakin": "ya", "alasan-tolak": " "}, "alasan-tolak", "Alasan wajib diisi"),
        ("lain", {}, "", "Pilih terima, kembalikan, atau tolak."),
    ],
)
def test_a_decision_that_lacks_something_is_shown_again(
    site: Site, aksi: str, changes: dict[str, str], field: str, text: str
) -> None:
    berkas_id = site.berkas(step=2)
    kept = {"alasan-berkas-pemohon": "Tetap ada."}
    answer = site.client("staf").submit(
        f"/berkas/{berkas_id}/periksa", _decision(site, berkas_id, aksi, **(kept | changes))
    )
    assert answer.status_code == 422 and text in answer.text and "Tetap ada." in answer.text
    if field:
        assert f'href="#{field}"' in answer.text and f'id="{field}"' in answer.text
    assert site.row(berkas_id).step == 2


def test_refused_for_good(site: Site) -> None:
    berkas_id = site.berkas(step=2)
    data = {"version": site.row(berkas_id).version, "aksi": "tolak", "yakin": "ya", "alasan-tolak": "Sudah dirakorkan."}
    assert site.client("staf").submit(f"/berkas/{berkas_id}/periksa", data).status_code == 303
    assert site.row(berkas_id).state == "ditolak"
    assert "Sudah dirakorkan." in site.client("pemohon").get(f"/berkas/{berkas_id}").text


def test_two_staff_at_once(site: Site) -> None:
    berkas_id = site.berkas(step=2)
    late = _decision(site, berkas_id, "terima", version="0")
    assert site.client("staf").submit(f"/berkas/{berkas_id}/periksa", late).status_code == 409


def test_elsewhere_and_other_roles(site: Site) -> None:
    berkas_id = site.berkas(step=3)
    assert site.client("staf").get(f"/berkas/{berkas_id}/periksa").status_code == 303
    assert site.client("kasi").get(f"/berkas/{berkas_id}/periksa").status_code == 403
    assert site.client("staf").get("/berkas/9999/periksa").status_code == 404
