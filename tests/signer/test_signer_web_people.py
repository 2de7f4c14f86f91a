"""Accounts: who makes which, first passwords, switching off."""

from __future__ import annotations

import html
import re

import pytest
from helpers_web import Site, login

pytest_plugins = ("helpers_web",)


def _password(page: str) -> str:
    found = re.search(r'class="code-big"><code class="mono">([^<]+)<', page)
    assert found
    return found.group(1)


def test_staf_makes_an_account_whose_password_is_shown_once_and_works(site: Site) -> None:
    staf = site.client("staf")
    answer = staf.submit("/akun/baru", {"name": "Bu Lurah", "username": "0812-3456-7890"})
    assert f"{site.house.settings.base_url}/masuk" in answer.text and "localhost" not in answer.text
    password = _password(answer.text)
    assert answer.status_code == 201 and len(password) == 19 and answer.headers["Cache-Control"] == "no-store"
    assert password not in staf.get("/akun/").text
    client = site.client()
    assert login(client, "+62 812 3456 7890", password).headers["Location"] == "/"
    for path in ("/", "/berkas/"):
        assert client.get(path).headers["Location"] == "/kata-sandi", "their own password comes first"
    assert client.submit("/pemberitahuan").status_code == 403
    page = client.get("/kata-sandi").text
    assert "Buat kata sandi Anda sendiri" in page and "Menu utama" not in page
    own = {"password": password, "new_password": "sandi saya sendiri", "new_password_confirm": "sandi saya sendiri"}
    assert client.submit("/kata-sandi", own).status_code == 302
    assert "Belum ada pengajuan" in client.get("/").text


@pytest.mark.parametrize(
    ("made", "typed"),
    [("siti.aminah", " Siti.Aminah "), ("bu-lurah_2", "bu-lurah_2"), ("081234567890", "0812 3456-7890")],
)
def test_every_user_name_that_can_be_made_can_sign_in(site: Site, made: str, typed: str) -> None:
    password = _password(site.client("staf").submit("/akun/baru", {"name": "X", "username": made}).text)
    assert login(site.client(), typed, password).status_code == 302


def test_staf_sees_and_touches_applicants_only(site: Site) -> None:
    staf = site.client("staf")
    page = staf.get("/akun/").text
    assert "Siti Aminah" in page and "SUGONDO" not in page
    assert "Peran" not in staf.get("/akun/baru").text.split("<main")[1]
    camat = site.actor("camat").user_id
    for path in ("keadaan", "sandi"):
        assert staf.submit(f"/akun/{camat}/{path}").status_code == 404
        assert staf.submit(f"/akun/9999/{path}").status_code == 404
    staf.submit("/akun/baru", {"name": "X", "username": "palsu", "roles": "admin", "seksi": ""})
    assert site.actor("palsu").roles == {"pemohon"}


def test_admin_makes_every_role(site: Site) -> None:
    admin = site.client("admin")
    data = {"name": "Kasi Baru", "username": "kasi.baru", "roles": "kasi", "seksi": "kemasyarakatan"}
    assert admin.submit("/akun/baru", data).status_code == 201
    made = site.actor("kasi.baru")
    assert (made.roles, made.seksi) == ({"kasi"}, "kemasyarakatan")


@pytest.mark.parametrize(
    ("changes", "field", "text"),
    [
        ({"name": " "}, "name", "Nama wajib diisi."),
        ({"name": "x" * 201}, "name", "Nama paling panjang"),
        ({"username": "a"}, "username", "Nama pengguna berupa"),
        ({"username": "PEMOHON"}, "username", "sudah dipakai"),
        ({"roles": ""}, "roles", "Pilih peran akun ini."),
        ({"roles": "dewa"}, "roles", "Pilih peran akun ini."),
        ({"seksi": "lain"}, "seksi", "Seksi ini tidak ada."),
        ({"seksi": ""}, "seksi", "terikat pada seksi"),
    ],
)
def test_faults_stand_beside_their_field(site: Site, changes: dict[str, str], field: str, text: str) -> None:
    data = {"name": "Pak <b>Baru</b>", "username": "baru", "roles": "staf", "seksi": "kemasyarakatan"} | changes
    answer = site.client("admin").submit("/akun/baru", data)
    assert answer.status_code == 422 and text in answer.text
    assert f'href="#{field}"' in answer.text and f'id="{field}-error"' in answer.text
    assert "<b>Baru" not in answer.text
    assert html.escape(data["username"]) in answer.text


def test_switched_off_is_signed_out_and_kept_out_until_switched_on(site: Site) -> None:
    staf, applicant = site.client("staf"), site.client()
    login(applicant, "pemohon")
    number = site.actor("pemohon").user_id
    assert staf.submit(f"/akun/{number}/keadaan", {"aktif": "tidak"}).status_code == 303
    assert applicant.get("/").status_code == 302
    assert login(site.client(), "pemohon").status_code == 200, "sign-in refused"
    assert "Nonaktif" in staf.get("/akun/").text
    staf.submit(f"/akun/{number}/keadaan", {"aktif": "ya"})
    assert login(site.client(), "pemohon").status_code == 302


def test_a_new_password_replaces_the_old_one_and_ends_sessions(site: Site) -> None:
    applicant, number = site.client("pemohon"), site.actor("pemohon").user_id
    assert applicant.get("/").status_code == 200
    password = _password(site.client("staf").submit(f"/akun/{number}/sandi").text)
    assert applicant.get("/").status_code == 302
    assert login(site.client(), "pemohon").status_code == 200, "the old one is refused"
    assert login(site.client(), "pemohon", password).status_code == 302


def test_nobody_switches_themselves_off(site: Site) -> None:
    admin = site.client("admin")
    assert admin.submit(f"/akun/{site.actor('admin').user_id}/keadaan").status_code == 404
    assert "akun Anda" in admin.get("/akun/").text


def test_search_and_empty_results(site: Site) -> None:
    admin = site.client("admin")
    page = admin.get("/akun/?q=sugondo").text
    assert "SUGONDO" in page and "Siti Aminah" not in page
    assert "Tidak ada akun yang cocok" in admin.get("/akun/?q=zzz").text


def test_others_have_no_business_here(site: Site) -> None:
    for who in ("pemohon", "kasi", "camat", "auditor"):
        assert site.client(who).get("/akun/").status_code == 403
