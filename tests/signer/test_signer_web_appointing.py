"""Penunjukan and Kunci saya in the browser without JavaScript; the way of a Plh. from beginning to end."""

from __future__ import annotations

from datetime import timedelta

from helpers_web import Site, login

from signer.tables.office import Appointment

pytest_plugins = ("helpers_web",)
PHRASE = "empat kata yang mudah"


def _plh(site: Site, **changes: str) -> dict[str, str]:
    today = site.house.desk.today()
    start = {"user_id": str(site.actor("staf").user_id), "sk_number": "800/1/2026", "starts_on": today.isoformat()}
    return start | {"ends_on": (today + timedelta(days=3)).isoformat()} | changes


def test_a_plh_in_one_form_and_one_passphrase(site: Site) -> None:
    admin, staf = site.client("admin"), site.client("staf")
    assert "Selama SUGONDO" in admin.get("/kantor/penunjukan/plh").text
    assert staf.get("/kunci").status_code == 403
    assert admin.submit("/kantor/penunjukan/plh", _plh(site)).status_code == 303
    page = admin.get("/kantor/penunjukan").text
    assert "Plh. CAMAT TRAWAS," in page and "Menunggu kunci" in page
    assert "Menunggu pemegangnya: Rina Wulandari" in admin.get("/kantor/").text
    made = site.house.desk
    with made.db.read() as session:
        number = session.get_one(Appointment, 3).id
    assert "Belum ada kunci" in staf.get("/kunci").text
    poor = staf.submit(f"/kunci/{number}", {"passphrase": "pendek", "passphrase_again": "pendek"})
    assert poor.status_code == 422 and 'href="#passphrase"' in poor.text and "pendek" not in poor.text
    assert staf.submit(f"/kunci/{number}", {"passphrase": PHRASE, "passphrase_again": PHRASE}).status_code == 303
    page = staf.get("/kunci").text
    assert "Kunci ada" in page and "SIMULASI Rina Wulandari" in page
    assert (
        site.client("camat").submit(f"/kunci/{number}", {"passphrase": PHRASE, "passphrase_again": PHRASE}).status_code
        == 404
    )
    assert "Sertifikat kunci" in admin.get("/kantor/penunjukan").text


def test_faults_and_a_look_before_recording(site: Site) -> None:
    admin = site.client("admin")
    typed = _plh(site, role="camat", capacity="an", jabatan="CAMAT TRAWAS", own_title="SEKRETARIS CAMAT")
    looked = admin.submit("/kantor/penunjukan/baru", typed | {"aksi": "lihat"})
    assert looked.status_code == 200 and "a.n. CAMAT TRAWAS" in looked.text and "SEKRETARIS CAMAT," in looked.text
    wrong = admin.submit("/kantor/penunjukan/baru", typed | {"nip": "12", "grade": "x", "starts_on": ""})
    assert wrong.status_code == 422
    for field in ("nip", "grade", "starts_on"):
        assert f'href="#{field}"' in wrong.text and f'id="{field}-error"' in wrong.text
    assert "SEKRETARIS CAMAT" in wrong.text
    with site.house.desk.db.read() as session:
        assert session.get(Appointment, 3) is None


def test_an_appointment_is_ended_with_its_consequence_in_sight(site: Site) -> None:
    admin = site.client("admin")
    page = admin.get("/kantor/penunjukan/2/akhiri").text
    assert "tidak dapat ia tandatangani lagi" in page
    wrong = admin.submit("/kantor/penunjukan/2/akhiri", {"last_day": "2020-01-01"})
    assert wrong.status_code == 422 and 'href="#last_day"' in wrong.text
    today = site.house.desk.today().isoformat()
    assert admin.submit("/kantor/penunjukan/2/akhiri", {"last_day": today}).status_code == 303
    site.clock.shift(days=1)
    assert "Sudah berakhir" in admin.get("/kantor/penunjukan").text
    assert admin.get("/kantor/penunjukan/2/akhiri").status_code == 404
    assert "Belum ada Camat definitif" in admin.get("/kantor/penunjukan/plh").text


def test_several_roles_edited_and_counting_at_once(site: Site) -> None:
    admin, number = site.client("admin"), site.actor("staf").user_id
    assert "Rina Wulandari" in admin.get(f"/akun/{number}/ubah").text
    staf = site.client("staf")
    form = {"name": "Rina W., S.Sos.", "roles": ["staf", "admin"], "seksi": "kemasyarakatan"}
    assert admin.submit(f"/akun/{number}/ubah", form).status_code == 303
    assert staf.get("/kantor/").status_code == 200 and site.actor("staf").name == "Rina W., S.Sos."
    admin.submit(f"/akun/{number}/ubah", form | {"roles": ["staf"]})
    assert staf.get("/kantor/").status_code == 403
    for roles, seksi in ((["pemohon", "staf"], "kemasyarakatan"), ([], ""), (["staf"], ""), (["dewa"], "")):
        answer = admin.submit(f"/akun/{number}/ubah", form | {"roles": roles, "seksi": seksi})
        assert answer.status_code == 422, roles
    assert admin.submit(f"/akun/{site.actor('admin').user_id}/ubah", form).status_code == 404


def test_a_password_from_the_admin_is_changed_first(site: Site) -> None:
    number = site.actor("kasi").user_id
    made = (
        site.client("admin")
        .submit(f"/akun/{number}/sandi")
        .text.split('code-big"><code class="mono">')[1]
        .split("<")[0]
    )
    kasi = site.client()
    login(kasi, "kasi", made)
    assert kasi.get("/berkas/").headers["Location"] == "/kata-sandi"
    assert kasi.submit("/kunci/1", {"passphrase": PHRASE, "passphrase_again": PHRASE}).status_code == 403
    assert kasi.get("/bahasa/en").status_code == 303 and kasi.submit("/keluar").status_code == 302
