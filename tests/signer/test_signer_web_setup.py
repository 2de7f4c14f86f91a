"""/mulai: the first admin of an empty instance."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers_web import Client, Site, settings

import app as house_module
from signer import setup

pytest_plugins = ("helpers_web",)


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Client]:
    """A stranger's client of an instance without anybody; its code stands in the environment of the test alone."""
    house = house_module.House(settings(tmp_path / "instance"))
    house.prepare(demo_people=False)
    app = house_module.create_app(house)
    app.test_client_class = Client
    client = app.test_client()
    assert isinstance(client, Client)
    client.environ_base["surat.code"] = setup.new_code(house.db, house.desk.now())
    yield client
    house.db.close()


def test_the_first_admin_is_led_through(empty: Client) -> None:
    assert 'href="/mulai"' in empty.get("/masuk").text
    form = {
        "code": "salah",
        "name": "Dewi",
        "username": "dewi",
        "password": "sandi saya sendiri",
        "again": "sandi saya sendiri",
    }
    wrong = empty.submit("/mulai", form)
    assert wrong.status_code == 422 and 'href="#code"' in wrong.text and "sandi saya" not in wrong.text
    assert 'value="Dewi"' in wrong.text
    answer = empty.submit("/mulai", form | {"code": str(empty.environ_base["surat.code"])})
    assert answer.headers["Location"] == "/kantor/identitas?alur=mulai"
    assert "Langkah 1 dari 6" in empty.get("/kantor/identitas?alur=mulai").text
    assert "0 dari 7 siap" in empty.get("/kantor/").text
    assert "Buat akun" in empty.get("/akun/?alur=mulai").text
    assert "Belum ada akun pegawai" not in empty.get("/kantor/penunjukan/baru").text, "the admin is one"
    assert empty.get("/mulai").status_code == 404


def test_with_an_admin_there_is_no_such_page(site: Site) -> None:
    assert site.client().get("/mulai").status_code == 404
    assert "Kantor ini belum disiapkan" not in site.client().get("/masuk").text
