"""Whom the verifier believes: anchors and seal certificates, from its arguments alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from asn1crypto import pem, x509

from verifier.errors import VerificationError

# Development arc, documented as such: marks certificates that sign the seal in an office's QR.
SEAL_EKU = "1.3.6.1.4.1.99999.7.1"


def _unreadable(why: str) -> VerificationError:
    return VerificationError(
        "trust-unreadable", "Berkas kepercayaan (PEM) tidak terbaca.", f"A trust file (PEM) is unreadable: {why}."
    )


def _certificates(block: bytes) -> list[x509.Certificate]:
    """Certificates of one PEM or DER file; raises VerificationError (trust-unreadable)."""
    try:
        if not pem.detect(block):
            found = [x509.Certificate.load(block, strict=True)]
        else:
            blocks = [der for name, _, der in pem.unarmor(block, multiple=True) if name == "CERTIFICATE"]
            found = [x509.Certificate.load(der, strict=True) for der in blocks]
        for certificate in found:
            _ = certificate.subject.native, certificate.public_key.algorithm, certificate.key_usage_value
    except (ValueError, TypeError, KeyError) as error:
        raise _unreadable(str(error)) from error
    if not found:
        raise _unreadable("it holds no certificate")
    return found


def _is_anchor(certificate: x509.Certificate) -> bool:
    return bool(certificate.self_issued)


def _is_seal(certificate: x509.Certificate) -> bool:
    usage = certificate.extended_key_usage_value
    return usage is not None and SEAL_EKU in [item.dotted for item in usage]


@dataclass(frozen=True)
class Trust:
    """Anchors (self-signed roots) and the office's seal certificates (own EKU, chained to an anchor)."""

    anchors: tuple[x509.Certificate, ...] = ()
    seal_certificates: tuple[x509.Certificate, ...] = ()

    @classmethod
    def from_pem(cls, *pems: bytes) -> Trust:
        """Read PEM (or DER) files. Only self-signed certificates become anchors; others with the seal EKU
        become seal certificates; the rest are ignored. Raises VerificationError (trust-unreadable).
        """
        unique = {c.sha256: c for block in pems for c in _certificates(block)}
        return cls._sorted(unique.values())

    @classmethod
    def _sorted(cls, certificates: Iterable[x509.Certificate]) -> Trust:
        every = list(certificates)
        anchors = tuple(c for c in every if _is_anchor(c))
        seals = tuple(c for c in every if not _is_anchor(c) and _is_seal(c))
        return cls(anchors=anchors, seal_certificates=seals)
