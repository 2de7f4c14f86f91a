"""SOP step 5 in the browser: the Camat signs exactly what was shown, or is told why not."""

import base64
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from helpers_web import PASSPHRASES, Site, hidden

from signer import qr
from signer.accounts import add_user
from signer.berkas import draft
from signer.errors import SuratError, TimestampUnavailable
from signer.pictures import Pictures
from signer.tables.letters import SigningAttempt
from signer.tables.office import Appointment
from verifier import seal, token

pytest_plugins = ("helpers_web",)


@pytest.fixture(name="berkas")
def berkas_fixture(site: Site) -> int:
    """A berkas that waits for the signature."""
    return site.berkas(5)


def panel(site: Site, berkas_id: int, **changes: str) -> dict[str, str]:
    """What the signing form sends with the right passphrase, but for `changes`."""
    page = site.client("camat").get(f"/berkas/{berkas_id}/tandatangan").text
    return {"shown": hidden(page, "shown"), "passphrase": PASSPHRASES["camat"], **changes}


def test_page_shows_the_letter_its_paraf_and_what_the_signature_is(site: Site, berkas: int) -> None:
    page = site.client("camat").get(f"/berkas/{berkas}/tandatangan").text
    assert hidden(page, "shown") == site.shown(berkas).hex()
    assert "Drs. Bambang Prasetyo (KASI KEMASYARAKATAN)" in page
    assert "paraf sah atas surat ini" in page
    assert "SIMULASI: bukan tanda tangan tersertifikasi" in page
    assert 'name="confirm_date"' not in page
    assert re.search(r'<input type="password"[^>]*autocomplete="off"', page)


def test_paraf_of_other_bytes_is_called_out(site: Site, berkas: int) -> None:
    other = site.berkas(5)
    with site.house.db.begin() as session:
        own, foreign = (session.merge(site.detail(one).paraf[0][0]) for one in (berkas, other))
        own.signature = foreign.signature
    page = site.client("camat").get(f"/berkas/{berkas}/tandatangan").text
    assert "Paraf tidak lolos pemeriksaan" in page
    assert "paraf sah" not in page


def test_signing_issues_the_letter(site: Site, berkas: int) -> None:
    client = site.client("camat")
    answer = client.submit(f"/berkas/{berkas}/tandatangan", panel(site, berkas))
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/berkas/{berkas}/tandatangan")
    page = client.get(answer.headers["Location"]).text
    letter = site.detail(berkas).letter
    assert letter is not None
    assert "Surat terbit" in page
    assert f'value="{site.house.settings.base_url}/v/{letter.token}"' in page
    assert token.printed(letter.token) in page
    assert client.get(f"/berkas/{berkas}/surat.pdf").data.startswith(b"%PDF")


def test_qr_on_the_page_is_the_letters_own(site: Site) -> None:
    berkas = site.berkas(6)
    page = site.client("camat").get(f"/berkas/{berkas}/tandatangan").text
    picture = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', page)
    assert picture
    detail = site.detail(berkas)
    assert detail.letter is not None
    assert detail.letter_file is not None
    assert detail.rendering is not None
    pdf = site.house.desk.blobs.get_checked(detail.letter_file.blob_key, detail.letter_file.sha256)
    (printed,) = qr.read(Pictures().image(pdf, detail.rendering.page, 1654))
    assert base64.b64decode(picture.group(1)).decode() == qr.svg(printed)
    assert seal.parse(printed).token == detail.letter.token


def test_wrong_passphrase_stays_on_the_page_and_is_not_shown(site: Site, berkas: int) -> None:
    answer = site.client("camat").submit(f"/berkas/{berkas}/tandatangan", panel(site, berkas, passphrase="salah-besar"))
    assert answer.status_code == 422
    assert "Passphrase salah" in answer.text
    assert "salah-besar" not in answer.text
    assert site.detail(berkas).letter is None


def test_five_wrong_passphrases_are_the_limit(site: Site, berkas: int) -> None:
    client, sent = site.client("camat"), panel(site, berkas)
    for left in (4, 3, 2, 1, 0):
        answer = client.submit(f"/berkas/{berkas}/tandatangan", sent | {"passphrase": "x"})
        assert answer.status_code == 422
        assert f"Sisa {left} kali" in answer.text
    assert client.submit(f"/berkas/{berkas}/tandatangan", sent).status_code == 429
    assert site.detail(berkas).letter is None


@pytest.mark.parametrize("shown", ["", "zz", "00" * 32])
def test_shown_must_be_the_renderings_digest(site: Site, berkas: int, shown: str) -> None:
    answer = site.client("camat").submit(f"/berkas/{berkas}/tandatangan", panel(site, berkas, shown=shown))
    assert answer.status_code == 409
    assert site.detail(berkas).letter is None


def test_earlier_date_must_be_confirmed(site: Site) -> None:
    berkas = dated(site, -3)
    sent = panel(site, berkas)
    refused = site.client("camat").submit(f"/berkas/{berkas}/tandatangan", sent)
    assert refused.status_code == 422
    assert 'id="confirm_date-error"' in refused.text
    assert site.detail(berkas).letter is None
    assert (
        site.client("camat").submit(f"/berkas/{berkas}/tandatangan", sent | {"confirm_date": "ya"}).status_code == 303
    )


def test_confirmation_stays_ticked_when_something_else_is_wrong(site: Site) -> None:
    berkas = dated(site, -3)
    sent = panel(site, berkas, confirm_date="ya", passphrase="x")
    answer = site.client("camat").submit(f"/berkas/{berkas}/tandatangan", sent)
    assert re.search(r'name="confirm_date"[^>]*checked', answer.text)


def test_later_date_cannot_be_signed(site: Site) -> None:
    berkas = dated(site, 3)
    page = site.client("camat").get(f"/berkas/{berkas}/tandatangan").text
    assert "Tanggal surat sesudah hari ini" in page
    assert 'name="passphrase"' not in page
    sent = {"shown": site.shown(berkas).hex(), "passphrase": PASSPHRASES["camat"]}
    assert site.client("camat").submit(f"/berkas/{berkas}/tandatangan", sent).status_code == 422


def test_camat_of_another_appointment_is_refused(site: Site, berkas: int) -> None:
    with site.app.app_context(), site.house.db.begin() as session:
        own = session.query(Appointment).filter_by(role="camat").one()
        other = add_user(
            session,
            username="plh",
            name="Sekretaris Camat",
            password="sandi-plh-demo",
            roles=["camat"],
            office_id=own.office_id,
            now=site.clock(),
        )
        assert other.id != own.user_id
    page = site.client("plh").get(f"/berkas/{berkas}/tandatangan").text
    assert "Bukan untuk tanda tangan Anda" in page
    assert 'name="passphrase"' not in page
    sent = {"shown": site.shown(berkas).hex(), "passphrase": PASSPHRASES["camat"]}
    answer = site.client("plh").submit(f"/berkas/{berkas}/tandatangan", sent)
    assert answer.status_code == 409
    assert "SUGONDO" in answer.text
    assert site.detail(berkas).letter is None


def test_ended_appointment_is_said(site: Site, berkas: int) -> None:
    with site.house.db.begin() as session:
        own = session.query(Appointment).filter_by(role="camat").one()
        own.ends_on = site.house.desk.today() - timedelta(days=1)
    page = site.client("camat").get(f"/berkas/{berkas}/tandatangan").text
    assert "Penunjukan tidak berlaku hari ini" in page
    sent = {"shown": site.shown(berkas).hex(), "passphrase": PASSPHRASES["camat"]}
    assert site.client("camat").submit(f"/berkas/{berkas}/tandatangan", sent).status_code == 422


def failing_after(point: str, fault: SuratError) -> Callable[[str], None]:
    """As `KeyDesk.passed`: an attempt that meets `fault` once it has passed `point`."""

    def passed(at: str) -> None:
        if at == point:
            raise fault

    return passed


def test_failed_attempt_says_why_and_leaves_the_berkas_there(site: Site, berkas: int) -> None:
    web = site.app.extensions["surat"]
    sent = panel(site, berkas)
    broken = replace(web.keys, passed=failing_after("ditandatangani", TimestampUnavailable()))
    site.app.extensions["surat"] = replace(web, keys=broken)
    answer = site.client("camat").submit(f"/berkas/{berkas}/tandatangan", sent)
    assert answer.status_code == 422
    assert "stempel waktu" in answer.text
    assert "Tidak ada surat yang terbit" in answer.text
    site.app.extensions["surat"] = web
    page = site.client("camat").get(f"/berkas/{berkas}/tandatangan").text
    assert "timestamp-unavailable" in page
    assert site.client("camat").submit(f"/berkas/{berkas}/tandatangan", sent).status_code == 303


def test_second_click_while_signing_is_refused(site: Site, berkas: int) -> None:
    sent = panel(site, berkas)
    with site.house.db.begin() as session:
        now = site.clock()
        claim = {"claimed_at": now, "lease_until": now + timedelta(seconds=90), "token": token.new()}
        where = {
            "berkas_id": berkas,
            "rendering_id": site.row(berkas).rendering_id,
            "user_id": site.actor("camat").user_id,
        }
        session.add(SigningAttempt(state="klaim", rendering_sha256=site.shown(berkas), **claim, **where))
    answer = site.client("camat").submit(f"/berkas/{berkas}/tandatangan", sent)
    assert answer.status_code == 409
    assert "sedang ditandatangani" in answer.text


@pytest.mark.parametrize("to", [3, 4])
def test_return_leads_to_staf_or_kasi(site: Site, berkas: int, to: int) -> None:
    page = site.client("camat").get(f"/berkas/{berkas}/tandatangan").text
    assert f'<option value="{to}"' in page
    sent = {"version": hidden(page, "version"), "reason": "Penerima keliru.", "to": str(to)}
    assert site.client("camat").submit(f"/berkas/{berkas}/kembalikan", sent).status_code == 303
    detail = site.detail(berkas)
    assert detail.position.step == to
    assert detail.paraf == []


def trial_letter_returned_to_kasi_says_that_it_is_the_same(site: Site, berkas: int) -> None:
    client = site.client("camat")
    sent = {"version": site.row(berkas).version, "reason": "Mohon dicek lagi.", "to": "4"}
    client.submit(f"/berkas/{berkas}/kembalikan", sent)
    assert "Mohon dicek lagi." in site.client("kasi").get(f"/berkas/{berkas}/paraf").text
    site._paraf(berkas)
    page = client.get(f"/berkas/{berkas}/tandatangan").text
    assert "Surat tidak disusun ulang" in page


def test_passphrase_is_in_no_log(site: Site, berkas: int, capsys: pytest.CaptureFixture[str]) -> None:
    client = site.client("camat")
    client.submit(f"/berkas/{berkas}/tandatangan", panel(site, berkas, passphrase="frasa-yang-keliru"))
    client.submit(f"/berkas/{berkas}/tandatangan", panel(site, berkas))
    said = "".join(capsys.readouterr())
    assert "frasa-yang-keliru" not in said
    assert PASSPHRASES["camat"] not in said


def dated(site: Site, days: int) -> int:
    """A berkas at step 5 whose letter is dated so many days from today."""
    berkas = site.berkas(3)
    desk = site.house.desk
    with desk.db.read() as session:
        form = draft.starting(desk, session, site.row(berkas), "undangan-rakor")
    form = replace(form, letter_date=(desk.today() + timedelta(days=days)).isoformat())
    draft.finalise(desk, site.actor("staf"), berkas, site.row(berkas).version, form, "simulasi")
    site._paraf(berkas)
    return berkas
