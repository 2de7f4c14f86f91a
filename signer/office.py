"""The office as its admin keeps it: identity, logo, number pattern, and how far its setting up has come.

Every change counts from the next finalised letter on: a finalised one is a file that nothing alters (design: idea 1).
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from sqlalchemy import select
from sqlalchemy.orm import Session

from signer import drafting, letterhead, numbers, office_events, sops
from signer.accounts import User
from signer.actor import Actor
from signer.desk import Desk
from signer.drafting import Kop, Label, LetterData, LetterTemplate, Mode, SignatureBlock
from signer.errors import Invalid, InvalidForm
from signer.pictures import Pictures
from signer.tables.admin import OfficeEvent, TrialLetter
from signer.tables.office import Office

IDENTITY, LOGO, NO_LOGO, PATTERN = "identitas-kantor", "logo", "tanpa-logo", "pola-nomor"
ADDRESS_LINES = 3
PREVIEW_WIDTH = 1000
PREVIEW_BOX = (0.07, 0.035, 0.95, 0.236)
"""The part of the page that a preview shows, in shares of its sides: kop, number, place and date."""
PREVIEW_SIZE = (880, 284)


@dataclass(frozen=True)
class Identity:
    """What stands in the kop, before the date, and in numbers. `address`: a line each line of text."""

    government: str
    name: str
    address: str
    place: str
    unit: str

    @classmethod
    def of(cls, row: Office) -> Identity:
        """As it is now."""
        return cls(**{field.name: getattr(row, field.name) for field in fields(cls)})


LABELS: Mapping[str, tuple[Label, int]] = {
    "government": (Label("Pemerintah daerah", "Regional government"), 80),
    "name": (Label("Nama kantor", "Office name"), 60),
    "address": (Label("Alamat", "Address"), 120),
    "place": (Label("Tempat surat", "Place of letters"), 40),
    "unit": (Label("Kode unit", "Unit code"), 20),
}
"""What each part is called in an error, and its longest line in characters."""


def row(desk: Desk, office_id: int) -> Office:
    """The office's row as it is now."""
    with desk.db.read() as session:
        return session.get_one(Office, office_id)


def checked(desk: Desk, typed: Identity) -> Identity:
    """The identity as it will be printed. Raises InvalidForm with a fault for every field that has one."""
    faults: list[Invalid] = []
    clean: dict[str, str] = {}
    for name in LABELS:
        try:
            clean[name] = _clean(desk, name, getattr(typed, name))
        except Invalid as fault:
            faults.append(fault)
    if faults:
        raise InvalidForm(faults)
    return Identity(**clean)


def _clean(desk: Desk, name: str, text: str) -> str:
    label, most = LABELS[name]
    alphabet = desk.templates.press.alphabet
    lines = [alphabet.line(line, field=name, label=label, max_length=most) for line in text.splitlines()]
    lines = [line for line in lines if line]
    if not lines:
        raise Invalid(f"{label.id} wajib diisi.", f"{label.en} is needed.", field=name)
    if len(lines) > (ADDRESS_LINES if name == "address" else 1):
        raise Invalid(
            f"{label.id} paling banyak {ADDRESS_LINES} baris.",
            f"{label.en} has at most {ADDRESS_LINES} lines.",
            field=name,
        )
    if name == "unit" and not numbers.printable(lines[0]):
        raise Invalid(
            "Kode unit hanya huruf, angka, titik, garis miring dan tanda hubung.",
            "A unit code has only letters, digits, dots, slashes and hyphens.",
            field=name,
        )
    return "\n".join(lines)


def save_identity(desk: Desk, actor: Actor, typed: Identity) -> None:
    """Put an identity in force for letters finalised from now on. Raises InvalidForm."""
    new = checked(desk, typed)
    with desk.db.begin() as session:
        office = office_events.locked(session, actor)
        _check_pattern(office.number_pattern, new.unit, "unit")
        old = asdict(Identity.of(office))
        changed = {
            name: office_events.change(old[name], text) for name, text in asdict(new).items() if old[name] != text
        }
        for name in changed:
            setattr(office, name, getattr(new, name))
        office_events.append(session, desk, actor, IDENTITY, changed)


def save_pattern(desk: Desk, actor: Actor, pattern: str) -> None:
    """Put a number pattern in force for numbers reserved from now on. Raises Invalid (field `number_pattern`)."""
    new = pattern.strip()
    with desk.db.begin() as session:
        office = office_events.locked(session, actor)
        _check_pattern(new, office.unit, "number_pattern")
        old, office.number_pattern = office.number_pattern, new
        changed = {"number_pattern": office_events.change(old, new)} if old != new else {}
        office_events.append(session, desk, actor, PATTERN, changed)


def _check_pattern(pattern: str, unit: str, field: str) -> None:
    try:
        numbers.Pattern(pattern).check(unit)
    except Invalid as fault:
        raise Invalid(fault.id, fault.en, field=field) from None


def save_logo(desk: Desk, actor: Actor, upload: bytes, alt: str) -> None:
    """Print this picture in the kop from now on; without a new file only what it shows is changed.

    Raises Invalid (fields `logo`, `logo_alt`).
    """
    alt = " ".join(alt.split())
    if not alt or len(alt) > 120:
        raise Invalid(
            "Sebutkan apa yang tampak pada logo, paling panjang 120 karakter.",
            "Say what the logo shows, in at most 120 characters.",
            field="logo_alt",
        )
    made = letterhead.keep_logo(upload, desk.blobs) if upload else ""
    with desk.db.begin() as session:
        office = office_events.locked(session, actor)
        old, key = office.logo_key, made or office.logo_key
        if not key:
            raise letterhead.no_file()
        office.logo_key, office.logo_alt = key, alt
        office_events.append(session, desk, actor, LOGO, {"logo": office_events.change(old, key), "alt": alt})


def remove_logo(desk: Desk, actor: Actor) -> None:
    """Letters finalised from now on carry no logo; also the record that the office decided to have none."""
    with desk.db.begin() as session:
        office = office_events.locked(session, actor)
        old, office.logo_key, office.logo_alt = office.logo_key, "", ""
        office_events.append(session, desk, actor, NO_LOGO, {"logo": office_events.change(old, "")})


def next_number(desk: Desk, office_id: int, pattern: str, unit: str) -> str:
    """What the next letter would be numbered by this pattern. Raises Invalid (field `number_pattern`)."""
    numbers.Pattern(pattern.strip()).check(unit)
    year = desk.today().year
    with desk.db.read() as session:
        sequence = numbers.upcoming(session, office_id, year)
        template = _template(desk, session, office_id)
    return numbers.Pattern(pattern.strip()).written(template.klasifikasi, sequence, unit, year)


def preview(desk: Desk, office_id: int, identity: Identity, pattern: str, mode: Mode) -> bytes:
    """The upper part of a letter with this kop and the next number, as WebP. Raises Invalid, InvalidForm."""
    clean = checked(desk, identity)
    number = next_number(desk, office_id, pattern, clean.unit)
    with desk.db.read() as session:
        office = session.get_one(Office, office_id)
        template = _template(desk, session, office_id)
    logo = letterhead.logo(office.logo_key, desk.blobs)
    data = LetterData(
        kop=Kop((clean.government, clean.name), tuple(clean.address.splitlines()), logo),
        number=number,
        letter_date=desk.today(),
        place=clean.place,
        sifat=template.sifat[0],
        hal=template.hal,
        recipients=(),
        signatory=SignatureBlock(("CAMAT",), "NAMA PENANDA TANGAN"),
        mode=mode,
        draft=True,
    )
    return _upper_part(drafting.render(template, data).pdf)


def _upper_part(pdf: bytes) -> bytes:
    page = Pictures().image(pdf, 0, PREVIEW_WIDTH)
    out = io.BytesIO()
    left, top, right, bottom = PREVIEW_BOX
    box = (left * page.width, top * page.height, right * page.width, bottom * page.height)
    page.crop(tuple(map(round, box))).resize(PREVIEW_SIZE).save(out, "WEBP", quality=85)  # type: ignore[arg-type]  # four of them
    return out.getvalue()


def digest(office: Office) -> bytes:
    """SHA-256 over what every letter takes from the office: what a test letter has tried."""
    facts = asdict(Identity.of(office)) | {"pattern": office.number_pattern, "logo": office.logo_key}
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).digest()


def history(desk: Desk, office_id: int, limit: int) -> tuple[list[OfficeEvent], dict[int, str]]:
    """The last acts on the office, newest first, and the names of its people by id."""
    with desk.db.read() as session:
        events = office_events.newest(session, office_id, limit)
        people = session.execute(select(User.id, User.name).where(User.office_id == office_id)).all()
    return events, {row[0]: row[1] for row in people}


def last_test(desk: Desk, office_id: int) -> tuple[TrialLetter, str] | None:
    """The newest test letter and who made it."""
    found = select(TrialLetter, User.name).join(User, TrialLetter.made_by == User.id)
    with desk.db.read() as session:
        newest = session.execute(
            found.where(TrialLetter.office_id == office_id).order_by(TrialLetter.id.desc()).limit(1)
        ).one_or_none()
    return (newest[0], newest[1]) if newest else None


def _template(desk: Desk, session: Session, office_id: int) -> LetterTemplate:
    """The first template of the office's first SOP: what its letters look like."""
    keys = [key for _version, steps in sops.in_force(session, office_id) for key in steps.templates]
    return desk.templates[keys[0]]
