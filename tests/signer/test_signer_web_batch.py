"""Batch signing in the browser: the table, the stream, the page without it, and going on after an interruption."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from helpers_web import PASSPHRASES, Site, hidden
from sqlalchemy import select
from werkzeug.test import TestResponse

from signer import signing
from signer.batch import progress
from signer.tables.batch import SigningBatch
from signer.tables.berkas import Paraf
from signer.tables.letters import Letter
from signer.tables.office import Appointment

pytest_plugins = ("helpers_web",)
NDJSON = {"Accept": "application/x-ndjson"}


@pytest.fixture(name="three")
def three_fixture(site: Site) -> list[int]:
    """Three letters that wait for the signature."""
    return [site.berkas(5) for _ in range(3)]


def ticked(site: Site, berkas: list[int], **changes: Any) -> dict[str, Any]:
    """What the table's form sends with these letters ticked, unread, and the right passphrase."""
    code = hidden(site.client("camat").get("/tandatangan").text, "kode")
    values = [f"{one}:{site.shown(one).hex()}" for one in berkas]
    sent = {"kode": code, "pilih": values, "confirm_unopened": "ya", "confirm_date": "ya"}
    return {**sent, "passphrase": PASSPHRASES["camat"], **changes}


def lines(answer: TestResponse) -> list[dict[str, Any]]:
    """The stream's lines."""
    return [json.loads(line) for line in answer.text.splitlines()]


def signed(site: Site, berkas: list[int]) -> list[int]:
    """Those of the berkas that have become letters."""
    with site.house.db.read() as session:
        found = session.scalars(select(Letter.berkas_id).where(Letter.berkas_id.in_(berkas)))
        return sorted(found)


# ---- the table ----


def test_table_shows_every_letter_with_the_facts_that_decide(site: Site, three: list[int]) -> None:
    site.recompose(three[1])
    site.clock.shift(seconds=1)
    page = site.client("camat").get("/tandatangan").text
    assert "3 surat menunggu tanda tangan Anda" in page
    for one in three:
        assert f'value="{one}:{site.shown(one).hex()}"' in page
        assert f'href="/berkas/{one}/baca"' in page
        assert f'href="/berkas/{one}/kembalikan?lanjut=tandatangan"' in page
    assert page.count("Paraf sah: Drs. Bambang Prasetyo") == 3
    assert page.count("Belum dibuka") == 3
    assert "1 hal berubah sejak dikembalikan" in page
    assert "checked" not in page


def test_a_letter_that_was_opened_comes_ticked(site: Site, three: list[int]) -> None:
    client = site.client("camat")
    shown = site.shown(three[0]).hex()
    assert client.submit(f"/berkas/{three[0]}/dibuka", {"shown": shown}).status_code == 303
    page = client.get("/tandatangan").text
    assert page.count("Sudah dibuka") == 1
    assert re.search(rf'value="{three[0]}:{shown}"[^>]* checked', page)


def test_what_cannot_be_signed_cannot_be_ticked_and_says_why(site: Site, three: list[int]) -> None:
    with site.house.db.begin() as session:
        other = session.scalars(select(Paraf).where(Paraf.berkas_id == three[0])).one().signature
        session.scalars(select(Paraf).where(Paraf.berkas_id == three[1])).one().signature = other
    page = site.client("camat").get("/tandatangan").text
    assert "Parafnya tidak lolos pemeriksaan." in page
    assert f'id="pilih-{three[1]}"' not in page and f'id="pilih-{three[2]}"' in page
    with site.house.db.begin() as session:
        session.query(Appointment).filter_by(role="camat").one().ends_on = site.house.desk.today() - timedelta(days=1)
    page = site.client("camat").get("/tandatangan").text
    assert page.count("Penunjukan penanda tangannya tidak berlaku hari ini.") == 3
    assert 'name="passphrase"' not in page and "Tidak ada yang dapat ditandatangani sekarang" in page


def test_nothing_waits(site: Site) -> None:
    assert "Tidak ada surat yang menunggu tanda tangan Anda" in site.client("camat").get("/tandatangan").text


def test_the_inbox_leads_here_when_there_is_more_than_one(site: Site, three: list[int]) -> None:
    assert "Tanda tangani sekaligus (3)" in site.client("camat").get("/").text


# ---- without JavaScript ----


def test_the_form_signs_all_and_leads_to_the_result(site: Site, three: list[int]) -> None:
    client, sent = site.client("camat"), ticked(site, three)
    answer = client.submit("/tandatangan", sent)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/tandatangan/{sent['kode']}")
    assert signed(site, three) == three
    page = client.get(answer.headers["Location"]).text
    assert "Semua surat terbit" in page and "3 surat terbit" in page
    assert 'name="passphrase"' not in page


def test_one_failure_is_told_beside_its_letter(site: Site, three: list[int]) -> None:
    client, sent = site.client("camat"), ticked(site, three)
    site.recompose(three[1])
    page = client.get(client.submit("/tandatangan", sent).headers["Location"]).text
    assert signed(site, three) == [three[0], three[2]]
    assert "2 surat terbit" in page and "1 surat gagal" in page
    assert "Surat yang Anda lihat sudah diganti versi baru" in page
    assert f'href="/berkas/{three[1]}"' in page
    english = client.get(f"/tandatangan/{sent['kode']}", headers={"Accept-Language": "en"}).text
    assert "The letter you were shown has been replaced" in english


def test_unread_letters_need_the_explicit_choice_and_the_ticks_stay(site: Site, three: list[int]) -> None:
    sent = ticked(site, three[:2], confirm_unopened="")
    answer = site.client("camat").submit("/tandatangan", sent)
    assert answer.status_code == 422
    assert 'id="confirm_unopened-error"' in answer.text and 'href="#confirm_unopened"' in answer.text
    assert answer.text.count(" checked") == 2
    assert PASSPHRASES["camat"] not in answer.text
    assert signed(site, three) == []


def test_an_earlier_date_needs_its_confirmation(site: Site, three: list[int]) -> None:
    site.clock.shift(days=1)
    page = site.client("camat").get("/tandatangan").text
    assert page.count("Tanggal 1 hari yang lalu") == 3
    answer = site.client("camat").submit("/tandatangan", ticked(site, three, confirm_date=""))
    assert answer.status_code == 422 and 'id="confirm_date-error"' in answer.text
    assert site.client("camat").submit("/tandatangan", ticked(site, three)).status_code == 303


@pytest.mark.parametrize("picked", [[], ["x"], ["1:zz"], ["99999999999:" + "0" * 64], ["7:" + "0" * 63]])
def test_a_form_without_letters_is_told_so(site: Site, picked: list[str]) -> None:
    site.berkas(5)
    answer = site.client("camat").submit("/tandatangan", ticked(site, [], pilih=picked))
    assert answer.status_code == 422 and "Pilih sedikitnya satu surat" in answer.text


@pytest.mark.parametrize("code", ["", "x", "../../", "G" * 32])
def test_a_form_without_its_code_begins_nothing(site: Site, three: list[int], code: str) -> None:
    assert site.client("camat").submit("/tandatangan", ticked(site, three, kode=code)).status_code == 422
    assert signed(site, three) == []


def test_a_wrong_passphrase_costs_one_attempt_and_keeps_the_choice(site: Site, three: list[int]) -> None:
    client, sent = site.client("camat"), ticked(site, three, passphrase="salah-besar")
    answer = client.submit("/tandatangan", sent)
    assert answer.status_code == 422
    assert "Passphrase salah" in answer.text and "Sisa 4 kali percobaan" in answer.text
    assert "salah-besar" not in answer.text
    assert "Lanjutkan 3 surat" in answer.text and f'action="/tandatangan/{sent["kode"]}"' in answer.text
    again = client.submit(f"/tandatangan/{sent['kode']}", {"passphrase": PASSPHRASES["camat"]})
    assert again.status_code == 303 and signed(site, three) == three


def test_five_wrong_passphrases_are_the_limit_here_too(site: Site, three: list[int]) -> None:
    client, sent = site.client("camat"), ticked(site, three, passphrase="x")
    client.submit("/tandatangan", sent)
    for _ in range(4):
        assert client.submit(f"/tandatangan/{sent['kode']}", {"passphrase": "x"}).status_code == 422
    answer = client.submit(f"/tandatangan/{sent['kode']}", {"passphrase": PASSPHRASES["camat"]})
    assert answer.status_code == 429 and "Terlalu banyak passphrase salah" in answer.text


def test_the_same_page_sent_twice_is_one_batch(site: Site, three: list[int]) -> None:
    client, sent = site.client("camat"), ticked(site, three)
    first, second = (client.submit("/tandatangan", sent) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"] and second.status_code == 303
    with site.house.db.read() as session:
        assert len(session.scalars(select(SigningBatch)).all()) == 1


def test_a_second_tab_is_led_to_the_run_that_goes_on(site: Site, three: list[int]) -> None:
    client, sent = site.client("camat"), ticked(site, three[:1], passphrase="x")
    client.submit("/tandatangan", sent)
    with site.house.db.begin() as session:
        session.query(SigningBatch).one().lease_until = site.clock() + timedelta(seconds=30)
    running = f"/tandatangan/{sent['kode']}"
    assert client.submit("/tandatangan", ticked(site, three)).headers["Location"] == running
    assert client.submit(running, {"passphrase": PASSPHRASES["camat"]}).headers["Location"] == running
    page = client.get(running).text
    assert f'data-follow="{running}"' in page and 'name="passphrase"' not in page
    assert client.get(f"{running}/kemajuan").get_json()["running"] is True
    assert "Lihat kemajuannya" in client.get("/tandatangan").text
    assert signed(site, three) == []


def test_a_batch_that_was_closed_cannot_go_on(site: Site, three: list[int]) -> None:
    client, sent = site.client("camat"), ticked(site, three, passphrase="x")
    client.submit("/tandatangan", sent)
    client.submit("/tandatangan", ticked(site, three[:1]))
    old = f"/tandatangan/{sent['kode']}"
    assert client.submit(old, {"passphrase": PASSPHRASES["camat"]}).status_code == 409
    page = client.get(old).text
    assert "Anda memilih surat lagi sesudah ini" in page and 'name="passphrase"' not in page
    assert signed(site, three) == three[:1]


def test_a_batch_of_somebody_else_is_not_there(site: Site, three: list[int]) -> None:
    client, sent = site.client("camat"), ticked(site, three, passphrase="x")
    client.submit("/tandatangan", sent)
    with site.house.db.begin() as session:
        session.query(SigningBatch).one().user_id = site.actor("kasi").user_id
    for address in (f"/tandatangan/{sent['kode']}", f"/tandatangan/{sent['kode']}/kemajuan", "/tandatangan/apa-saja"):
        assert client.get(address).status_code == 404
    assert client.submit(f"/tandatangan/{sent['kode']}", {"passphrase": "x"}).status_code == 404


# ---- the stream ----


def test_the_stream_says_one_line_a_letter(site: Site, three: list[int]) -> None:
    replaced = ticked(site, three)
    site.recompose(three[1])
    answer = site.client("camat").submit("/tandatangan", replaced, headers=NDJSON)
    assert answer.content_type == "application/x-ndjson" and answer.headers["Cache-Control"] == "no-store"
    first, *letters, last = lines(answer)
    assert (first, last) == ({"type": "mulai", "total": 3, "done": 0}, {"type": "selesai"})
    assert [(one["berkas"], one["state"]) for one in letters] == [
        (three[0], "terbit"),
        (three[1], "gagal"),
        (three[2], "terbit"),
    ]
    assert letters[0]["href"] == f"/berkas/{three[0]}/tandatangan" and letters[0]["number"].startswith("400.9/")
    assert "diganti versi baru" in letters[1]["text"]


def test_the_stream_speaks_the_pages_language(site: Site, three: list[int]) -> None:
    sent = ticked(site, three[:1])
    site.recompose(three[0])
    headers = NDJSON | {"Accept-Language": "en"}
    answer = site.client("camat").submit("/tandatangan", sent, headers=headers)
    assert "has been replaced" in lines(answer)[1]["text"]


def test_a_wrong_passphrase_ends_the_stream_at_once(site: Site, three: list[int]) -> None:
    client, sent = site.client("camat"), ticked(site, three, passphrase="x")
    assert [line["type"] for line in lines(client.submit("/tandatangan", sent, headers=NDJSON))] == [
        "mulai",
        "berhenti",
    ]
    page = client.get(f"/tandatangan/{sent['kode']}?berhenti=wrong-passphrase").text
    assert 'id="passphrase-error"' in page and "Sisa 4 kali percobaan" in page


def test_a_refused_choice_is_answered_with_the_page(site: Site, three: list[int]) -> None:
    answer = site.client("camat").submit("/tandatangan", ticked(site, three, confirm_unopened=""), headers=NDJSON)
    assert answer.status_code == 422 and answer.mimetype == "text/html"


def test_a_lost_connection_leaves_the_rest_to_be_resumed(site: Site, three: list[int]) -> None:
    client, sent = site.client("camat"), ticked(site, three)
    answer = client.submit("/tandatangan", sent, headers=NDJSON, buffered=False)
    stream = iter(answer.response)
    assert [json.loads(next(stream))["type"] for _ in range(2)] == ["mulai", "surat"]
    answer.close()
    assert signed(site, three) == three[:1]
    found = client.get(f"/tandatangan/{sent['kode']}/kemajuan").get_json()
    assert (found["running"], found["total"]) == (False, 3)
    assert [one["berkas"] for one in found["letters"]] == three[:1]
    assert "Ada yang belum selesai ditandatangani" in client.get("/tandatangan").text
    page = client.get(f"/tandatangan/{sent['kode']}").text
    assert "Lanjutkan 2 surat" in page and "1 surat terbit" in page
    rest = client.submit(f"/tandatangan/{sent['kode']}", {"passphrase": PASSPHRASES["camat"]}, headers=NDJSON)
    first, *letters, _last = lines(rest)
    assert (first["total"], first["done"], [one["berkas"] for one in letters]) == (3, 1, three[1:])
    assert signed(site, three) == three


def test_a_defect_in_the_stream_ends_it_with_a_line(site: Site, three: list[int]) -> None:
    web = site.app.extensions["surat"]
    sent = ticked(site, three)

    def passed(point: str) -> None:
        if point == "surat-dicatat":
            raise RuntimeError("unforeseen")

    site.app.extensions["surat"] = replace(web, keys=replace(web.keys, passed=passed))
    answer = lines(site.client("camat").submit("/tandatangan", sent, headers=NDJSON))
    assert answer[-1] == {"type": "berhenti", "code": "internal"}
    site.app.extensions["surat"] = web
    left = progress.of(site.house.desk, site.actor("camat"), sent["kode"])
    assert (left.running, len(left.signed), len(left.open)) == (False, 1, 2)


def test_the_passphrase_is_in_no_log_and_no_row(
    site: Site, three: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    client, sent = site.client("camat"), ticked(site, three, passphrase="frasa-yang-keliru")
    client.submit("/tandatangan", sent, headers=NDJSON).get_data()
    client.submit(f"/tandatangan/{sent['kode']}", {"passphrase": PASSPHRASES["camat"]}, headers=NDJSON).get_data()
    said = "".join(capsys.readouterr()).encode()
    kept = [path.read_bytes() for path in site.house.settings.instance.rglob("*") if path.is_file()]
    for secret in (b"frasa-yang-keliru", PASSPHRASES["camat"].encode()):
        assert not any(secret in data for data in [said, *kept])


def test_signed_alone_meanwhile_the_batch_shows_it_as_done(site: Site, three: list[int]) -> None:
    client, sent = site.client("camat"), ticked(site, three, passphrase="x")
    client.submit("/tandatangan", sent)
    shown = site.shown(three[0])
    signing.sign(site.house.desk, site.house.keys, site.actor("camat"), three[0], shown, PASSPHRASES["camat"])
    assert "Lanjutkan 2 surat" in client.get(f"/tandatangan/{sent['kode']}").text
