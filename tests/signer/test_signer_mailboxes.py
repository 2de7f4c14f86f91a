"""Addresses and choices: used only once confirmed, by who reads the mailbox; links that work once, and not for ever."""

from __future__ import annotations

import pytest
from helpers_office import Office
from sqlalchemy import select

from signer import mailboxes
from signer.errors import Invalid, NotFound
from signer.mailboxes import DEFAULTS
from signer.mailing import TOKEN
from signer.tables.mail import Mail, Mailbox

pytest_plugins = ("helpers_office",)


def token(office: Office) -> str:
    """The token that the confirmation mail would carry."""
    with office.desk.db.read() as session:
        mailbox = session.scalars(select(Mailbox)).one()
        return office.desk.vault.open_text(mailbox.token_sealed, TOKEN)


def test_an_address_counts_once_its_link_was_used_and_the_link_works_once(office: Office) -> None:
    kasi = office.actor("kasi")
    mailboxes.ask(office.desk, kasi, " kasi@contoh.test ", "en")
    assert (mailboxes.chosen(office.desk, kasi).address, mailboxes.chosen(office.desk, kasi).pending) == (
        "",
        "kasi@contoh.test",
    )
    link = token(office)
    assert mailboxes.pending(office.desk, link) == "kasi@contoh.test"
    mailboxes.confirm(office.desk, link)
    found = mailboxes.chosen(office.desk, kasi)
    assert (found.address, found.pending, found.language) == ("kasi@contoh.test", "", "en")
    assert found.choices == {"giliran": "segera", "peringatan": "segera"}
    for again in (mailboxes.confirm, mailboxes.pending):
        with pytest.raises(NotFound):
            again(office.desk, link)


def test_only_the_tokens_hash_and_a_sealed_copy_are_kept(office: Office) -> None:
    mailboxes.ask(office.desk, office.actor("kasi"), "kasi@contoh.test", "id")
    [mailbox] = office.rows(Mailbox)
    link = token(office)
    assert mailbox.token_sha256 == mailboxes.digest(link)
    assert mailbox.token_sealed is not None and link.encode() not in mailbox.token_sealed
    mailboxes.confirm(office.desk, link)
    [mailbox] = office.rows(Mailbox)
    assert (mailbox.token_sha256, mailbox.token_sealed, mailbox.pending_sealed) == (None, None, None)


def test_a_link_ends_after_two_days(office: Office) -> None:
    mailboxes.ask(office.desk, office.actor("kasi"), "kasi@contoh.test", "id")
    link = token(office)
    office.clock.shift(hours=48, seconds=1)
    with pytest.raises(NotFound):
        mailboxes.confirm(office.desk, link)
    assert mailboxes.chosen(office.desk, office.actor("kasi")).pending == ""


def test_another_address_leaves_the_old_one_until_it_is_confirmed(office: Office) -> None:
    kasi = office.actor("kasi")
    mailboxes.ask(office.desk, kasi, "lama@contoh.test", "id")
    mailboxes.confirm(office.desk, token(office))
    [before] = office.rows(Mailbox)
    office.clock.shift(minutes=3)
    mailboxes.ask(office.desk, kasi, "baru@contoh.test", "id")
    assert mailboxes.chosen(office.desk, kasi).address == "lama@contoh.test"
    mailboxes.confirm(office.desk, token(office))
    assert mailboxes.chosen(office.desk, kasi).address == "baru@contoh.test"
    assert office.rows(Mailbox)[0].stop_sha256 != before.stop_sha256  # the old mailbox has no say any more


def test_asking_again_calls_the_first_mail_off_and_not_too_often(office: Office) -> None:
    kasi = office.actor("kasi")
    mailboxes.ask(office.desk, kasi, "salah@contoh.test", "id")
    first = token(office)
    with pytest.raises(Invalid):
        mailboxes.ask(office.desk, kasi, "benar@contoh.test", "id")
    office.clock.shift(minutes=3)
    mailboxes.ask(office.desk, kasi, "benar@contoh.test", "id")
    assert [mail.outcome for mail in office.rows(Mail)] == ["batal", ""]
    with pytest.raises(NotFound):
        mailboxes.confirm(office.desk, first)


def test_a_forgotten_address_is_gone_and_its_links_with_it(office: Office) -> None:
    kasi = office.actor("kasi")
    mailboxes.ask(office.desk, kasi, "kasi@contoh.test", "id")
    link = token(office)
    mailboxes.forget(office.desk, kasi)
    with pytest.raises(NotFound):
        mailboxes.confirm(office.desk, link)
    [mailbox] = office.rows(Mailbox)
    assert (mailbox.address_sealed, mailbox.pending_sealed, mailbox.stop_sealed) == (None, None, None)
    assert [mail.outcome for mail in office.rows(Mail)] == ["batal"]


@pytest.mark.parametrize(
    "address",
    ["", "siti", "siti@", "@contoh.test", "siti@contoh", "a b@contoh.test", "siti@contoh.test\nBcc: x@y.id",
     "siti@contoh.test,budi@contoh.test", "<siti@contoh.test>", '"a b"@contoh.test', "siti@" + "a" * 250 + ".id",
     "sitï@contoh.test"],
)  # fmt: skip
def test_what_is_no_address_is_refused_at_its_field(sqlite_office: Office, address: str) -> None:
    with pytest.raises(Invalid) as told:
        mailboxes.ask(sqlite_office.desk, sqlite_office.actor("kasi"), address, "id")
    assert told.value.field == "address"
    assert sqlite_office.rows(Mailbox) == [] and sqlite_office.rows(Mail) == []


def test_each_role_chooses_what_it_can_be_told(sqlite_office: Office) -> None:
    assert mailboxes.subjects(sqlite_office.actor("pemohon")) == ("hasil", "posisi", "peringatan")
    assert mailboxes.subjects(sqlite_office.actor("camat")) == ("giliran", "peringatan")
    for role in ("admin", "auditor"):
        assert mailboxes.subjects(sqlite_office.actor(role)) == ()


@pytest.mark.parametrize(("key", "value"), [("giliran", "kadang"), ("peringatan", "")])
def test_a_choice_that_is_none_is_refused_at_its_field(sqlite_office: Office, key: str, value: str) -> None:
    kasi = sqlite_office.actor("kasi")
    with pytest.raises(Invalid) as told:
        mailboxes.choose(sqlite_office.desk, kasi, "id", {**DEFAULTS, key: value})
    assert told.value.field == key
    with pytest.raises(Invalid) as told:
        mailboxes.choose(sqlite_office.desk, kasi, "fr", DEFAULTS)
    assert told.value.field == "language"
    assert sqlite_office.rows(Mailbox) == []


def test_an_unknown_unsubscribe_link_is_not_found(office: Office) -> None:
    mailboxes.ask(office.desk, office.actor("kasi"), "kasi@contoh.test", "id")
    for act in (mailboxes.stop, mailboxes.knows_stop):
        with pytest.raises(NotFound):
            act(office.desk, "tidak-ada")
