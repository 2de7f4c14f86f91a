"""Issuing seals: what is sealed can be read, and only that."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from hypothesis import given
from hypothesis import strategies as st

from signer import seal
from verifier import claims, token
from verifier import seal as verifier_seal
from verifier.errors import VerificationError

KEY = seal.PrivateSealKey(ec.generate_private_key(ec.SECP256R1()))
TOKEN = "7ZQ4M0K9XVB2T6HC"
RENDERED = b"%PDF-1.7 rendered" * 3000
WIB = timezone(timedelta(hours=7))
KEYS = {
    KEY.kid: [
        verifier_seal.TrustedKey(
            KEY.private.public_key(),
            datetime(1970, 1, 1, tzinfo=UTC),
            datetime(2107, 1, 1, tzinfo=UTC),
            bytes(32),
        )
    ]
}
TYPICAL: dict[str, Any] = {
    "issued_at": datetime(2026, 1, 5, 2, 50, tzinfo=UTC),
    "number": "400.9/123/416-304/2026",
    "letter_date": date(2026, 1, 5),
    "subject": "Undangan Rapat Koordinasi BSPPS",
    "signer": "SUGONDO, S.Sos., MM.",
    "capacity": "CAMAT TRAWAS",
    "mode": "simulasi",
}


def text_of(fields: claims.SealFields, letter_token: str = TOKEN) -> str:
    return seal.qr_text("https://surat.contoh.go.id", letter_token, seal.issue(fields, letter_token, KEY))


def texts(most: int) -> st.SearchStrategy[str]:
    """Texts that a person may type, some far too long; `describe` tidies and cuts them."""
    invisible = "\u115f\u1160\u2800\u3164\uffa0\ufffc\ufffd"
    letters = st.characters(
        codec="utf-8", exclude_categories=("C", "Z", "M"), exclude_characters=invisible, include_characters=" "
    )
    return st.text(letters, min_size=1, max_size=most).filter(lambda text: text.strip() != "")


@st.composite
def described(draw: st.DrawFn) -> claims.SealFields:
    moment = draw(st.datetimes(datetime(1971, 1, 1), datetime(2106, 1, 1), timezones=st.just(UTC)))
    back = timedelta(days=draw(st.integers(0, 400)))
    fields = seal.describe(
        draw(st.binary(min_size=1, max_size=100)),
        issued_at=moment,
        number=draw(st.text("0123456789./-AB", min_size=1, max_size=40)),
        letter_date=moment.astimezone(WIB).date() - back,
        subject=draw(texts(90)),
        signer=draw(texts(90)),
        capacity=draw(texts(90)),
        mode=draw(st.sampled_from(["simulasi", "bsre"])),
    )
    return replace(fields, length=draw(st.sampled_from([fields.length, 65536, 2**32 - 1])))


@given(described(), st.binary(min_size=10, max_size=10).map(token.from_bytes))
def test_what_is_sealed_is_read(fields: claims.SealFields, letter_token: str) -> None:
    sealed = seal.issue(fields, letter_token, KEY)
    assert len(sealed) <= claims.SEAL_MAX
    text = seal.qr_text("https://surat.contoh.go.id:8443/", letter_token, sealed)
    opened = verifier_seal.open_seal(text, KEYS)
    assert opened.fields == fields
    assert opened.qr == verifier_seal.QrText("https://surat.contoh.go.id:8443", letter_token, sealed)


def test_a_typical_seal_takes_200_bytes() -> None:
    fields = seal.describe(RENDERED, **TYPICAL)
    assert len(seal.issue(fields, TOKEN, KEY)) == 200


def test_the_longest_seal_takes_as_many_bytes_as_stated() -> None:
    long = {"number": "4" * 40, "subject": "U" * 99, "signer": "S" * 99, "capacity": "C" * 99}
    fields = seal.describe(RENDERED, **{**TYPICAL, **long, "letter_date": date(2020, 1, 1)})
    assert len(seal.issue(replace(fields, length=2**32 - 1), TOKEN, KEY)) == claims.SEAL_MAX


def test_the_signature_is_plain_es256_over_the_sig_structure() -> None:
    """Checked with the bytes of RFC 9052, 4.4 written out here, not with our own encoder."""
    sealed = seal.issue(seal.describe(RENDERED, **TYPICAL), TOKEN, KEY)
    protected, payload, signature = sealed[1:11], sealed[14:-66], sealed[-64:]
    assert protected == bytes.fromhex("49 a2 01 26 04 44") + KEY.kid
    signed = (
        b"\x84\x6aSignature1" + protected + b"\x4a" + token.to_bytes(TOKEN)
        + b"\x58" + bytes([len(payload)]) + payload
    )  # fmt: skip
    r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
    der = utils.encode_dss_signature(r, s)
    KEY.private.public_key().verify(der, signed, ec.ECDSA(hashes.SHA256()))


def test_describing_tidies_cuts_and_hashes() -> None:
    fields = seal.describe(
        RENDERED,
        **{
            **TYPICAL,
            "issued_at": datetime(2026, 1, 5, 9, 50, 0, 999_999, tzinfo=WIB),
            "subject": "  Undangan\nRapat\u00a0Koordinasi e\u0301valuasi " + "x" * 60,
            "signer": "S" * 61,
            "capacity": "a.n. CAMAT TRAWAS SEKRETARIS CAMAT",
        },
    )
    assert fields.issued_at == datetime(2026, 1, 5, 2, 50, tzinfo=UTC)
    assert fields.issued_at.tzinfo is UTC
    assert fields.subject.startswith("Undangan Rapat Koordinasi \u00e9valuasi x")
    assert len(fields.subject.encode()) == 60
    assert (fields.subject_cut, fields.signer_cut, fields.capacity_cut) == (True, True, False)
    assert (fields.signer, fields.length) == ("S" * 60, len(RENDERED))
    assert fields.digest == hashlib.sha256(RENDERED).digest()[:16]
    assert verifier_seal.verify(text_of(fields), KEYS) == fields
    verifier_seal.covers(fields, RENDERED + b"appended")


@pytest.mark.parametrize(
    "change",
    [
        {"number": "4" * 41},
        {"subject": ""},
        {"subject": "Undangan\u202e"},
        {"subject": "\ud800" * 70},
        {"letter_date": date(2026, 1, 6)},
    ],
)
def test_what_cannot_be_sealed_is_refused(change: dict[str, Any]) -> None:
    fields = seal.describe(RENDERED, **{**TYPICAL, **change})
    with pytest.raises(VerificationError, match="seal-claims"):
        seal.issue(fields, TOKEN, KEY)


def test_an_empty_file_is_never_sealed() -> None:
    with pytest.raises(VerificationError, match="length"):
        seal.issue(seal.describe(b"", **TYPICAL), TOKEN, KEY)


def test_a_token_that_is_none_is_refused() -> None:
    with pytest.raises(VerificationError, match="token-form"):
        seal.issue(seal.describe(RENDERED, **TYPICAL), TOKEN.lower(), KEY)


class BrokenKey:
    """A key whose device answers DER instead of r || s."""

    kid = KEY.kid

    def sign(self, message: bytes) -> bytes:
        return KEY.private.sign(message, ec.ECDSA(hashes.SHA256()))


def test_a_key_that_answers_anything_but_64_bytes_is_refused() -> None:
    with pytest.raises(VerificationError, match="seal-structure"):
        seal.issue(seal.describe(RENDERED, **TYPICAL), TOKEN, BrokenKey())


def test_only_p256_keys_seal() -> None:
    with pytest.raises(VerificationError, match="seal-key-type"):
        seal.PrivateSealKey(ec.generate_private_key(ec.SECP384R1()))


def test_qr_text_is_upper_case_and_canonical() -> None:
    sealed = seal.issue(seal.describe(RENDERED, **TYPICAL), TOKEN, KEY)
    text = seal.qr_text("https://Surat.Contoh.go.id:443/", TOKEN, sealed)
    assert text.startswith(f"HTTPS://SURAT.CONTOH.GO.ID/V/{TOKEN}#")
    assert text == text.upper()
    assert "=" not in text


@pytest.mark.parametrize(
    "base_url", ["", "surat.go.id", "https://surat.go.id/app", "https://u@surat.go.id", "https://surat.go.id//"]
)
def test_qr_text_refuses_what_the_verifier_would(base_url: str) -> None:
    sealed = seal.issue(seal.describe(RENDERED, **TYPICAL), TOKEN, KEY)
    with pytest.raises(VerificationError, match="qr-form"):
        seal.qr_text(base_url, TOKEN, sealed)


def test_qr_text_refuses_another_form_of_token_or_seal() -> None:
    with pytest.raises(VerificationError, match="qr-form"):
        seal.qr_text("https://surat.go.id", TOKEN[1:], b"seal")
    with pytest.raises(VerificationError, match="seal-text"):
        seal.qr_text("https://surat.go.id", TOKEN, bytes(claims.SEAL_MAX + 1))
