"""Which seal certificates to believe, and what a QR's text then says: the report on a seal."""

from __future__ import annotations

from datetime import UTC, datetime

from asn1crypto import x509
from cryptography import x509 as pyca
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from verifier import seal as seals
from verifier.errors import VerificationError
from verifier.report import Reason, SealReport, SealVerdict
from verifier.trust import Trust

_SKEW_SECONDS = 600
_NOTES = (
    VerificationError(
        "seal-is-a-statement",
        "Segel adalah pernyataan kantor, bukan bukti tanda tangan pada berkas PDF; periksa juga berkasnya.",
        "The seal is the office's statement, not proof of the PDF's signature; check the file as well.",
    ),
    VerificationError(
        "registry-not-checked",
        "Pencabutan surat tidak diperiksa, karena daftar surat kantor tidak tersedia di sini.",
        "Withdrawal of the letter was not checked, because the office's register is not at hand.",
    ),
)
_ADDRESS = VerificationError(
    "qr-address-not-sealed",
    "Alamat situs pada QR ({host}) tidak ikut disegel; QR tiruan dapat memakai segel asli. Buka hanya alamat resmi.",
    "The site's address in the QR ({host}) is not sealed; a forged QR can carry a true seal. Open official sites only.",
)
_UNTRUSTED = {"qr-foreign", "seal-unknown-key", "seal-key-validity", "seal-no-key"}
_UNREADABLE = {"qr-form", "seal-text", "seal-cbor", "seal-structure", "seal-version", "seal-algorithm"}


def report_on(text: str, trust: Trust, now: datetime, origin: str | None = None) -> SealReport:
    """The report on a QR's text at `now`: valid, altered, untrusted (no key for it) or unreadable.

    `origin` is the office's own address if it is known: a QR that leads elsewhere is then untrusted, whatever seal it
    carries, since the address is not sealed. Otherwise the report says so.
    """
    try:
        opened = seals.open_seal(text, seals.seal_keys(chained(trust)))
        _require_past(opened.fields.issued_at, now)
        _require_own(opened.qr.origin, origin)
    except VerificationError as reason:
        return SealReport(verdict=_verdict(reason.code), reasons=[_reason(reason)], checked_at=now.astimezone(UTC))
    fields = opened.fields
    notes = [*_NOTES, *([] if origin else [_unsealed_address(opened.qr.origin)])]
    return SealReport(
        verdict="valid",
        origin=opened.qr.origin,
        token=opened.qr.token,
        issued_at=fields.issued_at,
        number=fields.number,
        letter_date=fields.letter_date.isoformat(),
        subject=fields.subject,
        subject_cut=fields.subject_cut,
        signer=fields.signer,
        signer_cut=fields.signer_cut,
        capacity=fields.capacity,
        capacity_cut=fields.capacity_cut,
        mode=fields.mode,
        length=fields.length,
        digest=fields.digest.hex(),
        reasons=[_reason(note) for note in notes],
        checked_at=now.astimezone(UTC),
    )


def _unsealed_address(host: str) -> VerificationError:
    return VerificationError(_ADDRESS.code, _ADDRESS.id.format(host=host), _ADDRESS.en.format(host=host))


def _require_own(found: str, origin: str | None) -> None:
    if origin is not None and found != seals.origin(origin):
        raise VerificationError(
            "qr-foreign",
            f"QR ini menuju {found}, bukan alamat kantor {origin}. Jangan dibuka; segelnya dapat salinan.",
            f"This QR leads to {found}, not to the office's {origin}. Do not open it; its seal may be copied.",
        )


def _verdict(code: str) -> SealVerdict:
    return "untrusted" if code in _UNTRUSTED else "unreadable" if code in _UNREADABLE else "altered"


def _reason(error: VerificationError) -> Reason:
    return Reason(code=error.code, id=error.id, en=error.en)


def chained(trust: Trust) -> list[pyca.Certificate]:
    """The seal certificates that an anchor issued. Raises VerificationError (seal-no-key) when there is none."""
    anchors = [_load(anchor) for anchor in trust.anchors]
    believed = [c for c in map(_load, trust.seal_certificates) if any(_issued(c, anchor) for anchor in anchors)]
    if not believed:
        raise VerificationError(
            "seal-no-key",
            "Sertifikat segel kantor tidak ada dalam berkas kepercayaan yang diberikan.",
            "The given trust files hold no seal certificate of an office.",
        )
    return believed


def _load(certificate: x509.Certificate) -> pyca.Certificate:
    return pyca.load_der_x509_certificate(certificate.dump())


def _issued(certificate: pyca.Certificate, anchor: pyca.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(anchor)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True


def _require_past(issued_at: datetime, now: datetime) -> None:
    if (issued_at - now).total_seconds() > _SKEW_SECONDS:
        raise VerificationError(
            "seal-future",
            "Segel bertanggal lebih kemudian daripada waktu pemeriksaan.",
            "The seal is dated later than the time of examination.",
        )
