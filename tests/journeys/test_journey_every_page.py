"""Every page there is, opened by who may: no axe violation, nothing wider than a phone, and usable by keyboard alone.

The pages come from the application's own routes, so a new page is held to this without anybody thinking of it. Their
office is tests.journeys.everywhere's: made through the use cases, then served as it is to users.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from helpers_web import PASSWORDS, Site, opened
from playwright.sync_api import Browser
from werkzeug.routing import Rule

<<<<<<< HEAD
=======
from signer import contacts
from signer.batch import choosing
from signer.batch.choosing import Chosen, Confirmed
from signer.tables.letters import Letter
>>>>>>> w/jsrev
from signer.web import access
from tests.journeys import everywhere, keyboard, walking
from tests.journeys.everywhere import Prepared
from tests.journeys.serving import Service, serving
from tests.journeys.watching import PHONE, Person, person

pytestmark = pytest.mark.journey

STRANGER = "stranger"
BATCH = "0" * 32
"""The code of a batch that no run has touched yet."""
ROLES = ("staf", "camat", "kasi", "admin", "pemohon", "auditor")
"""A page that several may open is opened by the first of these."""
FOR_EACH_ROLE = frozenset(
    {
        "inbox.home",
        "inbox.notices",
        "berkas.index",
        "berkas.show",
        "collect.collect",
        "contacts.index",
        "help.index",
        "notices.choices",
        "office.history",
        "paraf.send_back",
        "people.index",
        "register.book",
    }
)
"""Pages that are different for everybody who may open them."""
<<<<<<< HEAD
BESIDE: dict[str, tuple[str, ...]] = {
    STRANGER: ("/tidak-ada", "/lacak?kode=ABCDE-FGHJK", "/v/0000000000000000", "/surel/konfirmasi/tidak-ada"),
    "staf": ("/berkas/?q=tidakadayangcocok", "/buku-alamat?q=tidakada", "/berkas/?lewat=ya&urut=rakor"),
    "admin": ("/kantor/identitas?alur=mulai", "/akun/?alur=mulai", "/kantor/penunjukan?alur=mulai"),
}
"""Pages that no route of their own leads to: faults, lists without a line, the way through setting up."""
=======
STEPS = {
    "submit.edit": 1,
    "submit.withdraw": 1,
    "check.check": 2,
    "copying.copy": 3,
    "draft.form": 3,
    "own.form": 3,
    "paraf.paraf": 4,
    "paraf.send_back": 3,
    "reader.read": 5,
    "sign.sign": 5,
    "register.enter": 6,
}
"""Where the berkas of a page must wait; elsewhere 7, with a letter that is out."""
ELSEWHERE = frozenset(
    {
        "language.choose",  # leads back
        "notices.confirm",  # only by the link of a mail: test_journey_notices
        "notices.stop",
        "office.rehearsed_pdf",  # only after a test letter: test_journey_admin
        "office.rehearsed_picture",
        "setup.begin",  # only before there is an admin: test_journey_admin
        "verifier.no_qr",  # lead to /periksa
        "verifier.no_token",
    }
)
"""Addresses that lead to no page in this instance; whatever else does not is a page that got lost."""
NOT_PAGES = frozenset(
    {"batch.follow", "help.picture", "office.logo_file", "own.page", "uploading.part", "verifier.static"}
)
"""Addresses of pictures and data that this instance does not have, so that they answer with a page of a fault."""
BESIDE = {
    STRANGER: ("/tidak-ada", "/lacak?kode=ABCDE-FGHJK", "/v/0000000000000000"),
    "staf": ("/berkas/?q=tidakadayangcocok", "/register?q=tidakadayangcocok", "/tidak-ada"),
}
"""Pages that no route of their own leads to: faults, and lists without a line."""
>>>>>>> w/jsrev


@dataclass(frozen=True)
class Everything:
    """The running service, and the addresses of its pages by who opens them."""

    service: Service
    pages: dict[str, list[str]]


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everything]:
    folder = tmp_path_factory.mktemp("every-page")
    with opened(folder) as site:
<<<<<<< HEAD
        pages = _pages(everywhere.prepared(site))
=======
        berkas = {step: site.berkas(step) for step in range(1, 8)}
        site.give_back(site.berkas(2), "Foto terlalu gelap, tulisan tidak terbaca.")
        contacts.add(site.house.desk, site.actor("staf"), ["Danramil 0815/14 Trawas"], "Forkopimcam")
        chosen = [Chosen(berkas[5], site.shown(berkas[5]))]
        choosing.start(site.house.desk, site.actor("camat"), BATCH, chosen, Confirmed(unopened=True))
        site.drain()
        pages = _pages(site, berkas)
>>>>>>> w/jsrev
    with serving(folder) as service:
        yield Everything(service, pages)


@pytest.mark.parametrize("role", (STRANGER, *ROLES))
def test_every_page_is_right_for_everybody(everything: Everything, browser: Browser, role: str) -> None:
    who = person(browser, role, everything.service.address)
    if role != STRANGER:
        walking.sign_in(who, role, PASSWORDS[role])
    faults: list[str] = []
    for path in everything.pages[role]:
        faults += _visit(who, path)
    who.refused.clear()  # pages of faults among them
    faults += who.all_faults()
    assert not faults, "\n".join(faults)


def _visit(who: Person, path: str) -> list[str]:
    who.open(path)
    who.look(path, dark=True)
    who.page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a plain dict is what it takes
    return [f"{path}: {fault}" for fault in keyboard.walk(who.page)]


def _pages(office: Prepared) -> dict[str, list[str]]:
    """Who opens which addresses: every route that answers a GET with a page."""
    site = office.site
    found: dict[str, list[str]] = {role: [] for role in (STRANGER, *ROLES)}
    for rule in sorted(site.app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if "GET" not in (rule.methods or ()) or rule.endpoint.startswith("security.verify"):
            continue
        address = office.address(rule)
        for role in _openers(rule):
<<<<<<< HEAD
            if _is_page(site, role, address):
                found[role].append(address)
    return {role: [*addresses, *BESIDE.get(role, ())] for role, addresses in found.items()}
=======
            address = _address(site, rule, values, berkas)
            if rule.endpoint not in ELSEWHERE | NOT_PAGES and _is_page(site, role, address):
                found[role].append(address)
    for role, addresses in BESIDE.items():
        found[role] += addresses
    return found
>>>>>>> w/jsrev


def _openers(rule: Rule) -> list[str]:
    allowed = access.rule(rule.endpoint)
    if allowed == access.ANYONE:
        return [STRANGER]
    roles = [role for role in ROLES if role in allowed]
    return roles if rule.endpoint in FOR_EACH_ROLE else roles[:1]


<<<<<<< HEAD
=======
def _values(site: Site, berkas: dict[int, int]) -> dict[str, Any]:
    """A value for every argument that a page's address can have."""
    with site.house.db.read() as session:
        token = session.scalars(select(Letter.token).where(Letter.berkas_id == berkas[7])).one()
    detail = site.detail(berkas[7])
    return {
        "appointment_id": 1,
        "attachment_id": detail.files[0].id,
        "contact_id": 1,
        "encoded": "MA==",
        "file": "tidak-ada.png",
        "filename": "surat.css",
        "key": "undangan-rakor",
        "name": "visit.js",
        "number": 1,
        "role": "staf",
        "sha256": "00" * 32,
        "slug": SLUG,
        "ticket": "0" * 32,
        "token": token,
        "user_id": site.actor("pemohon").user_id,
        "version": "0",
    }


def _address(site: Site, rule: Rule, values: dict[str, Any], berkas: dict[int, int]) -> str:
    given = values | {"berkas_id": berkas[STEPS.get(rule.endpoint, 7)]}
    given["code"] = BATCH if rule.endpoint == "batch.show" else "id"
    with site.app.test_request_context():
        adapter = site.app.url_map.bind("localhost")
        return str(adapter.build(rule.endpoint, {name: given[name] for name in rule.arguments}))


>>>>>>> w/jsrev
def _is_page(site: Site, role: str, address: str) -> bool:
    """Whether the address answers with a whole page; not what a page's script puts into it, nor a refusal."""
    client = site.client(None if role == STRANGER else role)
<<<<<<< HEAD
    answer = client.get(address)
    page = answer.status_code == 200 and answer.mimetype == "text/html" and "<!doctype html>" in answer.text.lower()
    answer.close()
    assert answer.status_code < 500, f"{address}: {answer.status_code}"
    return page
=======
    with client.get(address) as answer:
        if answer.mimetype != "text/html":
            return False
        assert answer.status_code == 200, f"{role} does not get to {address}: {answer.status_code}"
        return answer.text.lstrip().startswith("<!doctype html>")  # else a piece of one, for a script
>>>>>>> w/jsrev
