"""Accounts and appointments: who may sign in under which name, and who signs on which day in which capacity."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from flask_security import verify_password
from helpers_office import PASSPHRASES, Office

from signer import accounts, appointments, signing
from signer.accounts import User
from signer.errors import Invalid
from signer.tables.office import Appointment

pytest_plugins = ("helpers_office",)


def add(office: Office, **changes: Any) -> None:
    values: dict[str, Any] = {
        "username": "karto",
        "name": "Karto",
        "password": "sandi-yang-panjang",
        "roles": ["pemohon"],
        "office_id": 1,
        "now": office.clock(),
    }
    with office.house.hashing(), office.desk.db.begin() as session:
        accounts.add_user(session, **(values | changes))


def test_a_new_account_can_act_and_its_password_is_hashed(office: Office) -> None:
    add(office, roles=["staf", "kasi"], seksi="kemasyarakatan")
    actor = office.actor("karto")
    assert actor.roles == {"staf", "kasi"}
    assert (actor.seksi, actor.name, actor.office_id) == ("kemasyarakatan", "Karto", 1)
    [row] = office.rows(User, username="karto")
    assert "sandi-yang-panjang" not in row.password
    with office.house.hashing():
        assert verify_password("sandi-yang-panjang", row.password)
        assert not verify_password("sandi-lain-panjang", row.password)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Karto.S", "karto.s"),
        (" staf-2 ", "staf-2"),
        ("0812-3456-789", "08123456789"),
        ("+62 812 3456 789", "08123456789"),
        ("(0321) 123456", "0321123456"),
    ],
)
def test_user_names_and_phone_numbers_have_one_form(typed: str, kept: str) -> None:
    assert accounts.normal_username(typed) == kept


@pytest.mark.parametrize("typed", ["", "ab", "Karto S", "karto@desa.id", "-karto", "k" * 65])
def test_an_unfit_user_name_is_refused(typed: str) -> None:
    with pytest.raises(Invalid) as told:
        accounts.normal_username(typed)
    assert told.value.field == "username"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"username": "STAF"}, "username"),
        ({"name": "  "}, "name"),
        ({"password": "pendek123"}, "password"),
        ({"roles": ["lurah"]}, "roles"),
    ],
)
def test_an_account_that_cannot_be_is_not_made(office: Office, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as told:
        add(office, **changes)
    assert told.value.field == field
    assert office.rows(User, username="karto") == []


def test_one_phone_number_is_one_account(office: Office) -> None:
    add(office, username="0812-3456-789")
    with pytest.raises(Invalid):
        add(office, username="+62 812 3456 789")


def appoint(office: Office, **changes: Any) -> Appointment:
    values: dict[str, Any] = {
        "office_id": 1,
        "user_id": office.actor("kasi").user_id,
        "role": "camat",
        "capacity": "plh",
        "jabatan": "CAMAT TRAWAS",
        "holder": "Drs. Bambang Prasetyo",
        "starts_on": date(2026, 3, 2),
        "ends_on": date(2026, 3, 6),
        "key_backend": "pkcs12",
        "key_name": "kasi",
    }
    with office.desk.db.begin() as session:
        session.add(made := Appointment(**(values | changes)))
    return made


@pytest.mark.parametrize(
    ("on", "holds"), [("2026-03-01", False), ("2026-03-02", True), ("2026-03-06", True), ("2026-03-07", False)]
)
def test_an_appointment_runs_from_its_first_to_its_last_day(sqlite_office: Office, on: str, holds: bool) -> None:
    day, made = date.fromisoformat(on), appoint(sqlite_office)
    assert appointments.holds(made, day) is holds
    with sqlite_office.desk.db.read() as session:
        found = appointments.of_user(session, made.user_id, 1, "camat", day)
        assert (found is not None) is holds
        assert appointments.of_user(session, made.user_id, 1, "kasi", date(2020, 1, 1)) is None
        assert appointments.of_user(session, made.user_id, 999, "camat", day) is None


def test_the_definitive_holder_comes_first(office: Office) -> None:
    today = office.desk.today()
    appoint(office, starts_on=today - timedelta(days=30), ends_on=None)
    with office.desk.db.read() as session:
        found = appointments.holders(session, 1, "camat", today)
    assert [row.capacity for row in found] == ["definitif", "plh"]


@pytest.mark.parametrize(
    ("capacity", "own_title", "lines", "one_line"),
    [
        ("definitif", "", ("CAMAT TRAWAS,",), "CAMAT TRAWAS"),
        ("plt", "", ("Plt. CAMAT TRAWAS,",), "Plt. CAMAT TRAWAS"),
        ("plh", "", ("Plh. CAMAT TRAWAS,",), "Plh. CAMAT TRAWAS"),
        ("an", "SEKRETARIS CAMAT", ("a.n. CAMAT TRAWAS", "SEKRETARIS CAMAT,"), "a.n. CAMAT TRAWAS SEKRETARIS CAMAT"),
    ],
)
def test_capacities_are_written_as_the_rules_say(
    capacity: str, own_title: str, lines: tuple[str, ...], one_line: str
) -> None:
    who = Appointment(capacity=capacity, jabatan="CAMAT TRAWAS", own_title=own_title)
    assert appointments.capacity_lines(who) == lines
    assert appointments.capacity_text(who) == one_line


def test_a_plh_signs_in_their_capacity_and_it_stands_in_the_letter(office: Office) -> None:
    """The Camat is away: another person signs, with their own key, as Plh."""
    today = office.desk.today()
    certificate = office.rows(Appointment, role="kasi")[0].certificate
    add(office, username="sekcam", name="Sekretaris", roles=["camat"])
    deputy = office.actor("sekcam")
    made = appoint(
        office, user_id=deputy.user_id, starts_on=today, ends_on=today + timedelta(days=1), certificate=certificate
    )
    berkas_id = office.berkas(step=3)
    office.finalise(berkas_id, appointment_id=made.id)
    office.give_paraf(berkas_id)
    signing.sign(
        office.desk,
        office.keys,
        deputy,
        berkas_id,
        office.shown(berkas_id),
        PASSPHRASES["kasi"],
        confirm_earlier_date=True,
    )
    letter = office.detail(berkas_id).letter
    assert letter is not None
    assert (letter.signatory, letter.capacity) == ("Drs. Bambang Prasetyo", "Plh. CAMAT TRAWAS,")
