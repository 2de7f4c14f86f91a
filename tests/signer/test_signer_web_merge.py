"""Two Staf over one draft: both texts on a page, one draft made of them by choice, nothing overwritten unseen."""

from __future__ import annotations

import pytest
from helpers_web import Client, Site, hidden
from test_signer_web_draft import JSON, colleague, values

from signer.berkas import draft
from signer.berkas.draft import Form

pytest_plugins = ("helpers_web",)


@pytest.fixture(name="berkas")
def berkas_fixture(site: Site) -> int:
    colleague(site)
    return site.berkas(3)


def saved(site: Site, berkas: int) -> Form:
    with site.house.db.read() as session:
        found = draft.load(site.house.desk, session, berkas)
    assert found is not None
    return found[0]


def conflict(site: Site, berkas: int, theirs: dict[str, str], mine: dict[str, str]) -> tuple[Client, str]:
    """Both open the form, the colleague saves first; gives the page that the second one gets."""
    client, other = site.client("staf"), site.client("staf2")
    sent = values(site, berkas)
    page = client.get(f"/berkas/{berkas}/surat").text
    other.submit(f"/berkas/{berkas}/surat/simpan", {**sent, **theirs}, headers=JSON)
    whole = {**sent, "base": hidden(page, "base"), **mine}
    answer = client.submit(f"/berkas/{berkas}/surat/simpan", whole)
    assert answer.status_code == 409
    return client, answer.text


def chosen(page: str, **choices: str) -> dict[str, str]:
    return {name: hidden(page, name) for name in ("draft_version", "base", "mine")} | choices


def test_the_page_shows_both_and_loses_neither(site: Site, berkas: int) -> None:
    # Every value of `values` differs from what the berkas started with, so only these two are told apart here.
    _client, page = conflict(site, berkas, {"hal": "Undangan Dwi"}, {"hal": "Undangan Rina"})
    assert "Dwi Santoso menyimpan surat ini" in page
    assert "Keduanya berbeda: pilih salah satu." in page
    assert 'name="pilih-hal" value="mereka"' in page and 'name="pilih-hal" value="saya"' in page
    assert "checked" not in page, "nobody's words are dropped by default"
    assert saved(site, berkas).hal == "Undangan Dwi"


def test_what_only_one_changed_is_proposed(site: Site, berkas: int) -> None:
    client = site.client("staf")
    client.submit(f"/berkas/{berkas}/surat/simpan", values(site, berkas), headers=JSON)
    mine, theirs = {"isi-acara": "Acara Rina"}, {"hal": "Hal Dwi"}
    client, page = conflict(site, berkas, theirs, mine)
    assert "Hanya Dwi Santoso yang mengubah ini." in page
    assert "Hanya Anda yang mengubah ini." in page
    assert page.count(" checked") == 2
    sent = chosen(page, **{"pilih-hal": "mereka", "pilih-isi.acara": "saya"})
    answer = client.submit(f"/berkas/{berkas}/surat/gabung", sent)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/berkas/{berkas}/surat")
    form = saved(site, berkas)
    assert (form.hal, form.fields["acara"]) == ("Hal Dwi", "Acara Rina")


def test_a_missing_choice_is_asked_for_and_the_others_stay(site: Site, berkas: int) -> None:
    both = ({"hal": "Dwi", "isi-acara": "Dwi"}, {"hal": "Rina", "isi-acara": "Rina"})
    client, page = conflict(site, berkas, *both)
    answer = client.submit(f"/berkas/{berkas}/surat/gabung", chosen(page, **{"pilih-hal": "saya"}))
    assert answer.status_code == 422
    assert '<a href="#pilih-isi.acara">' in answer.text
    assert answer.text.count(" checked") == 1
    assert saved(site, berkas).hal == "Dwi"


@pytest.mark.parametrize(("side", "hal"), [("saya", "Rina"), ("mereka", "Dwi")])
def test_one_button_takes_a_whole_side(site: Site, berkas: int, side: str, hal: str) -> None:
    client, page = conflict(site, berkas, {"hal": "Dwi"}, {"hal": "Rina"})
    assert client.submit(f"/berkas/{berkas}/surat/gabung", chosen(page, semua=side)).status_code == 303
    assert saved(site, berkas).hal == hal


def test_a_third_saving_meanwhile_is_shown_too(site: Site, berkas: int) -> None:
    client, page = conflict(site, berkas, {"hal": "Dwi"}, {"hal": "Rina"})
    again = {**values(site, berkas), "hal": "Dwi sekali lagi"}
    site.client("staf2").submit(f"/berkas/{berkas}/surat/simpan", again, headers=JSON)
    answer = client.submit(f"/berkas/{berkas}/surat/gabung", chosen(page, semua="saya"))
    assert answer.status_code == 409
    assert "Dwi sekali lagi" in answer.text
    assert saved(site, berkas).hal == "Dwi sekali lagi"
    assert client.submit(f"/berkas/{berkas}/surat/gabung", chosen(answer.text, semua="saya")).status_code == 303
    assert saved(site, berkas).hal == "Rina"


def test_the_script_is_told_who_it_was(site: Site, berkas: int) -> None:
    sent = values(site, berkas)
    site.client("staf2").submit(f"/berkas/{berkas}/surat/simpan", {**sent, "hal": "Dwi"}, headers=JSON)
    answer = site.client("staf").submit(f"/berkas/{berkas}/surat/simpan", {**sent, "hal": "Rina"}, headers=JSON)
    assert answer.status_code == 409
    assert answer.get_json()["message"].startswith("Dwi Santoso juga mengubah surat ini.")


def test_another_tab_of_ones_own_is_called_so(site: Site, berkas: int) -> None:
    client, sent = site.client("staf"), values(site, berkas)
    client.submit(f"/berkas/{berkas}/surat/simpan", {**sent, "hal": "Tab lain"}, headers=JSON)
    page = client.submit(f"/berkas/{berkas}/surat/simpan", {**sent, "hal": "Tab ini"}).text
    assert "Anda sendiri, di tab lain, menyimpan surat ini" in page


def test_two_templates_are_chosen_between_by_name(site: Site, berkas: int) -> None:
    theirs = {"template": "surat-pengantar", "isi-pembuka": "Bersama ini:"}
    client, page = conflict(site, berkas, theirs, {"hal": "Rina"})
    assert "Surat Pengantar" in page and "Surat Undangan Rakor BSPPS" in page
    assert (
        client.submit(f"/berkas/{berkas}/surat/gabung", chosen(page, **{"pilih-template": "saya"})).status_code == 303
    )
    assert saved(site, berkas).template == "undangan-rakor"


def test_a_page_that_was_tampered_with_changes_nothing(site: Site, berkas: int) -> None:
    client, page = conflict(site, berkas, {"hal": "Dwi"}, {"hal": "Rina"})
    sent = chosen(page, semua="saya") | {"mine": hidden(page, "mine")[:-8]}
    assert client.submit(f"/berkas/{berkas}/surat/gabung", sent).status_code == 422
    assert saved(site, berkas).hal == "Dwi"
