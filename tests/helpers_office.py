"""A prepared office for tests of use cases, on SQLite and on PostgreSQL: `from helpers_office import office`.

One instance with the demo people is made per test process and database kind, and copied for each test: a test starts
in milliseconds and nothing leaks. Tests take the fixture `office` to run on both databases (the PostgreSQL half is
marked `postgres`), or `sqlite_office` where the database cannot matter. `office.berkas(step=4)` walks a new berkas to
that step through the use cases.
"""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any, TypeVar

import helpers_postgres
import pytest
from sqlalchemy import select

import app as house_module
from signer import founding, registering, signing
from signer.accounts import User
from signer.actor import Actor
from signer.berkas import check, collect, draft, paraf, submit, views
from signer.berkas.application import Application, Goods
from signer.berkas.check import Finding
from signer.desk import Desk, KeyDesk
from signer.settings import Settings
from signer.tables.base import Base
from signer.tables.berkas import Berkas

T = TypeVar("T")
Row = TypeVar("Row", bound=Base)
SLUG = "rakor-bspps"
PASSPHRASES = {person.username: person.passphrase for person in founding.DEMO_PEOPLE if person.passphrase}
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
"""Enough of a PDF to be recognised as one."""
REQUIREMENTS = ("pengantar-desa", "ijin-monev", "berkas-pemohon")
BEFORE = timedelta(hours=2)
"""So long before now is the prepared instance's founding, so that tests may set their clock back."""


class MovableClock:
    """The real time, moved by `shift`."""

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self.offset = offset

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.offset

    def shift(self, **amount: float) -> None:
        """Move on, as in timedelta(**amount)."""
        self.offset += timedelta(**amount)


@dataclass
class Office:
    """One throw-away instance and its people."""

    house: house_module.House
    clock: MovableClock

    @property
    def desk(self) -> Desk:
        """Storage, templates, clock."""
        return self.house.desk

    @property
    def keys(self) -> KeyDesk:
        """Keys, authorities, seal, trust."""
        return self.house.keys

    def keys_with(self, **changes: Any) -> KeyDesk:
        """The same keys with something replaced, e.g. `passed`, `trust`."""
        return replace(self.house.keys, **changes)

    def actor(self, username: str) -> Actor:
        """The person as use cases know them."""
        with self.desk.db.read() as session:
            return session.scalars(select(User).where(User.username == username)).one().actor()

    def row(self, berkas_id: int) -> Berkas:
        """The berkas's row as it is now."""
        with self.desk.db.read() as session:
            return session.get_one(Berkas, berkas_id)

    def version(self, berkas_id: int) -> int:
        """What a page opened now would carry."""
        return self.row(berkas_id).version

    def detail(self, berkas_id: int, username: str = "staf") -> views.Detail:
        """The berkas as that person sees it."""
        return views.detail(self.desk, self.actor(username), berkas_id)

    def rows(self, table: type[Row], **where: Any) -> list[Row]:
        """The table's rows with these values, oldest first."""
        with self.desk.db.read() as session:
            return list(session.scalars(select(table).filter_by(**where).order_by(*table.__table__.primary_key)))

    def berkas(self, step: int = 1, by: str = "pemohon", **changes: Any) -> int:
        """A new berkas that waits at `step` (8: finished), handed in by `by`; gives its id.

        `changes` replace facts of its application. Step 6 and later really sign (about 0.3 s).
        """
        berkas_id = submit.create(self.desk, self.actor(by), SLUG, application(self.desk.today(), **changes))
        walk = (self.hand_in, self.accept, self.finalise, self.give_paraf, self.sign, self.register, self.collect)
        for act in walk[: step - 1]:
            act(berkas_id)
        return berkas_id

    def attach(self, berkas_id: int, requirement: str, data: bytes = PDF, by: str = "staf") -> None:
        """Add one file to a berkas at step 1."""
        file = submit.Upload(requirement, f"{requirement}.pdf", data)
        assert submit.attach(self.desk, self.actor(by), berkas_id, [file]) == []

    def hand_in(self, berkas_id: int) -> None:
        """Step 1: the files that are needed, and hand it in."""
        needed = [need.key for need in self.detail(berkas_id).sop.requirements if need.required]
        files = [submit.Upload(key, f"{key}.pdf", PDF + key.encode()) for key in needed]
        assert submit.attach(self.desk, self.actor("staf"), berkas_id, files) == []
        submit.hand_in(self.desk, self.actor("staf"), berkas_id)

    def accept(self, berkas_id: int) -> None:
        """Step 2: everything is complete."""
        check.accept(self.desk, self.actor("staf"), berkas_id, self.version(berkas_id), self.findings(berkas_id))

    def give_back(self, berkas_id: int, reason: str, requirement: str = "pengantar-desa") -> None:
        """Step 2: Staf returns it, with that reason for one requirement."""
        findings = self.findings(berkas_id, {requirement: reason})
        check.give_back(self.desk, self.actor("staf"), berkas_id, self.version(berkas_id), findings)

    def findings(self, berkas_id: int, lacking: Mapping[str, str] | None = None) -> dict[str, Finding]:
        """A verdict on every requirement: complete but for those named with what they lack."""
        wrong = lacking or {}
        keys = [need.key for need in self.detail(berkas_id).sop.requirements]
        return {key: Finding(key not in wrong, wrong.get(key, "")) for key in keys}

    def form(self, berkas_id: int, **changes: Any) -> draft.Form:
        """What a new draft starts from, with something replaced."""
        with self.desk.db.read() as session:
            template = self.detail(berkas_id).sop.templates[0]
            return replace(draft.starting(self.desk, session, session.get_one(Berkas, berkas_id), template), **changes)

    def finalise(self, berkas_id: int, **changes: Any) -> int:
        """Step 3: number and rendering; gives the rendering's id."""
        form = self.form(berkas_id, **changes)
        version = self.version(berkas_id)
        return draft.finalise(self.desk, self.actor("staf"), berkas_id, version, form, self.keys.mode)

    def give_paraf(self, berkas_id: int, keys: KeyDesk | None = None, secret: str = PASSPHRASES["kasi"]) -> None:
        """Step 4."""
        paraf.give(self.desk, keys or self.keys, self.actor("kasi"), berkas_id, self.shown(berkas_id), secret)

    def sign(self, berkas_id: int, keys: KeyDesk | None = None, secret: str = PASSPHRASES["camat"]) -> int:
        """Step 5; gives the letter's id. A test that runs over midnight may sign: the earlier date is confirmed."""
        shown, actor = self.shown(berkas_id), self.actor("camat")
        used = keys or self.keys
        return signing.sign(self.desk, used, actor, berkas_id, shown, secret, confirm_earlier_date=True)

    def register(self, berkas_id: int) -> int:
        """Step 6; gives the register number."""
        return registering.enter(self.desk, self.actor("staf"), berkas_id, self.version(berkas_id))

    def collect(self, berkas_id: int) -> None:
        """Step 7."""
        collect.collect(self.desk, self.actor("staf"), berkas_id, self.version(berkas_id), "Siti Aminah")

    def send_back(self, berkas_id: int, by: str, reason: str, to: int | None = None) -> None:
        """Return from step 3, 4 or 5."""
        paraf.send_back(self.desk, self.actor(by), berkas_id, self.version(berkas_id), reason, to)

    def shown(self, berkas_id: int) -> bytes:
        """SHA-256 of the rendering in force."""
        rendering = self.detail(berkas_id).rendering
        assert rendering is not None
        return rendering.sha256

    def again(self, clock: MovableClock | None = None) -> Office:
        """The same instance as another process would open it, by a clock of its own."""
        clock = clock or self.clock
        return Office(house_module.House(self.house.settings, clock), clock)


def application(today: date, **changes: Any) -> Application:
    """A request that can be handed in."""
    values: dict[str, Any] = {
        "applicant": "Siti Aminah",
        "desa": "Ketapanrame",
        "day": today + timedelta(days=7),
        "start": time(9, 0),
        "place": "Pendopo Kecamatan Trawas",
        "invitees": ("Forkopimcam", "Agen", "Perwakilan KPM"),
        "goods": (Goods("Beras", "500", "kg"),),
    }
    return Application(**(values | changes))


def at_once(*acts: Callable[[], T]) -> list[T | Exception]:
    """Do all acts at the same moment, each in a thread of its own; what each gave or raised, in their order."""
    start = Barrier(len(acts))

    def run(act: Callable[[], T]) -> T | Exception:
        start.wait()
        try:
            return act()
        except Exception as fault:
            return fault

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def settings(folder: Path, database_url: str | None = None) -> Settings:
    """Development settings of an instance in `folder`."""
    env = {"SURAT_INSTANCE": str(folder)}
    return Settings.from_env(env | ({"SURAT_DATABASE_URL": database_url} if database_url else {}))


@functools.cache
def template(kind: str) -> Settings:
    """A prepared instance with the demo people on "sqlite" or "postgres", made once per test process."""
    folder = Path(tempfile.mkdtemp(prefix="surat-office-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    url = helpers_postgres.server().create() if kind == "postgres" else None
    made = settings(folder / "instance", url)
    house = house_module.House(made, MovableClock(-BEFORE))
    house.prepare(demo_people=True)
    house.db.close()
    return made


def opened(kind: str, folder: Path, offset: timedelta = timedelta()) -> Iterator[Office]:
    """A fresh copy of the prepared instance in `folder`; its database goes when the generator ends."""
    source = template(kind)
    shutil.copytree(source.instance, folder)
    url = None
    if kind == "postgres":
        url = helpers_postgres.server().create(helpers_postgres.name_of(source.database_url))
    clock = MovableClock(offset)
    office = Office(house_module.House(settings(folder, url), clock), clock)
    yield office
    office.house.db.close()
    if url:
        helpers_postgres.server().drop(url)


@pytest.fixture(name="office", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def office_fixture(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    """An office, once on each database."""
    yield from opened(request.param, tmp_path / "instance")


@pytest.fixture(name="sqlite_office")
def sqlite_office_fixture(tmp_path: Path) -> Iterator[Office]:
    """An office on SQLite, where the database cannot matter."""
    yield from opened("sqlite", tmp_path / "instance")


@pytest.fixture(name="postgres_office")
def postgres_office_fixture(tmp_path: Path) -> Iterator[Office]:
    """An office on PostgreSQL alone; mark the test `postgres`."""
    yield from opened("postgres", tmp_path / "instance")
