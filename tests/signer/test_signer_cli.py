"""Operator commands, as processes: what they say, their exit codes, and never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from helpers_office import Office

from signer import accounts
from signer.accounts import User
from signer.tables.office import Appointment

pytest_plugins = ("helpers_office",)
pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]


def run(office: Office, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """`python -m signer` on the office's instance."""
    settings = office.house.settings
    place = {"SURAT_INSTANCE": str(settings.instance), "SURAT_DATABASE_URL": settings.database_url}
    done = subprocess.run(
        [sys.executable, "-m", "signer", *arguments],
        env=os.environ | place | env,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    return done


def test_user_add_makes_the_first_admin(office: Office) -> None:
    given = ("--name", "Admin Kecamatan", "--role", "admin", "--password", "sandi-admin-kecamatan")
    done = run(office, "user", "add", "admin2", *given)
    assert (done.returncode, done.stdout) == (0, "account admin2: admin\n"), done.stderr
    assert office.actor("admin2").roles == {"admin"}
    again = run(office, "user", "add", "admin2", *given)
    assert again.returncode == 1
    assert again.stderr.startswith("Error: ") and len(again.stderr.splitlines()) == 1
    assert len(office.rows(User, username="admin2")) == 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["user", "add", "baru", "--name", "Baru", "--role", "lurah", "--password", "sandi-panjang-1"], 2),
        (["user", "add", "baru", "--name", "Baru", "--role", "staf", "--password", "pendek"], 1),
        (["user", "add", "a b", "--name", "Baru", "--role", "staf", "--password", "sandi-panjang-1"], 1),
        (["tidak-ada"], 2),
    ],
)
def test_wrong_usage_is_one_sentence(sqlite_office: Office, arguments: list[str], code: int) -> None:
    done = run(sqlite_office, *arguments)
    assert done.returncode == code
    assert "Error: " in done.stderr
    assert len(sqlite_office.rows(User)) == 6


def test_prepare_gives_a_code_only_while_there_is_no_admin(sqlite_office: Office, tmp_path: Path) -> None:
    assert "setup code" not in run(sqlite_office, "prepare").stdout
    place = {"SURAT_INSTANCE": str(tmp_path / "new"), "SURAT_DATABASE_URL": f"sqlite:///{tmp_path}/new/surat.db"}
    done = run(sqlite_office, "prepare", SURAT_DEMO="0", **place)
    assert done.returncode == 0 and "/mulai and give this setup code (valid 24 hours, once): " in done.stdout
    code = done.stdout.split()[-1]
    assert len(code) == 19 and code not in done.stderr


def test_production_does_not_start(sqlite_office: Office) -> None:
    done = run(sqlite_office, "prepare", SURAT_MODE="production")
    assert done.returncode == 1
    assert done.stderr.startswith("Error: SURAT_SECRET_KEY")


def test_an_appointment_gets_a_key_that_opens_with_its_passphrase(sqlite_office: Office) -> None:
    office = sqlite_office
    with office.house.hashing(), office.desk.db.begin() as session:
        accounts.add_user(
            session,
            username="sekcam",
            name="Sekretaris Camat",
            password="sandi-sekcam-demo",
            roles=["camat"],
            office_id=1,
            now=office.clock(),
        )
    day = office.desk.today().isoformat()
    given = ["--role", "camat", "--capacity", "an", "--jabatan", "CAMAT TRAWAS", "--own-title", "SEKRETARIS CAMAT"]
    more = ["--sk", "SK/1/2026", "--from", day, "--passphrase", "frasa-sekcam-uji"]
    done = run(office, "appointment", "add", "sekcam", *given, *more)
    assert (done.returncode, done.stdout) == (0, "Sekretaris Camat: a.n. CAMAT TRAWAS SEKRETARIS CAMAT\n"), done.stderr
    made = office.rows(Appointment)[-1]
    assert (made.capacity, made.sk_number, made.ends_on) == ("an", "SK/1/2026", None)
    key = office.keys.open_key(made)
    assert key.sign_detached(b"data", "frasa-sekcam-uji")
    unknown = run(office, "appointment", "add", "siapa", *given, *more)
    assert unknown.returncode == 1 and "there is no account siapa" in unknown.stderr


def test_check_sop_names_the_fault(sqlite_office: Office, tmp_path: Path) -> None:
    good = ROOT / "templates" / "sop" / "rakor-bspps.toml"
    done = run(sqlite_office, "check-sop", str(good))
    assert (done.returncode, done.stdout) == (0, "rakor-bspps: 7 steps, 40 minutes\n")
    bad = tmp_path / "rusak.toml"
    bad.write_text(good.read_text(encoding="utf-8").replace('pelaksana = "kasi"', 'pelaksana = "lurah"'), "utf-8")
    done = run(sqlite_office, "check-sop", str(bad))
    assert done.returncode == 1
    line = bad.read_text(encoding="utf-8").split('"lurah"')[0].count("\n") + 1
    assert "lurah" in done.stderr and f"rusak.toml:{line}: " in done.stderr
    bad.write_text("= bukan toml")
    assert run(sqlite_office, "check-sop", str(bad)).returncode == 1
