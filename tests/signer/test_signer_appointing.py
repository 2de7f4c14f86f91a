"""Appointments as an admin records them, and keys that only their holders can open."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from helpers_office import Office, at_once

from signer import appointing, appointments, office_events
from signer.accounts import User, role_named
from signer.appointment_facts import Facts, lines
from signer.errors import Invalid, InvalidForm, KeyUnavailable, NotFound, WrongPassphrase
from signer.tables.admin import OfficeEvent
from signer.tables.office import Appointment

pytest_plugins = ("helpers_office",)
PHRASE = "empat kata yang mudah"


def _sekcam(office: Office, role: str = "staf") -> int:
    """A person of the office who has not been appointed."""
    with office.desk.db.begin() as session:
        user = User(
            username="sekcam", name="Dra. Endang Lestari", password="!", fs_uniquifier="sekcam", office_id=1,
            created_at=office.clock(), roles=[role_named(session, role)],
        )  # fmt: skip
        session.add(user)
        session.flush()
        return user.id


def _plh(office: Office, user_id: int, **changes: str) -> Facts:
    today = office.desk.today()
    start = Facts(
        user_id=str(user_id),
        starts_on=today.isoformat(),
        ends_on=(today + timedelta(days=3)).isoformat(),
        sk_number="800/1/2026",
    )
    return replace(start, **changes)


def test_a_plh_signs_after_setting_a_key_and_the_letter_says_so(office: Office) -> None:
    user_id = _sekcam(office)
    made = appointing.stand_in(office.desk, office.actor("admin"), _plh(office, user_id, nip="197103121995032003"))
    assert (made.holder, made.jabatan, made.capacity) == ("Dra. Endang Lestari", "CAMAT TRAWAS", "plh")
    assert lines(made) == ("Plh. CAMAT TRAWAS,", "Dra. Endang Lestari", "NIP. 19710312 199503 2 003")
    sekcam = office.actor("sekcam")
    assert "camat" in sekcam.roles and not made.key_name and made.certificate is None
    with pytest.raises(KeyUnavailable, match="key has not been made"):
        office.keys.open_key(made)

    appointing.set_key(office.desk, office.keys, sekcam, made.id, PHRASE, PHRASE)
    kept = next(row for row in office.rows(Appointment) if row.id == made.id)
    key = office.keys.open_key(kept)
    assert key.sign_detached(b"x", PHRASE)
    with pytest.raises(WrongPassphrase):
        key.sign_detached(b"x", "bukan itu sama sekali")
    berkas_id = office.berkas(step=3)
    office.finalise(berkas_id, appointment_id=kept.id)
    assert office.detail(berkas_id).rendering.capacity == "Plh. CAMAT TRAWAS,"  # type: ignore[union-attr]  # finalised
    assert [event.act for event in office.rows(OfficeEvent)] == ["penunjukan", "kunci"]
    assert PHRASE not in str([event.detail for event in office.rows(OfficeEvent)])


def test_nobody_sets_another_persons_key_or_a_second_one(office: Office) -> None:
    made = appointing.stand_in(office.desk, office.actor("admin"), _plh(office, _sekcam(office)))
    for other in ("admin", "camat", "kasi"):
        with pytest.raises(NotFound):
            appointing.set_key(office.desk, office.keys, office.actor(other), made.id, PHRASE, PHRASE)
    camat = next(row for row in office.rows(Appointment, role="camat") if row.capacity == "definitif")
    with pytest.raises(KeyUnavailable):
        appointing.set_key(office.desk, office.keys, office.actor("camat"), camat.id, PHRASE, PHRASE)
    sekcam = office.actor("sekcam")

    def set_it() -> None:
        appointing.set_key(office.desk, office.keys, sekcam, made.id, PHRASE, PHRASE)

    results = at_once(set_it, set_it, set_it)
    assert results.count(None) == 1 and all(r is None or isinstance(r, KeyUnavailable) for r in results)
    kept = next(row for row in office.rows(Appointment) if row.id == made.id)
    assert office.keys.open_key(kept).sign_detached(b"x", PHRASE)


@pytest.mark.parametrize(
    ("phrase", "again", "field"),
    [("pendek", "pendek", "passphrase"), ("a" * 20, "a" * 20, "passphrase"), (PHRASE, "lain", "passphrase_again"),
     (PHRASE + "\0", PHRASE + "\0", "passphrase"), ("kata " * 50, "kata " * 50, "passphrase")],
)  # fmt: skip
def test_a_poor_passphrase_makes_no_key(sqlite_office: Office, phrase: str, again: str, field: str) -> None:
    office = sqlite_office
    made = appointing.stand_in(office.desk, office.actor("admin"), _plh(office, _sekcam(office)))
    with pytest.raises(Invalid) as caught:
        appointing.set_key(office.desk, office.keys, office.actor("sekcam"), made.id, phrase, again)
    assert caught.value.field == field
    assert not next(row for row in office.rows(Appointment) if row.id == made.id).key_name


def test_a_name_longer_than_a_certificate_holds_still_gets_a_key(sqlite_office: Office) -> None:
    office = sqlite_office
    name = "Dr. Drs. H. R.M. Bambang Prasetyo Adiningrat Kusumawardhana, S.Sos., M.Si., M.M."
    made = appointing.stand_in(office.desk, office.actor("admin"), _plh(office, _sekcam(office), holder=name))
    appointing.set_key(office.desk, office.keys, office.actor("sekcam"), made.id, PHRASE, PHRASE)
    kept = next(row for row in office.rows(Appointment) if row.id == made.id)
    assert kept.holder == name and office.keys.open_key(kept).sign_detached(b"x", PHRASE)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"user_id": ""}, "user_id"),
        ({"role": "staf"}, "role"),
        ({"capacity": "raja"}, "capacity"),
        ({"jabatan": ""}, "jabatan"),
        ({"jabatan": "Plt. CAMAT"}, "jabatan"),
        ({"capacity": "an", "own_title": ""}, "own_title"),
        ({"capacity": "plh", "ends_on": ""}, "ends_on"),
        ({"capacity": "plt", "sk_number": ""}, "sk_number"),
        ({"starts_on": ""}, "starts_on"),
        ({"starts_on": "besok"}, "starts_on"),
        ({"ends_on": "2020-01-01"}, "ends_on"),
        ({"nip": "123"}, "nip"),
        ({"nip": "197113121995032003"}, "nip"),
        ({"nip": "197103121995033003"}, "nip"),
        ({"grade": "V/z"}, "grade"),
        ({"holder": "政"}, "holder"),
    ],
)
def test_faults_are_named_at_their_field_and_nothing_is_recorded(
    sqlite_office: Office, changes: dict[str, str], field: str
) -> None:
    office = sqlite_office
    good = _plh(office, _sekcam(office), role="camat", capacity="plh", jabatan="CAMAT TRAWAS")
    with pytest.raises(InvalidForm) as caught:
        appointing.add(office.desk, office.actor("admin"), replace(good, **changes))
    assert field in {fault.field for fault in caught.value.faults}
    assert len(office.rows(Appointment)) == 2 and office.rows(OfficeEvent) == []
    assert office.actor("sekcam").roles == {"staf"}


def test_a_second_definitive_holder_is_refused_until_the_first_has_ended(office: Office) -> None:
    admin, user_id = office.actor("admin"), _sekcam(office)
    new = _plh(office, user_id, role="camat", capacity="definitif", jabatan="CAMAT TRAWAS", ends_on="", sk_number="")
    with pytest.raises(Invalid, match="holds this post"):
        appointing.add(office.desk, admin, new)
    away = appointing.absent(office.desk, 1)
    assert away is not None
    yesterday = office.desk.today() - timedelta(days=1)
    with pytest.raises(Invalid, match="yesterday"):  # it began today
        appointing.end(office.desk, admin, away.id, yesterday.isoformat())
    office.clock.shift(days=1)
    appointing.end(office.desk, admin, away.id, (office.desk.today() - timedelta(days=1)).isoformat())
    with pytest.raises(NotFound):
        appointing.end(office.desk, admin, away.id, office.desk.today().isoformat())
    made = appointing.add(office.desk, admin, replace(new, starts_on=office.desk.today().isoformat()))
    with office.desk.db.read() as session:
        assert [row.id for row in appointments.holders(session, 1, "camat", office.desk.today())] == [made.id]
        assert office_events.check(session, 1) == 2


def test_two_admins_at_once_make_one_definitive_holder(office: Office) -> None:
    admin, user_id = office.actor("admin"), _sekcam(office)
    new = _plh(office, user_id, role="kasi", capacity="definitif", jabatan="KASI TRANTIB", ends_on="", sk_number="")

    def add() -> Appointment:
        return appointing.add(office.desk, admin, new)

    results = at_once(add, add)
    assert sum(isinstance(one, Appointment) for one in results) == 1
    assert sum(isinstance(one, Invalid) for one in results) == 1


def test_one_to_come_is_cancelled_and_stays_on_record(sqlite_office: Office) -> None:
    office = sqlite_office
    later = office.desk.today() + timedelta(days=10)
    typed = _plh(office, _sekcam(office), starts_on=later.isoformat(), ends_on=(later + timedelta(days=2)).isoformat())
    made = appointing.stand_in(office.desk, office.actor("admin"), typed)
    assert appointing.state(made, office.desk.today()) == "akan"
    appointing.end(office.desk, office.actor("admin"), made.id, "")
    kept = next(one for one in appointing.listed(office.desk, 1) if one.row.id == made.id)
    assert kept.state == "berakhir" and kept.row.ends_on == later - timedelta(days=1)
    assert appointing.own(office.desk, office.actor("sekcam")) == []


def test_without_a_definitive_camat_there_is_nobody_to_stand_in_for(sqlite_office: Office) -> None:
    office = sqlite_office
    away = appointing.absent(office.desk, 1)
    assert away is not None
    appointing.end(office.desk, office.actor("admin"), away.id, office.desk.today().isoformat())
    office.clock.shift(days=1)
    with pytest.raises(Invalid, match="No definitive Camat"):
        appointing.stand_in(office.desk, office.actor("admin"), _plh(office, _sekcam(office)))


def test_a_pemohon_or_stranger_cannot_be_appointed(sqlite_office: Office) -> None:
    office = sqlite_office
    for user_id in (office.actor("pemohon").user_id, office.actor("auditor").user_id, 9999):
        with pytest.raises(Invalid) as caught:
            appointing.stand_in(office.desk, office.actor("admin"), _plh(office, user_id, holder="X"))
        assert caught.value.field == "user_id"
