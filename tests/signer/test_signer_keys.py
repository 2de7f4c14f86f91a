"""PKCS#12 keys: what opens them, what they refuse, and that nothing of the passphrase stays behind."""

import traceback
from datetime import UTC, datetime, timedelta

import helpers_pki as pki
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, pkcs12
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates

from signer.errors import KeyUnavailable, WrongPassphrase
from signer.keys.base import Key
from signer.keys.pkcs12 import Pkcs12Key
from verifier import cades

PASSPHRASE = pki.PASSPHRASES["camat"]


def key_of(source, **options):
    return Pkcs12Key(source, pki.authorities(pki.authority()), **({"mode": "simulasi"} | options))


def repacked(key=None, certificate=None, name="camat"):
    """The person's PKCS#12 content with another key or certificate in it; False leaves one out."""
    whole = pkcs12.load_pkcs12(pki.authority().person_path(name).read_bytes(), pki.PASSPHRASES[name].encode())
    kept_key = whole.key if key is None else key or None
    kept_certificate = whole.cert.certificate if certificate is None else certificate or None
    return serialize_key_and_certificates(
        b"x", kept_key, kept_certificate, None, BestAvailableEncryption(PASSPHRASE.encode())
    )


@pytest.mark.parametrize("algorithm", ["ec", "rsa"])
def test_the_passphrase_opens_the_key_for_one_act(algorithm):
    authority = pki.authority(algorithm)
    key: Key = pki.key(authority)
    facts = cades.verify(b"isi", key.sign_detached(b"isi", PASSPHRASE), pki.trust(authority))
    assert facts.certificate_sha256 == key.certificate.sha256
    assert key.mode == "simulasi"


def test_content_works_like_a_path():
    path = pki.authority().person_path("camat")
    key = key_of(path.read_bytes(), certificate=path.with_suffix(".crt").read_bytes())
    assert key.certificate.dump() == key_of(path).certificate.dump()
    cades.verify(b"isi", key.sign_detached(b"isi", PASSPHRASE), pki.trust(pki.authority()))


def test_without_a_certificate_beside_it_there_is_none_to_show_but_the_key_signs():
    key = key_of(pki.authority().person_path("camat").read_bytes())
    with pytest.raises(KeyUnavailable):
        _ = key.certificate
    cades.verify(b"isi", key.sign_detached(b"isi", PASSPHRASE), pki.trust(pki.authority()))


@pytest.mark.parametrize("secret", ["salah", "", "\0", PASSPHRASE + "\0", "\ud800", "x" * 5000, PASSPHRASE.upper()])
def test_a_wrong_passphrase_is_called_that_and_leaves_no_trace(secret, capfd):
    key = key_of(pki.authority().person_path("camat"))
    with pytest.raises(WrongPassphrase) as caught:
        key.sign_detached(b"isi", secret)
    told = "".join(traceback.format_exception(caught.value))
    assert not secret or secret not in told
    assert capfd.readouterr() == ("", "")


def test_the_passphrase_is_not_kept():
    key = key_of(pki.authority().person_path("camat"))
    key.sign_detached(b"isi", PASSPHRASE)
    assert PASSPHRASE not in repr(vars(key)) + repr(key)


@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "text", "trailing", "other"])
def test_a_broken_file_is_not_a_wrong_passphrase(damage, tmp_path):
    whole = pki.authority().person_path("camat").read_bytes()
    content = {
        "empty": b"",
        "cut": whole[:-100],
        "text": b"bukan kunci",
        "trailing": whole + b"\0",
        "other": pki.certificate(pki.authority(), "root").dump(),
    }
    path = tmp_path / "camat.p12"
    if damage != "missing":
        path.write_bytes(content[damage])
    with pytest.raises(KeyUnavailable):
        key_of(path).sign_detached(b"isi", PASSPHRASE)


def self_signed(key):
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "SIMULASI Uji")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(1), now + timedelta(1))
    return builder.sign(key, None)


def test_what_is_in_the_file_must_belong_together():
    stranger = ed25519.Ed25519PrivateKey.generate()
    contents = {
        "no key": repacked(key=False),
        "no certificate": repacked(certificate=False),
        "unsupported key": repacked(key=stranger, certificate=self_signed(stranger)),
    }
    for what, content in contents.items():
        with pytest.raises(KeyUnavailable):
            key_of(content).sign_detached(b"isi", PASSPHRASE)
            pytest.fail(what)


def test_the_file_must_be_of_the_registered_certificate():
    registered = pki.authority().person_certificate("kasi").public_bytes(Encoding.DER)
    key = key_of(pki.authority().person_path("camat").read_bytes(), certificate=registered)
    with pytest.raises(KeyUnavailable):
        key.sign_detached(b"isi", PASSPHRASE)


def test_an_unencrypted_file_is_refused():
    whole = pkcs12.load_pkcs12(pki.authority().person_path("camat").read_bytes(), PASSPHRASE.encode())
    content = serialize_key_and_certificates(b"x", whole.key, whole.cert.certificate, None, NoEncryption())
    for secret in ("", "apa saja"):
        with pytest.raises(WrongPassphrase):
            key_of(content).sign_detached(b"isi", secret)


@pytest.mark.parametrize(("year", "word"), [(2001, "kedaluwarsa"), (2090, "belum berlaku")])
def test_a_certificate_out_of_its_time_does_not_sign(year, word, tmp_path):
    authority = pki.new_authority(tmp_path / "pki", clock=lambda: datetime(year, 1, 1, tzinfo=UTC))
    key = pki.key(authority)
    for act in (
        lambda: key.sign_detached(b"isi", PASSPHRASE),
        lambda: key.sign_pdf(pki.request(), PASSPHRASE),
    ):
        with pytest.raises(KeyUnavailable) as caught:
            act()
        assert word in caught.value.id


def test_the_development_ca_is_never_presented_as_bsre():
    path = pki.authority().person_path("camat")
    with pytest.raises(KeyUnavailable):
        key_of(path, mode="bsre")
    hidden = key_of(path.read_bytes(), mode="bsre")  # no certificate beside it: found out when the file is opened
    with pytest.raises(KeyUnavailable):
        hidden.sign_detached(b"isi", PASSPHRASE)


@pytest.mark.parametrize(
    "data", [b"", b"bukan sertifikat", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]
)
def test_an_unreadable_certificate_is_said_at_once(data):
    with pytest.raises(KeyUnavailable):
        key_of(b"", certificate=data)


def test_a_request_does_not_spill_the_letter_into_logs():
    told = repr(pki.request())
    assert "TandaTanganCamat" in told
    assert "PDF-" not in told
