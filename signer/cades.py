"""CMS signatures with a timestamp: CAdES-T (the paraf) and the same object inside a PDF (PAdES B-T).

Everything is DER with one signer, so that equal facts give equal bytes: content type, digest, the signer's
certificate by hash (ESS signing-certificate-v2) and, outside PDF, the claimed time are signed; the RFC 3161
timestamp over the signature value is attached unsigned (ETSI EN 319 122-1 clauses 5 and 6).
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from asn1crypto import cms, core, tsp, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from pyhanko.sign.signers.pdf_cms import select_suitable_signing_md
from pyhanko.sign.timestamps import TimeStamper

from signer.errors import KeyUnavailable, TimestampUnavailable

Value = TypeVar("Value", bound=core.Asn1Value)
TIMESTAMP_HASH = "sha256"  # whatever the signature uses: every TSA takes it


@dataclass(frozen=True)
class Signatory:
    """Who signs one CMS: the certificate, the CA certificates that travel with it, and the key as a function.

    `chain` runs from the issuer upwards without the root (a verifier must hold that already). `sign` maps
    bytes to the signature value, hashing them with `hash_name` (asn1crypto's name); `algorithm` is its CMS
    name.
    """

    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    hash_name: str
    algorithm: str
    sign: Callable[[bytes], bytes] = field(repr=False)


def signatory(key: PrivateKeyTypes, certificate: x509.Certificate, others: Iterable[x509.Certificate]) -> Signatory:
    """A signatory whose key is in this process; its chain is picked from `others`.

    The hash follows the key's strength (SHA-256 for P-256 and RSA-2048). Raises KeyUnavailable for other
    keys than EC and RSA.
    """
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise KeyUnavailable("Jenis kunci ini tidak didukung. Hubungi Admin.", "This type of key is not supported.")
    chain = tuple(_chain(certificate, others))
    hash_name: str = select_suitable_signing_md(certificate.public_key)
    hashed: hashes.HashAlgorithm = getattr(hashes, hash_name.upper())()
    if isinstance(key, rsa.RSAPrivateKey):
        pkcs1 = padding.PKCS1v15()
        return Signatory(certificate, chain, hash_name, f"{hash_name}_rsa", lambda d: key.sign(d, pkcs1, hashed))
    scheme = ec.ECDSA(hashed)
    return Signatory(certificate, chain, hash_name, f"{hash_name}_ecdsa", lambda d: key.sign(d, scheme))


def sign(data: bytes, signatory: Signatory, timestamper: TimeStamper, at: datetime | None = None) -> bytes:
    """Detached CAdES-T over `data` (ETSI EN 319 122-1 clause 6, level B-T): the DER of a CMS ContentInfo.

    `at` is the claimed signing time (default now); the proven one is the timestamp's. Raises
    TimestampUnavailable.
    """
    digest = hashlib.new(signatory.hash_name, data).digest()
    claimed = (at or datetime.now(UTC)).replace(microsecond=0)
    return asyncio.run(assemble(digest, signatory, timestamper, claimed))


async def assemble(
    digest: bytes, signatory: Signatory, timestamper: TimeStamper, signing_time: datetime | None = None
) -> bytes:
    """DER of the CMS that signs content with this `digest` (made with `signatory.hash_name`), timestamped.

    PAdES forbids `signing_time` (its claimed time is /M), CAdES requires it. Raises TimestampUnavailable.
    """
    attributes = _signed_attributes(digest, signatory.certificate, signing_time)
    signature = signatory.sign(attributes.dump())
    token = await timestamp(hashlib.new(TIMESTAMP_HASH, signature).digest(), timestamper)
    return _content_info(signatory, _frozen(_signer_info(signatory, attributes, signature, token)))


async def timestamp(digest: bytes, timestamper: TimeStamper) -> cms.ContentInfo:
    """RFC 3161 token over `digest` (SHA-256, 32 bytes). Raises TimestampUnavailable: none, no signature.

    The token's signature is the verifier's to judge; here only that the TSA has answered, and for this
    digest.
    """
    with _answering():
        token = await timestamper.async_timestamp(digest, TIMESTAMP_HASH)
        imprint = token["content"]["encap_content_info"]["content"].parsed["message_imprint"]
        answered = (imprint["hash_algorithm"]["algorithm"].native, imprint["hashed_message"].native)
    if answered != (TIMESTAMP_HASH, digest):
        raise TimestampUnavailable(
            "Stempel waktu yang diterima bukan untuk dokumen ini.", "The timestamp received is not of this document."
        )
    return token


async def token_room(timestamper: TimeStamper) -> int:
    """Bytes to keep for this TSA's tokens: half as much again as its first. Raises TimestampUnavailable.

    Asks once in a time stamper's life. Keeping plenty instead would cost every reader of the letter time:
    pyHanko reads the hexadecimal padding character by character.
    """
    with _answering():
        return len((await timestamper.async_dummy_response(TIMESTAMP_HASH)).dump()) * 3 // 2


@contextmanager
def _answering() -> Iterator[None]:
    """A TSA's silence, refusal or nonsense as TimestampUnavailable."""
    try:
        yield
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as fault:
        # the network's errors and a refusal, then what asn1crypto and pyHanko raise on an answer that is not
        # a token
        raise TimestampUnavailable from fault


def _chain(certificate: x509.Certificate, others: Iterable[x509.Certificate]) -> Iterable[x509.Certificate]:
    issuers = {other.subject.hashable: other for other in others if not other.self_issued}
    issuer = issuers.pop(certificate.issuer.hashable, None)
    while issuer is not None:
        yield issuer
        issuer = issuers.pop(issuer.issuer.hashable, None)


def _frozen(value: Value) -> Value:
    """`value` read back from its DER: asn1crypto encodes built objects anew, level by level, at each dump."""
    loaded: Value = type(value).load(value.dump())
    return loaded


def _attribute(kind: str, value: object) -> cms.CMSAttribute:
    return _frozen(cms.CMSAttribute({"type": kind, "values": (value,)}))


def _signed_attributes(
    digest: bytes, certificate: x509.Certificate, signing_time: datetime | None
) -> cms.CMSAttributes:
    # the certificate's hash alone: EN 319 122-1 6.3 advises against the issuer and serial number beside it,
    # and SHA-256 is the attribute's default, which DER leaves out
    identifier = tsp.ESSCertIDv2({"cert_hash": certificate.sha256})
    attributes = [
        _attribute("content_type", "data"),
        _attribute("message_digest", digest),
        _attribute("signing_certificate_v2", tsp.SigningCertificateV2({"certs": [identifier]})),
    ]
    if signing_time is not None:
        attributes.append(_attribute("signing_time", cms.Time({"utc_time": core.UTCTime(signing_time)})))
    return _frozen(cms.CMSAttributes(attributes))


def _signer_info(
    signatory: Signatory, attributes: cms.CMSAttributes, signature: bytes, token: cms.ContentInfo
) -> cms.SignerInfo:
    issuer, serial_number = signatory.certificate.issuer, signatory.certificate.serial_number
    sid = cms.IssuerAndSerialNumber({"issuer": issuer, "serial_number": serial_number})
    return cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier("issuer_and_serial_number", sid),
            "digest_algorithm": {"algorithm": signatory.hash_name},
            "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": signatory.algorithm},
            "signature": signature,
            "unsigned_attrs": [_attribute("signature_time_stamp_token", token)],
        }
    )


def _content_info(signatory: Signatory, signer_info: cms.SignerInfo) -> bytes:
    signed_data = cms.SignedData(
        {
            "version": "v1",  # RFC 5652 clause 5.1: plain data, signer named by issuer and serial number
            "digest_algorithms": [signer_info["digest_algorithm"]],
            "encap_content_info": {"content_type": "data"},
            "certificates": [
                cms.CertificateChoices("certificate", certificate)
                for certificate in (signatory.certificate, *signatory.chain)
            ],
            "signer_infos": [signer_info],
        }
    )
    der: bytes = cms.ContentInfo({"content_type": "signed_data", "content": _frozen(signed_data)}).dump()
    return der
