"""The address book: one name stands in it once, finalised letters fill it, Staf tidies it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from helpers_office import Office, at_once
from sqlalchemy import select

from signer import contacts
from signer.errors import Invalid, NotFound, NotYourStep
from signer.tables.contacts import Contact
from signer.tables.office import Office as OfficeRow

pytest_plugins = ("helpers_office",)


def names(office: Office, search: str = "") -> list[str]:
    return [one.name for one in contacts.listed(office.desk, office.actor("staf"), search)]


def test_the_names_of_a_finalised_letter_are_remembered(office: Office) -> None:
    berkas_id = office.berkas(step=3)
    office.finalise(berkas_id, recipients=("Kapolsek  Trawas", "Camat Pacet"), tembusan=("Arsip",))
    office.finalise(office.berkas(step=3), recipients=("KAPOLSEK TRAWAS", "Danramil"), tembusan=("Arsip",))
    found = {one.name: one.uses for one in contacts.listed(office.desk, office.actor("staf"))}
    assert found == {"Arsip": 2, "Camat Pacet": 1, "Danramil": 1, "Kapolsek Trawas": 2}
    assert [one.name for one in contacts.offered(office.desk, office.actor("staf"))][:2] == ["Arsip", "Kapolsek Trawas"]


def test_a_refused_finalising_remembers_nobody(office: Office) -> None:
    with pytest.raises(Invalid):
        office.finalise(office.berkas(step=3), recipients=("Kapolsek",), hal="")
    assert names(office) == []


def test_names_are_sealed(office: Office) -> None:
    contacts.add(office.desk, office.actor("staf"), ["Ibu Siti Rahayu"], "Tamu")
    [row] = office.rows(Contact)
    assert b"Siti" not in row.name_sealed + row.fingerprint


def test_a_name_stands_in_the_book_once(office: Office) -> None:
    staf = office.actor("staf")
    assert contacts.add(office.desk, staf, ["Camat", "  camat ", "Kapolsek", ""]) == 2
    assert contacts.add(office.desk, staf, ["CAMAT", "Danramil"], "Forkopimcam") == 1
    found = {one.name.casefold(): one.group for one in contacts.listed(office.desk, staf)}
    assert found == {"camat": "Forkopimcam", "kapolsek": "", "danramil": "Forkopimcam"}


def test_two_adding_one_name_at_once_leave_one(office: Office) -> None:
    staf = office.actor("staf")
    outcome = at_once(*[lambda: contacts.add(office.desk, staf, ["Camat Trawas"])] * 2)
    assert all(isinstance(one, int) for one in outcome), outcome
    assert names(office) == ["Camat Trawas"]


def test_a_name_is_searched_by_its_words_and_its_group(sqlite_office: Office) -> None:
    contacts.add(sqlite_office.desk, sqlite_office.actor("staf"), ["Camat Trawas", "Kapolsek Trawas"], "Forkopimcam")
    contacts.add(sqlite_office.desk, sqlite_office.actor("staf"), ["Agen"])
    assert names(sqlite_office, "trawas cam") == ["Camat Trawas", "Kapolsek Trawas"]
    assert names(sqlite_office, "forko kapol") == ["Kapolsek Trawas"]
    assert contacts.groups(contacts.listed(sqlite_office.desk, sqlite_office.actor("staf"))) == ["Forkopimcam"]


def test_one_set_aside_is_not_offered_and_comes_back(office: Office) -> None:
    staf = office.actor("staf")
    contacts.add(office.desk, staf, ["Camat", "Kapolsek"])
    contact_id = contacts.listed(office.desk, staf)[0].id
    assert contacts.set_aside(office.desk, staf, contact_id, aside=True).set_aside
    assert [one.name for one in contacts.offered(office.desk, staf)] == ["Kapolsek"]
    assert names(office) == ["Kapolsek", "Camat"]
    office.finalise(office.berkas(step=3), recipients=("Camat",))
    assert "Camat" not in [one.name for one in contacts.offered(office.desk, staf)], "use alone does not bring it back"
    contacts.set_aside(office.desk, staf, contact_id, aside=False)
    assert "Camat" in [one.name for one in contacts.offered(office.desk, staf)]


def test_a_name_is_written_otherwise_but_never_as_another(office: Office) -> None:
    staf = office.actor("staf")
    contacts.add(office.desk, staf, ["Camat", "Kapolsek"])
    first = contacts.listed(office.desk, staf)[0].id
    contacts.change(office.desk, staf, first, "Camat Trawas", "Forkopimcam")
    contacts.change(office.desk, staf, first, "CAMAT TRAWAS", "Forkopimcam")
    assert contacts.entry(office.desk, staf, first).name == "CAMAT TRAWAS"
    with pytest.raises(Invalid) as told:
        contacts.change(office.desk, staf, first, "kapolsek", "")
    assert told.value.field == "name"


@pytest.mark.parametrize(
    ("act", "field"),
    [
        (lambda o, a: contacts.add(o.desk, a, []), "names"),
        (lambda o, a: contacts.add(o.desk, a, ["x" * 201]), "names"),
        (lambda o, a: contacts.add(o.desk, a, ["中文"]), "names"),
        (lambda o, a: contacts.add(o.desk, a, ["Camat"], "g" * 81), "group"),
        (lambda o, a: contacts.add(o.desk, a, [f"Nama {n}" for n in range(201)]), "names"),
        (lambda o, a: contacts.change(o.desk, a, 1, " ", ""), "name"),
    ],
)
def test_what_no_letter_could_print_is_refused(
    sqlite_office: Office, act: Callable[[Office, object], object], field: str
) -> None:
    with pytest.raises(Invalid) as told:
        act(sqlite_office, sqlite_office.actor("staf"))
    assert told.value.field == field
    assert names(sqlite_office) == []


@pytest.mark.parametrize("who", ["kasi", "camat", "admin", "auditor", "pemohon"])
def test_only_staf_changes_the_book(sqlite_office: Office, who: str) -> None:
    office, actor = sqlite_office, sqlite_office.actor(who)
    contacts.add(office.desk, office.actor("staf"), ["Camat"])
    for act in (
        lambda: contacts.add(office.desk, actor, ["Tamu"]),
        lambda: contacts.change(office.desk, actor, 1, "Tamu", ""),
        lambda: contacts.set_aside(office.desk, actor, 1, aside=True),
    ):
        with pytest.raises(NotYourStep):
            act()
    assert [one.name for one in contacts.offered(office.desk, actor)] == ["Camat"]


def test_another_offices_name_is_not_there(office: Office) -> None:
    staf = office.actor("staf")
    contacts.add(office.desk, staf, ["Camat"])
    with office.desk.db.begin() as session:
        home = session.scalars(select(OfficeRow)).one()
        away = OfficeRow(
            code="99",
            government="LAIN",
            name="LAIN",
            address="-",
            place="-",
            unit="9",
            number_pattern=home.number_pattern,
        )
        session.add(away)
        session.flush()
        session.scalars(select(Contact)).one().office_id = away.id
    assert names(office) == []
    for act in (contacts.entry, lambda d, a, c: contacts.set_aside(d, a, c, aside=True)):
        with pytest.raises(NotFound):
            act(office.desk, staf, 1)
    assert contacts.add(office.desk, staf, ["Camat"]) == 1, "each office has a book of its own"
