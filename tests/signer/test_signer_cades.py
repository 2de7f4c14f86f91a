"""The CMS that paraf and letters share: its exact content, canonical bytes, and what a failing TSA does."""

import hashlib
import subprocess
from datetime import UTC, datetime, timedelta

import helpers_pki as pki
import pytest
from asn1crypto import cms, tsp, x509
from cryptography import x509 as crypto_x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign.timestamps import TimeStamper

from signer import cades
from signer.errors import KeyUnavailable, TimestampUnavailable

DATA = b"%PDF-2.0 naskah final"
PASSPHRASE = pki.PASSPHRASES["kasi"]


def paraf(algorithm="ec"):
    return pki.key(pki.authority(algorithm), "kasi").sign_detached(DATA, PASSPHRASE)


def parsed(signature):
    content_info = cms.ContentInfo.load(signature, strict=True)
    return content_info["content"], content_info["content"]["signer_infos"][0]


def self_signed(key, hash_algorithm):
    name = crypto_x509.Name([crypto_x509.NameAttribute(crypto_x509.NameOID.COMMON_NAME, "SIMULASI Uji")])
    now = datetime.now(UTC)
    builder = crypto_x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(1))
    return x509.Certificate.load(builder.sign(key, hash_algorithm).public_bytes(Encoding.DER))


@pytest.mark.parametrize("algorithm", ["ec", "rsa"])
def test_it_holds_what_cades_t_asks_for_and_nothing_else(algorithm):
    signed_data, info = parsed(paraf(algorithm))
    assert signed_data["version"].native == "v1"
    assert signed_data["encap_content_info"].native == {"content_type": "data", "content": None}
    assert len(signed_data["signer_infos"]) == 1
    assert signed_data["crls"].native is None
    signed = {attribute["type"].native: attribute["values"] for attribute in info["signed_attrs"]}
    assert sorted(signed) == ["content_type", "message_digest", "signing_certificate_v2", "signing_time"]
    assert signed["content_type"].native == ["data"]
    assert signed["message_digest"].native == [hashlib.sha256(DATA).digest()]
    (reference,) = signed["signing_certificate_v2"][0]["certs"]
    certificate = pki.key(pki.authority(algorithm), "kasi").certificate
    assert reference["cert_hash"].native == certificate.sha256
    assert reference["issuer_serial"].native is None
    assert [attribute["type"].native for attribute in info["unsigned_attrs"]] == ["signature_time_stamp_token"]


def test_the_chain_travels_without_the_root():
    signed_data, _ = parsed(paraf())
    authority = pki.authority()
    carried = {choice.chosen.dump() for choice in signed_data["certificates"]}
    assert carried == {pki.key(authority, "kasi").certificate.dump(), authority.issuing.dump()}


@pytest.mark.parametrize("algorithm", ["ec", "rsa"])
def test_it_is_der(algorithm):
    signature = paraf(algorithm)
    signed_data, info = parsed(signature)
    for certificates in (
        signed_data["certificates"],
        info["unsigned_attrs"][0]["values"][0]["content"]["certificates"],
    ):
        encoded = [choice.dump() for choice in certificates]
        assert encoded == sorted(encoded)
    attributes = [attribute.dump() for attribute in info["signed_attrs"]]
    assert attributes == sorted(attributes)
    command = "openssl cms -cmsout -inform DER -outform DER"  # reads it and encodes it again
    assert subprocess.run(command.split(), input=signature, capture_output=True, check=True).stdout == signature


def test_the_timestamp_is_over_the_signature_value():
    _, info = parsed(paraf())
    token = info["unsigned_attrs"][0]["values"][0]["content"]
    stamped = token["encap_content_info"]["content"].parsed["message_imprint"]["hashed_message"].native
    assert stamped == hashlib.sha256(info["signature"].native).digest()


@pytest.mark.parametrize("algorithm", ["ec", "rsa"])
def test_openssl_agrees(algorithm, tmp_path):
    (tmp_path / "data").write_bytes(DATA)
    (tmp_path / "paraf").write_bytes(paraf(algorithm))
    (tmp_path / "trust").write_bytes(pki.authority(algorithm).trust_pem())
    command = (
        "openssl cms -verify -cades -binary -inform DER -in paraf -content data -CAfile trust -purpose any -out out"
    )
    subprocess.run(command.split(), cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / "out").read_bytes() == DATA


def test_stronger_keys_sign_with_stronger_hashes():
    key = ec.generate_private_key(ec.SECP384R1())
    signatory = cades.signatory(key, self_signed(key, hashes.SHA384()), ())
    _, info = parsed(cades.sign(DATA, signatory, pki.authority().timestamper))
    assert info["digest_algorithm"]["algorithm"].native == "sha384"
    assert info["signature_algorithm"]["algorithm"].native == "sha384_ecdsa"
    attributes = info["signed_attrs"].untag().dump()
    key.public_key().verify(info["signature"].native, attributes, ec.ECDSA(hashes.SHA384()))


def test_other_kinds_of_keys_are_refused():
    key = ed448.Ed448PrivateKey.generate()
    with pytest.raises(KeyUnavailable):
        cades.signatory(key, self_signed(key, None), ())


def test_a_circle_of_issuers_ends():
    first, second = (self_signed(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256()) for _ in range(2))
    names = [x509.Name.build({"common_name": text}) for text in ("A", "B")]
    for certificate, subject, issuer in ((first, *names), (second, *reversed(names))):
        certificate["tbs_certificate"]["subject"] = subject
        certificate["tbs_certificate"]["issuer"] = issuer
    circle = [x509.Certificate.load(certificate.dump(force=True)) for certificate in (first, second)]
    key = ec.generate_private_key(ec.SECP256R1())
    assert len(cades.signatory(key, circle[0], circle).chain) == 2


def test_a_signatory_does_not_show_its_key():
    key = ec.generate_private_key(ec.SECP256R1())
    assert "sign" not in repr(cades.signatory(key, self_signed(key, hashes.SHA256()), ())).split("certificate")[0]
    assert "PrivateKey" not in repr(cades.signatory(key, self_signed(key, hashes.SHA256()), ()))


class Silent(TimeStamper):
    async def async_request_tsa_response(self, req):
        raise OSError("connection refused")


class Refusing(TimeStamper):
    async def async_request_tsa_response(self, req):
        other = tsp.TimeStampReq.load(req.dump())
        other["req_policy"] = "1.2.3.4"
        return await pki.authority().timestamper.async_request_tsa_response(other)


class Nonsense(TimeStamper):
    async def async_request_tsa_response(self, req):
        return tsp.TimeStampResp.load(b"<html>captive portal</html>")


class Replaying(TimeStamper):
    """Answers, nonce and all, for another digest than was asked for."""

    async def async_request_tsa_response(self, req):
        other = tsp.TimeStampReq.load(req.dump())
        other["message_imprint"]["hashed_message"] = bytes(32)
        return await pki.authority().timestamper.async_request_tsa_response(other)


class OldNonce(TimeStamper):
    async def async_request_tsa_response(self, req):
        other = tsp.TimeStampReq.load(req.dump())
        other["nonce"] = 42
        return await pki.authority().timestamper.async_request_tsa_response(other)


@pytest.mark.parametrize("timestamper", [Silent, Refusing, Nonsense, Replaying, OldNonce])
def test_without_a_good_timestamp_there_is_no_paraf(timestamper):
    key = pki.key(pki.authority(), "kasi")
    signatory = key._open(PASSPHRASE, datetime.now(UTC))
    with pytest.raises(TimestampUnavailable):
        cades.sign(DATA, signatory, timestamper())
