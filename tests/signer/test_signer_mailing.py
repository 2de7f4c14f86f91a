"""Mails about notices: who gets which, what they say and leave out, and what becomes of them when servers misbehave."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from helpers_mail import MailServer, running
from helpers_office import Office, at_once

import app as house_module
from signer import mailboxes, mailing, notices, outbox
from signer.settings import Settings
from signer.tables.mail import Mail, Mailbox
from signer.tables.record import Notice, OutboxItem
from signer.tanggal import wib

pytest_plugins = ("helpers_office",)
LINK = re.compile(r"http://127\.0\.0\.1:8000(/surel/(?:konfirmasi|berhenti)/([\w-]+))")


@pytest.fixture(name="server", scope="module")
def _server() -> Iterator[MailServer]:
    with running() as server:
        yield server


@pytest.fixture(autouse=True)
def _well_behaved(server: MailServer) -> None:
    server.taken.clear()
    server.answer_mail = server.answer_rcpt = server.answer_data = ""
    server.slow, server.deaf = 0.0, False


def with_mail(office: Office, server: MailServer) -> Office:
    """The same office with a mail server."""
    smtp = Settings.from_env({"SURAT_SMTP_URL": server.url()}).smtp
    return Office(house_module.House(replace(office.house.settings, smtp=smtp), office.clock), office.clock)


@pytest.fixture(name="posting")
def _posting(office: Office, server: MailServer) -> Iterator[Office]:
    """An office with a mail server, on both databases."""
    made = with_mail(office, server)
    yield made
    made.house.db.close()


@pytest.fixture(name="posting_once")
def _posting_once(sqlite_office: Office, server: MailServer) -> Iterator[Office]:
    """The same on SQLite, where the database cannot matter."""
    made = with_mail(sqlite_office, server)
    yield made
    made.house.db.close()


def address(office: Office, server: MailServer, username: str, language: str = "id", **choices: str) -> None:
    """Give a person a confirmed address, as they would, and their choices; reminders only where a test asks."""
    actor = office.actor(username)
    mailboxes.ask(office.desk, actor, f"{username}@contoh.test", language)
    office.house.drain()
    link = LINK.search(server.taken[-1].text())
    assert link
    mailboxes.confirm(office.desk, link[2])
    mailboxes.choose(office.desk, actor, language, {**mailboxes.DEFAULTS, "peringatan": "tidak", **choices})
    server.taken.clear()


def to(server: MailServer) -> list[str]:
    return sorted(taken.recipient.split("@")[0] for taken in server.taken)


# ---- who gets what ----


def test_a_move_is_mailed_to_those_who_chose_so(posting: Office, server: MailServer) -> None:
    for username in ("kasi", "pemohon"):
        address(posting, server, username)
    posting.berkas(step=4)
    posting.house.drain()
    assert to(server) == ["kasi"]  # every move is in the Pemohon's digest, by default
    mail = server.taken[0].mail
    assert mail["Subject"].startswith("Giliran Anda: Memaraf surat (")
    assert [row.outcome for row in posting.rows(Mail, kind="pemberitahuan")] == ["terkirim"]
    posting.house.drain()
    assert len(server.taken) == 1


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_mail_names_code_desa_step_and_a_link_and_nothing_else(
    posting_once: Office, server: MailServer, language: str
) -> None:
    office = posting_once
    address(office, server, "pemohon", language)
    berkas_id = office.berkas(step=2, applicant="Wagiyem Rahasia")
    office.give_back(berkas_id, "NIK 3516012345 tidak terbaca.")
    office.house.drain()
    [taken] = server.taken
    code = office.row(berkas_id).code
    for text in (taken.text("plain"), taken.text("html")):
        assert f"{code[:5]}-{code[5:]}" in text and "Ketapanrame" in text
        assert f"http://127.0.0.1:8000/berkas/{berkas_id}" in text
        assert "3516012345" not in text and "Wagiyem" not in text and office.actor("staf").name not in text
        assert ("returned to you" in text) == (language == "en")
    assert list(taken.mail.iter_attachments()) == []
    assert taken.mail["Content-Language"] == language
    assert f'<html lang="{language}">' in taken.text("html")


def test_a_mail_can_be_answered_with_unsubscribing(posting_once: Office, server: MailServer) -> None:
    address(posting_once, server, "staf", peringatan="segera")
    posting_once.berkas(step=2)
    posting_once.house.drain()
    assert server.taken == []  # Staf recorded it themselves
    posting_once.clock.shift(days=4)
    posting_once.house.drain()
    mail = server.taken[0].mail
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = LINK.search(mail["List-Unsubscribe"])
    assert link and link[1] in server.taken[0].text() and link[1] in server.taken[0].text("html")
    mailboxes.stop(posting_once.desk, link[2])
    mailboxes.stop(posting_once.desk, link[2])
    assert set(mailboxes.chosen(posting_once.desk, posting_once.actor("staf")).choices.values()) == {"tidak"}


def test_nothing_is_sent_to_an_address_that_was_not_confirmed(posting_once: Office, server: MailServer) -> None:
    mailboxes.ask(posting_once.desk, posting_once.actor("kasi"), "kasi@contoh.test", "id")
    posting_once.house.drain()
    posting_once.berkas(step=4)
    posting_once.house.drain()
    assert [taken.mail["Subject"] for taken in server.taken] == ["Konfirmasi alamat surel Anda"]


def test_who_chose_never_gets_none(posting_once: Office, server: MailServer) -> None:
    address(posting_once, server, "kasi", giliran="tidak")
    posting_once.berkas(step=4)
    posting_once.house.drain()
    assert server.taken == [] and posting_once.rows(Mail, kind="pemberitahuan") == []
    assert notices.unread(posting_once.desk, posting_once.actor("kasi"))


def test_a_digest_gathers_a_day_and_comes_once_as_the_office_opens(posting: Office, server: MailServer) -> None:
    address(posting, server, "kasi", giliran="ringkasan")
    first, second, gone = (posting.berkas(step=4) for _ in range(3))
    posting.house.drain()
    posting.give_paraf(gone)
    assert server.taken == []
    [mail] = posting.rows(Mail, kind="ringkasan")
    assert wib(mail.due_at).strftime("%H.%M") == "07.30" and mail.due_at > posting.clock()
    posting.clock.offset = mail.due_at - (posting.clock() - posting.clock.offset) + timedelta(minutes=1)
    posting.house.drain()
    [taken] = server.taken
    assert taken.mail["Subject"] == "Ringkasan harian: 2 pemberitahuan"
    assert all(f"/berkas/{berkas_id}" in taken.text() for berkas_id in (first, second))
    assert f"/berkas/{gone}\n" not in taken.text()
    posting.house.drain()
    assert len(server.taken) == 1


def test_a_digest_of_what_was_all_read_is_not_sent(posting_once: Office, server: MailServer) -> None:
    address(posting_once, server, "kasi", giliran="ringkasan")
    posting_once.berkas(step=4)
    posting_once.house.drain()
    notices.mark_read(posting_once.desk.db, posting_once.actor("kasi").user_id, posting_once.clock())
    posting_once.clock.shift(days=5)
    posting_once.house.drain()
    assert server.taken == []
    assert [mail.outcome for mail in posting_once.rows(Mail, kind="ringkasan")] == ["batal"]


def test_reminders_come_at_the_deadline_and_a_day_later_while_it_waits(posting: Office, server: MailServer) -> None:
    address(posting, server, "kasi", giliran="tidak", peringatan="segera")
    waiting, done = posting.berkas(step=4), posting.berkas(step=4)
    posting.house.drain()
    due = sorted(
        item.due_at for item in posting.rows(OutboxItem, topic="reminder") if item.payload["berkas"] == waiting
    )
    deadline = posting.detail(waiting).clock.due  # type: ignore[union-attr]  # it runs
    assert due[-2] == deadline + timedelta(minutes=1)
    posting.give_paraf(done)
    posting.house.drain()
    kasi = posting.actor("kasi").user_id
    for moment, count in ((due[-2], 1), (due[-1], 2), (due[-1] + timedelta(days=9), 2)):
        posting.clock.offset += moment - posting.clock() + timedelta(minutes=1)
        posting.house.drain()
        posting.house.drain()
        late = posting.rows(Notice, kind="lewat", user_id=kasi)
        assert [notice.berkas_id for notice in late] == [waiting] * count
    assert [taken.mail["Subject"][:10] for taken in server.taken] == ["Pengingat:"] * 2


def test_the_pemohon_has_a_day_before_the_first_reminder(posting_once: Office) -> None:
    office = posting_once
    berkas_id = office.berkas(step=2)
    office.give_back(berkas_id, "Kurang.")
    office.house.drain()
    office.clock.shift(hours=1)
    office.house.drain()
    assert office.rows(Notice, kind="lewat", user_id=office.actor("pemohon").user_id) == []
    office.clock.shift(days=6)
    office.house.drain()
    assert len(office.rows(Notice, kind="lewat", user_id=office.actor("pemohon").user_id)) == 2


def test_a_mail_that_is_late_says_nothing_that_is_over(posting_once: Office, server: MailServer) -> None:
    address(posting_once, server, "kasi")
    server.answer_data = "451 nanti"
    berkas_id = posting_once.berkas(step=4)
    posting_once.house.drain()
    posting_once.give_paraf(berkas_id)
    server.answer_data = ""
    posting_once.clock.shift(minutes=10)
    posting_once.house.drain()
    assert server.taken == []
    assert [mail.outcome for mail in posting_once.rows(Mail, kind="pemberitahuan")] == ["batal"]


# ---- servers that misbehave ----


def test_a_temporary_refusal_is_tried_again_and_sent_once(posting: Office, server: MailServer) -> None:
    address(posting, server, "kasi")
    posting.berkas(step=4)
    for answer in ("answer_mail", "answer_rcpt", "answer_data"):
        setattr(server, answer, "451 4.3.0 nanti")
        posting.house.drain()
        posting.clock.shift(minutes=5)
        setattr(server, answer, "")
        [mail] = posting.rows(Mail, kind="pemberitahuan")
        assert (mail.closed_at, mail.handed_at, mail.handovers) == (None, None, 0)
    posting.house.drain()
    assert len(server.taken) == 1
    assert server.taken[0].message_id == f"<{mail.message_id}@127.0.0.1>"
    errors = [item.last_error for item in posting.rows(OutboxItem, topic="mail")]
    assert "Deferred(451)" in errors and "nanti" not in str(errors)


def test_an_address_that_is_refused_is_told_in_the_app_and_not_written_to_again(
    posting: Office, server: MailServer
) -> None:
    address(posting, server, "kasi")
    server.answer_rcpt = "550 5.1.1 kasi@contoh.test tidak ada"
    posting.berkas(step=4)
    posting.house.drain()
    kasi = posting.actor("kasi")
    assert [mail.outcome for mail in posting.rows(Mail, kind="pemberitahuan")] == ["ditolak"]
    assert [notice.kind for notice in posting.rows(Notice, user_id=kasi.user_id)] == ["giliran", "surel"]
    assert mailboxes.chosen(posting.desk, kasi).failed_at is not None
    server.answer_rcpt = ""
    posting.berkas(step=4)
    posting.house.drain()
    assert server.taken == []
    posting.clock.shift(minutes=3)
    address(posting, server, "kasi")
    assert mailboxes.chosen(posting.desk, kasi).failed_at is None
    posting.berkas(step=4)
    posting.house.drain()
    assert to(server) == ["kasi"]


def test_a_refusal_does_not_count_against_an_address_given_meanwhile(posting: Office, server: MailServer) -> None:
    address(posting, server, "kasi")
    posting.clock.shift(minutes=3)
    kasi, desk = posting.actor("kasi"), posting.desk

    def moves(point: str) -> None:
        if point == "claimed":
            mailboxes.ask(desk, kasi, "baru@contoh.test", "id")
            [row] = posting.rows(Mailbox, user_id=kasi.user_id)
            mailboxes.confirm(desk, desk.vault.open_text(row.token_sealed, mailing.TOKEN))

    posting.house.__dict__["mailing"] = replace(posting.house.mailing, passed=moves)
    server.answer_rcpt = "550 5.1.1 tidak ada"
    posting.berkas(step=4)
    posting.house.drain()
    assert [mail.outcome for mail in posting.rows(Mail, kind="pemberitahuan")] == ["ditolak"]
    chosen = mailboxes.chosen(desk, kasi)
    assert (chosen.address, chosen.failed_at) == ("baru@contoh.test", None)
    assert [notice.kind for notice in posting.rows(Notice, user_id=kasi.user_id)] == ["giliran"]


def test_a_server_that_is_away_loses_nothing_and_holds_up_nothing(posting_once: Office, server: MailServer) -> None:
    office = posting_once
    address(office, server, "kasi")
    away = Settings.from_env({"SURAT_SMTP_URL": "smtp://127.0.0.1:9"}).smtp
    without = Office(house_module.House(replace(office.house.settings, smtp=away), office.clock), office.clock)
    office.berkas(step=4)
    without.house.drain()
    assert len(office.rows(Notice, kind="giliran", user_id=office.actor("kasi").user_id)) == 1
    assert server.taken == []
    office.clock.shift(minutes=2)
    office.house.drain()
    assert to(server) == ["kasi"]
    without.house.db.close()


def test_an_answer_that_never_comes_leads_to_one_more_mail_under_the_same_id(
    posting: Office, server: MailServer
) -> None:
    address(posting, server, "kasi")
    posting.berkas(step=4)
    server.deaf = True
    posting.house.drain()
    assert len(server.taken) == 1
    posting.clock.shift(seconds=70)
    posting.house.drain()
    assert len(server.taken) == 1  # another worker may still be waiting for its answer
    for _ in range(6):
        posting.clock.shift(minutes=10)
        posting.house.drain()
    assert len(server.taken) == mailing.HANDOVERS
    assert len({taken.message_id for taken in server.taken}) == 1
    assert [mail.outcome for mail in posting.rows(Mail, kind="pemberitahuan")] == ["tidak-pasti"]


def test_a_mail_that_cannot_be_sent_for_days_is_given_up(posting_once: Office, server: MailServer) -> None:
    address(posting_once, server, "kasi")
    posting_once.berkas(step=4)
    server.answer_mail = "451 nanti"
    posting_once.house.drain()
    posting_once.clock.shift(days=6)
    posting_once.house.drain()
    assert [mail.outcome for mail in posting_once.rows(Mail, kind="pemberitahuan")] == ["kedaluwarsa"]


def test_two_workers_send_each_mail_once(posting: Office, server: MailServer) -> None:
    address(posting, server, "kasi")
    other = posting.again()
    for _ in range(4):
        posting.berkas(step=4)
    server.slow = 0.05
    given = at_once(posting.house.drain, other.house.drain, posting.house.drain)
    assert [one for one in given if isinstance(one, Exception)] == []
    assert len(server.taken) == len({taken.message_id for taken in server.taken}) == 4
    other.house.db.close()


def test_a_worker_that_slept_through_its_lease_does_not_hand_over(posting: Office, server: MailServer) -> None:
    """It wakes before its mark: the mail was another's meanwhile."""
    address(posting, server, "kasi")
    posting.berkas(step=4)
    other, asleep, awake = posting.again(), threading.Event(), threading.Event()

    def nap(point: str) -> None:
        if point == "sent":
            asleep.set()
            assert awake.wait(30)

    posting.house.__dict__["mailing"] = replace(posting.house.mailing, passed=nap)
    sleeper = threading.Thread(target=posting.house.drain)
    sleeper.start()
    assert asleep.wait(30)
    posting.clock.shift(seconds=outbox.LEASE.total_seconds() + 1)
    other.house.drain()
    awake.set()
    sleeper.join(30)
    assert len(server.taken) == 1
    posting.clock.shift(minutes=10)
    other.house.drain()
    assert len(server.taken) == 1
    assert [mail.outcome for mail in posting.rows(Mail, kind="pemberitahuan")] == ["terkirim"]
    other.house.db.close()


# ---- without a server ----


def test_without_a_server_everybody_is_told_in_the_app_and_no_mail_is_written(office: Office) -> None:
    office.berkas(step=8)
    office.house.drain()
    assert office.rows(Mail) == [] and office.rows(Mailbox) == []
    assert {notice.kind for notice in office.rows(Notice, user_id=office.actor("pemohon").user_id)} >= {
        "posisi",
        "selesai",
    }
    assert [item for item in office.rows(OutboxItem) if item.last_error] == []


def test_nothing_about_an_address_is_readable_in_the_database(posting_once: Office, server: MailServer) -> None:
    address(posting_once, server, "kasi")
    posting_once.berkas(step=4)
    server.answer_rcpt = "550 5.1.1 <kasi@contoh.test> tidak ada"
    posting_once.house.drain()
    dump = "\n".join(posting_once.house.db.engine.raw_connection().driver_connection.iterdump())  # type: ignore[union-attr]
    assert "contoh.test" not in dump
