"""Attacks on who vouches: strangers' certificates and timestamps, revoked and expired ones, other purposes."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import helpers_attacks as tools
import helpers_pki as pki
import pytest
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore

from certs_dev.authority import DevAuthority
from signer.keys.base import Authorities
from signer.keys.pkcs12 import Pkcs12Key
from verifier import examine
from verifier.report import Report
from verifier.trust import Trust


@pytest.fixture
def fresh(tmp_path: Path) -> DevAuthority:
    """An authority of one's own, to revoke things of."""
    return pki.new_authority(tmp_path / "pki")


def letter_of(of: DevAuthority, stamped_by: DevAuthority, **claims: object) -> bytes:
    own = pki.authorities(of)
    mixed = Authorities(own.anchors, own.others, stamped_by.timestamper, own.fetchers)
    key = Pkcs12Key(of.person_path("camat"), mixed, mode="simulasi")
    return key.sign_pdf(pki.request(**claims), pki.PASSPHRASES["camat"])


def status_of(of: DevAuthority) -> asn1_ocsp.OCSPResponse:
    builder = ocsp.OCSPRequestBuilder().add_certificate(
        of.person_certificate("camat"), of.certificate("ca"), hashes.SHA256()
    )
    return asn1_ocsp.OCSPResponse.load(of.ocsp(builder.build().public_bytes(Encoding.DER)))


def archived_by_hand(pdf: bytes, of: DevAuthority, stamped_by: DevAuthority) -> bytes:
    """DSS with whatever the authority says now, and a document timestamp: what an honest extension would refuse."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf), strict=False)
    lists = [asn1_crl(of.crl("root")), asn1_crl(of.crl("ca"))]
    DocumentSecurityStore.supply_dss_in_writer(
        writer, None, certs=[of.root, of.issuing], ocsps=[status_of(of)], crls=lists
    )
    stored = tools.written(writer)
    again = IncrementalPdfFileWriter(BytesIO(stored), strict=False)
    return PdfTimeStamper(stamped_by.timestamper).timestamp_pdf(again, "sha256", None).getvalue()


def asn1_crl(der: bytes) -> object:
    from asn1crypto.crl import CertificateList

    return CertificateList.load(der)


def judge(pdf: bytes, of: DevAuthority, at: datetime | None = None) -> Report:
    return examine.pdf(pdf, name="surat.pdf", trust=pki.trust(of), at=at)


def test_the_same_file_with_everything_in_order_is_valid(fresh: DevAuthority) -> None:
    report = judge(archived_by_hand(letter_of(fresh, fresh), fresh, fresh), fresh)
    assert (report.verdict, report.signatures[0].level) == ("valid", "B-LTA")


def test_a_certificate_revoked_before_signing_is_found(fresh: DevAuthority) -> None:
    pdf = letter_of(fresh, fresh)
    serial = fresh.person_certificate("camat").serial_number
    fresh.revoke(serial, at=datetime.now(UTC) - timedelta(hours=2))
    report = judge(archived_by_hand(pdf, fresh, fresh), fresh)
    assert report.verdict == "revoked"
    assert report.exit_code == 1
    assert "certificate-revoked" in tools.codes(report)
    assert report.integrity == "unchanged"


def test_a_certificate_revoked_after_signing_does_no_harm(fresh: DevAuthority) -> None:
    pdf = letter_of(fresh, fresh)
    time.sleep(2.1)  # revocations and timestamps count whole seconds
    fresh.revoke(fresh.person_certificate("camat").serial_number)
    stored = archived_by_hand(pdf, fresh, fresh)
    later = datetime.now(UTC) + timedelta(days=30)
    assert judge(stored, fresh, later).verdict == "valid"


def test_a_timestamp_from_a_stranger_proves_nothing(fresh: DevAuthority) -> None:
    report = judge(archived_by_hand(letter_of(fresh, pki.authority()), fresh, pki.authority()), fresh)
    assert report.verdict in ("unconfirmed", "untrusted")
    assert "timestamp-untrusted" in tools.codes(report)
    assert not any(stamp.trusted for stamp in report.signatures[0].timestamps)


def test_a_stranger_stamp_in_the_signature_is_named_though_the_last_one_is_good(fresh: DevAuthority) -> None:
    report = judge(archived_by_hand(letter_of(fresh, pki.authority()), fresh, fresh), fresh)
    assert report.verdict == "unconfirmed"
    assert "timestamp-untrusted" in tools.codes(report)


def test_a_strangers_letter_is_untrusted(fresh: DevAuthority) -> None:
    """The stranger's names are the same, letter for letter; only the keys differ."""
    report = judge(tools.archived(), fresh)
    assert report.verdict == "untrusted"
    assert report.integrity == "unchanged"
    assert not report.signatures[0].trusted


def test_without_trust_nothing_is_valid() -> None:
    report = examine.pdf(tools.archived(), name="surat.pdf", trust=Trust())
    assert (report.verdict, report.integrity, report.exit_code) == ("untrusted", "unchanged", 2)
    assert "no-anchors" in tools.codes(report)


def test_only_self_signed_certificates_are_anchors() -> None:
    of = pki.authority()
    trust = Trust.from_pem(of.certificate("ca").public_bytes(Encoding.PEM))
    assert trust.anchors == ()


def test_a_letter_outlives_the_signers_certificate() -> None:
    """Two years on the Camat's certificate has expired; the archive timestamp still proves the signature's time."""
    report = tools.judged(tools.archived(), at=datetime.now(UTC) + timedelta(days=3 * 365))
    assert (report.verdict, report.subindication) == ("valid", None)


def test_after_the_last_timestamps_end_nothing_is_proven() -> None:
    signature = tools.judged(tools.archived()).signatures[0]
    assert signature.valid_until is not None
    report = tools.judged(tools.archived(), at=signature.valid_until + timedelta(days=1))
    assert report.verdict in ("untrusted", "unconfirmed")
    assert report.integrity == "unchanged"


def test_a_letter_from_the_future_is_not_believed() -> None:
    report = tools.judged(tools.archived(), at=datetime.now(UTC) - timedelta(days=2))
    assert report.exit_code == 2
    assert "timestamp-future" in tools.codes(report)


def test_a_timestamp_key_signs_no_letters(fresh: DevAuthority) -> None:
    """The authority's own TSA certificate, used to sign a document: chained and good, but for another purpose."""
    from pyhanko.keys.pemder import translate_pyca_cryptography_key_to_asn1
    from pyhanko.sign import signers
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    service = fresh._services["tsa"]
    store = SimpleCertificateStore()
    store.register_multiple([fresh.issuing])
    certificate = asn1_x509.Certificate.load(service.certificate.public_bytes(Encoding.DER))
    signer = signers.SimpleSigner(certificate, translate_pyca_cryptography_key_to_asn1(service.key), store)
    out = signers.sign_pdf(
        IncrementalPdfFileWriter(BytesIO(pki.letter()), strict=False),
        signers.PdfSignatureMetadata(field_name="Palsu"),
        signer,
    )
    report = judge(out.getvalue(), fresh)
    assert report.verdict == "untrusted"
    assert "certificate-usage" in tools.codes(report)


def test_a_certificate_expired_before_signing_is_found(tmp_path: Path) -> None:
    """Issued three years ago for two, used today with a date of then in /M: the timestamps prove it."""
    pki.new_authority(tmp_path / "pki", clock=lambda: datetime.now(UTC) - timedelta(days=3 * 365))
    of = DevAuthority.open(tmp_path / "pki", service_passphrase="pki-uji")
    claimed = datetime.now(UTC).replace(microsecond=0) - timedelta(days=2 * 365)
    report = judge(archived_by_hand(letter_of(of, of, signed_at=claimed), of, of), of)
    assert report.verdict in ("unconfirmed", "untrusted")
    assert "certificate-expired" in tools.codes(report)


def test_an_authority_revoked_before_signing_is_found(fresh: DevAuthority) -> None:
    pdf = letter_of(fresh, fresh)
    fresh.revoke(fresh.issuing.serial_number, at=datetime.now(UTC) - timedelta(hours=2))
    report = judge(archived_by_hand(pdf, fresh, fresh), fresh)
    assert report.exit_code in (1, 2)
    assert not any(stamp.trusted for stamp in report.signatures[0].timestamps)


def test_a_timestamp_authority_revoked_before_is_found(fresh: DevAuthority) -> None:
    pdf = letter_of(fresh, fresh)
    serial = fresh.certificate("tsa").serial_number
    fresh.revoke(serial, at=datetime.now(UTC) - timedelta(hours=2))
    report = judge(archived_by_hand(pdf, fresh, fresh), fresh)
    assert report.exit_code == 2
    assert not any(stamp.trusted for stamp in report.signatures[0].timestamps)
