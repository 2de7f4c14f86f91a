"""What the certificates carry, judged by openssl and by their own extensions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from certs_dev.authority import DevAuthority
from certs_dev.certificates import SEAL_USAGE

YEAR = timedelta(days=365)
SERVICES = ("root", "ca", "tsa", "ocsp", "seal")
Pems = Callable[[DevAuthority, Path], None]


def everyone(authority: DevAuthority) -> list[x509.Certificate]:
    return [authority.certificate(kind) for kind in SERVICES] + [
        authority.person_certificate(name) for name in ("camat", "kasi")
    ]


def used_for(certificate: x509.Certificate) -> set[str]:
    extension = certificate.extensions.get_extension_for_class(x509.KeyUsage)
    assert extension.critical
    names = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
    )
    return {name for name in names if getattr(extension.value, name)}


@pytest.mark.parametrize("leaf", ["tsa", "ocsp", "camat", "kasi"])
def test_openssl_accepts_the_chain(
    either: DevAuthority, leaf: str, openssl: Callable[..., str], pems: Pems, tmp_path: Path
) -> None:
    pems(either, tmp_path)
    chain = ("-x509_strict", "-CAfile", "root.pem", "-untrusted", "ca.pem")
    assert "OK" in openssl("verify", *chain, f"{leaf}.pem")
    openssl("verify", "-x509_strict", "-CAfile", "root.pem", f"{leaf}.pem", ok=False)


def test_openssl_accepts_the_tsa_for_timestamps_only(
    either: DevAuthority, openssl: Callable[..., str], pems: Pems, tmp_path: Path
) -> None:
    pems(either, tmp_path)
    chain = ("-CAfile", "root.pem", "-untrusted", "ca.pem")
    openssl("verify", "-purpose", "timestampsign", *chain, "tsa.pem")
    openssl("verify", "-purpose", "smimesign", *chain, "tsa.pem", ok=False)


def test_the_seal_hangs_on_the_root_alone(
    either: DevAuthority, openssl: Callable[..., str], pems: Pems, tmp_path: Path
) -> None:
    pems(either, tmp_path)
    openssl("verify", "-x509_strict", "-CAfile", "root.pem", "seal.pem")
    seal = either.certificate("seal")
    usage = seal.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [SEAL_USAGE]
    assert used_for(seal) == {"digital_signature"}


def test_every_name_says_simulasi(either: DevAuthority) -> None:
    for certificate in everyone(either):
        for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
            (part,) = certificate.subject.get_attributes_for_oid(oid)
            assert str(part.value).startswith("SIMULASI ")
            assert str(part.value).count("SIMULASI") == 1
        assert certificate.subject.get_attributes_for_oid(NameOID.COUNTRY_NAME)[0].value == "ID"


def test_a_persons_certificate_signs_and_commits_and_names_its_services(either: DevAuthority, port: int) -> None:
    camat = either.person_certificate("camat")
    assert used_for(camat) == {"digital_signature", "content_commitment"}
    assert camat.subject.get_attributes_for_oid(NameOID.TITLE)[0].value == "Camat Trawas"
    access = camat.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    place = f"http://127.0.0.1:{port}/pki"
    assert {(one.access_method, one.access_location.value) for one in access} == {
        (AuthorityInformationAccessOID.OCSP, f"{place}/ocsp"),
        (AuthorityInformationAccessOID.CA_ISSUERS, f"{place}/ca.crt"),
    }
    (point,) = camat.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert point.full_name is not None
    assert point.full_name[0].value == f"{place}/ca.crl"


def test_the_tsa_has_one_critical_extended_use(either: DevAuthority) -> None:
    extension = either.certificate("tsa").extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    assert extension.critical
    assert list(extension.value) == [ExtendedKeyUsageOID.TIME_STAMPING]


def test_the_responder_is_not_itself_checked(either: DevAuthority) -> None:
    extensions = either.certificate("ocsp").extensions
    assert list(extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [ExtendedKeyUsageOID.OCSP_SIGNING]
    extensions.get_extension_for_class(x509.OCSPNoCheck)
    with pytest.raises(x509.ExtensionNotFound):
        extensions.get_extension_for_class(x509.CRLDistributionPoints)


def test_only_authorities_may_issue(either: DevAuthority) -> None:
    for certificate in everyone(either):
        value = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
        assert value.ca == (certificate in (either.certificate("root"), either.certificate("ca")))
        assert value.ca == ("key_cert_sign" in used_for(certificate))


def test_lives_allow_twenty_years_of_renewals(either: DevAuthority) -> None:
    life = {
        kind: either.certificate(kind).not_valid_after_utc - either.certificate(kind).not_valid_before_utc
        for kind in SERVICES
    }
    assert life["root"] == 40 * YEAR
    assert life["ca"] == 25 * YEAR
    assert life["tsa"] >= 15 * YEAR
    assert life["ocsp"] >= life["tsa"]
    assert life["root"] > life["ca"] >= life["ocsp"]


def test_keys_are_of_the_chosen_algorithm_and_the_seal_always_p256(either: DevAuthority) -> None:
    kinds = {type(certificate.public_key()) for certificate in everyone(either)}
    assert isinstance(either.seal_key.curve, ec.SECP256R1)
    assert either.seal_key.public_key() == either.certificate("seal").public_key()
    chosen = type(either.certificate("root").public_key())
    assert kinds <= {chosen, type(either.certificate("seal").public_key())}
    for certificate in everyone(either):
        key = certificate.public_key()
        if isinstance(key, rsa.RSAPublicKey):
            assert key.key_size == 2048
        else:
            assert isinstance(key, ec.EllipticCurvePublicKey)
            assert isinstance(key.curve, ec.SECP256R1)


def test_serial_numbers_are_long_and_differ(either: DevAuthority) -> None:
    serials = [certificate.serial_number for certificate in everyone(either)]
    assert len(set(serials)) == len(serials)
    assert all(serial.bit_length() == 128 for serial in serials)
