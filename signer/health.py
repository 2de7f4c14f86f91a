"""Whether everything that work depends on is fit for it: each part with its state, what was found, and since when.

Nothing is assumed: a part that could not be asked is not well. The pages put it into words (signer/web/health.py).
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from asn1crypto import tsp, x509
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from signer import appointments
from signer.appointment_facts import KEY_ROLES
from signer.db import Database
from signer.desk import Desk, KeyDesk
from signer.settings import Settings
from signer.tables.admin import Heartbeat
from signer.tables.mail import Mail
from signer.tables.office import Appointment
from signer.tables.record import LogHead, OutboxItem

State = Literal["baik", "perhatian", "masalah"]
WORKER = "worker"
WORKER_LATE = timedelta(minutes=5)
"""The worker looks at the outbox each minute."""
EXPIRES_SOON = timedelta(days=30)
DRIFT_WARN, DRIFT_BAD = timedelta(seconds=30), timedelta(minutes=5)
"""Signing itself refuses at 10 minutes (signer.making)."""
DISK_WARN, DISK_BAD = 2 * 1024**3, 300 * 1024**2
TRIED_OFTEN = 3
"""So many failures make an outbox row more than a passing fault."""
MAIL = "mail"
"""The outbox's topic of mails: they have a part of their own."""
MAIL_DAYS = timedelta(days=7)
UNDELIVERED = ("ditolak", "kedaluwarsa", "tidak-pasti")
"""Outcomes of mails that may have reached nobody; the notice in the application did."""


@dataclass(frozen=True)
class Part:
    """One part: `key` names it and, with `case`, the sentence to show; `facts` fill the sentence."""

    key: str
    state: State
    case: str
    facts: dict[str, Any]
    since: datetime | None = None


def beat(db: Database, name: str, now: datetime) -> None:
    """Note that a part that works unseen has just done so."""
    with db.begin() as session:
        row = session.get(Heartbeat, name)
        if row is None:
            session.add(Heartbeat(name=name, at=now))
        else:
            row.at = now


def parts(desk: Desk, keys: KeyDesk, settings: Settings, office_id: int) -> list[Part]:
    """Every part, asked now. Never raises: a part that fails says so."""
    asked: tuple[tuple[str, Callable[[], Iterator[Part]]], ...] = (
        ("database", lambda: _database(desk)),
        ("files", lambda: _files(desk)),
        ("disk", lambda: _disk(settings.instance)),
        ("worker", lambda: _worker(desk)),
        ("outbox", lambda: _outbox(desk)),
        ("smtp", lambda: _mail(desk, settings.smtp is not None)),
        ("tsa", lambda: _timestamp(desk, keys)),
        ("authority", lambda: _authority(desk, keys)),
        ("keys", lambda: _people(desk, office_id)),
    )
    return [part for key, ask in asked for part in _answer(key, ask)]


def _answer(key: str, ask: Callable[[], Iterator[Part]]) -> list[Part]:
    try:
        return list(ask())
    except Exception as fault:  # whatever fails here is the answer, not a reason to fail answering
        return [Part(key, "masalah", "gagal", {"fault": type(fault).__name__})]


def _database(desk: Desk) -> Iterator[Part]:
    with desk.db.read() as session:
        session.scalars(select(LogHead)).one()
    yield Part("database", "baik", "baik", {"kind": desk.db.engine.dialect.name})


def _files(desk: Desk) -> Iterator[Part]:
    desk.blobs.put("health/probe", b"ok")
    desk.blobs.get_checked("health/probe", hashlib.sha256(b"ok").digest())
    yield Part("files", "baik", "baik", {})


def _disk(instance: Path) -> Iterator[Part]:
    usage = shutil.disk_usage(instance)
    state: State = "masalah" if usage.free < DISK_BAD else "perhatian" if usage.free < DISK_WARN else "baik"
    yield Part("disk", state, "baik" if state == "baik" else "penuh", {"free": usage.free, "total": usage.total})


def _worker(desk: Desk) -> Iterator[Part]:
    with desk.db.read() as session:
        row = session.get(Heartbeat, WORKER)
    if row is None:
        yield Part("worker", "masalah", "belum", {})
    elif desk.now() - row.at > WORKER_LATE:
        yield Part("worker", "masalah", "berhenti", {}, row.at)
    else:
        yield Part("worker", "baik", "baik", {"at": row.at})


def _outbox(desk: Desk) -> Iterator[Part]:
    open_ = (OutboxItem.done_at.is_(None), OutboxItem.topic != MAIL)
    with desk.db.read() as session:
        failing = _failing(session, "outbox", "gagal-kirim", OutboxItem.topic != MAIL)
        waiting = session.scalar(select(func.count(OutboxItem.id)).where(*open_)) or 0
    yield failing or Part("outbox", "baik", "baik", {"waiting": waiting})


def _mail(desk: Desk, by_mail: bool) -> Iterator[Part]:
    """Mails that the server does not take, and those of the last days that reached nobody."""
    if not by_mail:
        yield Part("smtp", "baik", "tidak-diatur", {})
        return
    lost = (Mail.outcome.in_(UNDELIVERED), Mail.closed_at > desk.now() - MAIL_DAYS)
    with desk.db.read() as session:
        failing = _failing(session, "smtp", "tertahan", OutboxItem.topic == MAIL)
        count = session.scalar(select(func.count(Mail.id)).where(*lost)) or 0
    if failing:
        yield failing
    if count:
        yield Part("smtp", "perhatian", "tidak-sampai", {"count": count, "days": MAIL_DAYS.days})
    if not failing and not count:
        yield Part("smtp", "baik", "baik", {})


def _failing(session: Session, key: str, case: str, which: ColumnElement[bool]) -> Part | None:
    """The outbox rows that failed and are tried again, as a part; None if there are none."""
    found = select(func.count(OutboxItem.id), func.min(OutboxItem.created_at), func.max(OutboxItem.attempts))
    where = (which, OutboxItem.done_at.is_(None), OutboxItem.last_error != "")
    count, since, attempts = session.execute(found.where(*where)).one()
    if not count:
        return None
    state: State = "masalah" if attempts >= TRIED_OFTEN else "perhatian"
    return Part(key, state, case, {"count": count, "attempts": attempts}, since)


def _timestamp(desk: Desk, keys: KeyDesk) -> Iterator[Part]:
    """A real timestamp, and this server's clock held against its time."""
    begun = desk.now()
    token = asyncio.run(keys.authorities.timestamper.async_timestamp(secrets.token_bytes(32), "sha256"))
    ended = desk.now()
    info: tsp.TSTInfo = token["content"]["encap_content_info"]["content"].parsed
    told: datetime = info["gen_time"].native
    yield Part("tsa", "baik", "baik", {"millis": round((ended - begun).total_seconds() * 1000)})
    # a TSA may tell whole seconds only: what lies within the second of the question is no drift
    drift = max(begun - told - timedelta(seconds=1), told - ended, timedelta(0))
    state: State = "masalah" if drift > DRIFT_BAD else "perhatian" if drift > DRIFT_WARN else "baik"
    yield Part("clock", state, "baik" if state == "baik" else "menyimpang", {"seconds": round(drift.total_seconds())})


def _authority(desk: Desk, keys: KeyDesk) -> Iterator[Part]:
    """The certificate of the authorities that ends first."""
    known = (*keys.authorities.anchors, *keys.authorities.others)
    if not known:
        yield Part("authority", "masalah", "tidak-ada", {})
        return
    first = min(known, key=lambda certificate: certificate.not_valid_after)
    facts = {"name": _common_name(first), "until": first.not_valid_after.astimezone(UTC)}
    yield Part("authority", *_expiry(first.not_valid_after, desk.now()), facts)


def _people(desk: Desk, office_id: int) -> Iterator[Part]:
    """The keys of those who sign or give paraf today: who lacks one, and whose certificate ends first."""
    today = desk.today()
    with desk.db.read() as session:
        by_role = {role: appointments.holders(session, office_id, role, today) for role in KEY_ROLES}
    for role, holders in by_role.items():
        lacking = [row.holder for row in holders if not row.key_name]
        if not holders:
            yield Part("keys", "masalah", "tanpa-pejabat", {"role": role})
        elif lacking:
            state: State = "masalah" if len(lacking) == len(holders) else "perhatian"
            yield Part("keys", state, "tanpa-kunci", {"role": role, "holders": lacking})
        yield from _ending(role, holders, desk.now())


def _ending(role: str, holders: list[Appointment], now: datetime) -> Iterator[Part]:
    dated = [(certificate_of(row), row) for row in holders if row.certificate]
    for certificate, row in sorted(dated, key=lambda pair: pair[0].not_valid_after):
        state, case = _expiry(certificate.not_valid_after, now)
        facts = {"role": role, "holder": row.holder, "until": certificate.not_valid_after}
        yield Part("keys", state, case, facts)


def certificate_of(row: Appointment) -> x509.Certificate:
    """The certificate of an appointment's key. Raises ValueError where there is none."""
    if not row.certificate:
        raise ValueError("no certificate")
    return x509.Certificate.load(row.certificate)


def _expiry(until: datetime, now: datetime) -> tuple[State, str]:
    if until <= now:
        return "masalah", "kedaluwarsa"
    return ("perhatian", "segera-habis") if until - now < EXPIRES_SOON else ("baik", "baik")


def _common_name(certificate: x509.Certificate) -> str:
    return str(certificate.subject.native.get("common_name", certificate.subject.human_friendly))
