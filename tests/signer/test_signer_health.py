"""Health: each part asked in earnest, and a part that cannot answer is a fault, never a crash."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from helpers_office import Office
from pyhanko.sign.timestamps import TimestampRequestError

from signer import appointing, health, mailing, outbox
from signer.health import Part
from signer.settings import Settings
from signer.tables.office import Appointment
from signer.tables.record import OutboxItem

pytest_plugins = ("helpers_office",)


def _asked(office: Office, **changes: Any) -> dict[str, list[Part]]:
    keys = office.keys_with(**changes)
    found: dict[str, list[Part]] = {}
    for part in health.parts(office.desk, keys, office.house.settings, 1):
        found.setdefault(part.key, []).append(part)
    return found


def test_everything_is_well_once_the_worker_has_looked(office: Office) -> None:
    first = _asked(office)["worker"][0]
    assert (first.state, first.case) == ("masalah", "belum")
    office.house.drain()
    found = _asked(office)
    assert {part.state for parts in found.values() for part in parts} <= {"baik", "perhatian"}
    assert found["clock"][0].state == "baik" and found["tsa"][0].state == "baik"
    assert [part.facts["holder"] for part in found["keys"]] == ["SUGONDO, S.Sos., MM.", "Drs. Bambang Prasetyo"]


def test_a_worker_that_stopped_is_told_with_since_when(sqlite_office: Office) -> None:
    office = sqlite_office
    office.house.drain()
    at = office.clock()
    office.clock.shift(minutes=10)
    part = _asked(office)["worker"][0]
    assert part.case == "berhenti" and part.since is not None and abs(part.since - at) < timedelta(seconds=5)


def test_failed_later_work_is_counted_and_dated(office: Office) -> None:
    def fail(_item: int, _payload: dict[str, Any]) -> None:
        raise RuntimeError("no way")

    with office.desk.db.begin() as session:
        outbox.add(session, "notice", {}, office.clock())
    for _ in range(3):
        outbox.drain(office.house.db, {"notice": fail}, office.clock)
        office.clock.shift(hours=2)
    part = _asked(office)["outbox"][0]
    assert (part.state, part.case, part.facts) == ("masalah", "gagal-kirim", {"count": 1, "attempts": 3})
    assert part.since is not None


def test_mails_that_are_held_up_or_reached_nobody(office: Office) -> None:
    assert _asked(office)["smtp"][0].case == "tidak-diatur"
    smtp = Settings.from_env({"SURAT_SMTP_URL": "smtp://127.0.0.1:9"}).smtp
    house = replace(office.house, settings=replace(office.house.settings, smtp=smtp))
    posting = Office(house, office.clock)
    assert [part.case for part in _asked(posting)["smtp"]] == ["baik"]
    with office.desk.db.begin() as session:
        held = mailing.write(session, office.actor("kasi").user_id, "konfirmasi", office.clock())
        session.get_one(OutboxItem, held.outbox_id).last_error = "Unreachable('OSError')"
        lost = mailing.write(session, office.actor("kasi").user_id, "pemberitahuan", office.clock())
        lost.closed_at, lost.outcome = office.clock(), "ditolak"
    found = _asked(posting)
    assert [(part.state, part.case) for part in found["smtp"]] == [
        ("perhatian", "tertahan"),
        ("perhatian", "tidak-sampai"),
    ]
    assert found["outbox"][0].state == "baik", "mails are told of once"
    office.clock.shift(days=8)
    assert [part.case for part in _asked(posting)["smtp"]] == ["tertahan"]
    house.db.close()


class _Silent:
    async def async_timestamp(self, _digest: bytes, _algorithm: str) -> None:
        raise TimestampRequestError("silent")


def test_a_silent_tsa_and_a_clock_that_is_wrong(sqlite_office: Office) -> None:
    office = sqlite_office
    silent = replace(office.keys.authorities, timestamper=_Silent())  # type: ignore[arg-type]  # all that is asked of it
    part = _asked(office, authorities=silent)["tsa"][0]
    assert (part.state, part.case, part.facts["fault"]) == ("masalah", "gagal", "TimestampRequestError")
    right = office.keys.authorities
    other = office.again(type(office.clock)(timedelta(minutes=20)))
    drifted = health.parts(other.desk, replace(other.keys, authorities=right), other.house.settings, 1)
    clock = next(part for part in drifted if part.key == "clock")
    assert clock.state == "masalah" and clock.facts["seconds"] > 1000


def test_keys_that_are_missing_expiring_or_nobodys(sqlite_office: Office) -> None:
    office = sqlite_office
    with office.desk.db.begin() as session:
        kasi = session.get_one(Appointment, 1)
        kasi.key_name, kasi.certificate = "", None
    part = _asked(office)["keys"][-1]
    assert (part.state, part.case, part.facts["holders"]) == ("masalah", "tanpa-kunci", ["Drs. Bambang Prasetyo"])
    away = appointing.absent(office.desk, 1)
    assert away is not None
    office.clock.shift(days=710)
    assert _asked(office)["keys"][0].case == "segera-habis"
    office.clock.shift(days=40)
    assert _asked(office)["keys"][0].case == "kedaluwarsa"
    appointing.end(office.desk, office.actor("admin"), away.id, office.desk.today().isoformat())
    office.clock.shift(days=1)
    assert _asked(office)["keys"][0].case == "tanpa-pejabat"


def test_files_and_disk_that_cannot_be_used(sqlite_office: Office, tmp_path: Path) -> None:
    office = sqlite_office
    probe = office.house.settings.instance / "blobs" / "health" / "probe"
    office.house.desk.blobs.put("health/probe", b"ok")
    probe.write_bytes(b"lain")
    nowhere = replace(office.house.settings, instance=tmp_path / "none")
    found = {p.key: p for p in health.parts(office.desk, office.keys, nowhere, 1)}
    assert (found["files"].state, found["disk"].state) == ("masalah", "masalah")
    assert found["database"].state == "baik"
