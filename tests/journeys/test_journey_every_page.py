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

from signer.web import access
from tests.journeys import everywhere, keyboard, walking
from tests.journeys.everywhere import Prepared
from tests.journeys.serving import Service, serving
from tests.journeys.watching import PHONE, Person, person

pytestmark = pytest.mark.journey

STRANGER = "stranger"
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
BESIDE: dict[str, tuple[str, ...]] = {
    STRANGER: ("/tidak-ada", "/lacak?kode=ABCDE-FGHJK", "/v/0000000000000000", "/surel/konfirmasi/tidak-ada"),
    "staf": ("/berkas/?q=tidakadayangcocok", "/buku-alamat?q=tidakada", "/berkas/?lewat=ya&urut=rakor"),
    "admin": ("/kantor/identitas?alur=mulai", "/akun/?alur=mulai", "/kantor/penunjukan?alur=mulai"),
}
"""Pages that no route of their own leads to: faults, lists without a line, the way through setting up."""


@dataclass(frozen=True)
class Everything:
    """The running service, and the addresses of its pages by who opens them."""

    service: Service
    pages: dict[str, list[str]]


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everything]:
    folder = tmp_path_factory.mktemp("every-page")
    with opened(folder) as site:
        pages = _pages(everywhere.prepared(site))
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
            if _is_page(site, role, address):
                found[role].append(address)
    return {role: [*addresses, *BESIDE.get(role, ())] for role, addresses in found.items()}


def _openers(rule: Rule) -> list[str]:
    allowed = access.rule(rule.endpoint)
    if allowed == access.ANYONE:
        return [STRANGER]
    roles = [role for role in ROLES if role in allowed]
    return roles if rule.endpoint in FOR_EACH_ROLE else roles[:1]


def _is_page(site: Site, role: str, address: str) -> bool:
    """Whether the address answers with a whole page; not what a page's script puts into it, nor a refusal."""
    client = site.client(None if role == STRANGER else role)
    answer = client.get(address)
    page = answer.status_code == 200 and answer.mimetype == "text/html" and "<!doctype html>" in answer.text.lower()
    answer.close()
    assert answer.status_code < 500, f"{address}: {answer.status_code}"
    return page
