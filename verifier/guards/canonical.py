"""Unsigned bytes of the last timestamp: rebuilt from verified parts and compared, so that not one bit can change.

The last document timestamp's /Contents is covered by nothing. Its signature protects TSTInfo and the signed
attributes; the rest (versions, algorithm sets, certificates, signer identifier, unsigned attributes) is rebuilt here in
DER from parts that something vouches for (RFC 5652 clauses 5.1-5.3, RFC 3161 clause 2.4.2), and must match exactly.
"""

from __future__ import annotations

from asn1crypto import cms, core, x509
from cryptography import x509 as pyca
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from pyhanko_certvalidator.path import ValidationPath

from verifier.document import ODD_FILE
from verifier.errors import VerificationError
from verifier.integrity import signer_certificate
from verifier.messages import fail
from verifier.signatures import SignedPart
from verifier.trust import Trust

_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
_TST_INFO = bytes.fromhex("060b2a864886f70d0109100104")
_HASHES = {"sha256": "0609608648016503040201", "sha384": "0609608648016503040202", "sha512": "0609608648016503040203"}
_RSA, _NULL = bytes.fromhex("06092a864886f70d010101"), bytes.fromhex("0500")
_RSA_WITH = {"sha256": "06092a864886f70d01010b", "sha384": "06092a864886f70d01010c", "sha512": "06092a864886f70d01010d"}
_ECDSA_WITH = {"sha256": "06082a8648ce3d040302", "sha384": "06082a8648ce3d040303", "sha512": "06082a8648ce3d040304"}
_SEQUENCE, _SET, _OCTETS, _INTEGER, _EXPLICIT_0 = 0x30, 0x31, 0x04, 0x02, 0xA0


def altered_timestamp(part: SignedPart, path: ValidationPath, trust: Trust) -> None:
    """Certificates, attributes or other bytes changed where the last timestamp's signature does not reach.
    Raises VerificationError (timestamp-not-canonical).
    """
    try:
        expected = _rebuilt(part, path, trust)
    except (InvalidSignature, UnsupportedAlgorithm, pyca.InvalidVersion, VerificationError, *ODD_FILE) as error:
        raise fail("timestamp-not-canonical") from error
    if expected != part.contents[: part.encoded_length]:
        raise fail("timestamp-not-canonical")


def _rebuilt(part: SignedPart, path: ValidationPath, trust: Trust) -> bytes:
    signed, info = part.signed_data, part.signed_data["signer_infos"][0]
    if any(not isinstance(field, core.Void) for field in (signed["crls"], info["unsigned_attrs"])):
        raise ValueError("unsigned attributes or CRLs")
    leaf = signer_certificate(part)
    digest = _digest_algorithm(info)
    content = bytes(signed["encap_content_info"]["content"])  # vouched for by the message digest
    body = (
        _tlv(_INTEGER, b"\x03")  # version: content other than id-data (RFC 5652 clause 5.1)
        + _tlv(_SET, digest)
        + _tlv(_SEQUENCE, _TST_INFO + _tlv(_EXPLICIT_0, _tlv(_OCTETS, content)))
        + _tlv(0xA0, _certificates(signed, leaf, path, trust))
        + _tlv(_SET, _signer_info(info, leaf, digest))
    )
    return _tlv(_SEQUENCE, _SIGNED_DATA + _tlv(_EXPLICIT_0, _tlv(_SEQUENCE, body)))


def _signer_info(info: cms.SignerInfo, leaf: x509.Certificate, digest: bytes) -> bytes:
    if info["sid"].name != "issuer_and_serial_number":
        raise ValueError("signer identified by key")
    issuer, serial = leaf["tbs_certificate"]["issuer"].dump(), leaf["tbs_certificate"]["serial_number"].dump()
    return _tlv(
        _SEQUENCE,
        _tlv(_INTEGER, b"\x01")
        + _tlv(_SEQUENCE, issuer + serial)
        + digest
        + _tlv(0xA0, info["signed_attrs"].contents)  # vouched for by the signature
        + _signature_algorithm(info, leaf)
        + _tlv(_OCTETS, info["signature"].native),
    )


def _digest_algorithm(info: cms.SignerInfo) -> bytes:
    """One of the two encodings of a known hash: parameters absent, or NULL (RFC 5754 clause 2)."""
    oid = bytes.fromhex(_HASHES[info["digest_algorithm"]["algorithm"].native])
    return _one_of(info["digest_algorithm"].dump(), _tlv(_SEQUENCE, oid), _tlv(_SEQUENCE, oid + _NULL))


def _signature_algorithm(info: cms.SignerInfo, leaf: x509.Certificate) -> bytes:
    """The only encodings of RSA (PKCS #1 v1.5) and ECDSA with the signer's hash (RFC 5754 clause 3)."""
    digest = info["digest_algorithm"]["algorithm"].native
    if leaf.public_key.algorithm == "ec":
        allowed = [_tlv(_SEQUENCE, bytes.fromhex(_ECDSA_WITH[digest]))]
    else:
        allowed = [_tlv(_SEQUENCE, oid + _NULL) for oid in (_RSA, bytes.fromhex(_RSA_WITH[digest]))]
    return _one_of(info["signature_algorithm"].dump(), *allowed)


def _one_of(found: bytes, *allowed: bytes) -> bytes:
    """`found`, if it is one of the allowed encodings; else the first of them, which then will not match."""
    return found if found in allowed else allowed[0]


def _certificates(signed: cms.SignedData, leaf: x509.Certificate, path: ValidationPath, trust: Trust) -> bytes:
    """The certificates as they stand, once they are the verified path, the anchor optional, and each is the leaf
    (bound by ESS signing-certificate-v2, RFC 5816), an anchor, or signed by another: then none differs by a bit.
    """
    if any(choice.name != "certificate" for choice in signed["certificates"]):
        raise ValueError("not only certificates")
    held = [choice.chosen.dump() for choice in signed["certificates"]]
    anchors = [anchor.dump() for anchor in trust.anchors]
    verified = [certificate.dump() for certificate in path.iter_certs(include_root=True)]
    if len(set(held)) != len(held) or set(held) - set(verified) or set(verified) - set(held) - set(anchors):
        raise ValueError("certificates other than the verified path")
    issuers = [pyca.load_der_x509_certificate(der) for der in dict.fromkeys([*held, *anchors])]
    for der in held:
        if der not in anchors and der != leaf.dump():
            _require_issued(der, issuers)
    return b"".join(held)


def _require_issued(der: bytes, issuers: list[pyca.Certificate]) -> None:
    certificate = pyca.load_der_x509_certificate(der)
    for issuer in issuers:
        if issuer.subject == certificate.issuer:
            try:
                certificate.verify_directly_issued_by(issuer)
            except (InvalidSignature, ValueError, TypeError):
                continue
            _require_exact(der, certificate)
            return
    raise ValueError("a certificate that nothing vouches for")


def _require_exact(der: bytes, certificate: pyca.Certificate) -> None:
    """The signed part, its algorithm, and the signature: rebuilt in DER (the outer bytes are not themselves signed)."""
    algorithm = x509.Certificate.load(der)["tbs_certificate"]["signature"].dump()
    rebuilt = _tlv(_SEQUENCE, certificate.tbs_certificate_bytes + algorithm + _tlv(0x03, b"\0" + certificate.signature))
    if rebuilt != der:
        raise ValueError("a certificate that is not in canonical form")


def _tlv(tag: int, content: bytes) -> bytes:
    """One DER element: tag, shortest length, content (X.690 clause 10.1)."""
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content
