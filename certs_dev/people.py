"""People who sign: what the authority must know of them, and the file their key lives in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from certs_dev.certificates import Entity, simulated, subject
from certs_dev.errors import InvalidPersonError

LONGEST_PART = 64  # characters of a name part (RFC 5280, appendix A.1: upper bounds), SIMULASI included
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True)
class Person:
    """Somebody to certify.

    `name` is a short handle and the key's file name ("camat"); `common_name` the person with degrees;
    `title` the office held; `passphrase` protects the key and is kept nowhere but in the caller's memory.
    `organization` replaces the authority's own.
    """

    name: str
    common_name: str
    title: str
    passphrase: str = field(repr=False)
    organization: str | None = None


def subject_of(person: Person, organization: str) -> x509.Name:
    """The person's distinguished name. Raises InvalidPersonError, saying which part cannot be used."""
    if not _NAME.fullmatch(person.name):
        raise InvalidPersonError(f"a person's name is 1 to 40 small letters, digits and hyphens, not {person.name!r}")
    if not person.passphrase or "\0" in person.passphrase:  # readers of PKCS#12 stop at a NUL, or crash
        raise InvalidPersonError(f"{person.name} needs a passphrase without a NUL character")
    organization = person.organization or organization
    parts = {"common name": person.common_name, "title": person.title, "organization": organization}
    for what, text in parts.items():
        length = len(simulated(text))
        if not text.strip() or not text.isprintable() or length > LONGEST_PART:
            raise InvalidPersonError(f"{person.name}: the {what} is empty, too long or not printable: {text!r}")
    return subject(person.common_name, organization, person.title)


def pack(person: Person, entity: Entity, chain: Sequence[x509.Certificate]) -> bytes:
    """The person's key and chain as PKCS#12 (AES-256, HMAC-SHA-256) under their passphrase."""
    return pkcs12.serialize_key_and_certificates(
        person.name.encode(),
        entity.key,
        entity.certificate,
        chain,
        serialization.BestAvailableEncryption(person.passphrase.encode()),
    )
