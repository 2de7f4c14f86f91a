"""Who may read what: an auditor reads everything and changes nothing, a Pemohon knows only their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from helpers_office import PASSPHRASES, PDF, SLUG, Office, application

from signer import registering, signing
from signer.actor import Actor
from signer.berkas import check, collect, draft, lists, paraf, submit, views
from signer.berkas.finding import Wanted
from signer.errors import NotFound, NotYourStep
from signer.tables.berkas import Berkas
from signer.tables.record import AuditEntry
from signer.uploads import Upload

pytest_plugins = ("helpers_office",)
Act = Callable[[Office, Actor, int], object]


def _submit(office: Office, actor: Actor, berkas_id: int) -> None:
    submit.revise(office.desk, actor, berkas_id, office.version(berkas_id), application(office.desk.today()))


ACTS: dict[str, tuple[int, Act]] = {
    "create": (1, lambda o, a, b: submit.create(o.desk, a, SLUG, application(o.desk.today()))),
    "revise": (1, _submit),
    "attach": (1, lambda o, a, b: submit.attach(o.desk, a, b, [Upload("ijin-monev", "a.pdf", PDF)])),
    "set aside": (1, lambda o, a, b: submit.set_aside(o.desk, a, b, 1)),
    "hand in": (1, lambda o, a, b: submit.hand_in(o.desk, a, b)),
    "withdraw": (2, lambda o, a, b: submit.withdraw(o.desk, a, b, o.version(b), "alasan")),
    "accept": (2, lambda o, a, b: check.accept(o.desk, a, b, o.version(b), o.findings(b))),
    "give back": (2, lambda o, a, b: check.give_back(o.desk, a, b, o.version(b), o.findings(b), "alasan")),
    "refuse": (2, lambda o, a, b: check.refuse(o.desk, a, b, o.version(b), "alasan")),
    "save draft": (3, lambda o, a, b: draft.save(o.desk, a, b, 0, o.form(b))),
    "preview": (3, lambda o, a, b: draft.preview(o.desk, a, b, o.form(b), "simulasi")),
    "finalise": (3, lambda o, a, b: draft.finalise(o.desk, a, b, o.version(b), o.form(b), "simulasi")),
    "paraf": (4, lambda o, a, b: paraf.give(o.desk, o.keys, a, b, o.shown(b), PASSPHRASES["kasi"])),
    "send back": (4, lambda o, a, b: paraf.send_back(o.desk, a, b, o.version(b), "alasan")),
    "sign": (5, lambda o, a, b: signing.sign(o.desk, o.keys, a, b, o.shown(b), PASSPHRASES["camat"])),
    "register": (6, lambda o, a, b: registering.enter(o.desk, a, b, o.version(b))),
    "collect": (7, lambda o, a, b: collect.collect(o.desk, a, b, o.version(b), "Inspektorat")),
}


@pytest.mark.parametrize("act", ACTS)
def test_an_auditor_can_change_nothing(sqlite_office: Office, act: str) -> None:
    office, (step, do) = sqlite_office, ACTS[act]
    berkas_id = office.berkas(step=step)
    before = (office.row(berkas_id).version, len(office.rows(Berkas)), len(office.rows(AuditEntry)))
    with pytest.raises(NotYourStep):
        do(office, office.actor("auditor"), berkas_id)
    assert (office.row(berkas_id).version, len(office.rows(Berkas)), len(office.rows(AuditEntry))) == before


@pytest.mark.parametrize("act", sorted(set(ACTS) - {"create"}))
def test_another_pemohons_berkas_does_not_exist(sqlite_office: Office, act: str) -> None:
    office, (step, do) = sqlite_office, ACTS[act]
    berkas_id = office.berkas(step=step)
    stranger = replace(office.actor("pemohon"), user_id=office.actor("admin").user_id)
    before = office.version(berkas_id)
    with pytest.raises(NotFound):
        do(office, stranger, berkas_id)
    assert office.version(berkas_id) == before


def test_an_auditor_reads_everything(office: Office) -> None:
    mine, others = office.berkas(step=3), office.berkas(step=2, by="staf")
    auditor = office.actor("auditor")
    assert [row.id for row in lists.found(office.desk, auditor).rows] == [others, mine]
    for berkas_id in (mine, others):
        seen = views.detail(office.desk, auditor, berkas_id)
        assert seen.may == frozenset()
        row, name = views.attachment(office.desk, auditor, berkas_id, seen.files[0].id)
        assert (name, row.berkas_id) == ("pengantar-desa.pdf", berkas_id)
    assert lists.inbox(office.desk, auditor) == []


def test_a_pemohon_lists_only_their_own(office: Office) -> None:
    mine, others = office.berkas(), office.berkas(by="staf")
    pemohon = office.actor("pemohon")
    assert [row.id for row in lists.found(office.desk, pemohon).rows] == [mine]
    assert [row.id for row in lists.found(office.desk, office.actor("admin")).rows] == []
    with pytest.raises(NotFound):
        views.detail(office.desk, pemohon, others)
    with pytest.raises(NotFound):
        views.by_code(office.desk, "TIDAK-ADA1")


@pytest.mark.parametrize(
    ("step", "who"), [(1, "pemohon"), (2, "staf"), (3, "staf"), (4, "kasi"), (5, "camat"), (6, "staf"), (7, "pemohon")]
)
def test_a_berkas_lies_in_the_inbox_of_whose_turn_it_is(sqlite_office: Office, step: int, who: str) -> None:
    berkas_id = sqlite_office.berkas(step=step)
    for person in ("pemohon", "staf", "kasi", "camat", "auditor", "admin"):
        rows = lists.inbox(sqlite_office.desk, sqlite_office.actor(person))
        own = [row.id for row in rows if not row.on_behalf]
        assert own == ([berkas_id] if person == who else []), person


def test_the_most_overdue_comes_first(sqlite_office: Office) -> None:
    office = sqlite_office
    office.clock.shift(days=-3)
    older = office.berkas(step=2)
    office.clock.shift(days=3)
    newer = office.berkas(step=2)
    rows = lists.inbox(office.desk, office.actor("staf"))
    assert [row.id for row in rows] == [older, newer]
    assert rows[0].clock is not None and rows[1].clock is not None
    assert rows[0].clock.due < rows[1].clock.due


def test_searching_finds_by_code_name_village_and_number(sqlite_office: Office) -> None:
    office = sqlite_office
    first, second = office.berkas(step=4, desa="Selotapak"), office.berkas(applicant="Karto")
    staf = office.actor("staf")

    def found(words: str) -> list[int]:
        return [row.id for row in lists.found(office.desk, staf, Wanted(words)).rows]

    assert found("selotapak") == found("400.9/1/") == found(office.row(first).code) == [first]
    assert found("karto ketapan") == [second]
    assert found("_") == found("karto selotapak") == []
