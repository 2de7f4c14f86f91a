"""Settings: read once, checked at once; production refuses what only development may have."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from signer.settings import Settings, SettingsFault

SECRETS = {"SURAT_SECRET_KEY": "s" * 32, "SURAT_DATA_KEY": "d" * 32}
PRODUCTION = {"SURAT_MODE": "production", "SURAT_BASE_URL": "https://surat.example.id", **SECRETS}


def test_nothing_needs_to_be_set_for_development(tmp_path: Path) -> None:
    found = Settings.from_env({"SURAT_INSTANCE": str(tmp_path)})
    assert found.development
    assert found.base_url == "http://127.0.0.1:8000"
    assert found.database_url == f"sqlite:///{tmp_path}/surat.db"
    assert found.blobs_url == f"file://{tmp_path}/blobs"
    assert (found.secret_key, found.data_key, found.trust_dir) == (None, None, None)


def test_values_are_frozen_and_secrets_not_shown() -> None:
    found = Settings.from_env(SECRETS)
    with pytest.raises(FrozenInstanceError):
        found.mode = "production"  # type: ignore[misc]
    assert "s" * 32 not in repr(found) and "d" * 32 not in repr(found)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"SURAT_SECRET_KEY": ""}, "SURAT_SECRET_KEY"),
        ({"SURAT_SECRET_KEY": "s" * 31}, "SURAT_SECRET_KEY"),
        ({"SURAT_DATA_KEY": ""}, "SURAT_DATA_KEY"),
        ({"SURAT_DATA_KEY": "pendek"}, "SURAT_DATA_KEY"),
        ({"SURAT_BASE_URL": "http://surat.example.id"}, "SURAT_BASE_URL"),
        ({}, "development CA"),
    ],
)
def test_production_refuses_to_start(changes: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsFault, match=named) as told:
        Settings.from_env(PRODUCTION | changes)
    assert "s" * 31 not in str(told.value)


@pytest.mark.parametrize(
    "env",
    [
        {"SURAT_MODE": "produksi"},
        {"SURAT_KEYS": "hsm"},
        {"SURAT_PKI_ALGORITHM": "dsa"},
        {"SURAT_PROXIES": "-1"},
        {"SURAT_PROXIES": "banyak"},
        {"SURAT_BASE_URL": "surat.example.id"},
        {"SURAT_BASE_URL": "ftp://surat.example.id"},
        {"SURAT_BASE_URL": "https://surat.example.id/sub"},
        {"SURAT_BASE_URL": "https://surat.example.id?x=1"},
        {"SURAT_BASE_URL": "https://"},
    ],
)
def test_an_unfit_value_is_named(env: dict[str, str]) -> None:
    with pytest.raises(SettingsFault, match=next(iter(env))):
        Settings.from_env(env)


def test_a_base_url_is_kept_in_the_form_that_stands_in_qrs() -> None:
    assert Settings.from_env({"SURAT_BASE_URL": "https://Surat.Example.ID:8443/"}).base_url == (
        "https://surat.example.id:8443"
    )


def test_lists_and_folders(tmp_path: Path) -> None:
    found = Settings.from_env(
        {
            "SURAT_TSA_URLS": "http://a.test/tsa,,http://b.test/tsa",
            "SURAT_OLD_HOSTS": "lama.test",
            "SURAT_TRUST_DIR": str(tmp_path),
            "SURAT_PROXIES": "2",
        }
    )
    assert found.tsa_urls == ("http://a.test/tsa", "http://b.test/tsa")
    assert (found.old_hosts, found.trust_dir, found.proxies) == (("lama.test",), tmp_path, 2)


def test_demo_people_are_a_choice_of_development() -> None:
    assert Settings.from_env({}).demo_people
    assert not Settings.from_env({"SURAT_DEMO": "0"}).demo_people
    with pytest.raises(SettingsFault, match="SURAT_DEMO"):
        Settings.from_env({"SURAT_DEMO": "ya"})
