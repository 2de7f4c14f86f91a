"""The paraf's checks: one good signature, and everything that must not pass for it."""

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta

import helpers_pki as pki
import pytest
from asn1crypto import algos, cms, tsp, x509
from cryptography import x509 as crypto_x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

from certs_dev.certificates import Entity
from certs_dev.tsa import DevTimeStamper
from signer import cades as signing
from verifier import cades
from verifier.errors import VerificationError
from verifier.trust import Trust

DATA = b"%PDF-2.0 naskah final"
PASSPHRASE = pki.PASSPHRASES["kasi"]


def paraf(authority=None):
    return pki.key(authority or pki.authority(), "kasi").sign_detached(DATA, PASSPHRASE)


def trust(authority=None):
    return pki.trust(authority or pki.authority())


def signatory(name="kasi", authority=None):
    return pki.key(authority or pki.authority(), name)._open(pki.PASSPHRASES[name], datetime.now(UTC))


def refused(code, signature, data=DATA, trusted=None, at=None):
    with pytest.raises(VerificationError) as caught:
        cades.verify(data, signature, trusted or trust(), at)
    assert caught.value.code == code
    assert caught.value.id == cades.REASONS[code][0]


def changed(change, signature=None):
    """The paraf's CMS after `change(signed_data, signer_info)` has worked on it."""
    content_info = cms.ContentInfo.load(signature or paraf())
    signed_data = content_info["content"]
    change(signed_data, signed_data["signer_infos"][0])
    return content_info.dump()


@pytest.mark.parametrize("algorithm", ["ec", "rsa"])
def test_a_good_paraf_tells_who_and_when(algorithm):
    authority = pki.authority(algorithm)
    begin = datetime.now(UTC).replace(microsecond=0)
    facts = cades.verify(DATA, paraf(authority), trust(authority))
    assert facts.signer == "SIMULASI Bambang Sutrisno, S.Sos."
    assert facts.certificate_sha256 == pki.key(authority, "kasi").certificate.sha256
    assert begin <= facts.signed_at <= datetime.now(UTC)
    assert facts.authority.startswith("SIMULASI")


def test_it_is_of_these_bytes_alone():
    signature = paraf()
    for data in (b"", DATA[:-1], DATA + b"\0", DATA.replace(b"final", b"Final")):
        refused("paraf-other-document", signature, data)


def test_a_flipped_bit_never_gives_other_facts():
    signature = paraf()
    good = cades.verify(DATA, signature, trust())
    passed = 0
    for place in range(0, len(signature) * 8, 101):
        damaged = bytearray(signature)
        damaged[place // 8] ^= 1 << place % 8
        try:
            facts = cades.verify(DATA, bytes(damaged), trust())
        except VerificationError:
            continue
        passed += 1  # unsigned wrapping, such as a version number or the digest algorithms announced ahead
        assert facts == good
    assert passed < 20


@pytest.mark.parametrize(
    "damage", [lambda s: b"", lambda s: s[:-1], lambda s: s + b"\0", lambda s: s[::-1], lambda s: b"0\x80" + s]
)
def test_what_is_not_one_cms_and_nothing_else_is_refused(damage):
    refused("paraf-format", damage(paraf()))


def test_other_structures_are_refused():
    refused("paraf-format", pki.certificate(pki.authority(), "root").dump())
    refused("paraf-format", cms.ContentInfo({"content_type": "data", "content": DATA}).dump())


def test_no_second_signer_hides_in_it():
    refused("paraf-format", changed(lambda data, info: data["signer_infos"].append(info.copy())))

    def none(data, info):
        data["signer_infos"] = []

    refused("paraf-format", changed(none))


def test_no_second_document_hides_in_it():
    def encapsulate(data, info):
        data["encap_content_info"] = {"content_type": "data", "content": DATA}

    refused("paraf-format", changed(encapsulate))


def test_what_it_says_it_signs_is_plain_data():
    def rename(data, info):
        data["encap_content_info"] = {"content_type": "signed_data"}

    refused("paraf-format", changed(rename))


def test_without_its_certificate_it_cannot_be_checked():
    def drop(data, info):
        data["certificates"] = [c for c in data["certificates"] if c.chosen.ca]

    refused("paraf-format", changed(drop))


def without_timestamp(data, info):
    names = ("version", "sid", "digest_algorithm", "signed_attrs", "signature_algorithm", "signature")
    data["signer_infos"] = [cms.SignerInfo({name: info[name] for name in names})]


def with_token(token):
    """A change that puts other timestamp tokens in."""

    def change(data, info):
        values = token if isinstance(token, list) else [token]
        info["unsigned_attrs"] = [{"type": "signature_time_stamp_token", "values": values}]

    return change


def token_of(signature):
    info = cms.ContentInfo.load(signature)["content"]["signer_infos"][0]
    return info["unsigned_attrs"][0]["values"][0]


def test_there_must_be_one_timestamp():
    refused("paraf-no-timestamp", changed(without_timestamp))
    signature = paraf()
    token = token_of(signature)
    refused("paraf-timestamp", changed(with_token([token, token]), signature))


def test_the_timestamp_must_be_of_this_signature():
    refused("paraf-timestamp", changed(with_token(token_of(paraf()))))


def test_a_timestamp_without_trust_is_no_timestamp(tmp_path):
    stranger = pki.new_authority(tmp_path / "pki")
    signature = signing.sign(DATA, signatory(), stranger.timestamper)
    refused("paraf-timestamp-untrusted", signature)


def test_a_person_is_no_timestamp_authority():
    authority = pki.authority()
    whole = pkcs12.load_pkcs12(authority.person_path("camat").read_bytes(), pki.PASSPHRASES["camat"].encode())
    camat = Entity(whole.cert.certificate, whole.key)
    timestamper = DevTimeStamper(camat, authority.issuing, lambda: datetime.now(UTC))
    refused("paraf-timestamp-untrusted", signing.sign(DATA, signatory(), timestamper))


def test_a_timestamp_over_a_weak_hash_is_refused():
    signature = paraf()
    value = cms.ContentInfo.load(signature)["content"]["signer_infos"][0]["signature"].native
    imprint = {"hash_algorithm": {"algorithm": "sha1"}, "hashed_message": hashlib.sha1(value).digest()}
    request = tsp.TimeStampReq({"version": "v1", "message_imprint": imprint, "cert_req": True})
    token = pki.authority().timestamper._token(request)  # its front door refuses SHA-1
    refused("paraf-timestamp", changed(with_token(token), signature))


def test_a_forged_time_breaks_the_token():
    def forge(data, info):
        token = info["unsigned_attrs"][0]["values"][0]["content"]
        inside = tsp.TSTInfo.load(bytes(token["encap_content_info"]["content"]))
        inside["gen_time"] = datetime(2020, 1, 1, tzinfo=UTC)
        token["encap_content_info"]["content"] = cms.ParsableOctetString(inside.dump())

    refused("paraf-timestamp", changed(forge))


def test_a_timestamp_from_the_future_is_refused():
    signature = paraf()
    now = datetime.now(UTC)
    refused("paraf-timestamp-future", signature, at=now - timedelta(minutes=10))
    assert cades.verify(DATA, signature, trust(), now - timedelta(seconds=30))  # clocks differ a little


def test_the_timestamp_authority_must_still_be_in_force(tmp_path):
    signature = paraf()
    assert cades.verify(DATA, signature, trust(), datetime.now(UTC) + timedelta(days=10 * 365))
    refused("paraf-timestamp-untrusted", signature, at=datetime.now(UTC) + timedelta(days=21 * 365))


def test_an_expired_signer_counts_at_the_time_of_the_timestamp(tmp_path):
    later = datetime.now(UTC) + timedelta(days=3 * 365)
    assert cades.verify(DATA, paraf(), trust(), later)  # two years' certificate, but it was good when it signed
    old = pki.new_authority(tmp_path / "pki", clock=lambda: datetime.now(UTC) - timedelta(days=3 * 365))
    at = datetime.now(UTC) - timedelta(days=2 * 365 + 10)
    signer = pki.key(old, "kasi")._open(PASSPHRASE, at)
    now_stamping = DevTimeStamper(old._services["tsa"], old.issuing, lambda: datetime.now(UTC))
    refused("paraf-untrusted", signing.sign(DATA, signer, now_stamping), trusted=trust(old))


def test_only_the_given_anchors_are_trusted(tmp_path):
    stranger = pki.new_authority(tmp_path / "pki")
    signature = paraf(stranger)
    assert cades.verify(DATA, signature, trust(stranger))
    refused("paraf-timestamp-untrusted", signature)
    refused("paraf-timestamp-untrusted", signature, trusted=Trust())
    mixed = signing.sign(DATA, signatory(authority=stranger), pki.authority().timestamper)
    refused("paraf-untrusted", mixed)


def test_another_kind_of_authority_under_the_same_names_is_untrusted():
    refused("paraf-timestamp-untrusted", paraf(), trusted=trust(pki.authority("rsa")))


# signatures made by hand, for what our own signer never makes


def signed_by_hand(attributes, *, hash_name="sha256", algorithm="sha256_ecdsa", sign=None, certificate=None):
    """A CAdES-T of the Kasi's key over these attributes, or of another key with its certificate."""
    person = signatory()
    der = cms.CMSAttributes(attributes).dump()
    signature = (sign or person.sign)(der)
    digest = hashlib.sha256(signature).digest()
    token = asyncio.run(signing.timestamp(digest, pki.authority().timestamper))
    certificate = certificate or person.certificate
    info = {
        "version": "v1",
        "sid": cms.SignerIdentifier(
            "issuer_and_serial_number",
            {"issuer": certificate.issuer, "serial_number": certificate.serial_number},
        ),
        "digest_algorithm": {"algorithm": hash_name},
        "signed_attrs": cms.CMSAttributes.load(der),
        "signature_algorithm": {"algorithm": algorithm},
        "signature": signature,
        "unsigned_attrs": [{"type": "signature_time_stamp_token", "values": [token]}],
    }
    signed_data = {
        "version": "v1",
        "digest_algorithms": [algos.DigestAlgorithm({"algorithm": hash_name})],
        "encap_content_info": {"content_type": "data"},
        "certificates": [cms.CertificateChoices("certificate", c) for c in (certificate, *person.chain)],
        "signer_infos": [info],
    }
    return cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(signed_data)}).dump()


def attributes(certificate=None, hash_name="sha256", **others):
    certificate = certificate or signatory().certificate
    reference = tsp.SigningCertificateV2({"certs": [tsp.ESSCertIDv2({"cert_hash": certificate.sha256})]})
    values = {
        "content_type": "data",
        "message_digest": hashlib.new(hash_name, DATA).digest(),
        "signing_certificate_v2": reference,
    } | others
    return [cms.CMSAttribute({"type": kind, "values": [v]}) for kind, v in values.items() if v is not None]


def test_the_hand_made_one_is_good_when_nothing_is_wrong():
    assert cades.verify(DATA, signed_by_hand(attributes()), trust()).signer.endswith("S.Sos.")


@pytest.mark.parametrize("missing", ["content_type", "message_digest", "signing_certificate_v2"])
def test_every_signed_attribute_is_needed(missing):
    refused("paraf-format", signed_by_hand(attributes(**{missing: None})))


def test_an_attribute_given_twice_is_refused():
    good = attributes()
    for extra in good:
        refused("paraf-format", signed_by_hand([*good, extra]))


def test_another_content_type_is_refused():
    refused("paraf-format", signed_by_hand(attributes(content_type="tst_info")))


def test_the_certificate_named_in_the_signature_must_be_the_signers():
    other = pki.key(pki.authority(), "camat").certificate
    refused("paraf-forged", signed_by_hand(attributes(certificate=other)))


def test_a_value_of_another_key_is_forged():
    key = ec.generate_private_key(ec.SECP256R1())
    refused("paraf-forged", signed_by_hand(attributes(), sign=lambda data: key.sign(data, ec.ECDSA(hashes.SHA256()))))


def test_weak_hashes_are_refused():
    weak = attributes(hash_name="sha1")
    refused("paraf-algorithm", signed_by_hand(weak, hash_name="sha1", algorithm="sha1_ecdsa"))
    refused("paraf-algorithm", signed_by_hand(attributes(), algorithm="sha1_ecdsa"))


def self_signed(key):
    name = crypto_x509.Name([crypto_x509.NameAttribute(crypto_x509.NameOID.COMMON_NAME, "SIMULASI Uji")])
    now = datetime.now(UTC)
    builder = crypto_x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(1))
    return x509.Certificate.load(builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER))


def test_short_keys_are_refused():
    key = rsa.generate_private_key(65537, 1024)
    certificate = self_signed(key)
    signature = signed_by_hand(
        attributes(certificate=certificate),
        algorithm="sha256_rsa",
        sign=lambda data: key.sign(data, padding.PKCS1v15(), hashes.SHA256()),
        certificate=certificate,
    )
    refused("paraf-algorithm", signature)


def test_a_self_made_certificate_is_untrusted():
    key = ec.generate_private_key(ec.SECP256R1())
    made = signing.signatory(key, self_signed(key), ())
    refused("paraf-untrusted", signing.sign(DATA, made, pki.authority().timestamper))
