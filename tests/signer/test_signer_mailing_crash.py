"""The worker is killed between two steps of sending, against a real server: what was promised of mails holds."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from helpers_mail import MailServer, running
from helpers_office import Office

import app as house_module
from signer import mailboxes, outbox
from signer.mailing import TOKEN
from signer.settings import Settings
from signer.tables.mail import Mail, Mailbox
from signer.tables.record import Notice

pytest_plugins = ("helpers_office",)
RUNNER = Path(__file__).parents[1] / "crash_runner.py"
pytestmark = pytest.mark.slow


@pytest.fixture(name="server")
def _server() -> Iterator[MailServer]:
    with running() as server:
        yield server


@pytest.fixture(name="posting")
def _posting(office: Office, server: MailServer) -> Iterator[Office]:
    """An office with a mail server whose Kasi has an address, and a berkas that has just come to them."""
    smtp = Settings.from_env({"SURAT_SMTP_URL": server.url()}).smtp
    made = Office(house_module.House(replace(office.house.settings, smtp=smtp), office.clock), office.clock)
    kasi = made.actor("kasi")
    mailboxes.ask(made.desk, kasi, "kasi@contoh.test", "id")
    [mailbox] = made.rows(Mailbox)
    mailboxes.confirm(made.desk, made.desk.vault.open_text(mailbox.token_sealed, TOKEN))
    mailboxes.choose(made.desk, kasi, "id", {**mailboxes.DEFAULTS, "peringatan": "tidak"})
    made.berkas(step=4)
    yield made
    made.house.db.close()


def killed_at(office: Office, server: MailServer, point: str) -> None:
    """A worker drains the outbox and dies there."""
    place = {
        "SURAT_INSTANCE": str(office.house.settings.instance),
        "SURAT_DATABASE_URL": office.house.settings.database_url,
        "SURAT_SMTP_URL": server.url(),
    }
    command = [sys.executable, str(RUNNER), "drain", point, str(office.clock.offset.total_seconds())]
    done = subprocess.run(command, env=os.environ | place, capture_output=True, text=True, timeout=60)
    assert done.returncode == -signal.SIGKILL, done.stderr


def drain_later(office: Office) -> None:
    """What another worker does once the dead one's lease has ended."""
    for _ in range(2):
        office.clock.shift(seconds=outbox.LEASE.total_seconds() + 5)
        office.house.drain()


def only_mail(office: Office) -> Mail:
    [mail] = office.rows(Mail, kind="pemberitahuan")
    return mail


@pytest.mark.parametrize("point", ["told", "claimed", "connected", "sent", "marked"])
def test_killed_before_the_last_line_the_mail_is_sent_once(posting: Office, server: MailServer, point: str) -> None:
    killed_at(posting, server, point)
    assert server.taken == []
    drain_later(posting)
    assert len(server.taken) == 1
    assert only_mail(posting).outcome == "terkirim"
    kasi = posting.actor("kasi").user_id
    assert [notice.kind for notice in posting.rows(Notice, user_id=kasi)] == ["giliran"]


def test_killed_after_the_record_the_mail_is_not_sent_again(posting: Office, server: MailServer) -> None:
    killed_at(posting, server, "recorded")
    assert len(server.wait(1)) == 1
    drain_later(posting)
    assert len(server.taken) == 1


def test_killed_between_the_servers_answer_and_its_record_the_same_mail_comes_again(
    posting: Office, server: MailServer
) -> None:
    """The one window that SMTP leaves: the second copy has the Message-ID of the first, and no third ever comes."""
    killed_at(posting, server, "accepted")
    [first] = server.wait(1)
    assert only_mail(posting).handed_at is not None and only_mail(posting).closed_at is None
    posting.clock.shift(seconds=30)
    posting.house.drain()
    assert len(server.taken) == 1
    drain_later(posting)
    assert [taken.message_id for taken in server.taken] == [first.message_id] * 2
    assert server.taken[1].text() == first.text()
    drain_later(posting)
    assert len(server.taken) == 2
    assert (only_mail(posting).outcome, only_mail(posting).handovers) == ("terkirim", 2)


def test_killed_in_that_window_again_and_again_two_copies_are_the_end(posting: Office, server: MailServer) -> None:
    for _ in range(2):
        killed_at(posting, server, "accepted")
        posting.clock.shift(seconds=2 * outbox.LEASE.total_seconds())
    drain_later(posting)
    assert len(server.taken) == 2
    assert only_mail(posting).outcome == "tidak-pasti"
