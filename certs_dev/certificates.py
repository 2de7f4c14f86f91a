"""What each kind of certificate carries (RFC 5280), as a table, and the one function that issues."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from certs_dev.index import Issuer
from certs_dev.keys import PrivateKey

# 1.3.6.1.4.1.99999 is not assigned to anybody; it marks a development arc and must never leave simulasi mode.
SEAL_USAGE = x509.ObjectIdentifier("1.3.6.1.4.1.99999.7.1")
SIMULATED = "SIMULASI"
YEAR = timedelta(days=365)

Kind = Literal["root", "ca", "tsa", "ocsp", "seal", "person"]
Extension = tuple[x509.ExtensionType, bool]


@dataclass(frozen=True)
class Profile:
    """One kind of certificate: its life, issuer, uses, and where its status is told."""

    life: timedelta
    issuer: Issuer
    usages: frozenset[str]
    depth: int | None = None  # None: not a CA; otherwise how many CAs may follow below it
    extended: x509.ObjectIdentifier | None = None
    extended_critical: bool = False
    status: Literal["none", "crl", "ocsp+crl", "no-check"] = "crl"


_CA_USES = frozenset({"key_cert_sign", "crl_sign"})
_SIGNS = frozenset({"digital_signature"})

# The lives make twenty years of renewals possible: an archive timestamp proves nothing past the earliest end
# on its path, so the CA outlives the TSA, the TSA the usual renewal, and the OCSP responder all it answers
# for (a production responder is replaced every few weeks; nobody would do that here).
PROFILES: dict[Kind, Profile] = {
    "root": Profile(40 * YEAR, "root", _CA_USES, depth=1, status="none"),
    "ca": Profile(25 * YEAR, "root", _CA_USES, depth=0),
    "tsa": Profile(  # RFC 3161, 2.3: the one extended use, critical
        20 * YEAR,
        "ca",
        _SIGNS,
        extended=ExtendedKeyUsageOID.TIME_STAMPING,
        extended_critical=True,
        status="ocsp+crl",
    ),
    "ocsp": Profile(  # RFC 6960, 4.2.2.2: issued by the CA it speaks for, its own status not checked
        25 * YEAR, "ca", _SIGNS, extended=ExtendedKeyUsageOID.OCSP_SIGNING, status="no-check"
    ),
    # Issued by the root: whoever holds trust.pem (root and seal) can check it offline without the issuing CA.
    "seal": Profile(20 * YEAR, "root", _SIGNS, extended=SEAL_USAGE),
    "person": Profile(2 * YEAR, "ca", frozenset({"digital_signature", "content_commitment"}), status="ocsp+crl"),
}

_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


@dataclass(frozen=True)
class Entity:
    """A certificate with its private key."""

    certificate: x509.Certificate
    key: PrivateKey


def simulated(text: str) -> str:
    """`text` marked as a simulation, once."""
    return text if text.startswith(SIMULATED) else f"{SIMULATED} {text}"


def subject(common_name: str, organization: str, title: str | None = None) -> x509.Name:
    """C=ID, O, title and CN; organisation and common name say SIMULASI. ValueError if a part is too long."""
    parts = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "ID"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, simulated(organization)),
    ]
    if title:
        parts.append(x509.NameAttribute(NameOID.TITLE, title))
    return x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, simulated(common_name))])


def new_serial() -> int:
    """A random positive 128-bit serial number: unique across processes, unguessable (RFC 5280, 4.1.2.2)."""
    return secrets.randbits(127) | 1 << 127


def _purpose(profile: Profile) -> Iterator[Extension]:
    uses = {name: name in profile.usages for name in _USAGES}
    yield x509.BasicConstraints(ca=profile.depth is not None, path_length=profile.depth), True
    yield x509.KeyUsage(**uses), True
    if profile.extended is not None:
        yield x509.ExtendedKeyUsage([profile.extended]), profile.extended_critical
    if profile.status == "no-check":
        yield x509.OCSPNoCheck(), False


def _addresses(profile: Profile, base_url: str) -> Iterator[Extension]:
    if profile.status == "none":
        return
    place = f"{base_url}/pki/"
    access = [(AuthorityInformationAccessOID.CA_ISSUERS, f"{place}{profile.issuer}.crt")]
    if "ocsp" in profile.status:
        access.insert(0, (AuthorityInformationAccessOID.OCSP, f"{place}ocsp"))
    ways = [x509.AccessDescription(method, x509.UniformResourceIdentifier(url)) for method, url in access]
    yield x509.AuthorityInformationAccess(ways), False
    if "crl" in profile.status:
        url = x509.UniformResourceIdentifier(f"{place}{profile.issuer}.crl")
        yield x509.CRLDistributionPoints([x509.DistributionPoint([url], None, None, None)]), False


def _links(key: PrivateKey, issuer: Entity | None) -> Iterator[Extension]:
    yield x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False
    if issuer is not None:
        of_issuer = issuer.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        yield x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(of_issuer), False


def issue(
    kind: Kind,
    name: x509.Name,
    key: PrivateKey,
    *,
    issuer: Entity | None,
    base_url: str,
    at: datetime,
    life: timedelta | None = None,
) -> Entity:
    """Certify `key` for `name` from `at` (UTC) on, as the profile of `kind` says.

    `issuer` None means self-signed. `life` replaces the profile's; neither outlives the issuer's certificate.
    """
    profile = PROFILES[kind]
    begin = at.replace(microsecond=0)
    end = begin + (life or profile.life)
    if issuer is not None:
        end = min(end, issuer.certificate.not_valid_after_utc)
    builder = x509.CertificateBuilder(
        issuer_name=issuer.certificate.subject if issuer else name,
        subject_name=name,
        public_key=key.public_key(),
        serial_number=new_serial(),
        not_valid_before=begin,
        not_valid_after=end,
    )
    for part in (_purpose(profile), _addresses(profile, base_url), _links(key, issuer)):
        for extension, critical in part:
            builder = builder.add_extension(extension, critical)
    return Entity(builder.sign(issuer.key if issuer else key, hashes.SHA256()), key)


def to_der(certificate: x509.Certificate) -> bytes:
    """The certificate in DER."""
    return certificate.public_bytes(serialization.Encoding.DER)


def to_pem(certificate: x509.Certificate) -> bytes:
    """The certificate in PEM."""
    return certificate.public_bytes(serialization.Encoding.PEM)


def to_asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    """The certificate as pyHanko and pyhanko-certvalidator want it."""
    return asn1_x509.Certificate.load(to_der(certificate))
