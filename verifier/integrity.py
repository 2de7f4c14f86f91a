"""Whether a signature's bytes hold: digest of the range, and the value over it. Says nothing about trust."""

from __future__ import annotations

import hashlib

from asn1crypto import cms, core, x509
from cryptography.exceptions import UnsupportedAlgorithm
from pyhanko.sign.general import CMSStructuralError
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import extract_certs_for_validation, validate_sig_integrity

from verifier.document import ODD_FILE
from verifier.messages import fail
from verifier.plain_ecdsa import SignatureValues
from verifier.signatures import SignedPart

WEAK_HASHES = frozenset({"md2", "md5", "sha1"})
WEAK_RSA_BITS = 2048


def signer_certificate(part: SignedPart) -> x509.Certificate:
    """The certificate the signature names, bound by its signing-certificate attribute where it has one
    (EN 319 102-1 clause 5.2.3.4). Raises VerificationError (signature-format).
    """
    try:
        return extract_certs_for_validation(part.signed_data).signer_cert
    except (SignatureValidationError, CMSStructuralError, *ODD_FILE) as error:
        raise fail("signature-format", field=part.field) from error


def verify_value(part: SignedPart, data: bytes) -> None:
    """Raise VerificationError unless the range has the signed digest and the value fits the certificate:
    digest-mismatch, signature-forged; signature-format or algorithm-unknown when it cannot be computed.
    """
    certificate = signer_certificate(part)
    try:
        intact, genuine = _compare(part, data, certificate)
    except (UnsupportedAlgorithm, NotImplementedError, AttributeError, KeyError) as error:
        raise fail("algorithm-unknown", field=part.field) from error
    except (SignatureValidationError, CMSStructuralError, *ODD_FILE) as error:
        raise fail("signature-format", field=part.field) from error
    if not intact:
        raise fail("digest-mismatch", field=part.field)
    if not genuine:
        raise fail("signature-forged", field=part.field)


def _compare(part: SignedPart, data: bytes, certificate: x509.Certificate) -> tuple[bool, bool]:
    signed = part.signed_data
    info, content = signed["signer_infos"][0], signed["encap_content_info"]
    covered, actual = covers_range(part, data, info, content)
    intact, genuine = validate_sig_integrity(
        info,
        certificate,
        expected_content_type=content["content_type"].native,
        actual_digest=actual,
        sig_validator=SignatureValues(),
    )
    return covered and intact, genuine


def covers_range(
    part: SignedPart, data: bytes, info: cms.SignerInfo, content: cms.EncapsulatedContentInfo
) -> tuple[bool, bytes]:
    """Whether encapsulated content (if any) holds the range's digest; and the digest that the CMS must sign.

    Three forms: detached (the range itself), a timestamp token (its message imprint), adbe.pkcs7.sha1 (the range's
    SHA-1 as content). Raises VerificationError (signature-format, algorithm-unknown).
    """
    algorithm = info["digest_algorithm"]["algorithm"].native
    if part.is_timestamp:
        imprint = content["content"].parsed["message_imprint"]
        found = part.digest(data, imprint["hash_algorithm"]["algorithm"].native)
        held = imprint["hashed_message"].native == found
        return held, hashlib.new(algorithm, bytes(content["content"])).digest()
    if isinstance(content["content"], core.Void):
        return True, part.digest(data, algorithm)
    if part.subfilter != "adbe.pkcs7.sha1":
        raise fail("signature-format", field=part.field)
    inner = bytes(content["content"])
    return inner == part.digest(data, "sha1"), hashlib.new(algorithm, inner).digest()


def require_strong(part: SignedPart) -> None:
    """Raise VerificationError (algorithm-weak) for MD5, SHA-1 or an RSA key under 2048 bits."""
    info = part.signed_data["signer_infos"][0]
    names = [str(info["digest_algorithm"]["algorithm"].native)]
    if part.subfilter == "adbe.pkcs7.sha1":
        names.append("sha1")
    names += [n for n in [str(info["signature_algorithm"]["algorithm"].native).split("_")[0]] if n in WEAK_HASHES]
    weak = [name for name in names if name in WEAK_HASHES]
    key = signer_certificate(part).public_key
    if key.algorithm == "rsa" and key.bit_size < WEAK_RSA_BITS:
        weak.append(f"RSA-{key.bit_size}")
    if weak:
        raise fail("algorithm-weak", field=part.field, detail=", ".join(dict.fromkeys(weak)))


def algorithm_name(part: SignedPart) -> str | None:
    """For people: digest and signature algorithm, e.g. "sha256_ecdsa"; None when the file's is not known."""
    info = part.signed_data["signer_infos"][0]
    try:
        signature, digest = info["signature_algorithm"], info["digest_algorithm"]["algorithm"].native
        return f"{digest}_{signature.signature_algo}"
    except ODD_FILE:
        return None
