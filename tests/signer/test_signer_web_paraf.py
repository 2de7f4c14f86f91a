"""SOP step 4 in the browser: paraf over exactly what was shown, and the ways back from steps 3 to 5."""

import re

import pytest
from helpers_web import PASSPHRASES, Site, hidden

from signer.berkas import draft, paraf
from signer.founding import DEMO_PEOPLE
from signer.tables.letters import KeyFailure
from signer.tables.office import Appointment

pytest_plugins = ("helpers_web",)


@pytest.fixture(name="berkas")
def berkas_fixture(site: Site) -> int:
    """A berkas that waits for paraf."""
    return site.berkas(4)


def panel(site: Site, berkas_id: int, **changes: str) -> dict[str, str]:
    """What the paraf form sends with the right passphrase, but for `changes`."""
    page = site.client("kasi").get(f"/berkas/{berkas_id}/paraf").text
    return {"shown": hidden(page, "shown"), "passphrase": PASSPHRASES["kasi"], **changes}


def redraft(site: Site, berkas_id: int, **fields: str) -> None:
    """Kasi returns it, Staf changes `fields` of the letter and finalises again."""
    desk, staf = site.house.desk, site.actor("staf")
    paraf.send_back(desk, site.actor("kasi"), berkas_id, site.row(berkas_id).version, "Tempat keliru.")
    with desk.db.read() as session:
        loaded = draft.load(desk, session, berkas_id)
    assert loaded is not None
    changed = {**loaded[0].__dict__, "fields": {**loaded[0].fields, **fields}}
    draft.finalise(desk, staf, berkas_id, site.row(berkas_id).version, draft.Form(**changed), "simulasi")


def test_page_shows_exactly_the_rendering(site: Site, berkas: int) -> None:
    client = site.client("kasi")
    page = client.get(f"/berkas/{berkas}/paraf").text
    sha = site.shown(berkas).hex()
    assert hidden(page, "shown") == sha
    sources = re.findall(r'srcset="([^"]+)"', page)
    addresses = [part.split()[0].replace("&amp;", "&") for part in sources[0].split(", ")]
    assert len(addresses) == 4
    for address in addresses:
        assert f"v={sha}" in address
        assert client.get(address).content_type == "image/webp"


def test_papers_and_checklist_stand_beside_the_letter(site: Site, berkas: int) -> None:
    client = site.client("kasi")
    page = client.get(f"/berkas/{berkas}/paraf").text
    assert "Daftar periksa" in page
    for address in re.findall(rf'href="(/berkas/{berkas}/lampiran/\d+)"', page):
        assert client.get(address).status_code == 200


def test_paraf_goes_on_to_the_camat(site: Site, berkas: int) -> None:
    answer = site.client("kasi").submit(f"/berkas/{berkas}/paraf", panel(site, berkas))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    detail = site.detail(berkas)
    assert detail.position.step == 5
    assert [who.holder for _given, who in detail.paraf] == ["Drs. Bambang Prasetyo"]


def test_wrong_passphrase_stays_on_the_page_and_is_not_shown(site: Site, berkas: int) -> None:
    sent = panel(site, berkas, passphrase="rahasia-keliru")
    answer = site.client("kasi").submit(f"/berkas/{berkas}/paraf", sent)
    assert answer.status_code == 422
    assert "Passphrase salah" in answer.text
    assert "Sisa 4 kali" in answer.text
    assert "rahasia-keliru" not in answer.text
    assert site.detail(berkas).position.step == 4


def test_five_wrong_passphrases_are_the_limit(site: Site, berkas: int) -> None:
    client, sent = site.client("kasi"), panel(site, berkas)
    for _n in range(5):
        assert client.submit(f"/berkas/{berkas}/paraf", sent | {"passphrase": "x"}).status_code == 422
    answer = client.submit(f"/berkas/{berkas}/paraf", sent)
    assert answer.status_code == 429
    assert "Tunggu 15 menit" in answer.text
    assert site.detail(berkas).position.step == 4
    site.clock.shift(minutes=16)
    later = client.submit(f"/berkas/{berkas}/paraf", sent | {"passphrase": "x"})
    assert (later.status_code, "Passphrase salah" in later.text) == (422, True)


def test_stale_rendering_is_refused_and_the_new_one_shown(site: Site, berkas: int) -> None:
    sent = panel(site, berkas)
    redraft(site, berkas, tempat="Balai Desa")
    answer = site.client("kasi").submit(f"/berkas/{berkas}/paraf", sent)
    assert answer.status_code == 409
    assert hidden(answer.text, "shown") == site.shown(berkas).hex() != sent["shown"]
    assert site.detail(berkas).position.step == 4


@pytest.mark.parametrize("shown", ["", "zz", "00" * 32])
def test_shown_must_be_the_renderings_digest(site: Site, berkas: int, shown: str) -> None:
    assert site.client("kasi").submit(f"/berkas/{berkas}/paraf", panel(site, berkas, shown=shown)).status_code == 409
    assert site.detail(berkas).position.step == 4


def test_what_changed_since_the_return_is_said(site: Site, berkas: int) -> None:
    redraft(site, berkas, tempat="Balai Desa Ketapanrame")
    page = site.client("kasi").get(f"/berkas/{berkas}/paraf").text
    assert "Tempat keliru." in page
    assert "dihapus: </span>Pendopo Kecamatan Trawas<" in page
    assert "ditambahkan: </span>Balai Desa Ketapanrame<" in page
    assert page.count("<ins>") == 1


def test_kasi_sees_what_changed_since_the_camat_returned_it(site: Site) -> None:
    berkas = site.berkas(5)
    office, row = site.house.desk, site.row(berkas)
    paraf.send_back(office, site.actor("camat"), berkas, row.version, "Hal kurang jelas.", to=3)
    site._finalise(berkas)
    page = site.client("kasi").get(f"/berkas/{berkas}/paraf").text
    assert "Yang berubah sejak berkas ini dikembalikan" in page
    assert "Hal kurang jelas." in page
    assert "Surat disusun ulang; isiannya sama." in page


def test_a_return_straight_to_kasi_is_said_once(site: Site) -> None:
    berkas = site.berkas(5)
    office, row = site.house.desk, site.row(berkas)
    paraf.send_back(office, site.actor("camat"), berkas, row.version, "Periksa lagi.", to=4)
    page = site.client("kasi").get(f"/berkas/{berkas}/paraf").text
    assert page.count("Periksa lagi.") == 1
    assert "Yang berubah" not in page


def test_return_keeps_the_number_and_says_why(site: Site, berkas: int) -> None:
    number = site.detail(berkas).rendering.number  # type: ignore[union-attr]  # the fixture finalised it
    sent = {"version": site.row(berkas).version, "reason": "Hari keliru."}
    answer = site.client("kasi").submit(f"/berkas/{berkas}/kembalikan", sent)
    assert answer.status_code == 303
    assert site.detail(berkas).position.step == 3
    assert site.detail(berkas).last_return.reason == "Hari keliru."  # type: ignore[union-attr]  # just returned
    redraft_page = site.client("staf").get(f"/berkas/{berkas}/surat").text
    assert "Hari keliru." in redraft_page
    site._finalise(berkas)
    assert site.detail(berkas).rendering.number == number  # type: ignore[union-attr]  # just finalised


def test_return_without_reason_keeps_what_was_chosen(site: Site, berkas: int) -> None:
    version = site.row(berkas).version
    answer = site.client("kasi").submit(f"/berkas/{berkas}/kembalikan", {"version": version, "reason": " ", "to": "3"})
    assert answer.status_code == 422
    assert "Alasan wajib diisi" in answer.text
    assert hidden(answer.text, "version") == str(version)
    long = {"version": version, "quick": ["Tempat keliru."], "reason": "x" * 2001}
    again = site.client("kasi").submit(f"/berkas/{berkas}/kembalikan", long)
    assert again.status_code == 422
    assert "x" * 2001 in again.text
    assert 'value="Tempat keliru." checked' in again.text


@pytest.mark.parametrize("to", ["1", "5", "9"])
def test_return_leads_only_where_the_sop_says(site: Site, berkas: int, to: str) -> None:
    sent = {"version": site.row(berkas).version, "reason": "x", "to": to}
    assert site.client("kasi").submit(f"/berkas/{berkas}/kembalikan", sent).status_code == 409
    assert site.detail(berkas).position.step == 4


def test_return_from_an_old_page_is_refused(site: Site, berkas: int) -> None:
    for version in (site.row(berkas).version - 1, ""):
        sent = {"version": version, "reason": "x"}
        assert site.client("kasi").submit(f"/berkas/{berkas}/kembalikan", sent).status_code == 409
    assert site.detail(berkas).position.step == 4


def test_refusal_needs_a_reason_and_ends_the_berkas(site: Site, berkas: int) -> None:
    client, version = site.client("kasi"), site.row(berkas).version
    empty = client.submit(f"/berkas/{berkas}/tolak", {"version": version, "reason": ""})
    assert empty.status_code == 422
    assert 'id="tolak-reason-error"' in empty.text
    assert (
        client.submit(f"/berkas/{berkas}/tolak", {"version": version, "reason": "Sudah dirakorkan."}).status_code == 303
    )
    assert site.detail(berkas).position.state == "ditolak"


def test_kasi_without_appointment_is_told(site: Site, berkas: int) -> None:
    with site.house.db.begin() as session:
        for appointment in session.query(Appointment).filter_by(role="kasi"):
            appointment.ends_on = appointment.starts_on.replace(year=2020)
    page = site.client("kasi").get(f"/berkas/{berkas}/paraf").text
    assert "belum tercatat" in page
    assert 'name="passphrase"' not in page
    sent = {"shown": site.shown(berkas).hex(), "passphrase": PASSPHRASES["kasi"]}
    answer = site.client("kasi").submit(f"/berkas/{berkas}/paraf", sent)
    assert answer.status_code == 422
    with site.house.db.read() as session:
        assert session.query(KeyFailure).count() == 0


def test_old_link_leads_to_the_berkas(site: Site) -> None:
    berkas = site.berkas(3)
    assert site.client("kasi").get(f"/berkas/{berkas}/paraf").headers["Location"] == f"/berkas/{berkas}"
    assert site.client("kasi").submit(f"/berkas/{berkas}/paraf", {"shown": "", "passphrase": "x"}).status_code == 409


def test_only_kasi_gives_paraf(site: Site, berkas: int) -> None:
    for person in DEMO_PEOPLE:
        if person.role != "kasi":
            assert site.client(person.username).submit(f"/berkas/{berkas}/paraf", {}).status_code == 403
