"""The first admin: only with the code, only once, only within a day."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers_office import MovableClock, Office, at_once, settings

import app as house_module
from signer import readiness, setup
from signer.accounts import User
from signer.errors import Invalid, NotFound
from signer.tables.admin import OfficeEvent, SetupCode

pytest_plugins = ("helpers_office",)
ME = {"name": "Dewi Admin", "username": "dewi", "password": "sandi saya sendiri", "again": "sandi saya sendiri"}


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Office]:
    """An instance without anybody."""
    clock = MovableClock()
    office = Office(house_module.House(settings(tmp_path / "instance"), clock), clock)
    office.house.prepare(demo_people=False)
    yield office
    office.house.db.close()


def _make(office: Office, code: str, **changes: str) -> int:
    with office.house.hashing():
        return setup.first_admin(office.desk, code=code, **(ME | changes))


def test_the_code_makes_one_admin_and_ends(empty: Office) -> None:
    assert setup.needed(empty.house.db)
    code = setup.new_code(empty.house.db, empty.clock())
    assert code and code.encode() not in b"".join(row.digest for row in empty.rows(SetupCode))
    _make(empty, code.upper().replace("-", " "))
    assert empty.actor("dewi").roles == {"admin"}
    assert empty.rows(SetupCode) == [] and not setup.needed(empty.house.db)
    assert [event.act for event in empty.rows(OfficeEvent)] == ["admin-pertama"]
    assert setup.new_code(empty.house.db, empty.clock()) is None
    with pytest.raises(NotFound):
        _make(empty, code, username="lain")


def test_a_wrong_an_old_or_a_replaced_code_makes_nobody(empty: Office) -> None:
    first = setup.new_code(empty.house.db, empty.clock())
    code = setup.new_code(empty.house.db, empty.clock())
    assert first and code
    for wrong in ("", "salah", first):
        with pytest.raises(Invalid) as caught:
            _make(empty, wrong)
        assert caught.value.field == "code"
    empty.clock.shift(hours=25)
    with pytest.raises(Invalid, match="older than 24 hours"):
        _make(empty, code)
    assert empty.rows(User) == []


def test_a_fault_in_the_form_leaves_the_code_for_the_next_try(empty: Office) -> None:
    code = setup.new_code(empty.house.db, empty.clock())
    assert code
    for changes, field in (({"name": " "}, "name"), ({"again": "x"}, "again"), ({"username": "?"}, "username")):
        with pytest.raises(Invalid) as caught:
            _make(empty, code, **changes)
        assert caught.value.field == field
    _make(empty, code)


def test_two_at_once_make_one_admin(empty: Office) -> None:
    code = setup.new_code(empty.house.db, empty.clock())
    assert code
    results = at_once(lambda: _make(empty, code), lambda: _make(empty, code, username="lain"))
    assert sum(isinstance(one, int) for one in results) == 1 and len(empty.rows(User)) == 1


def test_with_demo_people_no_code_is_made(sqlite_office: Office) -> None:
    assert setup.new_code(sqlite_office.house.db, sqlite_office.clock()) is None


def test_an_empty_office_lists_all_that_is_to_do(empty: Office) -> None:
    items = readiness.items(empty.desk, 1)
    assert [item.key for item in items if item.done] == []
    assert next(item for item in items if item.key == "orang").facts["lacking"] == ["camat", "kasi", "staf"]
    following = readiness.next_item(items, after="nomor")
    assert following is not None and following.key == "orang"
