"""A person's key in a PKCS#12 file that only their passphrase opens (RFC 7292).

The file is opened for one act and forgotten: neither passphrase nor private key outlives the call.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from asn1crypto import pem, x509
from asn1crypto import pkcs12 as asn1_pkcs12
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

from signer import cades, pades
from signer.errors import KeyUnavailable, WrongPassphrase
from signer.keys.base import Authorities, Mode, SignRequest

SIMULATION = "SIMULASI"  # what the development CA writes into every name of its certificates


class Pkcs12Key:
    """Signs with the key of a PKCS#12 file (see signer.keys.base.Key)."""

    def __init__(
        self, source: bytes | Path, authorities: Authorities, *, mode: Mode, certificate: bytes | None = None
    ) -> None:
        """`source` is the file or its content; `certificate` is the signer's certificate as DER or PEM.

        The certificate comes separately because a PKCS#12 file encrypts its own, and it has to be shown
        before the passphrase is known; by default it is the file of the same name ending in .crt, if there is
        one. Raises KeyUnavailable if it is unreadable, or the development CA's under mode "bsre".
        """
        self.mode: Mode = mode
        self._source = source
        self._authorities = authorities
        data = _beside(source) if certificate is None else certificate
        self._certificate = None if data is None else _read_certificate(data)
        if self._certificate is not None:
            _require_honest(self._certificate, mode)

    @property
    def certificate(self) -> x509.Certificate:
        """The signer's certificate. Raises KeyUnavailable if none was given beside the PKCS#12 file."""
        if self._certificate is None:
            raise KeyUnavailable(
                "Sertifikat tidak tersedia di samping berkas kunci. Hubungi Admin.",
                "There is no certificate beside the key file. Contact the Admin.",
            )
        return self._certificate

    def sign_pdf(self, request: SignRequest, secret: str) -> bytes:
        """See Key.sign_pdf; the certificate must be valid at `request.signed_at`."""
        return pades.sign(request, self._open(secret, request.signed_at), self._authorities.timestamper)

    def sign_detached(self, data: bytes, secret: str) -> bytes:
        """See Key.sign_detached; the certificate must be valid now."""
        now = datetime.now(UTC)
        return cades.sign(data, self._open(secret, now), self._authorities.timestamper, now)

    def _open(self, secret: str, at: datetime) -> cades.Signatory:
        store = _decrypt(self._content(), secret)
        if store.key is None or store.cert is None:  # a certificate of another key comes out as none
            raise KeyUnavailable(
                "Berkas kunci tidak berisi kunci dan sertifikat.",
                "The key file lacks a key or a certificate.",
            )
        certificate = _read_certificate(store.cert.certificate.public_bytes(Encoding.DER))
        if self._certificate is not None and certificate.dump() != self._certificate.dump():
            raise KeyUnavailable(
                "Berkas kunci tidak cocok dengan sertifikat yang terdaftar. Hubungi Admin.",
                "The key file does not belong to the registered certificate. Contact the Admin.",
            )
        _require_honest(certificate, self.mode)
        _require_valid(certificate, at)
        return cades.signatory(store.key, certificate, self._authorities.others)

    def _content(self) -> bytes:
        if isinstance(self._source, bytes):
            return self._source
        try:
            return self._source.read_bytes()
        except OSError as fault:
            raise KeyUnavailable from fault


def _beside(source: bytes | Path) -> bytes | None:
    if isinstance(source, bytes) or not (path := source.with_suffix(".crt")).exists():
        return None
    return path.read_bytes()


def _decrypt(content: bytes, secret: str) -> pkcs12.PKCS12KeyAndCertificates:
    """Open the file, telling a broken one from a wrong passphrase.

    Damage inside the encrypted part cannot be told from one: both fail the file's MAC.
    """
    try:
        outline = asn1_pkcs12.Pfx.load(content, strict=True)
        readable = outline["version"].native == "v3" and outline["auth_safe"]["content_type"].native == "data"
    except (ValueError, TypeError) as fault:
        raise KeyUnavailable("Berkas kunci rusak. Hubungi Admin.", "The key file is damaged.") from fault
    if not readable:
        raise KeyUnavailable("Berkas kunci rusak. Hubungi Admin.", "The key file is damaged.")
    # no file of ours has an empty passphrase (some readers take it for "unencrypted"); at a NUL the
    # cryptography package panics and prints the passphrase to stderr
    if not secret or "\0" in secret:
        raise WrongPassphrase
    try:
        return pkcs12.load_pkcs12(content, secret.encode())
    except UnsupportedAlgorithm as fault:
        raise KeyUnavailable(
            "Enkripsi berkas kunci tidak didukung. Hubungi Admin.",
            "The key file's encryption is not supported.",
        ) from fault
    except ValueError:
        raise WrongPassphrase from None  # nothing of the attempt stays in the traceback


def _read_certificate(data: bytes) -> x509.Certificate:
    try:
        der = pem.unarmor(data)[2] if pem.detect(data) else data
        certificate = x509.Certificate.load(der, strict=True)
        certificate.native  # noqa: B018  parses it to the end
    except (ValueError, TypeError) as fault:
        raise KeyUnavailable("Sertifikat tidak terbaca. Hubungi Admin.", "The certificate is unreadable.") from fault
    return certificate


def _require_honest(certificate: x509.Certificate, mode: Mode) -> None:
    if mode == "bsre" and SIMULATION in certificate.issuer.human_friendly.upper():
        raise KeyUnavailable(
            "Sertifikat ini diterbitkan CA pengembangan (SIMULASI) dan tidak boleh dinyatakan sebagai BSrE.",
            "This certificate comes from the development CA (SIMULASI) and must not be presented as BSrE's.",
        )


def _require_valid(certificate: x509.Certificate, at: datetime) -> None:
    if at > certificate.not_valid_after:
        raise KeyUnavailable(
            "Sertifikat Anda sudah kedaluwarsa. Hubungi Admin untuk memperbaruinya.",
            "Your certificate has expired. Contact the Admin to renew it.",
        )
    if at < certificate.not_valid_before:
        raise KeyUnavailable(
            "Sertifikat Anda belum berlaku. Hubungi Admin.",
            "Your certificate is not valid yet. Contact the Admin.",
        )
