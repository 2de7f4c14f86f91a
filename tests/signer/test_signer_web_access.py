"""Every route called as every role: the table below says who may, and a route without a row fails.

The table restates signer/web/access.py on purpose: a rule changed there must be changed here too, by somebody who
meant it. Roles come first (403), then rows: a berkas of somebody else or of another office is 404, as one that does
not exist is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from helpers_web import PASSPHRASES, PDF, SLUG, Client, Site, opened
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from signer.accounts import User, role_named
from signer.batch import choosing
from signer.berkas import submit
from signer.tables.office import Appointment, Office

pytest_plugins = ("helpers_web",)

ROLES = ("anonymous", "pemohon", "staf", "kasi", "camat", "admin", "auditor")
ALL = frozenset(ROLES)
SIGNED_IN = ALL - {"anonymous"}
READERS = frozenset({"pemohon", "staf", "kasi", "camat", "auditor"})
TOLD = READERS - {"auditor"}
OFFICE = READERS - {"pemohon"}
APPLICANTS = frozenset({"pemohon", "staf"})
STAF, KASI, CAMAT = frozenset({"staf"}), frozenset({"kasi"}), frozenset({"camat"})
RETURNERS = STAF | KASI | CAMAT
ADMIN = frozenset({"admin"})
MAKERS = frozenset({"staf", "admin"})
ADMIN = frozenset({"admin"})
NOBODY: frozenset[str] = frozenset()
APPLICANT = "Wagiyem Sekar Rahasia"
"""An applicant whose name stands on no page but those of their own berkas."""


@dataclass(frozen=True)
class Row:
    """Who may call a route, for which berkas (the step it waits at), and what those get; None: no such method."""

    roles: frozenset[str]
    get: int | None = 200
    post: int | None = None
    step: int = 7
    open_to_programs: bool = False
    """POST without a CSRF token, from programs that have no session."""
    also: frozenset[int] = field(default_factory=frozenset)
    """Other answers that are right, e.g. a signed-in person sent on from the login page."""
    form: Mapping[str, str] = field(default_factory=dict)
    """What a POST sends beside its token; a version is never among it, so that nothing is done."""


BATCH = "b" * 32
"""The Camat's batch of one letter, which they left open and chose anew since."""
LETTER = {"template": "undangan-rakor"}

TABLE: Mapping[str, Row] = {
    "static": Row(ALL),
    "health.healthz": Row(ALL),
    "health.readyz": Row(ALL),
    "health.metrics": Row(ALL),
    "health.page": Row(ADMIN),
    "security.login": Row(ALL, 200, 200, also=frozenset({302})),
    "security.logout": Row(ALL, None, 302),
    "security.change_password": Row(SIGNED_IN, 200, 200),
    "security.verify": Row(NOBODY, 403, 403),
    "security.static": Row(NOBODY, 403),
    "inbox.home": Row(SIGNED_IN),
    "inbox.listed": Row(SIGNED_IN),
    "inbox.notices": Row(SIGNED_IN, 200, 303),
    "inbox.counts": Row(SIGNED_IN),
    "notices.choices": Row(TOLD, 200, 422),
    "notices.address": Row(TOLD, None, 422),
    "notices.forget": Row(TOLD, None, 303),
    "notices.confirm": Row(ALL, 404, 404),
    "notices.stop": Row(ALL, 404, 404, open_to_programs=True),
    "berkas.index": Row(READERS),
    "berkas.show": Row(READERS),
    "berkas.attachment": Row(READERS),
    "berkas.page": Row(READERS),
    "berkas.rendering": Row(OFFICE),
    "berkas.letter": Row(READERS),
    "berkas.control_sheet": Row(OFFICE),
    "submit.new": Row(APPLICANTS, 200, 422),
    "submit.edit": Row(APPLICANTS, 200, 409, step=1),
    "submit.attach": Row(APPLICANTS, None, 303, step=1),
    "submit.set_aside": Row(APPLICANTS, None, 303, step=1),
    "submit.hand_in": Row(APPLICANTS, None, 409, step=1),
    "submit.withdraw": Row(APPLICANTS, 200, 422, step=1),
    "uploading.start": Row(APPLICANTS, None, 422),
    "uploading.part": Row(APPLICANTS, 404, 404),
    "uploading.cancel": Row(APPLICANTS, None, 404),
    "uploading.join": Row(APPLICANTS, None, 422),
    "check.check": Row(STAF, 200, 422, step=2),
    "draft.form": Row(STAF, step=3),
    "draft.save": Row(STAF, None, 409, step=3, form=LETTER),
    "draft.preview": Row(STAF, None, 422, step=3, form=LETTER),
    "draft.finalise": Row(STAF, None, 422, step=3, form=LETTER),
    "merge.merge": Row(STAF, None, 422, step=3),
    "copying.copy": Row(STAF, 200, 422, step=3),
    "own.form": Row(STAF, step=3),
    "own.number": Row(STAF, None, 422, step=3),
    "own.upload": Row(STAF, None, 422, step=3),
    "own.save": Row(STAF, None, 409, step=3),
    "own.place": Row(STAF, None, 404, step=3),
    "own.finalise": Row(STAF, None, 422, step=3),
    "own.page": Row(STAF, 404, step=3),
    "paraf.paraf": Row(KASI, 200, 409, step=4),
    "paraf.send_back": Row(RETURNERS, 200, 422, step=3, also=frozenset({303, 409})),
    "paraf.refuse": Row(RETURNERS, None, 422, step=3, also=frozenset({409})),
    "sign.sign": Row(CAMAT, 200, 409, step=5),
    "batch.choose": Row(CAMAT, 200, 422),
    "batch.show": Row(CAMAT, 200, 409),
    "batch.follow": Row(CAMAT),
    "reader.read": Row(CAMAT, 200, step=5),
    "reader.opened": Row(CAMAT, None, 303, step=5),
    "register.enter": Row(STAF, 200, 409, step=6),
    "register.book": Row(OFFICE),
    "register.as_csv": Row(OFFICE),
    "collect.collect": Row(APPLICANTS, 200, 422, step=7),
    "contacts.index": Row(OFFICE),
    "contacts.add": Row(STAF, None, 422),
    "contacts.edit": Row(STAF, 200, 422),
    "contacts.state": Row(STAF, None, 303),
    "contacts.offered": Row(STAF),
    "sop.index": Row(SIGNED_IN),
    "sop.show": Row(SIGNED_IN),
    "rules.sops": Row(ADMIN),
    "rules.new_sop": Row(ADMIN, 200, 422),
    "rules.edit_sop": Row(ADMIN, 200, 422),
    "rules.templates": Row(ADMIN),
    "rules.new_template": Row(ADMIN, 200, 422),
    "rules.edit_template": Row(ADMIN, 200, 422),
    "people.index": Row(MAKERS),
    "people.new": Row(MAKERS, 200, 422),
    "people.edit": Row(ADMIN, 200, 422),
    "people.state": Row(MAKERS, None, 303),
    "people.password": Row(MAKERS, None, 200),
    "office.home": Row(ADMIN),
    "office.identity": Row(ADMIN, 200, 422, form={"name": ""}),
    "office.number": Row(ADMIN, 200, 422),
    "office.preview": Row(ADMIN, None, 404),
    "office.logo": Row(ADMIN, 200, 422),
    "office.remove_logo": Row(ADMIN, None, 303),
    "office.logo_file": Row(ALL, 404),
    "office.history": Row(ADMIN | {"auditor"}),
    "office.rehearse": Row(ADMIN, 200, 303),
    "office.rehearsed_pdf": Row(ADMIN, 404, also=frozenset({200})),
    "office.rehearsed_picture": Row(ADMIN, 404, also=frozenset({200})),
    "appointing.index": Row(ADMIN),
    "appointing.new": Row(ADMIN, 200, 422),
    "appointing.stand_in": Row(ADMIN, 200, 422),
    "appointing.end": Row(ADMIN, 200, 422, form={"last_day": "kemarin"}),
    "appointing.own_keys": Row(KASI | CAMAT),
    "appointing.set_key": Row(KASI | CAMAT, None, 422),
    "setup.begin": Row(ALL, 404, 404),
    "track.track": Row(ALL, 200, 404, also=frozenset({429})),
    "help.index": Row(ALL),
    "help.show": Row(ALL),
    "help.picture": Row(ALL),
    "gaya.gaya": Row(ALL),
    "language.choose": Row(ALL, 303),
    "verifier.letter": Row(ALL),
    "verifier.letter_printed": Row(ALL),
    "verifier.letter_json": Row(ALL),
    "verifier.letter_pdf": Row(ALL),
    "verifier.letter_page": Row(ALL),
    "verifier.letter_calendar": Row(ALL),
    "verifier.no_token": Row(ALL, 302),
    "verifier.check": Row(ALL),
    "verifier.check_file": Row(ALL, None, 422, open_to_programs=True),
    "verifier.check_qr": Row(ALL, None, 422, open_to_programs=True),
    "verifier.no_qr": Row(ALL, 302),
    "verifier.verification": Row(ALL, None, 415, open_to_programs=True),
    "verifier.hash_json": Row(ALL),
    "verifier.openapi": Row(ALL),
    "verifier.static": Row(ALL),
    "verifier.service_worker": Row(ALL),
    "verifier.offline_page": Row(ALL),
    "verifier.seal_keys": Row(ALL),
    "verifier.withdrawn": Row(ALL),
    "verifier.manifest": Row(ALL),
    "pki.root_crt": Row(ALL),
    "pki.root_pem": Row(ALL),
    "pki.root_crl": Row(ALL),
    "pki.trust": Row(ALL),
    "pki.ca_crt": Row(ALL),
    "pki.ca_pem": Row(ALL),
    "pki.ca_crl": Row(ALL),
    "pki.ocsp": Row(ALL, None, 415, open_to_programs=True),
    "pki.ocsp_get": Row(ALL),
    "pki.tsa": Row(ALL, None, 415, open_to_programs=True),
}
PHRASE = "empat kata yang cukup panjang"
OWN = frozenset({"berkas_id", "attachment_id"})
"""Arguments by which a route belongs to one berkas."""


@dataclass
class World:
    """One office with a berkas at every step, a second Pemohon, and another office with people of its own."""

    site: Site
    berkas: dict[int, int]
    """Berkas id by the step it waits at."""
    token: str
    version: str
    """Of the public pages' modules, as their addresses carry it."""
    other_account: int
    """A Pemohon account of the office that nobody signs in with here."""
    appointment: int
    """An appointment of the office that runs."""

    @property
    def app(self) -> Flask:
        """The application."""
        return self.site.app

    def client(self, role: str, office: str = "") -> Client:
        """A client of a role; `office` "lain" for the other one's people."""
        return self.site.client(None if role == "anonymous" else f"{role}{office}")

    def rules(self) -> list[Rule]:
        """Every route of the table."""
        return [rule for rule in self.app.url_map.iter_rules() if rule.endpoint in TABLE]

    def address(self, rule: Rule, berkas_id: int | None = None) -> str:
        """The route's address, for the berkas of its row or another one."""
        row = TABLE[rule.endpoint]
        values: dict[str, Any] = {
            "berkas_id": berkas_id or self.berkas[row.step],
            "number": 1,
            "token": self.token,
            "user_id": self.other_account,
            "contact_id": 1,
            "slug": SLUG,
            "filename": "surat.css",
            "encoded": "MA==",
            "code": BATCH if rule.endpoint.startswith("batch.") else "en",
            "sha256": "00" * 32,
            "version": self.version,
            "name": "visit.js",
            "key": "undangan-rakor",
            "ticket": "0" * 32,
            "appointment_id": self.appointment,
            "role": "camat",
            "file": "masuk-1280.png",
        }
        if "attachment_id" in rule.arguments:
            values["attachment_id"] = self._attachment(self.berkas[row.step], fresh=row.step == 1)
        with self.app.test_request_context():
            adapter = self.app.url_map.bind("localhost")
            return str(adapter.build(rule.endpoint, {name: values[name] for name in rule.arguments}))

    def _attachment(self, berkas_id: int, *, fresh: bool) -> int:
        """An attachment of the berkas; a new one where the route takes it out."""
        if fresh:
            count = len(self.site.detail(berkas_id).files)
            file = submit.Upload("berkas-pemohon", f"{count}.pdf", PDF + str(count).encode())
            assert submit.attach(self.site.house.desk, self.site.actor("staf"), berkas_id, [file]) == []
        return self.site.detail(berkas_id).files[-1].id


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with opened(tmp_path_factory.mktemp("access")) as site:
        site.app.config["RATELIMIT_ENABLED"] = False
        berkas = {step: site.berkas(step=step, applicant=APPLICANT) for step in range(1, 8)}
        letter = site.detail(berkas[7]).letter
        assert letter is not None
        version = re.search(r"/pwa/([^/]+)/visit\.js", site.client().get("/sw.js").get_data(as_text=True))
        assert version is not None
        _two_batches(site, berkas[5])
        yield World(site, berkas, letter.token, version[1], _people(site), _appointment(site))


def _two_batches(site: Site, berkas_id: int) -> None:
    for code in (BATCH, "c" * 32):
        chosen = [choosing.Chosen(berkas_id, site.shown(berkas_id))]
        choosing.start(site.house.desk, site.actor("camat"), code, chosen, choosing.Confirmed(True, True))


def _people(site: Site) -> int:
    """A second Pemohon, one nobody signs in with (whose id it gives), and another office with a person a role."""
    with site.house.db.begin() as session:
        home = session.scalars(select(Office)).one()
        away = Office(
            code="99", government="PEMERINTAH LAIN", name="KECAMATAN LAIN", address="-", place="Lain", unit="99",
            number_pattern=home.number_pattern,
        )  # fmt: skip
        session.add(away)
        session.flush()
        wanted = [("tetangga", "pemohon", home), ("sasaran", "pemohon", home)]
        wanted += [(f"{role}lain", role, away) for role in sorted(SIGNED_IN)]
        made = {
            username: User(
                username=username, name=f"Orang {username}", password="!", fs_uniquifier=username,
                seksi="kemasyarakatan", office_id=office.id, created_at=site.clock(), roles=[role_named(session, role)],
            )
            for username, role, office in wanted
        }  # fmt: skip
        session.add_all(made.values())
        session.flush()
        return made["sasaran"].id


def _appointment(site: Site) -> int:
    with site.house.db.read() as session:
        return session.scalars(select(Appointment).where(Appointment.role == "camat")).one().id


def _call(client: Client, method: str, address: str, form: Mapping[str, str] | None = None) -> TestResponse:
    answer = client.get(address) if method == "GET" else client.submit(address, form)
    answer.get_data()
    answer.close()
    return answer


def _methods(rule: Rule) -> list[str]:
    return sorted((rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"})


def _expected(row: Row, role: str, method: str) -> frozenset[int]:
    """The statuses that are right."""
    if role in row.roles:
        answer = row.get if method == "GET" else row.post
        return row.also | {answer if answer is not None else 405}
    if role == "anonymous":
        return frozenset({302} if method == "GET" else {401})
    return frozenset({403})


def test_every_route_has_a_row_and_every_row_a_route(world: World) -> None:
    routes = {rule.endpoint for rule in world.app.url_map.iter_rules()}
    assert routes - TABLE.keys() == set(), "say in TABLE who may call these"
    assert TABLE.keys() - routes == set(), "these rows have no route"


def test_every_row_says_what_each_method_answers(world: World) -> None:
    for rule in world.rules():
        row = TABLE[rule.endpoint]
        said = {name for name, answer in (("GET", row.get), ("POST", row.post)) if answer is not None}
        assert said == set(_methods(rule)), rule.endpoint


@pytest.mark.parametrize("role", ROLES)
def test_a_role_gets_exactly_what_its_rows_say(world: World, role: str) -> None:
    wrong = []
    for rule in world.rules():
        row = TABLE[rule.endpoint]
        for method in _methods(rule):
            answer = _call(world.client(role), method, world.address(rule), row.form)
            if answer.status_code not in _expected(row, role, method):
                wrong.append(f"{method} {rule.endpoint}: {answer.status_code}, not {set(_expected(row, role, method))}")
            if answer.status_code == 302 and role not in row.roles and "/masuk" not in answer.headers["Location"]:
                wrong.append(f"{method} {rule.endpoint}: a stranger is sent to {answer.headers['Location']}")
    assert wrong == []


def _of_one_berkas(world: World) -> list[tuple[Rule, str]]:
    return [(rule, method) for rule in world.rules() if rule.arguments & OWN for method in _methods(rule)]


@pytest.mark.parametrize(("username", "role"), [("tetangga", "pemohon"), *((f"{r}lain", r) for r in sorted(READERS))])
def test_a_berkas_of_somebody_else_is_as_one_that_is_not_there(world: World, username: str, role: str) -> None:
    wrong = []
    for rule, method in _of_one_berkas(world):
        known, unknown = world.address(rule), world.address(rule, 987_654)
        answers = [_call(world.site.client(username), method, address) for address in (known, unknown)]
        expected = 404 if role in TABLE[rule.endpoint].roles else 403
        if [answer.status_code for answer in answers] != [expected, expected]:
            wrong.append(f"{method} {rule.endpoint}: {[a.status_code for a in answers]}, not {expected}")
        elif _without_id(answers[0]) != _without_id(answers[1]):
            wrong.append(f"{method} {rule.endpoint}: the page tells that the berkas exists")
    assert wrong == []


def _without_id(answer: TestResponse) -> str:
    """The page without the number that was asked for, which its link to the other language carries."""
    return re.sub(r"(berkas(?:/|%2F)|lampiran(?:/|%2F))\d+", r"\1N", answer.get_data(as_text=True))


@pytest.mark.parametrize("username", ["tetangga", *(f"{role}lain" for role in sorted(SIGNED_IN))])
def test_no_list_shows_a_berkas_of_somebody_else(world: World, username: str) -> None:
    client = world.site.client(username)
    for rule in world.rules():
        if "GET" in _methods(rule) and not rule.arguments and not rule.endpoint.startswith(("pki.", "verifier.")):
            text = _call(client, "GET", world.address(rule)).get_data(as_text=True)
            assert APPLICANT not in text, rule.endpoint
    assert APPLICANT not in client.get(f"/berkas/?q={APPLICANT.split()[0]}").get_data(as_text=True)


@pytest.mark.parametrize("username", ["tetangga", "staflain", "admin", "adminlain"])
def test_the_sop_page_marks_no_berkas_of_somebody_else(world: World, username: str) -> None:
    assert world.site.client(username).get(f"/sop/{SLUG}?berkas={world.berkas[7]}").status_code == 404


@pytest.mark.parametrize("username", ["staflain", "adminlain"])
def test_an_account_of_another_office_is_not_there(world: World, username: str) -> None:
    for action in ("keadaan", "sandi"):
        assert world.site.client(username).submit(f"/akun/{world.other_account}/{action}").status_code == 404


def test_what_another_office_keeps_beside_its_berkas_is_not_there(world: World) -> None:
    kept = {"contact_id", "appointment_id", "user_id"}
    wrong = []
    for rule in world.rules():
        if not rule.arguments & kept and not rule.endpoint.startswith("batch."):
            continue
        for method in _methods(rule) if rule.arguments else ():
            role = sorted(TABLE[rule.endpoint].roles)[0]
            form = {**TABLE[rule.endpoint].form, "passphrase": PHRASE, "passphrase_again": PHRASE}
            answer = _call(world.client(role, "lain"), method, world.address(rule), form)
            if answer.status_code != 404:
                wrong.append(f"{method} {rule.endpoint} by {role}: {answer.status_code}")
    assert wrong == []


def test_an_attachment_is_found_only_under_its_own_berkas(world: World) -> None:
    own, other = world.berkas[2], world.berkas[3]
    number = world.site.detail(own).files[0].id
    client = world.client("staf")
    assert client.get(f"/berkas/{own}/lampiran/{number}").status_code == 200
    assert client.get(f"/berkas/{other}/lampiran/{number}").status_code == 404


def test_the_applicant_gets_no_page_of_an_unsigned_letter(world: World) -> None:
    client = world.client("pemohon")
    for step in (4, 5, 6):
        assert client.get(f"/berkas/{world.berkas[step]}/halaman/1.webp").status_code == 404, step
        assert client.get(f"/berkas/{world.berkas[step]}/surat.pdf").status_code == 404, step


def _rows(world: World) -> list[str]:
    """Everything in the database, as text."""
    with world.site.house.db.engine.connect() as connection:
        return list(connection.connection.driver_connection.iterdump())  # type: ignore[union-attr]  # sqlite3's own


def _files(world: World) -> set[str]:
    """Every stored file but the probe that /readyz leaves."""
    folder = world.site.house.settings.instance / "blobs"
    return {str(path) for path in folder.rglob("*") if path.is_file() and "health" not in path.parts}


def test_the_auditor_reads_everything_and_changes_nothing(world: World) -> None:
    addresses = [(method, world.address(rule)) for rule in world.rules() for method in _methods(rule)]
    rows, files = _rows(world), _files(world)
    for method, address in addresses:
        _call(world.client("auditor"), method, address)
        if method == "POST":
            _as_if_it_were_theirs(world, address)
    assert _rows(world) == rows
    assert _files(world) == files


def _as_if_it_were_theirs(world: World, address: str) -> None:
    """Send what the right person would send there, with the right version and passphrase."""
    number = next((int(part) for part in address.split("/") if part.isdigit()), 0)
    if number not in world.berkas.values():
        return
    detail = world.site.detail(number)
    shown = detail.rendering.sha256.hex() if detail.rendering else ""
    checks = {f"periksa-{need.key}": "lengkap" for need in detail.sop.requirements}
    data = {
        "version": str(detail.berkas.version), "reason": "tidak lengkap", "yakin": "ya", "aksi": "terima",
        "taken_by": "Auditor", "remark": "-", "shown": shown, "sha256": shown, "passphrase": PASSPHRASES["camat"],
        "template": "undangan-rakor", "hal": "Rapat", "draft_version": "0", **checks,
    }  # fmt: skip
    world.client("auditor").submit(address, data)


@pytest.mark.parametrize("role", sorted(SIGNED_IN))
def test_looking_changes_nothing(world: World, role: str) -> None:
    addresses = [world.address(rule) for rule in world.rules() if "GET" in _methods(rule)]
    rows = _rows(world)
    for address in addresses:
        _call(world.client(role), "GET", address)
    assert _rows(world) == rows


def test_no_form_is_taken_without_its_token(world: World) -> None:
    wrong = []
    for rule in world.rules():
        row = TABLE[rule.endpoint]
        if row.post is None or not row.roles:
            continue
        role = "staf" if "staf" in row.roles else min(row.roles)
        status = world.client(role).post(world.address(rule), data={"aksi": "terima"}).status_code
        if status != (row.post if row.open_to_programs else 400):
            wrong.append(f"{rule.endpoint}: {status}")
    assert wrong == []


def test_a_route_without_a_rule_is_refused_to_everybody(site: Site) -> None:
    site.app.add_url_rule("/baru-saja", "baru.saja", lambda: "rahasia")
    for role in ROLES:
        answer = site.client(None if role == "anonymous" else role).get("/baru-saja")
        assert answer.status_code in (302, 403)
        assert "rahasia" not in answer.get_data(as_text=True)
