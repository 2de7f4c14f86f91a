"""Seals: what holds, and that nothing else does. The vectors are shared with the browser's code."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import cbor2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vectors.seal import make
from verifier import claims, cose, seal, token
from verifier.claims import SealFields
from verifier.errors import VerificationError

FOLDER = Path(__file__).parents[1] / "vectors/seal"
GOOD: dict[str, Any] = json.loads((FOLDER / "good.json").read_text())
BAD: dict[str, Any] = json.loads((FOLDER / "bad.json").read_text())
TYPICAL: dict[str, Any] = GOOD["cases"][0]


def keys_of(vectors: dict[str, Any]) -> seal.SealKeys:
    """Reads the keys as a program without our private key would: from the JWK."""
    keys = {}
    for key in vectors["keys"]:
        x, y = (int.from_bytes(base64.urlsafe_b64decode(key["jwk"][name] + "=")) for name in "xy")
        public = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
        validity = (datetime.fromisoformat(key[name]) for name in ("not_before", "not_after"))
        keys[bytes.fromhex(key["kid"])] = [seal.TrustedKey(public, *validity, fingerprint=bytes(32))]
    return keys


KEYS = keys_of(GOOD)


def code_of(text: str, keys: seal.SealKeys = KEYS) -> str:
    """The code a text is refused with, or "accepted". Any other exception fails the test."""
    try:
        seal.verify(text, keys)
    except VerificationError as error:
        assert error.id
        assert error.en
        assert error.id != error.en
        return error.code
    return "accepted"


@pytest.mark.parametrize("case", GOOD["cases"], ids=lambda case: case["name"])
def test_good_vectors(case: dict[str, Any]) -> None:
    opened = seal.open_seal(case["text"], KEYS)
    assert make.shown(opened.fields) == case["fields"]
    assert opened.qr == seal.QrText(case["origin"], case["token"], bytes.fromhex(case["seal"]))
    assert cose.decode(opened.qr.seal).payload.hex() == case["payload"]
    assert opened.key.public in [key.public for key in KEYS[make.KEY.kid]]
    assert seal.verify(case["text"], KEYS) == opened.fields


@pytest.mark.parametrize("case", BAD["cases"], ids=lambda case: f"{case['error']}: {case['name']}")
def test_bad_vectors(case: dict[str, str]) -> None:
    assert code_of(case["text"]) == case["error"]


def test_vectors_are_what_the_code_makes() -> None:
    """Fails when the format changes: letters already printed must still be read, see docs/formats/seal.md."""
    for name, content in make.files().items():
        assert (FOLDER / name).read_text() == make.written(content)
    assert len({case["name"] for case in BAD["cases"]}) == len(BAD["cases"])


def test_layout_byte_by_byte() -> None:
    """The typical seal against its description in docs/formats/seal.md, without a CBOR library."""
    sealed, kid = bytes.fromhex(TYPICAL["seal"]), make.KEY.kid
    fields = TYPICAL["fields"]
    texts = [fields[name].encode() for name in ("number", "subject", "signer", "capacity")]
    payload = (
        b"\xa2\x06\x1a" + make.IAT.to_bytes(4) + b"\x20\x87"
        + b"\x76" + texts[0] + b"\x00" + b"\x78\x1f" + texts[1] + b"\x74" + texts[2] + b"\x6c" + texts[3]
        + b"\x19" + fields["length"].to_bytes(2) + b"\x50" + bytes.fromhex(fields["digest"])
    )  # fmt: skip
    assert sealed[:12] == b"\x84\x49\xa2\x01\x26\x04\x44" + kid + b"\xa0"
    assert sealed[12:].startswith(b"\x58" + bytes([len(payload)]) + payload + b"\x58\x40")
    assert len(sealed) == 12 + 2 + len(payload) + 2 + 64 == 200


def test_every_flipped_bit_is_refused() -> None:
    sealed = bytes.fromhex(TYPICAL["seal"])
    for bit in range(8 * len(sealed)):
        flipped = bytearray(sealed)
        flipped[bit // 8] ^= 1 << bit % 8
        assert code_of(make.text_of(bytes(flipped))) != "accepted"


@given(st.integers(0), st.integers(0, 4))
def test_every_changed_character_is_refused(position: int, change: int) -> None:
    """The host and its scheme are the door, not the seal; everything from the token on counts."""
    start = len(make.ORIGIN)
    position = start + position % (len(TYPICAL["text"]) - start)
    text = TYPICAL["text"]
    alphabet = "".join(sorted(set("0A2Z#/") - {text[position]}))
    changed = text[:position] + alphabet[change] + text[position + 1 :]
    assert code_of(changed) != "accepted"


@given(st.binary(min_size=10, max_size=10).map(token.from_bytes))
def test_a_seal_under_another_token_is_refused(other: str) -> None:
    expected = "accepted" if other == make.TOKEN else "seal-signature"
    assert code_of(TYPICAL["text"].replace(make.TOKEN, other)) == expected


@given(st.binary(max_size=340))
def test_random_bytes_are_refused(data: bytes) -> None:
    assert code_of(make.text_of(data)) not in {"accepted", "seal-signature"}


@given(st.text(max_size=80) | st.text("HTPS:/.V#0A@%\\?-\n", max_size=80))
def test_random_texts_are_refused(text: str) -> None:
    assert code_of(text) != "accepted"


cbor_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**66), 2**66) | st.floats() | st.text(max_size=5)
    | st.binary(max_size=17) | st.sampled_from([make.IAT, *make.FACTS, cbor2.undefined, cbor2.CBORSimpleValue(99)]),
    lambda inner: st.lists(inner, max_size=8)
    | st.dictionaries(st.integers(-3, 7) | st.text(max_size=2) | st.booleans(), inner, max_size=4)
    | st.builds(cbor2.CBORTag, st.integers(0, 70_000), inner)
    | st.fixed_dictionaries({6: inner, -1: st.lists(inner, min_size=7, max_size=7)}),
)  # fmt: skip


@given(cbor_values)
def test_any_signed_claims_are_judged(value: object) -> None:
    """A careless or hostile holder of a seal key cannot make the verifier crash, nor accept a second spelling."""
    payload = cbor2.dumps(value)
    try:
        assert claims.write_claims(claims.read_claims(payload)) == payload
    except VerificationError as error:
        assert error.code in {"seal-cbor", "seal-claims", "seal-version"}


@given(cbor_values)
def test_any_cbor_in_place_of_the_message_is_refused(value: object) -> None:
    with pytest.raises(VerificationError):
        cose.decode(cbor2.dumps(value))


@given(st.binary(max_size=300), st.integers(0, 190))
@settings(max_examples=50)
def test_spliced_bytes_are_refused(data: bytes, position: int) -> None:
    sealed = bytes.fromhex(TYPICAL["seal"])
    spliced = sealed[:position] + data + sealed[position + len(data) :]
    assert (code_of(make.text_of(spliced)) == "accepted") == (spliced == sealed)


def test_deep_nesting_is_refused() -> None:
    assert code_of(make.text_of(b"\x81" * 300 + b"\x00")) == "seal-cbor"


def test_iat_counts_both_ends_of_the_certificates_validity() -> None:
    for moment, expected in {
        make.NOT_BEFORE: "accepted",
        make.NOT_AFTER: "accepted",
        make.NOT_BEFORE - timedelta(seconds=1): "seal-key-validity",
        make.NOT_AFTER + timedelta(seconds=1): "seal-key-validity",
    }.items():
        sealed = make.sign1(cbor2.dumps({6: int(moment.timestamp()), -1: make.FACTS}))
        assert code_of(make.text_of(sealed)) == expected


def test_of_several_keys_with_one_kid_the_fitting_one_is_named() -> None:
    [right] = KEYS[make.KEY.kid]
    stranger = ec.generate_private_key(ec.SECP256R1()).public_key()
    wrong_key = right._replace(public=stranger, fingerprint=b"1" * 32)
    ended = right._replace(not_after=make.NOT_BEFORE, fingerprint=b"2" * 32)
    kid = make.KEY.kid
    opened = seal.open_seal(TYPICAL["text"], {kid: [wrong_key, ended, right]})
    assert opened.key == right
    assert code_of(TYPICAL["text"], {kid: [wrong_key]}) == "seal-signature"
    assert code_of(TYPICAL["text"], {kid: [wrong_key, ended]}) == "seal-key-validity"
    assert code_of(TYPICAL["text"], {kid: []}) == "seal-unknown-key"


def test_a_key_of_another_curve_is_never_used() -> None:
    [right] = KEYS[make.KEY.kid]
    other = right._replace(public=ec.generate_private_key(ec.SECP384R1()).public_key())
    assert code_of(TYPICAL["text"], {make.KEY.kid: [other, right]}) == "seal-key-type"


def certificate(private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, years: int) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "SIMULASI Segel Kecamatan Trawas")])
    builder = x509.CertificateBuilder(name, name, private.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(make.NOT_BEFORE)
    return builder.not_valid_after(make.NOT_BEFORE + timedelta(days=365 * years)).sign(private, hashes.SHA256())


def test_keys_come_from_certificates() -> None:
    first, renewed = certificate(make.PRIVATE, 1), certificate(make.PRIVATE, 2)
    keys = seal.seal_keys([first, renewed])
    spki = first.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert list(keys) == [hashlib.sha256(spki).digest()[:4]]
    [one, two] = keys[make.KEY.kid]
    assert (one.fingerprint, two.fingerprint) == (
        first.fingerprint(hashes.SHA256()),
        renewed.fingerprint(hashes.SHA256()),
    )
    assert one.not_before == make.NOT_BEFORE
    assert one.not_after == make.NOT_BEFORE + timedelta(days=365)
    assert seal.open_seal(TYPICAL["text"], keys).key == one


@pytest.mark.parametrize(
    "private", [ec.generate_private_key(ec.SECP384R1()), rsa.generate_private_key(65537, 2048)], ids=["P-384", "RSA"]
)
def test_certificates_of_other_key_types_are_refused(private: ec.EllipticCurvePrivateKey) -> None:
    with pytest.raises(VerificationError, match="seal-key-type"):
        seal.seal_keys([certificate(private, 1)])


def test_the_signed_file_proves_the_seal() -> None:
    fields = seal.verify(TYPICAL["text"], KEYS)
    seal.covers(fields, make.RENDERED)
    seal.covers(fields, make.RENDERED + b"\nincremental update")
    with pytest.raises(VerificationError, match="seal-file"):
        seal.covers(replace(fields, length=fields.length + 1), make.RENDERED)
    for other in (make.RENDERED[:-1], b"", make.RENDERED[:-1] + b"\0", b"\n" + make.RENDERED):
        with pytest.raises(VerificationError, match="seal-file"):
            seal.covers(fields, other)


def test_origin_is_canonical() -> None:
    assert seal.origin("HTTPS://Surat.Go.Id:443") == "https://surat.go.id"
    assert seal.origin("http://surat.go.id:80") == "http://surat.go.id"
    assert seal.origin("http://surat.go.id:443") == "http://surat.go.id:443"
    assert seal.origin("https://10.0.0.1:8443") == "https://10.0.0.1:8443"
    for wrong in ("https://surat.go.id/", f"https://{'a' * 64}.id", "https://" + "a." * 126 + "id", "surat.go.id"):
        with pytest.raises(VerificationError, match="qr-form"):
            seal.origin(wrong)


@given(st.text(), st.integers(0, 80))
def test_shortening_keeps_a_beginning_that_fits(text: str, most: int) -> None:
    kept, cut = claims.shorten(text, most)
    assert text.startswith(kept)
    assert cut or kept == text
    if cut:
        assert len(kept.encode()) <= most


def test_shortening_cuts_between_characters() -> None:
    assert claims.shorten("é" * 31, 60) == ("é" * 30, True)
    assert claims.shorten("x" + "é" * 30, 60) == ("x" + "é" * 29, True)
    assert claims.shorten("€" * 20, 60) == ("€" * 20, False)
    assert claims.shorten("ab cd", 3) == ("ab", True)
    assert claims.shorten("a\ud800" * 40, 60) == ("a\ud800" * 40, False)


WIB = timezone(timedelta(hours=7))
WRONG: list[tuple[str, dict[str, Any]]] = [
    ("issued_at", {"issued_at": datetime(2026, 1, 5, 3)}),
    ("issued_at", {"issued_at": datetime(2026, 1, 5, 3, 0, 0, 1, tzinfo=UTC)}),
    ("issued_at", {"issued_at": datetime(1969, 12, 31, tzinfo=UTC), "letter_date": date(1969, 12, 31)}),
    ("issued_at", {"issued_at": datetime(2107, 1, 1, tzinfo=UTC), "letter_date": date(2106, 12, 31)}),
    ("letter_date", {"letter_date": date(2026, 1, 6)}),
    ("letter_date", {"letter_date": date(1800, 1, 1)}),
    ("mode", {"mode": "produksi"}),
    ("length", {"length": 0}),
    ("digest", {"digest": bytes(32)}),
    ("number", {"number": ""}),
    ("number", {"number": "\ud800"}),
    ("subject", {"subject": "U" * 61}),
    ("signer", {"signer": "S" * 61, "signer_cut": True}),
    ("capacity", {"capacity": "CAMAT\tTRAWAS"}),
]


@pytest.mark.parametrize(("field", "change"), WRONG)
def test_fields_that_cannot_be_sealed(field: str, change: dict[str, Any]) -> None:
    fields = SealFields(**{**vars(make.described()), **change})
    with pytest.raises(VerificationError, match="seal-claims") as caught:
        claims.write_claims(fields)
    assert f"({field})" in caught.value.id


def trial_letter_date_is_counted_in_western_indonesia() -> None:
    """17.00 UTC is the next day at the office; the same moment in another zone seals the same bytes."""
    late = datetime(2026, 1, 5, 17, 0, tzinfo=UTC)
    fields = make.described(issued_at=late, letter_date=date(2026, 1, 6))
    same = SealFields(**{**vars(fields), "issued_at": late.astimezone(WIB)})
    assert claims.write_claims(fields) == claims.write_claims(same)
    assert claims.read_claims(claims.write_claims(fields)) == fields
    with pytest.raises(VerificationError, match="letter_date"):
        claims.write_claims(make.described(issued_at=late - timedelta(seconds=1), letter_date=date(2026, 1, 6)))
