"""/lacak and /gaya: what a stranger sees."""

from __future__ import annotations

from typing import Any

import pytest
from helpers_web import Site

from signer.berkas import paraf

pytest_plugins = ("helpers_web",)


@pytest.fixture(autouse=True)
def _fresh_limits(site: Site) -> None:
    """The limiter counts for the whole process."""
    from signer.web.security import limiter

    limiter.reset()


def _track(site: Site, code: str) -> Any:
    return site.client().submit("/lacak", {"kode": code})


def test_the_form_needs_no_account(site: Site) -> None:
    page = site.client().get("/lacak").text
    assert 'name="kode"' in page and "Kode pelacakan" in page


@pytest.mark.parametrize(
    "write", [str, str.lower, lambda code: f" {code[:5]}-{code[5:]} ", lambda code: f"{code[:5]} {code[5:]}"]
)
def test_position_without_names_or_facts(site: Site, write: Any) -> None:
    berkas_id = site.berkas(step=3)
    answer = _track(site, write(site.row(berkas_id).code))
    assert answer.status_code == 200
    assert "Memproses surat" in answer.text and "Sedang berjalan" in answer.text
    assert "Tidak ada yang perlu Anda lakukan" in answer.text
    for secret in ("Siti Aminah", "Ketapanrame", "Rina Wulandari", "Pendopo", "pengantar-desa.pdf"):
        assert secret not in answer.text
    assert answer.headers["Cache-Control"] == "no-store" and "noindex" in answer.headers["X-Robots-Tag"]


def test_reasons_of_a_return_and_what_to_do(site: Site) -> None:
    berkas_id = site.berkas(step=2)
    site.give_back(berkas_id, "Cap <b>desa</b> belum ada.")
    page = _track(site, site.row(berkas_id).code).text
    assert "Pengantar dari Desa: Cap &lt;b&gt;desa&lt;/b&gt; belum ada." in page
    assert "serahkan lagi dari akun Anda atau di loket" in page


def test_the_offices_own_returns_stay_inside(site: Site) -> None:
    berkas_id = site.berkas(step=4)
    paraf.send_back(site.house.desk, site.actor("kasi"), berkas_id, site.row(berkas_id).version, "Salah ketik NIP.")
    page = _track(site, site.row(berkas_id).code).text
    assert "Salah ketik NIP." not in page and "Dikembalikan" not in page


def test_the_letter_is_linked_once_it_is_to_be_collected(site: Site) -> None:
    berkas_id = site.berkas(step=6)
    code, token = site.row(berkas_id).code, site.detail(berkas_id).letter.token
    assert token not in _track(site, code).text
    site._register(berkas_id)
    page = _track(site, code).text
    assert f"/v/{token}" in page and "Surat sudah jadi" in page


def test_how_it_ended(site: Site) -> None:
    from signer.berkas import check

    berkas_id = site.berkas(step=2)
    check.refuse(site.house.desk, site.actor("staf"), berkas_id, site.row(berkas_id).version, "Sudah dirakorkan.")
    page = _track(site, site.row(berkas_id).code).text
    assert "Pengajuan ditolak" in page and "Alasan: Sudah dirakorkan." in page
    assert "Surat sudah diambil" in _track(site, site.row(site.berkas(step=8)).code).text


@pytest.mark.parametrize("code", ["", "2345678923", "x" * 500, "' OR 1=1 --", "<script>", "\x00"])
def test_unknown_codes_say_so_and_no_more(site: Site, code: str) -> None:
    site.berkas(step=2)
    answer = _track(site, code)
    assert (
        answer.status_code == 404
        and "Kode ini tidak dikenal." in answer.text
        and "<script>" not in answer.text.split("<main")[1].split("</main")[0]
    )


def test_guessing_is_slowed_down(site: Site) -> None:
    client = site.client()
    answers = [client.submit("/lacak", {"kode": "2345678923"}).status_code for _ in range(22)]
    assert answers[:20] == [404] * 20 and answers[21] == 429


def test_the_code_is_not_taken_from_the_address(site: Site) -> None:
    code = site.row(site.berkas(step=2)).code
    assert "Memeriksa kelengkapan" not in site.client().get("/lacak", query_string={"kode": code}).text


def test_the_design_page_is_for_builders(site: Site) -> None:
    assert "Gaya" in site.client().get("/gaya").text


@pytest.mark.parametrize(
    "write",
    [
        lambda code: f"{code[:5]} – {code[5:]}".lower(),
        lambda code: f"{code[:5]}.{code[5:]}\u00a0",
        lambda code: f"Kode: {code[:5]}-{code[5:]}",
        lambda code: f"https://surat.example/lacak#{code[:5]}-{code[5:]}",
        lambda code: f"http://127.0.0.1:8000/lacak?kode={code}",
    ],
)
def test_a_code_is_understood_however_it_was_noted_or_pasted(site: Site, write: Any) -> None:
    code = site.row(site.berkas(step=2)).code
    answer = _track(site, write(code))
    assert answer.status_code == 200 and "Memeriksa kelengkapan" in answer.text


@pytest.mark.parametrize(
    ("code", "told"), [("7K3MO9TWX1", "1, O"), ("7K3MQ9TWX2", None), ("O", None), ("UUUUUUUUUU", "U")]
)
def test_letters_that_no_code_has_are_named(site: Site, code: str, told: str | None) -> None:
    page = _track(site, code).text
    assert ("Kode tidak pernah memuat" in page) is (told is not None)
    assert told is None or f"memuat {told};" in page


def test_an_address_with_the_code_only_fills_the_form(site: Site) -> None:
    """Programs that fetch addresses to preview them learn nothing; nor does a Referer carry it to anybody else."""
    code = site.row(site.berkas(step=2)).code
    answer = site.client().get("/lacak", query_string={"kode": code + "x" * 500})
    assert f'value="{code}xx' in answer.text and "Memeriksa kelengkapan" not in answer.text
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert f"/lacak#{code[:5]}-{code[5:]}" in _track(site, code).text, "what is passed on has it where it is never sent"


def test_what_to_do_where_and_how_long_it_takes(site: Site) -> None:
    berkas_id = site.berkas(step=2)
    page = _track(site, site.row(berkas_id).code).text
    assert "Paling lama 30 menit kerja lagi" in page and "Senin–Kamis 07.30–16.00, Jumat 07.30–14.30 WIB" in page
    assert page.count('<li class="') >= 7 and "Tujuh langkah" in page
    site.give_back(berkas_id, "Belum dicap.")
    page = _track(site, site.row(berkas_id).code).text
    assert 'href="/masuk"' in page and "datang ke loket KECAMATAN TRAWAS" in page
    assert "Setelah diserahkan: paling lama 30 menit kerja" in page


def test_a_late_step_says_so(site: Site) -> None:
    berkas_id = site.berkas(step=3)
    site.clock.shift(days=8)
    page = _track(site, site.row(berkas_id).code).text
    assert "sudah melewati waktu standarnya" in page and "Paling lama" not in page
