"""OCSP, judged by openssl over HTTP and by pyhanko-certvalidator in process."""

from __future__ import annotations

import asyncio
import base64
import urllib.parse
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import core, ocsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp as pyca_ocsp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import RevokedError

from certs_dev.authority import DevAuthority
from certs_dev.certificates import to_asn1
from certs_dev.ocsp import MOST_ASKED
from certs_dev.people import Person

SERVICE = "service-passphrase-of-the-tests-0123456789"
Pems = Callable[[DevAuthority, Path], None]


def question(
    subject: x509.Certificate, issuer: x509.Certificate, nonce: bytes | None = None, algorithm: str = "SHA1"
) -> bytes:
    builder = pyca_ocsp.OCSPRequestBuilder().add_certificate(subject, issuer, getattr(hashes, algorithm)())
    if nonce is not None:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return builder.build().public_bytes(serialization.Encoding.DER)


def ask(authority: DevAuthority, name: str = "camat", **more: object) -> pyca_ocsp.OCSPResponse:
    request = question(
        authority.person_certificate(name),
        authority.certificate("ca"),
        **more,  # type: ignore[arg-type]  # the tests' own shorthand
    )
    return pyca_ocsp.load_der_ocsp_response(authority.ocsp(request))


@pytest.fixture
def ask_openssl(openssl: Callable[..., str], server: str) -> Callable[..., str]:
    def asked(*certificates: str, **more: bool) -> str:
        every = [part for one in certificates for part in one.split()]
        chain = ("-issuer", "ca.pem", "-CAfile", "root.pem", "-verify_other", "ca.pem")
        return openssl("ocsp", "-url", f"{server}/pki/ocsp", *chain, *every, **more)

    return asked


def test_openssl_hears_good_revoked_and_unknown(
    authority: DevAuthority, ask_openssl: Callable[..., str], pems: Pems, tmp_path: Path
) -> None:
    pems(authority, tmp_path)
    authority.revoke(authority.person_certificate("kasi").serial_number, x509.ReasonFlags.key_compromise)
    never = "0x0123456789abcdef"
    said = ask_openssl("-cert camat.pem", "-cert kasi.pem", "-cert tsa.pem", f"-serial {never}")
    assert "Response verify OK" in said
    assert "camat.pem: good" in said
    assert "kasi.pem: revoked" in said
    assert "Reason: keyCompromise" in said
    assert "tsa.pem: good" in said
    assert f"{never}: unknown" in said
    assert "WARNING" not in said  # it would warn of a missing nonce


def test_openssl_rejects_an_answer_under_another_root(
    authority: DevAuthority, either: DevAuthority, ask_openssl: Callable[..., str], pems: Pems, tmp_path: Path
) -> None:
    pems(authority, tmp_path)
    (tmp_path / "root.pem").write_bytes(either.certificate("root").public_bytes(serialization.Encoding.PEM))
    assert "Response Verify Failure" in ask_openssl("-cert camat.pem", ok=False)


@pytest.mark.parametrize("shift", range(3))
def test_a_get_answers_like_a_post(authority: DevAuthority, server: str, shift: int) -> None:
    nonce = bytes(shift) + b"\xfb\xef\xbe" * 4 + b"\xff" * 12  # base64 with "//", and at one shift "+"
    camat, issuer = authority.person_certificate("camat"), authority.certificate("ca")
    encoded = base64.b64encode(question(camat, issuer, nonce)).decode()
    assert "//" in encoded
    for path in (encoded, urllib.parse.quote(encoded, safe=""), encoded.rstrip("=")):
        with urllib.request.urlopen(f"{server}/pki/ocsp/{path}") as reply:
            assert reply.headers["Content-Type"] == "application/ocsp-response"
            answer = pyca_ocsp.load_der_ocsp_response(reply.read())
        assert answer.certificate_status is pyca_ocsp.OCSPCertStatus.GOOD
        assert answer.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == nonce


@pytest.mark.parametrize("algorithm", ["SHA1", "SHA256"])
def test_an_answer_is_signed_by_the_responder_now(either: DevAuthority, algorithm: str) -> None:
    answer = ask(either, algorithm=algorithm)
    assert answer.certificate_status is pyca_ocsp.OCSPCertStatus.GOOD
    assert answer.certificates == [either.certificate("ocsp")]
    responder = either.certificate("ocsp").public_key()
    ways = (ec.ECDSA(hashes.SHA256()),)
    if not isinstance(responder, ec.EllipticCurvePublicKey):
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

        ways = (PKCS1v15(), hashes.SHA256())  # type: ignore[assignment]  # another algorithm's arguments
    responder.verify(answer.signature, answer.tbs_response_bytes, *ways)  # type: ignore[union-attr,call-arg,arg-type]  # one of two kinds
    now = datetime.now(UTC)
    assert now - timedelta(seconds=5) < answer.this_update_utc <= now
    assert answer.next_update_utc is not None
    assert now < answer.next_update_utc <= now + timedelta(days=7)


def test_a_revocation_carries_its_time_and_reason(authority: DevAuthority) -> None:
    at = datetime.now(UTC) - timedelta(days=3)
    serial = authority.person_certificate("camat").serial_number
    authority.revoke(serial, x509.ReasonFlags.cessation_of_operation, at)
    answer = ask(authority)
    assert answer.certificate_status is pyca_ocsp.OCSPCertStatus.REVOKED
    assert answer.revocation_time_utc == at.replace(microsecond=0)
    assert answer.revocation_reason is x509.ReasonFlags.cessation_of_operation


def test_every_reason_can_be_told(authority: DevAuthority, tmp_path: Path) -> None:
    for number, reason in enumerate(x509.ReasonFlags):
        made = authority.issue_person(Person(f"p{number}", "Orang", "Staf", "x"))
        if reason is x509.ReasonFlags.remove_from_crl:
            with pytest.raises(ValueError, match="not a reason"):
                authority.revoke(made.serial_number, reason)
            continue
        authority.revoke(made.serial_number, reason)
        told = ask(authority, f"p{number}").revocation_reason
        listed = x509.load_der_x509_crl(authority.crl("ca")).get_revoked_certificate_by_serial_number(
            made.serial_number
        )
        assert listed is not None
        if reason is x509.ReasonFlags.unspecified:
            assert told is None
            assert not list(listed.extensions)
        else:
            assert told is reason
            assert listed.extensions.get_extension_for_class(x509.CRLReason).value.reason is reason


def test_other_processes_hear_of_a_revocation_at_once(authority: DevAuthority, tmp_path: Path) -> None:
    other = DevAuthority.open(tmp_path / "pki", service_passphrase=SERVICE)
    assert ask(other).certificate_status is pyca_ocsp.OCSPCertStatus.GOOD
    authority.revoke(authority.person_certificate("camat").serial_number)
    assert ask(other).certificate_status is pyca_ocsp.OCSPCertStatus.REVOKED


def test_certificates_of_other_issuers_are_unknown(authority: DevAuthority, either: DevAuthority) -> None:
    def status(subject: x509.Certificate, issuer: x509.Certificate) -> pyca_ocsp.OCSPCertStatus:
        return pyca_ocsp.load_der_ocsp_response(authority.ocsp(question(subject, issuer))).certificate_status

    unknown = pyca_ocsp.OCSPCertStatus.UNKNOWN
    assert status(either.person_certificate("camat"), either.certificate("ca")) is unknown
    # the same serial number under another issuer is another certificate
    assert status(authority.person_certificate("camat"), authority.certificate("root")) is unknown
    # what the root issued is not the responder's to tell
    assert status(authority.certificate("seal"), authority.certificate("root")) is unknown
    assert status(authority.certificate("ca"), authority.certificate("root")) is unknown
    # nor did the issuing CA issue it, though the serial number is in the list
    assert status(authority.certificate("seal"), authority.certificate("ca")) is unknown


@pytest.mark.parametrize("length", [1, 16, 32, 128])
def test_a_nonce_comes_back(either: DevAuthority, length: int) -> None:
    nonce = bytes(range(length))
    assert ask(either, nonce=nonce).extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == nonce


def test_no_nonce_is_invented(either: DevAuthority) -> None:
    assert not list(ask(either).extensions)


def refused(authority: DevAuthority, request: bytes) -> bool:
    answer = pyca_ocsp.load_der_ocsp_response(authority.ocsp(request))
    return answer.response_status is pyca_ocsp.OCSPResponseStatus.MALFORMED_REQUEST


@pytest.mark.parametrize("length", [0, 129, 1000])
def test_a_nonce_of_forbidden_length_is_refused(either: DevAuthority, length: int) -> None:
    request = question(either.person_certificate("camat"), either.certificate("ca"), nonce=bytes(length))
    assert refused(either, request)


def repeated(request: bytes, times: int) -> bytes:
    parsed = ocsp.OCSPRequest.load(request)
    one = parsed["tbs_request"]["request_list"][0]
    return bytes(ocsp.OCSPRequest({"tbs_request": {"request_list": [one] * times}}).dump())


def test_how_many_may_be_asked_at_once(either: DevAuthority) -> None:
    request = question(either.person_certificate("camat"), either.certificate("ca"))
    answer = ocsp.OCSPResponse.load(either.ocsp(repeated(request, MOST_ASKED)))
    assert len(answer.response_data["responses"]) == MOST_ASKED
    assert refused(either, repeated(request, 0))
    assert refused(either, repeated(request, MOST_ASKED + 1))


def test_an_unknown_critical_extension_is_refused_another_ignored(either: DevAuthority) -> None:
    parsed = ocsp.OCSPRequest.load(question(either.person_certificate("camat"), either.certificate("ca")))
    requests = parsed["tbs_request"]["request_list"]
    for critical in (True, False):
        extension = {"extn_id": "1.2.3.4", "critical": critical, "extn_value": core.ParsableOctetString(b"\x05\x00")}
        tbs = {"request_list": requests, "request_extensions": [extension]}
        assert refused(either, ocsp.OCSPRequest({"tbs_request": tbs}).dump()) == critical


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_bytes_make_the_responder_stumble(either: DevAuthority, data: st.DataObject) -> None:
    good = question(either.person_certificate("camat"), either.certificate("ca"), nonce=bytes(16))
    if data.draw(st.booleans()):
        place = data.draw(st.integers(0, len(good) - 1))
        other = data.draw(st.binary(max_size=3))
        request = good[:place] + other + good[place + data.draw(st.integers(0, 3)) :]
    else:
        request = data.draw(st.binary(max_size=200))
    answer = ocsp.OCSPResponse.load(either.ocsp(request), strict=True)
    assert answer["response_status"].native in ("successful", "malformed_request")


def validate(authority: DevAuthority, name: str) -> ValidationContext:
    context = ValidationContext(
        trust_roots=[authority.root],
        allow_fetching=True,
        fetcher_backend=authority.fetchers,
        revocation_mode="require",
    )
    validator = CertificateValidator(to_asn1(authority.person_certificate(name)), validation_context=context)
    asyncio.run(validator.async_validate_usage({"non_repudiation"}))
    return context


def test_pyhanko_validates_in_process(either: DevAuthority) -> None:
    context = validate(either, "camat")  # the issuing CA's certificate is fetched, too
    assert len(context.ocsps) == 1
    assert [one.issuer for one in context.crls] == [either.root.subject]


def test_pyhanko_hears_of_a_revocation_in_process(authority: DevAuthority) -> None:
    authority.revoke(authority.person_certificate("camat").serial_number)
    with pytest.raises(RevokedError):
        validate(authority, "camat")


def test_pyhanko_hears_of_a_revoked_authority(authority: DevAuthority) -> None:
    authority.revoke(authority.certificate("ca").serial_number, x509.ReasonFlags.ca_compromise)
    with pytest.raises(RevokedError):
        validate(authority, "camat")


def test_contexts_do_not_share_what_they_fetched(either: DevAuthority) -> None:
    first, second = validate(either, "camat"), validate(either, "kasi")
    assert len(first.ocsps) == len(second.ocsps) == 1
    assert first.ocsps[0].dump() != second.ocsps[0].dump()
