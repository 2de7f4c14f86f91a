"""The only place where the parts meet: storage, keys, the development CA, web pages, jobs and commands."""

from __future__ import annotations

import hashlib
import logging
import secrets
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import click
import structlog
from cryptography.hazmat.primitives.serialization import Encoding
from flask import Flask
from flask.ctx import AppContext
from obstore.exceptions import BaseError
from structlog.tracebacks import ExceptionDictTransformer

from certs_dev.authority import DevAuthority
from certs_dev.errors import AlreadyIssuedError, AuthorityExistsError, InvalidPersonError
from certs_dev.people import Person
from signer import founding, health, incoming, mailing, migrating, notices, outbox
from signer.blobs import Blobs
from signer.db import Database
from signer.desk import Desk, KeyDesk
from signer.errors import Invalid, KeyUnavailable
from signer.founding import DemoPerson
from signer.jobs import Jobs
from signer.keys.base import Authorities, Key, Mode
from signer.keys.pkcs12 import Pkcs12Key
from signer.mailing import Mailing
from signer.public import PublicRecords
from signer.seal import PrivateSealKey
from signer.settings import Settings, SmtpServer
from signer.shelf import OfficeShelf
from signer.smtp import Post
from signer.tables.office import Appointment
from signer.timestamps import FirstAnswering
from signer.vault import Vault
from signer.worktime import OfficeHours
from verifier.pool import Pool
from verifier.trust import Trust

ROOT = Path(__file__).resolve().parent
MODE: Mode = "simulasi"
"""The only key service of this version is the development CA's."""
MAILS = 20
"""So many mails are sent between two looks at the rest of the outbox."""
NAME_PART = 55
"""Characters of a person's name that a certificate holds beside the word SIMULASI."""


log = structlog.get_logger()


@dataclass(frozen=True)
class House:
    """One instance, put together; parts are made when first used, and once."""

    settings: Settings
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    @cached_property
    def db(self) -> Database:
        """The database of SURAT_DATABASE_URL."""
        return Database(self.settings.database_url)

    @cached_property
    def desk(self) -> Desk:
        """What every use case works with."""
        return Desk(
            db=self.db,
            blobs=Blobs(self.settings.blobs_url),
            vault=Vault(self.secret("data")),
            templates=OfficeShelf(ROOT / "templates" / "letters", self.db, self.settings.instance / "letters"),
            hours=OfficeHours(),
            clock=self.clock,
            pool=self.pool,
        )

    @cached_property
    def authority(self) -> DevAuthority:
        """The development CA in instance/pki, made at first use."""
        folder = self.settings.instance / "pki"
        passphrase = self.secret("pki")
        if not (folder / "authority.json").exists():
            with suppress(AuthorityExistsError):  # another process was quicker; its authority is opened below
                return DevAuthority.create(
                    folder,
                    base_url=self.settings.base_url,
                    service_passphrase=passphrase,
                    people=(),
                    algorithm=self.settings.pki_algorithm,
                    clock=self.clock,
                )
        return DevAuthority.open(folder, service_passphrase=passphrase, clock=self.clock)

    @cached_property
    def trust(self) -> Trust:
        """The development root and seal certificates, and whatever lies in SURAT_TRUST_DIR."""
        folder = self.settings.trust_dir
        more = sorted(folder.glob("*.pem")) if folder else []
        return Trust.from_pem(self.authority.trust_pem(), *(path.read_bytes() for path in more))

    @cached_property
    def keys(self) -> KeyDesk:
        """Keys, authorities, seal and trust."""
        authority, tsa_urls = self.authority, self.settings.tsa_urls
        authorities = Authorities(
            anchors=(authority.root,),
            others=(authority.issuing,),
            timestamper=FirstAnswering(tsa_urls) if tsa_urls else authority.timestamper,
            fetchers=authority.fetchers,
        )
        return KeyDesk(
            open_key=lambda appointment: self._key(appointment, authorities),
            issue_key=self._issue_key,
            authorities=authorities,
            seal_key=PrivateSealKey(authority.seal_key),
            trust=self.trust,
            base_url=self.settings.base_url,
            mode=MODE,
        )

    @cached_property
    def records(self) -> PublicRecords:
        """What strangers may look up."""
        return PublicRecords(self.db, self.desk.blobs, self.desk.templates, self.desk.vault)

    @cached_property
    def pool(self) -> Pool:
        """The processes in which strangers' files are examined; they start when first needed, and end with it."""
        return Pool()

    @cached_property
    def jobs(self) -> Jobs:
        """The queue that drains the outbox."""
        return Jobs(self.settings.jobs_url, self.drain)

    @cached_property
    def mailing(self) -> Mailing:
        """What mails are sent with; without SURAT_SMTP_URL none are written."""
        return Mailing(self.desk, self.settings.base_url, self.settings.smtp)

    def drain(self) -> int:
        """Do what is due in the outbox, and sweep what nobody came back for; gives how many rows were done.

        Mails come last: a server may be slow.
        """
        by_mail = self.settings.smtp is not None
        handlers: dict[str, outbox.Handler] = {
            "notice": lambda item, payload: notices.deliver(self.desk, item, payload, by_mail),
            "reminder": lambda item, payload: notices.remind(self.desk, item, payload, by_mail),
        }
        done = outbox.drain(self.db, handlers, self.clock)
        if self.settings.smtp is not None:
            done += self._send_mails(handlers, self.settings.smtp)
        health.beat(self.db, health.WORKER, self.clock())
        self._sweep()
        return done

    def _sweep(self) -> None:
        """Remove files that nobody came back for; a store that is away stops neither notices nor the worker."""
        try:
            incoming.sweep(self.desk)
        except (OSError, BaseError) as fault:
            log.warning("sweep_failed", error=type(fault).__name__)

    def _send_mails(self, others: dict[str, outbox.Handler], server: SmtpServer) -> int:
        """Send what is due, over one connection; what happens meanwhile does not wait behind many mails."""
        done = 0
        with Post(server) as post:
            handlers: dict[str, outbox.Handler] = {
                "mail": lambda _item, payload: mailing.send(self.mailing, post, payload)
            }
            while sent := outbox.drain(self.db, handlers, self.clock, limit=MAILS):
                done += sent + outbox.drain(self.db, others, self.clock)
        return done

    def secret(self, purpose: str) -> str:
        """A secret text for one purpose, from SURAT_SECRET_KEY or SURAT_DATA_KEY, or made here in development."""
        given = self.settings.data_key if purpose == "data" else self.settings.secret_key
        source = given or _own_secret(self.settings.instance / "secrets" / ("data" if purpose == "data" else "key"))
        return hashlib.sha256(f"suratsah/{purpose}\0{source}".encode()).hexdigest()

    def certify(self, key_name: str, holder: str, title: str, passphrase: str) -> bytes:
        """A key for a person under their passphrase; gives the certificate (DER)."""
        try:
            made = self.authority.issue_person(Person(key_name, holder, title, passphrase))
        except AlreadyIssuedError:
            # an earlier start died after making the key and before its account was committed
            made = self.authority.person_certificate(key_name)
        return made.public_bytes(Encoding.DER)

    @property
    def trust_pem(self) -> bytes:
        """The development root and seal certificates (PEM)."""
        return self.authority.trust_pem()

    def hashing(self) -> AppContext:
        """The context in which passwords can be hashed."""
        return create_app(self).app_context()

    def prepare(self, *, demo_people: bool) -> None:
        """Make the instance ready, or bring it up to date: folders, schema, office and SOP, CA, demo people."""
        self.settings.instance.mkdir(parents=True, exist_ok=True, mode=0o700)
        migrating.upgrade(self.db, ROOT / "migrations")
        texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "templates" / "sop").glob("*.toml"))]
        now = self.clock()
        with self.hashing(), self.db.begin() as session:
            office = founding.found(session, texts, now)
            if demo_people and self.settings.development:
                founding.add_demo_people(session, office, now, self.desk.today(), self._certify_demo)

    @contextmanager
    def stage(self) -> Iterator[House]:
        """An empty instance of its own for one test letter, with its own CA, thrown away at the end."""
        with tempfile.TemporaryDirectory(prefix="suratsah-uji-") as folder:
            house = House(self.settings.throw_away(Path(folder)), self.clock)
            migrating.upgrade(house.db, ROOT / "migrations")
            try:
                yield house
            finally:
                house.db.close()

    def _certify_demo(self, person: DemoPerson) -> bytes:
        return self.certify(person.username, person.name, person.jabatan, person.passphrase)

    def _issue_key(self, key_name: str, holder: str, title: str, passphrase: str) -> bytes:
        try:
            # a name part of a certificate is short (RFC 5280); the letter itself prints the whole name
            return self.certify(key_name, holder[:NAME_PART].strip(), title[:NAME_PART].strip(), passphrase)
        except InvalidPersonError as fault:
            raise Invalid(
                "CA menolak nama, jabatan atau passphrase ini. Hubungi Admin.",
                "The CA refuses this name, title or passphrase. Contact the Admin.",
                field="passphrase",
            ) from fault

    def _key(self, appointment: Appointment, authorities: Authorities) -> Key:
        if appointment.key_backend != "pkcs12":
            raise KeyUnavailable()
        if not appointment.key_name:
            raise KeyUnavailable(
                "Kunci Anda belum dibuat. Buka Kunci saya dan tetapkan passphrase.",
                "Your key has not been made. Open Kunci saya and set a passphrase.",
            )
        path = self.authority.person_path(appointment.key_name)
        return Pkcs12Key(path, authorities, mode=MODE, certificate=appointment.certificate)


def create_app(house: House | None = None) -> Flask:
    """The web application of one instance (default: the one the environment describes)."""
    from certs_dev import web as pki_web
    from signer.web.assembly import assembled
    from verifier import web as verifier_web

    if house is None:  # a server's process, which has only this to start from
        configure_logs()
        house = House(Settings.from_env())
    app = assembled(
        house.desk,
        house.keys,
        house.settings,
        house.secret("session"),
        ROOT / "templates",
        house.jobs.kick,
        house.stage,
    )
    app.register_blueprint(pki_web.blueprint(house.authority))
    settings = house.settings
    public = verifier_web.blueprint(
        house.records, house.trust, settings.base_url, house.clock, pool=house.pool, old_hosts=settings.old_hosts
    )
    app.extensions["csrf"].exempt(public)  # its pages change nothing and set no cookie
    app.register_blueprint(public)
    return app


def cli() -> click.Group:
    """The operator commands of `python -m signer`."""
    from signer.cli import commands

    configure_logs()
    return commands(House)


def configure_logs() -> None:
    """JSON lines on standard error; nothing secret is ever passed to a logger."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # without local variables: one of them may be a passphrase
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _own_secret(path: Path) -> str:
    """A random secret kept in a file only its owner reads; made by whoever comes first."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        staging = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        staging.touch(mode=0o600)
        staging.write_text(secrets.token_urlsafe(48), encoding="ascii")
        try:
            path.hardlink_to(staging)
        except FileExistsError:
            pass  # another process was quicker; its secret is the one
        finally:
            staging.unlink()
    return path.read_text(encoding="ascii")
