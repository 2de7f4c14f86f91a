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


def test_without_a_mail_server_there_is_none() -> None:
    assert Settings.from_env({}).smtp is None
    assert Settings.from_env({"SURAT_SMTP_URL": ""}).smtp is None


@pytest.mark.parametrize(
    ("url", "port", "security", "sender"),
    [
        ("smtp://127.0.0.1", 25, "none", "surat@surat.example.id"),
        ("smtp://127.0.0.1:1025?starttls=yes", 1025, "starttls", "surat@surat.example.id"),
        ("smtp://mail.example.id", 587, "starttls", "surat@surat.example.id"),
        ("smtp://mail.example.id?starttls=no", 25, "none", "surat@surat.example.id"),
        ("smtps://mail.example.id", 465, "tls", "surat@surat.example.id"),
        ("smtp://kec%40example.id:a%2Fb@mail.example.id", 587, "starttls", "kec@example.id"),
        ("smtps://u:p@mail.example.id?from=tu@trawas.example.id", 465, "tls", "tu@trawas.example.id"),
    ],
)
def test_a_mail_server_is_understood(url: str, port: int, security: str, sender: str) -> None:
    found = Settings.from_env({"SURAT_SMTP_URL": url, "SURAT_BASE_URL": "https://surat.example.id"}).smtp
    assert found is not None
    assert (found.port, found.security, found.sender) == (port, security, sender)


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.id",
        "http://mail.example.id",
        "smtp://",
        "smtp://mail.example.id:banyak",
        "smtp://mail.example.id/kotak",
        "smtp://mail.example.id?tls=yes",
        "smtp://mail.example.id?starttls=mungkin",
        "smtp://u@mail.example.id",
        "smtp://u:rahasia-surel@mail.example.id?starttls=no",
        "smtp://mail.example.id?from=bukan",
        "smtp://mail.example.id?from=a@b.id%0aBcc: c@d.id",
        "smtp://mail.example.id?ca=/tidak/ada.pem",
        "smtp://u:rahasia-surel@mail.example.id?from=",
    ],
)
def test_an_unfit_mail_server_is_named_without_its_password(url: str) -> None:
    with pytest.raises(SettingsFault, match="SURAT_SMTP_URL") as told:
        Settings.from_env({"SURAT_SMTP_URL": url})
    assert "rahasia-surel" not in str(told.value)


def test_a_mail_password_is_not_shown() -> None:
    found = Settings.from_env({"SURAT_SMTP_URL": "smtp://u:rahasia-surel@mail.example.id"})
    assert found.smtp is not None and found.smtp.password == "rahasia-surel"
    assert "rahasia-surel" not in repr(found) + repr(found.smtp)


def test_demo_people_are_a_choice_of_development() -> None:
    assert Settings.from_env({}).demo_people
    assert not Settings.from_env({"SURAT_DEMO": "0"}).demo_people
    with pytest.raises(SettingsFault, match="SURAT_DEMO"):
        Settings.from_env({"SURAT_DEMO": "ya"})
