"""The office of the sweep over every page: something stands in each list, and every argument has a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import helpers_own
from helpers_web import SLUG, Site, png
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from signer import contacts, incoming, mailboxes
from signer.batch import choosing, opening
from signer.berkas import own
from signer.berkas.own import Facts
from signer.berkas.submit import Upload
from signer.mailing import STOP, TOKEN
from signer.tables.admin import TrialLetter
from signer.tables.contacts import Contact
from signer.tables.letters import Letter
from signer.tables.mail import Mailbox
from signer.tables.office import Appointment
from signer.web import applying

STEPS = {
    "submit.edit": 1,
    "submit.withdraw": 1,
    "check.check": 2,
    "draft.form": 3,
    "copying.copy": 3,
    "paraf.paraf": 4,
    "paraf.send_back": 4,
    "sign.sign": 5,
    "reader.read": 5,
    "register.enter": 6,
}
"""Where the berkas of a page must wait; elsewhere 7, with a letter that is out."""
BATCH = "b" * 32
"""The Camat's batch, left open after it was chosen."""


@dataclass(frozen=True)
class Prepared:
    """The office, its berkas by the step they wait at, and values of arguments that one page alone takes."""

    site: Site
    berkas: Mapping[int, int]
    special: Mapping[str, Mapping[str, Any]]

    def address(self, rule: Rule) -> str:
        """The address of a route's page, for the berkas that stands where the page is about."""
        given = _values(self.site, self.berkas)
        given["berkas_id"] = self.berkas[STEPS.get(rule.endpoint, 7)]
        given |= self.special.get(rule.endpoint, {})
        with self.site.app.test_request_context():
            adapter = self.site.app.url_map.bind("localhost")
            return str(adapter.build(rule.endpoint, {name: given[name] for name in rule.arguments}))


def prepared(site: Site) -> Prepared:
    """Fill the office: a berkas at each step, one returned, one with an own PDF, a batch, and each list's lines."""
    berkas = {step: site.berkas(step) for step in range(1, 8)}
    site.give_back(site.berkas(2), "Foto terlalu gelap, tulisan tidak terbaca.")
    site.drain()
    desk, staf = site.house.desk, site.actor("staf")
    contacts.add(desk, staf, ("Danramil Trawas", "Kapolsek Trawas"), "Forkopimcam")
    incoming.keep(desk, staf, applying.place_of(berkas[1]), [Upload("berkas-pemohon", "foto.png", png())])
    special = {
        "batch.show": {"code": BATCH},
        "batch.follow": {"code": BATCH},
        "own.form": {"berkas_id": _own_pdf(site)},
        **_mail_links(site),
    }
    _batch(site, (berkas[5], site.berkas(5)))
    site.client("admin").submit("/kantor/surat-uji")
    return Prepared(site, berkas, special)


def _own_pdf(site: Site) -> int:
    """A berkas whose letter is a PDF of the office's own, with the box on it."""
    desk, staf, berkas_id = site.house.desk, site.actor("staf"), site.berkas(3)
    today = desk.today().isoformat()
    number = own.reserve(desk, staf, berkas_id, site.row(berkas_id).version, today)
    facts = Facts("Undangan Rakor", "Biasa", today, _appointment(site), public="ya")
    name = "Undangan Rapat Koordinasi Bantuan Sosial Pangan Non Tunai Kecamatan Trawas (final).pdf"
    own.upload(desk, staf, berkas_id, 0, facts, name, helpers_own.letter(number), site.house.keys.mode)
    return berkas_id


def _batch(site: Site, of: tuple[int, ...]) -> None:
    """The Camat opened the first letter, chose all of them, and went away."""
    desk, camat = site.house.desk, site.actor("camat")
    opening.record(desk, camat, of[0], site.shown(of[0]))
    chosen = [choosing.Chosen(berkas_id, site.shown(berkas_id)) for berkas_id in of]
    choosing.start(desk, camat, BATCH, chosen, choosing.Confirmed(unopened=True, earlier_date=True))


def _mail_links(site: Site) -> dict[str, dict[str, str]]:
    """The Pemohon has an address to confirm, the Camat one whose mails carry the link to stop them."""
    desk, pemohon, camat = site.house.desk, site.actor("pemohon"), site.actor("camat")
    for who in (pemohon, camat):
        mailboxes.ask(desk, who, f"user{who.user_id}@surel.example", "id")
    with site.house.db.read() as session:
        asked, other = (session.get_one(Mailbox, who.user_id) for who in (pemohon, camat))
    mailboxes.confirm(desk, desk.vault.open_text(other.token_sealed, TOKEN))
    with site.house.db.read() as session:
        confirmed = session.get_one(Mailbox, camat.user_id)
    return {
        "notices.confirm": {"token": desk.vault.open_text(asked.token_sealed, TOKEN)},
        "notices.stop": {"token": desk.vault.open_text(confirmed.stop_sealed, STOP)},
    }


def _appointment(site: Site) -> int:
    with site.house.db.read() as session:
        return session.scalars(select(Appointment.id).where(Appointment.role == "camat")).one()


def _values(site: Site, berkas: Mapping[int, int]) -> dict[str, Any]:
    """A value for every argument that a page's address can have."""
    with site.house.db.read() as session:
        found = _numbers(session, berkas[7])
    return found | {
        "attachment_id": site.detail(berkas[7]).files[0].id,
        "appointment_id": _appointment(site),
        "code": "id",
        "encoded": "MA==",
        "file": "masuk-390.png",
        "filename": "surat.css",
        "key": "undangan-rakor",
        "name": "visit.js",
        "role": "camat",
        "sha256": "00" * 32,
        "slug": SLUG,
        "ticket": "00" * 16,
        "user_id": site.actor("pemohon").user_id,
        "version": "0",
    }


def _numbers(session: Session, berkas_id: int) -> dict[str, Any]:
    return {
        "contact_id": session.scalars(select(Contact.id).order_by(Contact.id)).first(),
        "number": session.scalars(select(TrialLetter.id)).first(),
        "token": session.scalars(select(Letter.token).where(Letter.berkas_id == berkas_id)).one(),
    }
