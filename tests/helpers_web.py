"""A prepared throw-away house for tests of pages: `pytest_plugins = ("helpers_web",)`, then the fixture `site`.

One instance on SQLite with the demo people is made per test run and copied for each test, so that a test starts in
milliseconds and nothing leaks between tests. `site.client("staf")` is a signed-in test client; its `submit` sends
forms with a CSRF token. `site.berkas(step=4)` walks a new berkas to that step through the use cases.
"""

from __future__ import annotations

import atexit
import functools
import io
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from jinja2 import FileSystemBytecodeCache
from PIL import Image
from sqlalchemy import select
from werkzeug.test import TestResponse

import app as house_module
from signer import founding, registering, signing
from signer.accounts import User
from signer.actor import Actor
from signer.berkas import check, collect, draft, paraf, submit, views
from signer.berkas.application import Application, Goods
from signer.berkas.check import Finding
from signer.settings import Settings
from signer.tables.berkas import Berkas
from tests import prepared

SLUG = "rakor-bspps"
PASSWORDS = {person.username: person.password for person in founding.DEMO_PEOPLE}
PASSPHRASES = {person.username: person.passphrase for person in founding.DEMO_PEOPLE if person.passphrase}
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
"""Enough of a PDF to be recognised as one."""


@functools.cache
def png(width: int = 60, height: int = 80, colour: int = 255) -> bytes:
    """A grey PNG picture."""
    out = io.BytesIO()
    Image.new("L", (width, height), colour).save(out, "PNG")
    return out.getvalue()


class MovableClock:
    """The real time, moved by `shift`."""

    def __init__(self) -> None:
        self.offset = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.offset

    def shift(self, **amount: float) -> None:
        """Move on, as in timedelta(**amount)."""
        self.offset += timedelta(**amount)


class Client(FlaskClient):
    """A browser without JavaScript: keeps cookies, sends forms with their CSRF token."""

    def csrf(self) -> str:
        """A token that belongs to this client's session."""
        with self.session_transaction() as session:
            raw = session.setdefault("csrf_token", "0" * 40)
        return str(URLSafeTimedSerializer(str(self.application.secret_key), salt="wtf-csrf-token").dumps(raw))

    def submit(self, url: str, data: Mapping[str, Any] | None = None, **options: Any) -> TestResponse:
        """POST a form; a list is a field sent several times, (bytes, name) a file."""
        sent: dict[str, Any] = {"csrf_token": self.csrf()}
        sent.update({key: _part(value) for key, value in (data or {}).items()})
        answer = self.post(url, data=sent, **options)
        answer.request.environ["wsgi.input"].close()  # a temporary file, when the form is large
        return answer


def _part(value: Any) -> Any:
    if isinstance(value, list):
        return [_part(one) for one in value]
    if isinstance(value, tuple) and isinstance(value[0], bytes):
        return (io.BytesIO(value[0]), *value[1:])
    return value


def login(client: Client, username: str, password: str | None = None) -> TestResponse:
    """Sign in at /masuk as a demo person."""
    data = {"username": username, "password": password or PASSWORDS[username]}
    return client.submit("/masuk", data)


@dataclass
class Site:
    """One throw-away instance, its application, and clients for its people."""

    house: house_module.House
    app: Flask
    clock: MovableClock
    _uniquifiers: dict[str, str] = field(default_factory=dict)

    def client(self, username: str | None = None) -> Client:
        """A client, signed in as that demo person (by session, without the password's slow hash) or a stranger."""
        client = self.app.test_client()
        assert isinstance(client, Client)
        if username is not None:
            with client.session_transaction() as session:
                session["_user_id"] = self._uniquifier(username)
                session["_fresh"] = True
                session["csrf_token"] = "0" * 40
        return client

    def actor(self, username: str) -> Actor:
        """The person as use cases know them."""
        with self.house.db.read() as session:
            return session.scalars(select(User).where(User.username == username)).one().actor()

    def row(self, berkas_id: int) -> Berkas:
        """The berkas's row as it is now."""
        with self.house.db.read() as session:
            return session.get_one(Berkas, berkas_id)

    def detail(self, berkas_id: int, username: str = "staf") -> views.Detail:
        """The berkas as that person sees it."""
        return views.detail(self.house.desk, self.actor(username), berkas_id)

    def berkas(self, step: int = 1, by: str = "pemohon", **changes: Any) -> int:
        """A new berkas that waits at `step` (8: finished), handed in by `by`; gives its id.

        `changes` replace facts of its application. Step 6 and later really sign (about 0.3 s).
        """
        desk = self.house.desk
        berkas_id = submit.create(desk, self.actor(by), SLUG, application(desk.today(), **changes))
        walk = (self._hand_in, self._accept, self._finalise, self._paraf, self._sign, self._register)
        for action in walk[: step - 1]:
            action(berkas_id)
        if step > 7:
            collect.collect(desk, self.actor("staf"), berkas_id, self.row(berkas_id).version, "Siti Aminah")
        return berkas_id

    def give_back(self, berkas_id: int, reason: str, requirement: str = "pengantar-desa") -> None:
        """Staf returns it at step 2, with that reason for one requirement."""
        needs = self.detail(berkas_id).sop.requirements
        findings = {need.key: Finding(need.key != requirement, reason) for need in needs}
        check.give_back(self.house.desk, self.actor("staf"), berkas_id, self.row(berkas_id).version, findings)

    def recompose(self, berkas_id: int, hal: str = "Undangan Rakor Lain") -> None:
        """The Camat returns the letter, Staf corrects its subject, Kasi gives paraf: another rendering waits now."""
        desk = self.house.desk
        paraf.send_back(desk, self.actor("camat"), berkas_id, self.row(berkas_id).version, "Hal keliru.", 3)
        with desk.db.read() as session:
            form = replace(draft.starting(desk, session, self.row(berkas_id), "undangan-rakor"), hal=hal)
        mode = self.house.keys.mode
        draft.finalise(desk, self.actor("staf"), berkas_id, self.row(berkas_id).version, form, mode)
        self._paraf(berkas_id)

    def drain(self) -> None:
        """Do what the worker would do: deliver notices."""
        self.house.drain()

    def _uniquifier(self, username: str) -> str:
        if username not in self._uniquifiers:
            with self.house.db.read() as session:
                found = session.scalars(select(User.fs_uniquifier).where(User.username == username)).one()
            self._uniquifiers[username] = found
        return self._uniquifiers[username]

    def _hand_in(self, berkas_id: int) -> None:
        desk, staf = self.house.desk, self.actor("staf")
        needed = [need.key for need in self.detail(berkas_id).sop.requirements if need.required]
        files = [submit.Upload(key, f"{key}.pdf", PDF + key.encode()) for key in needed]
        assert submit.attach(desk, staf, berkas_id, files) == []
        submit.hand_in(desk, staf, berkas_id)

    def _accept(self, berkas_id: int) -> None:
        findings = {need.key: Finding(complete=True) for need in self.detail(berkas_id).sop.requirements}
        check.accept(self.house.desk, self.actor("staf"), berkas_id, self.row(berkas_id).version, findings)

    def _finalise(self, berkas_id: int) -> None:
        desk = self.house.desk
        template = self.detail(berkas_id).sop.templates[0]
        with desk.db.read() as session:
            form = draft.starting(desk, session, session.get_one(Berkas, berkas_id), template)
        draft.finalise(desk, self.actor("staf"), berkas_id, self.row(berkas_id).version, form, self.house.keys.mode)

    def _paraf(self, berkas_id: int) -> None:
        shown = self.shown(berkas_id)
        paraf.give(self.house.desk, self.house.keys, self.actor("kasi"), berkas_id, shown, PASSPHRASES["kasi"])

    def _sign(self, berkas_id: int) -> None:
        shown = self.shown(berkas_id)
        signing.sign(self.house.desk, self.house.keys, self.actor("camat"), berkas_id, shown, PASSPHRASES["camat"])

    def _register(self, berkas_id: int) -> None:
        registering.enter(self.house.desk, self.actor("staf"), berkas_id, self.row(berkas_id).version)

    def shown(self, berkas_id: int) -> bytes:
        """SHA-256 of the rendering in force."""
        rendering = self.detail(berkas_id).rendering
        assert rendering is not None
        return rendering.sha256


def application(today: Any, **changes: Any) -> Application:
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


def hidden(page: str, name: str) -> str:
    """The value of a hidden field of a page."""
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', page)
    assert found, f"no hidden field {name}"
    return found.group(1)


def settings(folder: Path) -> Settings:
    """Development settings of an instance in `folder`."""
    return Settings.from_env({"SURAT_INSTANCE": str(folder)})


@contextmanager
def opened(folder: Path) -> Iterator[Site]:
    """A fresh copy of the prepared instance in `folder`, with its application."""
    shutil.copytree(prepared.instance(), folder / "instance")
    clock = MovableClock()
    house = house_module.House(settings(folder / "instance"), clock)
    app = house_module.create_app(house)
    app.testing = True
    app.config["PROPAGATE_EXCEPTIONS"] = False  # a defect is the page that people would see
    app.test_client_class = Client
    app.jinja_env.bytecode_cache = _compiled()
    yield Site(house, app, clock)
    house.db.close()


@functools.cache
def _compiled() -> FileSystemBytecodeCache:
    """Templates compiled once per run: each test has its own application."""
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return FileSystemBytecodeCache(folder)


@pytest.fixture(name="site")
def site_fixture(tmp_path: Path) -> Iterator[Site]:
    """A fresh instance for this test alone."""
    with opened(tmp_path) as site:
        yield site
