"""The purpose of it all: a certified B-LTA signature that pyHanko and poppler accept."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
import typst
from asn1crypto import crl, ocsp
from cryptography import x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import signers
from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.validation.ades import AdESLTAValidationResult, ades_lta_validation
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.policy_decl import (
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.errors import RevokedError
from pyhanko_certvalidator.policy_decl import CertRevTrustPolicy, RevocationCheckingPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager

from certs_dev.authority import DevAuthority


def context(authority: DevAuthority) -> ValidationContext:
    return ValidationContext(
        trust_roots=[authority.root],
        other_certs=[authority.issuing],
        allow_fetching=True,
        fetcher_backend=authority.fetchers,
        revocation_mode="require",
    )


def sign(authority: DevAuthority, name: str, folder: Path) -> bytes:
    (folder / "letter.typ").write_text("Surat undangan")
    pdf = typst.compile(str(folder / "letter.typ"))
    signer = signers.SimpleSigner.load_pkcs12(str(authority.person_path(name)), passphrase=f"rahasia {name}".encode())
    metadata = signers.PdfSignatureMetadata(
        field_name="Camat",
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        embed_validation_info=True,
        use_pades_lta=True,
        validation_context=context(authority),
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
    )
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    return bytes(signers.PdfSigner(metadata, signer, timestamper=authority.timestamper).sign_pdf(writer).getvalue())


def verify(authority: DevAuthority, pdf: bytes) -> AdESLTAValidationResult:
    """pyHanko's long-term validation (ETSI EN 319 102-1, 5.6.3): the file and the root alone, nothing fetched."""
    policy = CertValidationPolicySpec(
        trust_manager=SimpleTrustManager.build([authority.root]),
        revinfo_policy=CertRevTrustPolicy(RevocationCheckingPolicy.from_legacy("require")),
    )
    gathering = RevocationInfoGatheringSpec(online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY)
    spec = SignatureValidationSpec(cert_validation_policy=policy, revinfo_gathering_policy=gathering)
    signature = PdfFileReader(BytesIO(pdf)).embedded_regular_signatures[0]
    return asyncio.run(ades_lta_validation(signature, PdfSignatureValidationSpec(spec)))


def test_pyhanko_validates_a_long_term_signature(either: DevAuthority, tmp_path: Path) -> None:
    result = verify(either, sign(either, "camat", tmp_path))
    assert result.ades_subindic is AdESPassed.OK, result.failure_msg
    status = result.api_status
    assert status.intact
    assert status.valid
    assert status.docmdp_ok
    assert status.timestamp_validity.trusted
    assert status.signing_cert.subject.native["common_name"] == "SIMULASI Sugondo, S.Sos., MM."


def test_an_altered_letter_does_not_pass(either: DevAuthority, tmp_path: Path) -> None:
    pdf = bytearray(sign(either, "camat", tmp_path))
    pdf[pdf.index(b"%PDF-") + 12] ^= 1  # in the comment after the header, which changes nothing but the bytes
    assert verify(either, bytes(pdf)).ades_subindic is not AdESPassed.OK


def test_poppler_says_valid(either: DevAuthority, tmp_path: Path) -> None:
    (tmp_path / "letter.pdf").write_bytes(sign(either, "camat", tmp_path))
    said = subprocess.run(
        ["pdfsig", "-nocert", str(tmp_path / "letter.pdf")], capture_output=True, text=True, timeout=20, check=True
    ).stdout
    signature, timestamp = said.split("Signature #")[1:]
    assert "Signature Validation: Signature is Valid." in signature
    assert "SIMULASI Stempel Waktu SuratSah" in timestamp  # poppler reads document timestamps, but does not judge


def test_pyhankos_own_command_says_valid_while_the_services_answer(
    authority: DevAuthority, server: str, tmp_path: Path
) -> None:
    """It asks every address in the certificates and heeds no security store, so it needs them to answer."""
    (tmp_path / "letter.pdf").write_bytes(sign(authority, "camat", tmp_path))
    (tmp_path / "trust.pem").write_bytes(authority.trust_pem())
    command = [str(Path(sys.executable).with_name("pyhanko")), "sign", "validate", "--force-revinfo"]
    trust = ["--trust-replace", "--trust", str(tmp_path / "trust.pem"), "--pretty-print"]
    done = subprocess.run([*command, *trust, str(tmp_path / "letter.pdf")], capture_output=True, text=True, timeout=30)
    assert "The signature is judged VALID." in done.stdout, done.stdout + done.stderr


def test_the_store_holds_the_roots_list_and_two_statuses_of_this_letter(either: DevAuthority, tmp_path: Path) -> None:
    """A list of the issuing CA would pull the control time of a later validation past expiry (NO_POE)."""
    sign(either, "kasi", tmp_path)  # another letter before, whose status must not follow into the next
    store = DocumentSecurityStore.read_dss(PdfFileReader(BytesIO(sign(either, "camat", tmp_path))))
    lists = [crl.CertificateList.load(one.get_object().data) for one in store.crls]
    assert [one.issuer for one in lists] == [either.root.subject]
    told = set()
    for one in store.ocsps:
        for single in ocsp.OCSPResponse.load(one.get_object().data).response_data["responses"]:
            told.add(single["cert_id"]["serial_number"].native)
    tsa = either.certificate("tsa").serial_number
    assert told == {either.person_certificate("camat").serial_number, tsa}


def test_a_revoked_signer_cannot_sign_a_long_term_signature(authority: DevAuthority, tmp_path: Path) -> None:
    authority.revoke(authority.person_certificate("camat").serial_number, x509.ReasonFlags.key_compromise)
    with pytest.raises(SigningError) as refused:
        sign(authority, "camat", tmp_path)
    assert isinstance(refused.value.__cause__, RevokedError)


def test_a_revoked_timestamp_authority_is_noticed(authority: DevAuthority, tmp_path: Path) -> None:
    authority.revoke(authority.certificate("tsa").serial_number, x509.ReasonFlags.key_compromise)
    with pytest.raises(RevokedError):
        sign(authority, "camat", tmp_path)
