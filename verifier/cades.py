"""A detached CAdES-T signature over known bytes: the paraf (ETSI EN 319 122-1, RFC 5652, RFC 3161).

All of it is checked here and now, without network: the document's digest, the signature value, that the
certificate is the one that was signed (ESS v2), the timestamp over the signature value, and both chains up to
the trust anchors. A CAdES-T carries no revocation data: whether the signer's certificate had been revoked is
the caller's to ask.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from asn1crypto import cms, tsp, x509
from cryptography.exceptions import UnsupportedAlgorithm
from pyhanko.sign.general import (
    SignedDataCerts,
    check_ess_certid,
    extract_certificate_info,
    extract_signer_info,
    find_cms_attribute_iter,
    find_unique_cms_attribute,
)
from pyhanko.sign.validation.generic_cms import validate_sig_integrity
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathError, ValidationError

from verifier.errors import VerificationError
from verifier.trust import Trust

HASHES = ("sha256", "sha384", "sha512")
SCHEMES = ("ecdsa", "rsassa_pkcs1v15", "rsassa_pss")
MINIMUM_BITS = {"rsa": 2048, "rsassa_pss": 2048, "ec": 256}
CLOCK_SKEW = timedelta(minutes=1)  # how far a timestamp authority's clock may run before ours

# what asn1crypto, cryptography and pyHanko raise on structures that are not as they should be
ODD = (ValueError, TypeError, LookupError, AttributeError, AssertionError, UnsupportedAlgorithm, RecursionError)

REASONS = {
    "paraf-format": (
        "Paraf tidak terbaca atau bentuknya tidak dikenal.",
        "The paraf is unreadable or of an unknown form.",
    ),
    "paraf-algorithm": (
        "Paraf memakai algoritma yang tidak dikenal atau terlalu lemah.",
        "The paraf uses an unknown or too weak algorithm.",
    ),
    "paraf-other-document": (
        "Paraf ini bukan untuk dokumen ini, atau dokumen telah diubah sesudah diparaf.",
        "The paraf is not of this document, or the document was changed after it.",
    ),
    "paraf-forged": (
        "Nilai tanda tangan paraf tidak cocok dengan sertifikatnya.",
        "The value of the paraf does not match its certificate.",
    ),
    "paraf-untrusted": (
        "Sertifikat pemberi paraf tidak berasal dari CA yang dipercaya, atau tidak berlaku saat itu.",
        "The paraf's certificate does not lead to a trust anchor, or was not in force at the time.",
    ),
    "paraf-no-timestamp": ("Paraf tidak berstempel waktu.", "The paraf has no timestamp."),
    "paraf-timestamp": ("Stempel waktu pada paraf tidak sah.", "The paraf's timestamp is not valid."),
    "paraf-timestamp-untrusted": (
        "Stempel waktu pada paraf bukan dari TSA yang dipercaya dan masih berlaku.",
        "The paraf's timestamp is not from a trusted authority whose certificate is still in force.",
    ),
    "paraf-timestamp-future": (
        "Stempel waktu pada paraf lebih kemudian daripada waktu pemeriksaan.",
        "The paraf's timestamp is later than the time of the check.",
    ),
}


@dataclass(frozen=True)
class CadesFacts:
    """What a verified signature proves: who (common name, certificate's SHA-256) and not later than when.

    `signed_at` (UTC) is the timestamp's time, `authority` the common name of the TSA that vouches for it.
    """

    signer: str
    certificate_sha256: bytes
    signed_at: datetime
    authority: str


def verify(data: bytes, signature: bytes, trust: Trust, at: datetime | None = None) -> CadesFacts:
    """Check the CAdES-T `signature` (DER of a CMS ContentInfo, nothing after it) over exactly `data`.

    The signer's chain must hold at the timestamp's time, the TSA's at `at` (default now): later, an archive
    timestamp over the paraf has to stand in. Raises VerificationError with a code of REASONS; only
    trust.anchors are trusted.
    """
    try:
        return _facts(data, signature, trust, at or datetime.now(UTC))
    except ODD as fault:
        raise _fail("paraf-format") from fault


def _facts(data: bytes, signature: bytes, trust: Trust, now: datetime) -> CadesFacts:
    signed_data = _signed_data(signature)
    certificates = _signer(signed_data, "data", data)
    token = _token(signed_data)
    authority = _timestamped(token, extract_signer_info(signed_data)["signature"].native)
    signed_at: datetime = token["encap_content_info"]["content"].parsed["gen_time"].native
    if signed_at > now + CLOCK_SKEW:
        raise _fail("paraf-timestamp-future")
    _require_path(authority, trust, max(now, signed_at), {"time_stamping"}, "paraf-timestamp-untrusted")
    _require_path(certificates, trust, signed_at, set(), "paraf-untrusted")
    signer = certificates.signer_cert
    return CadesFacts(_name(signer), signer.sha256, signed_at, _name(authority.signer_cert))


def _fail(code: str) -> VerificationError:
    return VerificationError(code, *REASONS[code])


def _signed_data(signature: bytes) -> cms.SignedData:
    content_info = cms.ContentInfo.load(signature, strict=True)
    if content_info["content_type"].native != "signed_data":
        raise _fail("paraf-format")
    signed_data = content_info["content"]
    if signed_data["encap_content_info"]["content"].native is not None:
        raise _fail("paraf-format")  # not detached: a second document could hide in it
    return signed_data


def _signer(signed_data: cms.SignedData, content_type: str, content: bytes) -> SignedDataCerts:
    """The one signer's certificate and companions, once the CMS is proven to sign `content` with it."""
    info = extract_signer_info(signed_data)
    certificates: SignedDataCerts = extract_certificate_info(signed_data)
    certificate = certificates.signer_cert
    _require_strong(info, certificate)
    if signed_data["encap_content_info"]["content_type"].native != content_type:
        raise _fail("paraf-format")
    reference = find_unique_cms_attribute(info["signed_attrs"], "signing_certificate_v2")
    if not check_ess_certid(certificate, reference["certs"][0]):
        raise _fail("paraf-forged")
    digest = hashlib.new(info["digest_algorithm"]["algorithm"].native, content).digest()
    intact, valid = validate_sig_integrity(info, certificate, content_type, digest)
    if not valid:
        raise _fail("paraf-forged")
    if not intact:
        raise _fail("paraf-other-document")
    return certificates


def _require_strong(info: cms.SignerInfo, certificate: x509.Certificate) -> None:
    algorithm, key = info["signature_algorithm"], certificate.public_key
    hashes = [info["digest_algorithm"]["algorithm"].native]
    if algorithm["algorithm"].native != "rsassa_pkcs1v15":  # that one names no hash: the digest's is taken
        hashes.append(algorithm.hash_algo)
    strong = key.algorithm in MINIMUM_BITS and key.bit_size >= MINIMUM_BITS[key.algorithm]
    if not strong or algorithm.signature_algo not in SCHEMES or any(name not in HASHES for name in hashes):
        raise _fail("paraf-algorithm")


def _token(signed_data: cms.SignedData) -> cms.SignedData:
    """The SignedData of the signature's one timestamp token."""
    attributes = extract_signer_info(signed_data)["unsigned_attrs"]
    values = list(find_cms_attribute_iter(attributes, "signature_time_stamp_token"))
    if not values:
        raise _fail("paraf-no-timestamp")
    if len(values) != 1 or values[0]["content_type"].native != "signed_data":
        raise _fail("paraf-timestamp")
    return values[0]["content"]


def _timestamped(token: cms.SignedData, signature: bytes) -> SignedDataCerts:
    """The TSA's certificates, once the token is proven theirs and over this signature value (RFC 3161)."""
    try:
        encapsulated = token["encap_content_info"]["content"]
        imprint = tsp.TSTInfo.load(bytes(encapsulated), strict=True)["message_imprint"]
        hash_name = imprint["hash_algorithm"]["algorithm"].native
        if hash_name not in HASHES:
            raise _fail("paraf-algorithm")
        if hashlib.new(hash_name, signature).digest() != imprint["hashed_message"].native:
            raise _fail("paraf-other-document")
        return _signer(token, "tst_info", bytes(encapsulated))
    except VerificationError as fault:
        raise _fail("paraf-timestamp") from fault


def _require_path(certificates: SignedDataCerts, trust: Trust, moment: datetime, usage: set[str], code: str) -> None:
    context = ValidationContext(
        trust_roots=list(trust.anchors), moment=moment, allow_fetching=False, revocation_mode="soft-fail"
    )
    try:
        validator = CertificateValidator(certificates.signer_cert, certificates.other_certs, context)
        asyncio.run(validator.async_validate_usage(set(), usage))
    except (PathError, ValidationError, *ODD) as fault:
        raise _fail(code) from fault


def _name(certificate: x509.Certificate) -> str:
    name = certificate.subject.native.get("common_name", certificate.subject.human_friendly)
    return name if isinstance(name, str) else ", ".join(name)
