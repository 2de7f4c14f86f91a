"""SOP step 7 in the browser, and steps 3 to 7 in one go by the people they belong to."""

import re
from urllib.parse import unquote, unquote_plus

from helpers_web import PASSPHRASES, Site, application, hidden
from helpers_web import SLUG as SOP_SLUG

from signer.berkas import submit
from signer.founding import DEMO_PEOPLE

pytest_plugins = ("helpers_web",)


def test_staf_records_who_took_it(site: Site) -> None:
    berkas = site.berkas(7)
    client = site.client("staf")
    page = client.get(f"/berkas/{berkas}/ambil").text
    assert "Catat pengambilan" in page
    sent = {"version": hidden(page, "version"), "taken_by": "  Budi   Santoso "}
    answer = client.submit(f"/berkas/{berkas}/ambil", sent)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/berkas/{berkas}/ambil")
    collection = site.detail(berkas).collection
    assert collection is not None
    assert collection.taken_by == "Budi Santoso"
    assert "Budi Santoso" in client.get(answer.headers["Location"]).text


def test_pemohon_confirms_themself(site: Site) -> None:
    berkas = site.berkas(7)
    client = site.client("pemohon")
    page = client.get(f"/berkas/{berkas}/ambil").text
    assert "Surat sudah saya terima" in page
    sent = {"version": hidden(page, "version"), "taken_by": "Siti Aminah"}
    assert client.submit(f"/berkas/{berkas}/ambil", sent).status_code == 303
    assert site.detail(berkas).position.state == "selesai"


def test_name_is_needed_and_what_was_typed_stays(site: Site) -> None:
    berkas = site.berkas(7)
    version = site.row(berkas).version
    empty = site.client("staf").submit(f"/berkas/{berkas}/ambil", {"version": version, "taken_by": "  "})
    assert empty.status_code == 422
    assert 'id="taken_by-error"' in empty.text
    long = site.client("staf").submit(f"/berkas/{berkas}/ambil", {"version": version, "taken_by": "y" * 201})
    assert (long.status_code, "y" * 201 in long.text) == (422, True)


def test_taken_twice_is_a_conflict(site: Site) -> None:
    berkas = site.berkas(7)
    sent = {"version": site.row(berkas).version, "taken_by": "Siti"}
    assert site.client("staf").submit(f"/berkas/{berkas}/ambil", sent).status_code == 303
    assert site.client("pemohon").submit(f"/berkas/{berkas}/ambil", sent).status_code == 409


def trial_letter_can_be_downloaded_and_shared(site: Site) -> None:
    berkas = site.berkas(7)
    client = site.client("pemohon")
    page = client.get(f"/berkas/{berkas}/ambil").text
    letter = site.detail(berkas).letter
    assert letter is not None
    address = f"{site.house.settings.base_url}/v/{letter.token}"
    assert f'value="{address}"' in page
    whatsapp = unquote_plus(re.search(r'href="https://wa.me/\?text=([^"]+)"', page)[1])  # type: ignore[index]  # it is there
    assert whatsapp.startswith("[SIMULASI] Undangan Rapat Koordinasi BSPPS")
    assert whatsapp.endswith(f" {address}")
    assert "Siti" not in whatsapp
    assert "mailto:?subject=" in page
    assert client.get(f"/berkas/{berkas}/surat.pdf").data.startswith(b"%PDF")


def test_collected_letter_stays_reachable_for_its_pemohon(site: Site) -> None:
    berkas = site.berkas(8)
    page = site.client("pemohon").get(f"/berkas/{berkas}/ambil").text
    assert "Sudah diambil" in page
    assert 'name="taken_by"' not in page


def test_before_it_is_registered_there_is_nothing_to_take(site: Site) -> None:
    berkas = site.berkas(6)
    assert site.client("pemohon").get(f"/berkas/{berkas}/ambil").headers["Location"] == f"/berkas/{berkas}"
    sent = {"version": site.row(berkas).version, "taken_by": "Siti"}
    assert site.client("pemohon").submit(f"/berkas/{berkas}/ambil", sent).status_code == 409


def test_somebody_elses_letter_is_not_there(site: Site) -> None:
    berkas = site.berkas(1, by="staf")
    assert site.client("pemohon").get(f"/berkas/{berkas}/ambil").status_code == 404
    sent = {"version": site.row(berkas).version, "taken_by": "Siti"}
    assert site.client("pemohon").submit(f"/berkas/{berkas}/ambil", sent).status_code == 404


def test_office_readers_do_not_collect(site: Site) -> None:
    berkas = site.berkas(1)
    for person in DEMO_PEOPLE:
        if person.role not in ("pemohon", "staf"):
            assert site.client(person.username).get(f"/berkas/{berkas}/ambil").status_code == 403


def test_steps_three_to_seven_by_their_own_people(site: Site) -> None:
    berkas = submit.create(
        site.house.desk, site.actor("pemohon"), SOP_SLUG, application(site.house.desk.today(), applicant="Bu Lurah")
    )
    site._hand_in(berkas)
    site._accept(berkas)
    staf, kasi, camat, pemohon = map(site.client, ("staf", "kasi", "camat", "pemohon"))
    draft = _form(staf.get(f"/berkas/{berkas}/surat").text, "surat")
    assert staf.submit(f"/berkas/{berkas}/surat/finalkan", draft).status_code == 303
    for client, who, page in ((kasi, "kasi", "paraf"), (camat, "camat", "tandatangan")):
        shown = hidden(client.get(f"/berkas/{berkas}/{page}").text, "shown")
        sent = {"shown": shown, "passphrase": PASSPHRASES[who]}
        assert client.submit(f"/berkas/{berkas}/{page}", sent).status_code == 303
    version = hidden(staf.get(f"/berkas/{berkas}/register").text, "version")
    assert staf.submit(f"/berkas/{berkas}/register", {"version": version}).status_code == 303
    page = pemohon.get(f"/berkas/{berkas}/ambil").text
    taken = re.search(r'name="taken_by" [^>]*value="([^"]*)"', page.replace("\n", " "))
    assert taken
    sent = {"version": hidden(page, "version"), "taken_by": taken[1]}
    assert pemohon.submit(f"/berkas/{berkas}/ambil", sent).status_code == 303
    detail = site.detail(berkas)
    assert (detail.position.state, detail.collection.taken_by) == ("selesai", "Bu Lurah")  # type: ignore[union-attr]


def _form(page: str, name: str) -> dict[str, object]:
    """What a browser would send of the form with that id, nothing changed."""
    text = page[page.index(f'id="{name}"') :]
    text = text[: text.index("</form>")]
    sent: dict[str, list[str]] = {}
    for field, value in re.findall(r'<input[^>]* name="([^"]+)"[^>]*?\svalue="([^"]*)"', text):
        sent.setdefault(field, []).append(value)
    for field, value in re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>\n?(.*?)</textarea>', text, re.S):
        sent.setdefault(field, []).append(value)
    for field, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', text, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
        assert chosen
        sent.setdefault(field, []).append(chosen[1])
    del sent["csrf_token"]
    return {key: list(value) for key, value in sent.items()}


def test_an_email_ready_to_send(site: Site) -> None:
    berkas = site.berkas(7)
    page = site.client("pemohon").get(f"/berkas/{berkas}/ambil").text
    found = re.search(r'href="mailto:\?subject=([^"&]+)&(?:amp;)?body=([^"]+)"', page)
    assert found
    subject, body = (unquote(part.replace("&amp;", "&")) for part in found.groups())
    assert subject.startswith("[SIMULASI] Undangan")
    lines = body.split("\r\n")
    assert lines[0].startswith("SIMULASI") and "Tempat: Pendopo Kecamatan Trawas" in lines
    assert lines[-1].startswith(f"{site.house.settings.base_url}/v/") and "Siti" not in body
    assert "data-shares" in page and f'data-url="{lines[-1]}"' in page


def test_the_letter_opens_for_printing_or_is_kept(site: Site) -> None:
    client, berkas = site.client("pemohon"), site.berkas(7)
    assert client.get(f"/berkas/{berkas}/surat.pdf?lihat=1").headers["Content-Disposition"].startswith("inline")
    assert client.get(f"/berkas/{berkas}/surat.pdf").headers["Content-Disposition"].startswith("attachment")


def test_the_applicant_meets_the_letter_first_and_the_counter_the_record(site: Site) -> None:
    berkas = site.berkas(7)
    own, counter = (site.client(who).get(f"/berkas/{berkas}/ambil").text for who in ("pemohon", "staf"))
    assert own.index("Unduh surat (PDF)") < own.index('name="taken_by"')
    assert counter.index('name="taken_by"') < counter.index("Unduh surat (PDF)")
    assert "Ambil dan bagikan surat" in site.client("pemohon").get("/").text
    assert "Catat pengambilan" in site.client("staf").get("/").text
