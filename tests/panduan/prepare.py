"""A busy office, made through the use cases: forty berkas for Staf, letters at every later step, names that wrap."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from helpers_office import MovableClock, Office, opened
from sqlalchemy import select, update

from signer import contacts
from signer.tables.letters import Letter
from tests.journeys.samples import LONG

DESA = ("Belik", "Duyung", "Selotapak", "Kesiman", LONG.desa)
NAMES = (
    "Wagiman",
    "Sri Wahyuni",
    "Mulyono Hadi Saputra",
    LONG.applicant,
    "Ngatiyem",
    "H. Muhammad Zainul Arifin",
)
INVITED = ("Camat Trawas", "Danramil 0815/14 Trawas", "Kapolsek Trawas")
GUEST = "Kepala Desa Ketapanrame, Bapak H. Muhammad Zainul Arifin Kusumawardhana, S.Sos., M.Si."
WAITING = 8
"""Letters that wait for the Camat."""


@dataclass(frozen=True)
class Busy:
    """The berkas of the busy office that scenes open, and the public tokens of two letters."""

    drafting: int
    returned: int
    signing: tuple[int, ...]
    paraf: int
    registering: int
    collecting: int
    finished: int
    code: str
    token: str
    withdrawn: str


def busy(folder: Path) -> Busy:
    """Make the instance in `folder`/instance. Signs, so it must not run inside Playwright's event loop."""
    offices = opened("sqlite", folder / "instance")
    office = next(offices)
    contacts.add(office.desk, office.actor("staf"), INVITED, "Forkopimcam")
    contacts.add(office.desk, office.actor("staf"), [GUEST, "Agen BRILink Sumber Rejeki", "Para Kepala Desa"])
    _crowd(office)
    made = _letters(office)
    office.house.drain()
    for _closed in offices:
        pass
    return made


def _crowd(office: Office) -> None:
    """Thirty-six berkas at steps 2 and 3, handed in over the last days, some of them late."""
    for number in range(36):
        office.clock.offset = MovableClock().offset
        office.clock.shift(minutes=-2 * (36 - number))
        applicant, desa = NAMES[number % len(NAMES)], DESA[number % len(DESA)]
        office.berkas(2 + number % 3 // 2, applicant=applicant, desa=desa)
    office.clock.offset = MovableClock().offset


def _letters(office: Office) -> Busy:
    finished = _issued(office, 8, "Siti Aminah", hal=LONG.subject)
    withdrawn = _issued(office, 7, "Ngatiyem")
    collecting = _issued(office, 7, LONG.applicant, hal=LONG.subject)
    registering = _issued(office, 6, "Sri Wahyuni")
    signing = tuple(_signing(office, number) for number in range(WAITING))
    paraf = _composed_again(office)
    drafting, returned = office.berkas(3, applicant="Mulyono", desa="Duyung"), _returned(office)
    detail = office.detail(collecting)
    assert detail.letter and detail.berkas.code
    token, gone = detail.letter.token, _withdraw(office, withdrawn)
    code = detail.berkas.code
    return Busy(drafting, returned, signing, paraf, registering, collecting, finished, code, token, gone)


def _issued(office: Office, step: int, applicant: str, hal: str = "Undangan Rakor BSPPS") -> int:
    """A letter that is out: signed, and then as far as `step`."""
    berkas = office.berkas(3, applicant=applicant)
    office.finalise(berkas, hal=hal)
    office.give_paraf(berkas)
    for act in (office.sign, office.register, office.collect)[: step - 5]:
        act(berkas)
    return berkas


def _signing(office: Office, number: int) -> int:
    name, desa = NAMES[number % len(NAMES)], DESA[number % len(DESA)]
    berkas = office.berkas(3, applicant=name, desa=desa)
    office.finalise(berkas, hal=LONG.subject if number == 3 else f"Undangan Rakor BSPPS Desa {desa}")
    office.give_paraf(berkas)
    return berkas


def _composed_again(office: Office) -> int:
    """Kasi returned it, Staf corrected it: it waits for paraf with what changed."""
    berkas = office.berkas(4, applicant="Karto Wiryo", desa="Kesiman")
    office.send_back(berkas, "kasi", LONG.returned_by_kasi)
    office.finalise(berkas, hal="Undangan Rakor BSPPS Triwulan IV")
    return berkas


def _returned(office: Office) -> int:
    """Returned from paraf to Staf, who sees what changes while they correct."""
    berkas = office.berkas(4, applicant="Sutrisno", desa="Belik")
    office.send_back(berkas, "kasi", LONG.returned_by_kasi)
    return berkas


def _withdraw(office: Office, berkas: int) -> str:
    with office.desk.db.begin() as session:
        session.execute(update(Letter).where(Letter.berkas_id == berkas).values(status="dicabut"))
        return session.scalars(select(Letter.token).where(Letter.berkas_id == berkas)).one()
