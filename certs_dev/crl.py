"""Revocation lists (RFC 5280, 5): made when asked for, kept so that every process serves the same one."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from certs_dev.certificates import Entity
from certs_dev.clock import Clock
from certs_dev.files import exclusive, write_atomically
from certs_dev.index import Index, Issuer, Revocation

LIFE = timedelta(days=30)  # nextUpdate - thisUpdate: how long a verifier may rely on a list
REFRESH = timedelta(hours=1)  # how old a list may be when handed out; a revocation replaces it at once


def _build(issuer: Entity, number: int, revoked: dict[int, Revocation], now: datetime) -> bytes:
    key_id = issuer.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(now)
        .next_update(now + LIFE)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(key_id), critical=False)
        .add_extension(x509.CRLNumber(number), critical=False)
    )
    for serial, revocation in sorted(revoked.items()):
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(revocation.at)
        if revocation.reason is not x509.ReasonFlags.unspecified:  # RFC 5280, 5.3.1: leave it out instead
            entry = entry.add_extension(x509.CRLReason(revocation.reason), critical=False)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


class RevocationList:
    """The current list of one issuer."""

    def __init__(self, name: Issuer, issuer: Entity, index: Index, folder: Path, clock: Clock) -> None:
        self._name = name
        self._issuer = issuer
        self._index = index
        self._path = folder / f"{name}.crl"
        self._lock = folder / ".crl.lock"
        self._clock = clock
        self._kept: tuple[bytes, x509.CertificateRevocationList] | None = None

    def current(self) -> bytes:
        """The list in DER: at most REFRESH old, complete up to now, its number above all before it."""
        now = self._clock().replace(microsecond=0)
        kept = self._load()
        if kept is not None and self._holds(kept[1], now):
            return kept[0]
        with exclusive(self._lock):
            kept = self._load()  # another process may have made it while this one waited
            if kept is not None and self._holds(kept[1], now):
                return kept[0]
            number = 1 if kept is None else _number(kept[1]) + 1
            made = _build(self._issuer, number, self._index.revoked(self._name), now)
            write_atomically(self._path, made)
            return made

    def _load(self) -> tuple[bytes, x509.CertificateRevocationList] | None:
        if not self._path.exists():
            return None
        der = self._path.read_bytes()
        kept = self._kept
        if kept is None or kept[0] != der:
            kept = (der, x509.load_der_x509_crl(der))
            self._kept = kept
        return kept

    def _holds(self, known: x509.CertificateRevocationList, now: datetime) -> bool:
        made = known.last_update_utc
        listed = {entry.serial_number for entry in known}
        return made <= now < made + REFRESH and listed == set(self._index.revoked(self._name))


def _number(known: x509.CertificateRevocationList) -> int:
    return known.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
