"""Operator commands: `python -m signer --help`. The instance they work on is put together by app.py."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

import click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels
from sqlalchemy import select
from sqlalchemy.orm import Session

from signer import accounts, appointments, demo, founding, setup, sop
from signer.accounts import ROLES, User
from signer.desk import Desk, KeyDesk
from signer.errors import SuratError
from signer.jobs import Jobs
from signer.public import PublicRecords
from signer.settings import Settings, SettingsFault
from signer.sop.locating import line_of, line_said
from signer.tables.office import Appointment, Office

STOP_SECONDS = 10
THREADS, BACKLOG = 8, 128
"""Requests at work at once in a web process, and those that may wait besides."""


class House(Protocol):
    """An instance as app.py puts it together."""

    @property
    def settings(self) -> Settings:
        """How it runs."""

    @property
    def desk(self) -> Desk:
        """Storage, templates, clock."""

    @property
    def keys(self) -> KeyDesk:
        """Keys and authorities."""

    @property
    def jobs(self) -> Jobs:
        """The job queue."""

    @property
    def records(self) -> PublicRecords:
        """What strangers may look up."""

    @property
    def trust_pem(self) -> bytes:
        """Development root and seal certificates (PEM)."""

    def prepare(self, *, demo_people: bool) -> None:
        """Make the instance ready, or bring it up to date."""

    def hashing(self) -> AbstractContextManager[object]:
        """The context in which passwords can be hashed."""

    def certify(self, key_name: str, holder: str, title: str, passphrase: str) -> bytes:
        """Make a key for a person; gives its certificate (DER)."""


@dataclass(frozen=True)
class Operator:
    """What a command starts from: the settings, and how to make a house of some."""

    settings: Settings
    build: Callable[[Settings], House]

    def house(self) -> House:
        """The instance that the environment describes, ready."""
        house = self.build(self.settings)
        house.prepare(demo_people=self.settings.demo_people)
        return house


def commands(build: Callable[[Settings], House]) -> click.Group:
    """The command group, over houses that `build` makes."""

    @click.group(help="Operator commands of SuratSah.")
    @click.pass_context
    def group(context: click.Context) -> None:
        try:
            context.obj = Operator(Settings.from_env(), build)
        except SettingsFault as fault:
            raise click.ClickException(str(fault)) from fault

    for command in (prepare, serve, worker, demonstrate, user, appointment, check_sop):
        group.add_command(command)
    return group


@click.command()
@click.pass_obj
def prepare(operator: Operator) -> None:
    """Make the instance ready: schema, office, SOP, development CA, demo accounts. Keeps all data.

    With SURAT_DEMO=0 there are no demo accounts: it prints a code for the first admin instead.
    """
    house = operator.house()
    click.echo(f"instance ready: {operator.settings.instance}")
    _tell_setup_code(house, operator.settings.base_url)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--workers", default=1, show_default=True, help="Web processes.")
@click.pass_obj
def serve(operator: Operator, host: str, port: int, workers: int) -> None:
    """Serve the web pages and run the worker beside them, until interrupted."""
    _require_free(host, port)
    house = operator.house()
    _welcome(house, f"http://{host}:{port}")
    work = subprocess.Popen([sys.executable, "-m", "signer", "worker"])
    try:
        Granian(
            "app:create_app",
            host,
            port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=THREADS,
            backpressure=BACKLOG,
            websockets=False,
            factory=True,
            log_level=LogLevels.warning,
        ).serve()
    finally:
        work.terminate()
        work.wait(STOP_SECONDS)


@click.command()
@click.pass_obj
def worker(operator: Operator) -> None:
    """Drain the outbox until interrupted: notices and everything else that follows an act."""
    operator.build(operator.settings).jobs.work()


@click.command("demo")
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder for the results.")
@click.option("--lampiran", multiple=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.pass_obj
def demonstrate(operator: Operator, out: Path, lampiran: tuple[Path, ...]) -> None:
    """Run all seven SOP steps in a throw-away instance; exit 0 only if the letter verifies as valid."""
    with tempfile.TemporaryDirectory(prefix="suratsah-demo-") as folder:
        house = operator.build(operator.settings.throw_away(Path(folder)))
        house.prepare(demo_people=True)
        try:
            report = demo.run(house.desk, house.keys, house.trust_pem, house.records, out, lampiran)
        except SuratError as fault:
            raise click.ClickException(fault.id) from fault
    click.echo(f"{out}: {report.verdict}")
    for reason in report.reasons:
        click.echo(f"  {reason.code}: {reason.id}")
    sys.exit(report.exit_code)


@click.group()
def user() -> None:
    """Accounts."""


@user.command("add")
@click.argument("username")
@click.option("--name", required=True, help="The person's name.")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice(sorted(ROLES)))
@click.option("--seksi", help="Seksi that a Kasi or Staf belongs to, e.g. kemasyarakatan.")
@click.password_option(help="At least 10 characters; asked for if not given.")
@click.pass_obj
def add_user(
    operator: Operator, username: str, name: str, roles: tuple[str, ...], seksi: str | None, password: str
) -> None:
    """Make an account, e.g. the first admin."""
    house = operator.house()
    with _told(), house.hashing(), house.desk.db.begin() as session:
        made = accounts.add_user(
            session,
            username=username,
            name=name,
            password=password,
            roles=roles,
            office_id=_office(session).id,
            now=house.desk.now(),
            seksi=seksi,
        )
    click.echo(f"account {made.username}: {', '.join(roles)}")


@click.group()
def appointment() -> None:
    """Who signs or gives paraf for the office, from when, in which capacity."""


@appointment.command("add")
@click.argument("username")
@click.option("--role", required=True, type=click.Choice(["camat", "kasi"]), help="SOP role.")
@click.option("--capacity", default="definitif", type=click.Choice(sorted(appointments.PREFIX)), show_default=True)
@click.option("--jabatan", required=True, help='Post, e.g. "CAMAT TRAWAS".')
@click.option("--own-title", default="", help='For a.n.: the deputy\'s own title, e.g. "SEKRETARIS CAMAT".')
@click.option("--sk", default="", help="Number of the SK.")
@click.option("--from", "starts", required=True, type=click.DateTime(["%Y-%m-%d"]))
@click.option("--until", "ends", type=click.DateTime(["%Y-%m-%d"]))
@click.option("--rank", default="", help="Pangkat.")
@click.option("--grade", default="", help="Golongan.")
@click.option("--nip", default="")
@click.password_option("--passphrase", help="Passphrase of the new signing key; asked for if not given.")
@click.pass_obj
def add_appointment(
    operator: Operator, /, username: str, passphrase: str, starts: datetime, ends: datetime | None, **facts: str
) -> None:
    """Appoint a person and make their signing key with the development CA."""
    house = operator.house()
    with _told(), house.desk.db.begin() as session:
        person = session.scalar(select(User).where(User.username == accounts.normal_username(username)))
        if person is None:
            raise click.ClickException(f"there is no account {username}")
        key_name = f"{person.username}-{starts:%Y%m%d}"
        made = Appointment(
            office_id=person.office_id,
            user_id=person.id,
            sk_number=facts.pop("sk"),
            starts_on=starts.date(),
            ends_on=ends.date() if ends else None,
            holder=person.name,
            key_backend="pkcs12",
            key_name=key_name,
            certificate=house.certify(key_name, person.name, facts["jabatan"], passphrase),
            **facts,
        )
        session.add(made)
    click.echo(f"{person.name}: {appointments.capacity_text(made)}")


@click.command("check-sop")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def check_sop(file: Path) -> None:
    """Check an SOP file before it is put in force; says line, table, key and fault."""
    text = file.read_text(encoding="utf-8")
    try:
        steps = sop.load(text)
    except sop.SopFault as fault:
        line = line_said(fault.en) or line_of(text, fault.table, fault.key)
        raise click.ClickException(f"{file.name}:{line or 1}: {fault.en}") from fault
    click.echo(f"{steps.key}: {len(steps.steps)} steps, {steps.total_minutes} minutes")


@contextmanager
def _told() -> Iterator[None]:
    """Show an error of ours as one sentence instead of a traceback."""
    try:
        yield
    except SuratError as fault:
        raise click.ClickException(fault.en) from fault


def _require_free(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as fault:
            raise click.ClickException(
                f"{host}:{port} cannot be used ({fault.strerror}); choose another PORT"
            ) from fault


def _office(session: Session) -> Office:
    return session.scalars(select(Office).order_by(Office.id).limit(1)).one()


def _welcome(house: House, address: str) -> None:
    click.echo(f"SuratSah: {address}   (Ctrl+C ends it; data in {house.settings.instance})")
    _tell_setup_code(house, address)
    if not house.settings.demo_people:
        return
    click.echo("Mode SIMULASI (development CA, not BSrE). Demo accounts:")
    for person in founding.DEMO_PEOPLE:
        passphrase = f"   passphrase {person.passphrase}" if person.passphrase else ""
        click.echo(f"  {person.username:8} {person.password:20}{passphrase}")


def _tell_setup_code(house: House, address: str) -> None:
    """While there is no admin: a code for the first one. It goes to the operator's screen alone, never into a log."""
    code = setup.new_code(house.desk.db, house.desk.now())
    if code is not None:
        click.echo(f"No admin yet. Open {address}/mulai and give this setup code (valid 24 hours, once): {code}")
