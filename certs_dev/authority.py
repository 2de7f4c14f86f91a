"""The development authority: one folder of keys and certificates, and every service over them.

It stands in for BSrE where no real certificate is at hand. All names say SIMULASI; it proves nothing to
outsiders. Several processes may open the same folder: they share the list of issued certificates and the
revocation lists.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from certs_dev import services
from certs_dev.certificates import PROFILES, Entity, Kind, issue, to_asn1, to_pem
from certs_dev.clock import Clock, utc_now
from certs_dev.crl import RevocationList
from certs_dev.errors import (
    AlreadyIssuedError,
    AlreadyRevokedError,
    AuthorityMissingError,
    UnknownCertificateError,
)
from certs_dev.fetchers import InProcess
from certs_dev.files import exclusive, make_folder, whole_folder, write_atomically
from certs_dev.index import Index, Issued, Issuer, Revocation
from certs_dev.keys import Algorithm, generate
from certs_dev.ocsp import Responder
from certs_dev.people import Person, pack, subject_of
from certs_dev.services import Facts, Services
from certs_dev.tsa import DevTimeStamper

ORGANIZATION = "Pemerintah Kabupaten Mojokerto"  # of the seed SOP; create() takes another


class DevAuthority:
    """Root, issuing CA, timestamp authority, OCSP responder, office seal, and the people they certify.

    `root`, `issuing` and `seal_certificate` are what pyHanko takes; `timestamper` and `fetchers` serve
    it without HTTP. Keep one authority alive for the life of a process.
    """

    def __init__(self, folder: Path, made: Services, facts: Facts, clock: Clock) -> None:
        """Not for callers: use create() or open()."""
        self._folder = folder
        self._services = made
        self._facts = facts
        self._clock = clock
        self._index = Index(folder / "issued.json", folder / ".issued.lock")
        self._lists: dict[Issuer, RevocationList] = {
            name: RevocationList(name, made[name], self._index, folder, clock) for name in ("root", "ca")
        }
        self._responder = Responder(made["ca"].certificate, made["ocsp"], self._index, clock)
        self.root: asn1_x509.Certificate = to_asn1(made["root"].certificate)
        self.issuing: asn1_x509.Certificate = to_asn1(made["ca"].certificate)
        self.seal_certificate: asn1_x509.Certificate = to_asn1(made["seal"].certificate)
        self.timestamper = DevTimeStamper(made["tsa"], self.issuing, clock)
        self.fetchers = InProcess(
            self._responder.respond,
            (self.root, self._lists["root"].current),
            (self.issuing, self._lists["ca"].current),
        )

    @classmethod
    def create(
        cls,
        folder: Path,
        *,
        base_url: str,
        service_passphrase: str,
        people: Sequence[Person],
        algorithm: Algorithm = "ec",
        organization: str = ORGANIZATION,
        clock: Clock = utc_now,
    ) -> DevAuthority:
        """Make an authority in `folder`, whole or not at all, and open it.

        Certificates name the services under `base_url`/pki/. The service passphrase encrypts the authority's
        own keys and must have a key's strength (derive it from the instance's secret); people have their own.
        Raises InvalidPersonError; AuthorityExistsError if the folder is taken (also when another process was
        quicker: open it then).
        """
        facts = Facts(base_url.rstrip("/"), algorithm, organization)
        with whole_folder(folder) as staging:
            made = services.make(facts, clock())
            services.write(staging, made, service_passphrase)
            write_atomically(staging / "authority.json", json.dumps(facts.to_json(), indent=1).encode())
            make_folder(staging / "people")
            authority = cls(staging, made, facts, clock)
            authority._enter_services()
            for person in people:
                authority.issue_person(person)
        return cls(folder, made, facts, clock)

    @classmethod
    def open(cls, folder: Path, *, service_passphrase: str, clock: Clock = utc_now) -> DevAuthority:
        """Open what create() made. Raises AuthorityMissingError, WrongServicePassphraseError."""
        try:
            kept = json.loads((folder / "authority.json").read_bytes())
            made = services.read(folder, service_passphrase)
        except FileNotFoundError as error:
            raise AuthorityMissingError(
                f"no development authority, or not all of it: {error.filename} is missing"
            ) from error
        return cls(folder, made, Facts(kept["base_url"], kept["algorithm"], kept["organization"]), clock)

    @property
    def seal_key(self) -> ec.EllipticCurvePrivateKey:
        """The office seal's P-256 key, for ES256 (RFC 9053, 2.1)."""
        key = self._services["seal"].key
        assert isinstance(key, ec.EllipticCurvePrivateKey)  # noqa: S101 - services.make() sees to it
        return key

    def crl(self, name: Issuer) -> bytes:
        """The current revocation list (DER) of "root" or "ca"."""
        return self._lists[name].current()

    def ocsp(self, request: bytes) -> bytes:
        """The DER OCSPResponse to a DER OCSPRequest, for certificates of the issuing CA (RFC 6960)."""
        return self._responder.respond(request)

    def tsa(self, request: bytes) -> bytes:
        """The DER TimeStampResp to a DER TimeStampReq (RFC 3161)."""
        return self.timestamper.respond(request)

    def certificate(self, kind: Kind) -> x509.Certificate:
        """The certificate of one of the authority's own services ("root", "ca", "tsa", "ocsp", "seal")."""
        return self._services[kind].certificate

    def trust_pem(self) -> bytes:
        """What a verifier needs to trust this authority: root (the one anchor) and seal, in PEM."""
        head = "# SIMULASI: development CA of SuratSah, in place of BSrE. Never trust it in production.\n"
        blocks = [_described(self.certificate("root"), "root, self-signed: the trust anchor")]
        blocks.append(_described(self.certificate("seal"), "office seal, issued by the root: signs the QR"))
        return (head + "".join(blocks)).encode()

    def issue_person(
        self, person: Person, *, replace_key: bool = False, life: timedelta | None = None
    ) -> x509.Certificate:
        """Certify a person and keep their key as people/<name>.p12 with its chain, certificate beside it.

        `life` replaces the usual two years. With `replace_key` an earlier key file is overwritten; its
        certificate stays good until it is revoked. Raises InvalidPersonError, AlreadyIssuedError.
        """
        name = subject_of(person, self._facts.organization)
        key = generate(self._facts.algorithm)
        issuer = self._services["ca"]
        with exclusive(self._folder / ".people.lock"):
            if self._has_key(person.name) and not replace_key:
                raise AlreadyIssuedError(f"{person.name} has a key already")
            made = issue("person", name, key, issuer=issuer, base_url=self._facts.base_url, at=self._clock(), life=life)
            # The list comes first: a certificate whose file a crash took away harms nobody, one that OCSP
            # does not know would. The certificate comes last: without it the person counts as not issued.
            self._enter("person", made, person.name)
            chain = [issuer.certificate, self.certificate("root")]
            write_atomically(self.person_path(person.name), pack(person, made, chain))
            write_atomically(self._certificate_path(person.name), to_pem(made.certificate))
        return made.certificate

    def person_path(self, name: str) -> Path:
        """Where the person's PKCS#12 file is (or would be)."""
        return self._folder / "people" / f"{name}.p12"

    def person_certificate(self, name: str) -> x509.Certificate:
        """The person's certificate, without their passphrase. Raises UnknownCertificateError."""
        if not self._has_key(name):
            raise UnknownCertificateError(f"no key was issued to {name!r}")
        return x509.load_pem_x509_certificate(self._certificate_path(name).read_bytes())

    def revoke(
        self,
        serial: int,
        reason: x509.ReasonFlags = x509.ReasonFlags.unspecified,
        at: datetime | None = None,
    ) -> None:
        """Revoke a certificate from `at` (UTC, default now) on; OCSP and CRLs say so at once.

        Raises UnknownCertificateError, AlreadyRevokedError; ValueError if `at` lies in the future or the reason
        is removeFromCRL, which is no revocation.
        """
        now = self._clock()
        if reason is x509.ReasonFlags.remove_from_crl:
            raise ValueError("removeFromCRL is not a reason to revoke")
        if at is not None and at > now:
            raise ValueError(f"a revocation cannot lie in the future: {at}")
        with self._index.change() as entries:
            entry = entries.get(serial)
            if entry is None:
                raise UnknownCertificateError(f"no certificate of serial number {serial:x} was issued")
            if entry.revocation is not None:
                raise AlreadyRevokedError(f"{entry.subject} was revoked at {entry.revocation.at}")
            moment = (at or now).replace(microsecond=0)
            entries[serial] = replace(entry, revocation=Revocation(moment, reason))

    def _certificate_path(self, name: str) -> Path:
        return self.person_path(name).with_suffix(".crt")

    def _has_key(self, name: str) -> bool:
        return self.person_path(name).exists() and self._certificate_path(name).exists()

    def _enter_services(self) -> None:
        for kind, entity in self._services.items():
            if kind != "root":  # nobody tells the status of a trust anchor
                self._enter(kind, entity)

    def _enter(self, kind: Kind, entity: Entity, person: str | None = None) -> None:
        certificate = entity.certificate
        with self._index.change() as entries:
            entries[certificate.serial_number] = Issued(
                serial=certificate.serial_number,
                issuer=PROFILES[kind].issuer,
                subject=certificate.subject.rfc4514_string(),
                not_after=certificate.not_valid_after_utc,
                person=person,
            )


def _described(certificate: x509.Certificate, what: str) -> str:
    lines = (
        what,
        f"subject: {certificate.subject.rfc4514_string()}",
        f"valid until: {certificate.not_valid_after_utc:%Y-%m-%d}",
        f"SHA-256: {certificate.fingerprint(hashes.SHA256()).hex(':')}",
    )
    return "".join(f"# {line}\n" for line in lines) + to_pem(certificate).decode()
