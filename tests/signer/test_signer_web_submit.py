"""SOP step 1 in the browser: one form, and nothing that was given is lost."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from helpers_web import PDF, Client, Site, hidden, png

from signer.uploads import MAX_BYTES

pytest_plugins = ("helpers_web",)


def _facts(site: Site, **changes: Any) -> dict[str, Any]:
    """A complete form without files."""
    day = site.house.desk.today().replace(year=site.house.desk.today().year + 1, day=1)
    values: dict[str, Any] = {
        "applicant": "Siti Aminah",
        "desa": "Ketapanrame",
        "phone": "0812 3456 7890",
        "day": day.isoformat(),
        "start": "09:30",
        "place": "Pendopo",
        "invitees": ["Agen", "Bukan pilihan"],
        "others": "Kepala Desa\n\nBabinsa",
        "goods-commodity": ["Beras", "", "Telur"],
        "goods-amount": ["500", "", "120"],
        "goods-unit": ["kg", "", "butir"],
        "notes": "Mohon pagi.",
        "aksi": "serahkan",
    }
    return values | changes


def _files(**changes: Any) -> dict[str, Any]:
    """Both required papers."""
    files: dict[str, Any] = {
        "files-pengantar-desa": (PDF, "pengantar.pdf"),
        "files-berkas-pemohon": [(png(), "ktp.png"), (PDF + b"kk", "kk.pdf")],
    }
    return files | changes


def _send(client: Client, url: str, data: dict[str, Any]) -> Any:
    return client.submit(url, data, content_type="multipart/form-data")


def _only(site: Site) -> int:
    """The id of the one berkas there is."""
    found = re.findall(r'href="/berkas/(\d+)"', site.client("staf").get("/berkas/").text)
    assert len(set(found)) == 1
    return int(found[0])


def test_a_complete_request_is_handed_in_at_once(site: Site) -> None:
    client = site.client("pemohon")
    assert "Ajukan Rakor baru" in client.get("/berkas/baru").text
    answer = _send(client, "/berkas/baru", _facts(site) | _files())
    assert answer.status_code == 303
    berkas_id, page = _only(site), client.get(answer.headers["Location"]).text
    code = site.row(berkas_id).code
    assert f"{code[:5]}-{code[5:]}" in page and "Berkas sudah diserahkan" in page
    detail = site.detail(berkas_id)
    assert detail.berkas.step == 2
    assert detail.berkas.applicant_id == site.actor("pemohon").user_id
    assert detail.berkas.agenda["invitees"] == ["Agen", "Kepala Desa", "Babinsa"]
    assert [row["commodity"] for row in detail.berkas.sembako] == ["Beras", "Telur"]
    assert (detail.phone, detail.notes) == ("0812 3456 7890", "Mohon pagi.")
    assert [file.name for file in detail.files] == ["pengantar.pdf", "ktp.png", "kk.pdf"]


def test_what_is_missing_is_said_and_what_was_given_stays(site: Site) -> None:
    client = site.client("pemohon")
    answer = _send(client, "/berkas/baru", _facts(site) | {"files-pengantar-desa": (PDF, "pengantar.pdf")})
    berkas_id = _only(site)
    assert answer.headers["Location"] == f"/berkas/{berkas_id}/isian"
    page = client.get(answer.headers["Location"]).text
    assert "Berkas Pemohon: belum ada file." in page and "pengantar.pdf" in page
    assert 'href="#files-berkas-pemohon"' in page and 'value="Ketapanrame"' in page
    assert "belum ada file" not in client.get(f"/berkas/{berkas_id}/isian").text, "said once"
    more = _facts(site, version=hidden(page, "version")) | {"files-berkas-pemohon": (PDF + b"2", "kk.pdf")}
    answer = _send(client, f"/berkas/{berkas_id}/isian", more)
    assert "diserahkan" in answer.headers["Location"]
    assert site.row(berkas_id).step == 2


def test_it_can_be_saved_without_handing_in(site: Site) -> None:
    client = site.client("pemohon")
    answer = _send(client, "/berkas/baru", _facts(site, aksi="simpan") | _files())
    assert "Berkas belum diserahkan" in client.get(answer.headers["Location"]).text
    assert site.row(_only(site)).step == 1
    assert (
        client.submit(f"/berkas/{_only(site)}/serahkan", {"version": site.row(_only(site)).version}).status_code == 303
    )
    assert site.row(_only(site)).step == 2


@pytest.mark.parametrize(
    ("changes", "field", "text"),
    [
        ({"applicant": " "}, "applicant", "Nama pemohon wajib diisi."),
        ({"desa": "x" * 121}, "desa", "Desa paling panjang"),
        ({"day": "kemarin"}, "day", "Tanggal rakor wajib diisi."),
        ({"day": "2020-01-01"}, "day", "Tanggal rakor sudah lewat."),
        ({"start": "25:99"}, "start", "Waktu rakor wajib diisi"),
        ({"place": "a\x00b"}, "place", "karakter yang tidak dapat dicetak"),
        ({"invitees": [], "others": " \n"}, "invitees", "sedikitnya satu peserta"),
        (
            {"goods-commodity": ["", "", ""], "goods-amount": [""] * 3, "goods-unit": [""] * 3},
            "goods",
            "sedikitnya satu",
        ),
        ({"goods-amount": ["", "", "120"]}, "goods", "memerlukan jenis dan jumlah"),
        ({"phone": "0" * 41}, "phone", "terlalu panjang"),
    ],
)
def test_a_fault_stands_beside_its_field_and_the_form_keeps_the_rest(
    site: Site, changes: dict[str, Any], field: str, text: str
) -> None:
    answer = _send(site.client("pemohon"), "/berkas/baru", _facts(site, **changes))
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text and f'id="{field}-error"' in answer.text and text in answer.text
    assert f'id="{field}"' in answer.text, "the summary leads to the field"
    assert "Mohon pagi." in answer.text
    assert "Belum ada berkas" in site.client("staf").get("/berkas/").text


def test_files_sent_with_a_faulty_form_need_not_be_sent_again(site: Site) -> None:
    client = site.client("pemohon")
    answer = _send(client, "/berkas/baru", _facts(site, desa="") | _files(**{"files-ijin-monev": (b"no", "x.pdf")}))
    assert answer.status_code == 422 and "kk.pdf" in answer.text
    assert "x.pdf: Bukan PDF, JPEG atau PNG yang dapat dibaca." in answer.text
    kept = re.findall(r'name="kept" value="([^"]+)"', answer.text)
    assert len(kept) == 3
    again = _send(client, "/berkas/baru", _facts(site, place="", kept=kept))
    assert re.findall(r'name="kept" value="([^"]+)"', again.text) == kept, "through a second fault too"
    answer = _send(client, "/berkas/baru", _facts(site, kept=kept))
    assert "diserahkan" in answer.headers["Location"]
    assert {file.name for file in site.detail(_only(site)).files} == {"pengantar.pdf", "ktp.png", "kk.pdf"}


def test_a_ticket_for_a_kept_file_is_its_senders_and_ends(site: Site) -> None:
    answer = _send(site.client("pemohon"), "/berkas/baru", _facts(site, desa="") | _files())
    kept = re.findall(r'name="kept" value="([^"]+)"', answer.text)
    foreign = _send(site.client("staf"), "/berkas/baru", _facts(site, desa="", kept=[*kept, "kx", "", "é"]))
    assert 'name="kept"' not in foreign.text
    site.clock.shift(days=2)
    late = _send(site.client("pemohon"), "/berkas/baru", _facts(site, desa="", kept=kept))
    assert 'name="kept"' not in late.text


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ((b"<html><script>alert(1)</script>", "surat.pdf"), "surat.pdf: Bukan PDF, JPEG atau PNG"),
        ((b"MZ\x90\x00" + b"\0" * 2000, "foto.jpg"), "foto.jpg: Bukan PDF"),
        ((png()[:40], "putus.png"), "putus.png: Bukan PDF"),
        ((b"", "kosong.pdf"), "kosong.pdf: file kosong."),
        ((PDF + b"\0" * (MAX_BYTES + 1 - len(PDF)), "besar.pdf"), "besar.pdf: lebih dari 10 MB."),
        ((b"no", "../../<b>jahat</b>.pdf"), "b&gt;.pdf: Bukan PDF"),
    ],
)
def test_hostile_files_are_refused_by_name_and_the_good_ones_stay(
    site: Site, file: tuple[bytes, str], text: str
) -> None:
    client = site.client("pemohon")
    answer = _send(client, "/berkas/baru", _facts(site) | _files(**{"files-ijin-monev": file}))
    berkas_id = _only(site)
    assert answer.headers["Location"] == f"/berkas/{berkas_id}/isian"
    page = client.get(answer.headers["Location"]).text
    assert text in page and 'id="files-ijin-monev-error"' in page and "<b>jahat" not in page
    assert len(site.detail(berkas_id).files) == 3
    assert site.row(berkas_id).step == 1, "who sent a bad file decides whether to go on without it"


def test_a_file_of_exactly_ten_megabytes_is_taken(site: Site) -> None:
    whole = PDF + b"\0" * (MAX_BYTES - len(PDF))
    data = _facts(site) | _files(**{"files-ijin-monev": (whole, "a.pdf")})
    answer = _send(site.client("pemohon"), "/berkas/baru", data)
    assert "diserahkan" in answer.headers["Location"]


def test_the_twenty_first_file_is_named_and_left_out(site: Site) -> None:
    client = site.client("pemohon")
    many = [(PDF + bytes([n]), f"lampiran-{n}.pdf") for n in range(20)]
    answer = _send(client, "/berkas/baru", _facts(site) | _files(**{"files-berkas-pemohon": many}))
    page = client.get(answer.headers["Location"]).text
    assert "lampiran-19.pdf: paling banyak 20 file dalam satu berkas." in page
    assert len(site.detail(_only(site)).files) == 20


def test_the_same_file_sent_twice_is_kept_once(site: Site) -> None:
    client = site.client("pemohon")
    _send(client, "/berkas/baru", _facts(site, aksi="simpan") | _files())
    berkas_id = _only(site)
    again = _facts(site, aksi="simpan", version=site.row(berkas_id).version) | _files()
    _send(client, f"/berkas/{berkas_id}/isian", again)
    assert len(site.detail(berkas_id).files) == 3


def test_one_scan_may_serve_two_requirements(site: Site) -> None:
    client = site.client("pemohon")
    _send(client, "/berkas/baru", _facts(site) | {"files-pengantar-desa": (PDF, "semua.pdf")})
    berkas_id = _only(site)
    data = _facts(site, version=site.row(berkas_id).version) | {"files-berkas-pemohon": (PDF, "semua.pdf")}
    assert "diserahkan" in _send(client, f"/berkas/{berkas_id}/isian", data).headers["Location"]


def test_files_can_be_taken_out_and_added_while_correcting(site: Site) -> None:
    berkas_id = site.berkas(step=2)
    site.give_back(berkas_id, "Belum dicap.")
    client, old = site.client("pemohon"), site.detail(berkas_id).files[0]
    page = client.get(f"/berkas/{berkas_id}/isian").text
    assert "Pengantar dari Desa: Belum dicap." in page and old.name in page
    data = _facts(site, version=hidden(page, "version")) | {
        "remove-files-pengantar-desa": str(old.id),
        "files-pengantar-desa": (PDF + b"new", "cap.pdf"),
    }
    assert "diserahkan" in _send(client, f"/berkas/{berkas_id}/isian", data).headers["Location"]
    assert {file.name for file in site.detail(berkas_id).files} == {"cap.pdf", "berkas-pemohon.pdf"}


def test_files_stay_although_the_facts_are_faulty(site: Site) -> None:
    berkas_id = site.berkas(step=1)
    data = _facts(site, place="", version=site.row(berkas_id).version) | _files()
    answer = _send(site.client("pemohon"), f"/berkas/{berkas_id}/isian", data)
    assert answer.status_code == 422 and "Tempat rakor wajib diisi." in answer.text
    assert len(site.detail(berkas_id).files) == 3 and "kk.pdf" in answer.text
    assert hidden(answer.text, "version") == str(site.row(berkas_id).version)


def test_somebody_elses_change_is_not_overwritten_unseen(site: Site) -> None:
    berkas_id = site.berkas(step=1)
    old = site.row(berkas_id).version
    _send(site.client("staf"), f"/berkas/{berkas_id}/isian", _facts(site, place="Aula", aksi="simpan", version=old))
    late = _facts(site, place="Lapangan", version=old)
    answer = _send(site.client("pemohon"), f"/berkas/{berkas_id}/isian", late)
    assert answer.status_code == 409 and "baru saja diubah orang lain" in answer.text
    assert 'value="Lapangan"' in answer.text and site.row(berkas_id).agenda["place"] == "Aula"


def test_single_files_by_their_own_addresses(site: Site) -> None:
    berkas_id = site.berkas(step=1)
    client = site.client("pemohon")
    answer = _send(client, f"/berkas/{berkas_id}/lampiran", {"files-ijin-monev": (PDF, "ijin.pdf")})
    assert answer.headers["Location"] == f"/berkas/{berkas_id}/isian"
    (file,) = site.detail(berkas_id).files
    assert client.submit(f"/berkas/{berkas_id}/lampiran/{file.id}/keluarkan").status_code == 303
    assert site.detail(berkas_id).files == []


def test_staf_applies_for_an_account_holder_or_for_somebody_without_one(site: Site) -> None:
    client, account = site.client("staf"), site.actor("pemohon").user_id
    assert "Siti Aminah (pemohon)" in client.get("/berkas/baru").text
    _send(client, "/berkas/baru", _facts(site, applicant_id=str(account)) | _files())
    assert site.row(_only(site)).applicant_id == account
    _send(client, "/berkas/baru", _facts(site) | _files())
    assert site.row(_only_newest(site)).applicant_id is None


def _only_newest(site: Site) -> int:
    return max(int(n) for n in re.findall(r'href="/berkas/(\d+)"', site.client("staf").get("/berkas/").text))


@pytest.mark.parametrize("account", ["camat", "x", "99999"])
def test_only_applicants_accounts_can_be_applied_for(site: Site, account: str) -> None:
    number = str(site.actor("camat").user_id) if account == "camat" else account
    answer = _send(site.client("staf"), "/berkas/baru", _facts(site, applicant_id=number))
    assert answer.status_code == 422 and "Akun Pemohon ini tidak ada." in answer.text


def test_an_applicant_cannot_apply_in_another_accounts_name(site: Site) -> None:
    camat = str(site.actor("camat").user_id)
    assert _send(site.client("pemohon"), "/berkas/baru", _facts(site, applicant_id=camat)).status_code == 422
    assert "Belum ada berkas" in site.client("staf").get("/berkas/").text


def test_a_request_is_withdrawn_only_when_it_is_meant(site: Site) -> None:
    berkas_id = site.berkas(step=4)
    client, url = site.client("pemohon"), f"/berkas/{berkas_id}/tarik"
    version = hidden(client.get(url).text, "version")
    unsure = client.submit(url, {"version": version, "reason": "Batal"})
    assert unsure.status_code == 422 and 'id="yakin-error"' in unsure.text and "Batal" in unsure.text
    silent = client.submit(url, {"version": version, "yakin": "ya", "reason": " "})
    assert silent.status_code == 422 and 'id="reason-error"' in silent.text
    assert client.submit(url, {"version": version, "yakin": "ya", "reason": "Rakor batal"}).status_code == 303
    assert site.row(berkas_id).state == "ditarik"
    assert client.get(url).status_code == 303, "an old link leads to the berkas"


def test_the_form_of_a_berkas_further_on_leads_to_it(site: Site) -> None:
    berkas_id = site.berkas(step=3)
    answer = site.client("pemohon").get(f"/berkas/{berkas_id}/isian")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/berkas/{berkas_id}")


def test_forms_without_token_are_refused(site: Site) -> None:
    assert site.client("pemohon").post("/berkas/baru", data=_facts(site)).status_code == 400


def test_a_body_without_length_is_refused(site: Site) -> None:
    answer = site.client("pemohon").post(
        "/berkas/baru",
        input_stream=io.BytesIO(b"5\r\nhello\r\n0\r\n\r\n"),
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"CONTENT_LENGTH": ""},
    )
    assert answer.status_code == 411


def test_what_was_typed_comes_back_escaped(site: Site) -> None:
    hostile = '"><script>alert(1)</script>'
    data = _facts(site, desa="", applicant=hostile, notes=f"</textarea>{hostile}")
    answer = _send(site.client("pemohon"), "/berkas/baru", data)
    assert "<script>alert" not in answer.text and "&lt;script&gt;" in answer.text


def test_other_roles_cannot_apply(site: Site) -> None:
    for who in ("kasi", "camat", "admin", "auditor"):
        assert site.client(who).get("/berkas/baru").status_code == 403


def test_a_saved_request_says_everywhere_that_nobody_has_it_yet(site: Site) -> None:
    client, berkas_id = site.client("pemohon"), site.berkas(step=1)
    for address in ("/", f"/berkas/{berkas_id}", f"/berkas/{berkas_id}/isian"):
        assert "Belum diserahkan" in client.get(address).text, address
    site.give_back(site.berkas(step=2), "Belum dicap.")
    site._hand_in(berkas_id)
    for address in ("/", f"/berkas/{berkas_id}"):
        assert "Belum diserahkan" not in client.get(address).text, address


def test_a_new_form_says_what_to_prepare_and_remembers_desa_and_phone(site: Site) -> None:
    client = site.client("pemohon")
    page = client.get("/berkas/baru").text
    assert "Siapkan dulu" in page and "Pengajuan Ijin Monev (bila ada)" in page
    _send(client, "/berkas/baru", _facts(site, desa="Belik") | _files())
    page = client.get("/berkas/baru").text
    assert 'value="Belik"' in page and 'value="0812 3456 7890"' in page
    assert 'value="Belik"' not in site.client("staf").get("/berkas/baru").text


def test_two_forms_at_the_counter_do_not_share_their_files(site: Site) -> None:
    client = site.client("staf")
    first = _send(client, "/berkas/baru", _facts(site, desa="", isian="a" * 24) | _files())
    assert first.text.count('name="kept"') == 3
    assert 'name="kept"' not in client.get("/berkas/baru").text
    assert client.get(f"/berkas/baru?isian={'a' * 24}").text.count('name="kept"') == 3
