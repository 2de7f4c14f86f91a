"""The first contents of an instance: the office from the SOP's header, its SOP, and demo people in development."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from signer import accounts, sop, sops
from signer.accounts import User
from signer.appointments import DEFINITIVE
from signer.tables.office import Appointment, Office

NUMBER_PATTERN = "{klasifikasi}/{urut}/{unit}/{tahun}"


@dataclass(frozen=True)
class DemoPerson:
    """A demo account, and the key of those who sign or give paraf. Development only; the secrets are public."""

    username: str
    name: str
    role: str
    password: str
    passphrase: str = ""
    seksi: str | None = None
    jabatan: str = ""
    rank: str = ""
    grade: str = ""
    nip: str = ""


CAMAT_PASSPHRASE, KASI_PASSPHRASE = "frasa-camat-simulasi", "frasa-kasi-simulasi"
DEMO_PEOPLE = (
    DemoPerson("pemohon", "Siti Aminah", "pemohon", "sandi-pemohon-demo"),
    DemoPerson("staf", "Rina Wulandari", "staf", "sandi-staf-demo", seksi="kemasyarakatan"),
    DemoPerson(
        "kasi",
        "Drs. Bambang Prasetyo",
        "kasi",
        "sandi-kasi-demo",
        KASI_PASSPHRASE,
        "kemasyarakatan",
        "KASI KEMASYARAKATAN",
        "Penata Tingkat I",
        "III/d",
        "19700101 199503 1 001",
    ),
    DemoPerson(
        "camat",
        "SUGONDO, S.Sos., MM.",
        "camat",
        "sandi-camat-demo",
        CAMAT_PASSPHRASE,
        jabatan="CAMAT TRAWAS",
        rank="Pembina",
        grade="IV/a",
        nip="19670110 199003 1 007",
    ),
    DemoPerson("admin", "Admin SuratSah", "admin", "sandi-admin-demo"),
    DemoPerson("auditor", "Inspektorat Kabupaten", "auditor", "sandi-auditor-demo"),
)


def office(session: Session, steps: sop.Sop) -> Office:
    """The office row; made from the SOP's header the first time, kept as an admin left it afterwards."""
    found = session.scalar(select(Office).order_by(Office.id).limit(1))
    if found is not None:
        return found
    lines = steps.office.letterhead
    made = Office(
        code=steps.office.unit,
        government=lines[0],
        name=lines[-1],
        address=steps.office.address,
        place=steps.office.place,
        unit=steps.office.unit,
        number_pattern=NUMBER_PATTERN,
    )
    session.add(made)
    session.flush()
    return made


def found(session: Session, sop_texts: list[str], now: datetime) -> Office:
    """Office and SOP versions, from the SOP files; running it again changes only what the files changed."""
    parsed = [(text, sops.parsed(text)) for text in sop_texts]
    row = office(session, parsed[0][1])
    for text, steps in parsed:
        if not sops.known(session, row.id, steps.key, text):
            sops.publish(session, row.id, steps.key, text, now)
    return row


def add_demo_people(
    session: Session, row: Office, now: datetime, today: date, certify: Callable[[DemoPerson], bytes]
) -> list[User]:
    """The demo accounts that are missing, with appointments; `certify` makes a key and gives its certificate (DER)."""
    have = set(session.scalars(select(User.username)))
    return [_add_person(session, row, p, now, today, certify) for p in DEMO_PEOPLE if p.username not in have]


def _add_person(
    session: Session,
    row: Office,
    person: DemoPerson,
    now: datetime,
    today: date,
    certify: Callable[[DemoPerson], bytes],
) -> User:
    user = accounts.add_user(
        session,
        username=person.username,
        name=person.name,
        password=person.password,
        roles=[person.role],
        office_id=row.id,
        now=now,
        seksi=person.seksi,
    )
    if person.passphrase:
        appointment = Appointment(
            office_id=row.id,
            user_id=user.id,
            role=person.role,
            capacity=DEFINITIVE,
            jabatan=person.jabatan,
            starts_on=today,
            holder=person.name,
            rank=person.rank,
            grade=person.grade,
            nip=person.nip,
            key_backend="pkcs12",
            key_name=person.username,
            certificate=certify(person),
        )
        session.add(appointment)
    return user
