"""A signed, registered letter as strangers meet it, for tests of public pages: fixtures `public` and `shared`."""

from __future__ import annotations

import atexit
import functools
import json
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from helpers_web import Client, MovableClock, Site, settings
from sqlalchemy import select

import app as house_module
from signer.tables.letters import Letter, LetterFile


@dataclass
class Public:
    """A signed and registered letter, and a stranger's browser."""

    site: Site
    client: Client
    token: str
    other: str

    def page(self, path: str = "", **options: object) -> str:
        return self.client.get(f"/v/{self.token}{path}", **options).get_data(as_text=True)

    def report(self) -> dict[str, object]:
        answer = self.client.get(f"/v/{self.token}", headers={"Accept": "application/json"})
        assert answer.content_type == "application/json"
        return dict(json.loads(answer.data))

    def standing(self) -> str:
        return str(self.client.get(f"/api/v1/letters/{self.token}").get_json()["standing"])

    def change(self, table: type, **values: object) -> None:
        with self.site.house.db.begin() as session:
            first = select(table).order_by(table.__table__.primary_key.columns[0]).limit(1)
            row = session.scalars(first).one()
            for name, value in values.items():
                setattr(row, name, value)

    def blob(self) -> Path:
        with self.site.house.db.read() as session:
            key = session.scalars(select(LetterFile.blob_key).order_by(LetterFile.id)).first()
        return self.site.house.settings.instance / "blobs" / key

    def damage(self, at: int = -2000) -> None:
        data = bytearray(self.blob().read_bytes())
        data[at] ^= 1
        self.blob().write_bytes(bytes(data))


@functools.cache
def signed_instance() -> Path:
    """A prepared instance with one registered letter and one that is signed only, made once per run."""
    folder = Path(tempfile.mkdtemp()) / "instance"
    atexit.register(shutil.rmtree, folder.parent, ignore_errors=True)
    house = house_module.House(settings(folder))
    house.prepare(demo_people=True)
    site = Site(house, house_module.create_app(house), MovableClock())
    site.berkas(step=7)
    site.berkas(step=6)
    house.db.close()
    return folder


def opened(folder: Path) -> Public:
    """The signed instance copied into `folder`, with its application."""
    shutil.copytree(signed_instance(), folder / "instance")
    clock = MovableClock()
    house = house_module.House(settings(folder / "instance"), clock)
    app = house_module.create_app(house)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.test_client_class = Client
    site = Site(house, app, clock)
    with house.db.read() as session:
        token, other = session.scalars(select(Letter.token).order_by(Letter.id))
    return Public(site, site.client(), token, other)


@pytest.fixture(name="public")
def public_fixture(tmp_path: Path) -> Iterator[Public]:
    """An instance of the test's own, to change and damage."""
    public = opened(tmp_path)
    yield public
    public.site.house.db.close()


@pytest.fixture(name="shared", scope="module")
def shared_fixture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Public]:
    """One instance for all tests that only look."""
    public = opened(tmp_path_factory.mktemp("shared"))
    yield public
    public.site.house.db.close()
