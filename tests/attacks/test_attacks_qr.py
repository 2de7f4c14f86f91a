"""Attacks on the paper: seals moved between letters, and QRs that lead to somebody else's site."""

from __future__ import annotations

from datetime import UTC, date, datetime

import helpers_attacks as tools
import helpers_pki as pki
import pytest

from signer import seal as sealer
from verifier import examine, seal
from verifier.errors import VerificationError
from verifier.web.addresses import Addresses

OFFICE = "https://surat.contoh.go.id"
TOKENS = ("0123456789ABCDEF", "FEDCBA9876543210")

LOOK_ALIKES = [
    "https://surat-contoh.go.id",
    "https://surat.contoh.go.id.example.com",
    "https://surat.c0ntoh.go.id",
    "https://contoh.go.id",
    "https://xsurat.contoh.go.id",
    "https://surat.contoh.go.id:8443",
    "http://surat.contoh.go.id",
]
MASKED = [
    "https://surat.contoh.go.id@example.com",
    "https://surat.contoh.go.id\\@example.com",
    "https://surat.contoh.go.id%2eexample.com",
    "https://sur\u0430t.contoh.go.id",  # Cyrillic a
    "https://xn--surt-53d.contoh.go.id",
    "https://surat\u3002contoh.go.id",  # an ideographic full stop, which browsers take for a dot
    "javascript://surat.contoh.go.id",
]


def sealed(token: str, pdf: bytes, number: str = "400.9/123/416-304/2026") -> bytes:
    fields = sealer.describe(
        pdf,
        issued_at=datetime.now(UTC),
        number=number,
        letter_date=date(2026, 1, 5),
        subject="Undangan Rapat Koordinasi BSPPS",
        signer="Dra. Ratna Wulandari, M.Si.",
        capacity="CAMAT TRAWAS",
        mode="simulasi",
    )
    return sealer.issue(fields, token, sealer.PrivateSealKey(pki.authority().seal_key))


def qr(origin: str, token: str, of: bytes) -> str:
    return f"{origin}/V/{token}#{seal.base32(of)}"


def test_a_seal_swapped_between_letters_is_found() -> None:
    """Moved with its token it still names its own letter: the file on which it is stuck is not the one it seals."""
    trust = pki.trust(pki.authority())
    mine, other = (sealed(token, pki.letter(pages=n + 1), f"400.9/{n}") for n, token in enumerate(TOKENS))
    for token, held in zip(TOKENS, (other, mine), strict=True):
        assert examine.seal(qr(OFFICE, token, held), trust=trust, origin=OFFICE).verdict == "altered"
    [keys] = [seal.seal_keys([pki.authority().certificate("seal")])]
    fields = seal.verify(qr(OFFICE, TOKENS[1], other), keys)
    seal.covers(fields, tools.signed(pages=2))
    with pytest.raises(VerificationError, match="sealed"):
        seal.covers(fields, tools.signed())


@pytest.mark.parametrize("origin", LOOK_ALIKES + MASKED)
def test_a_qr_that_leads_elsewhere_is_found(origin: str) -> None:
    """The seal in it is true, copied from a real letter; what is false is where it leads."""
    text = qr(origin, TOKENS[0], sealed(TOKENS[0], pki.letter()))
    report = examine.seal(text, trust=pki.trust(pki.authority()), origin=OFFICE)
    assert report.verdict in ("untrusted", "unreadable")
    assert not Addresses(OFFICE).owns(text)


@pytest.mark.parametrize("origin", LOOK_ALIKES)
def test_without_the_office_address_the_report_names_the_one_it_saw(origin: str) -> None:
    text = qr(origin, TOKENS[0], sealed(TOKENS[0], pki.letter()))
    report = examine.seal(text, trust=pki.trust(pki.authority()))
    assert report.origin == origin
    assert [origin in reason.en for reason in report.reasons if reason.code == "qr-address-not-sealed"] == [True]


def test_the_offices_own_qr_is_good() -> None:
    text = qr(OFFICE, TOKENS[0], sealed(TOKENS[0], pki.letter()))
    report = examine.seal(text, trust=pki.trust(pki.authority()), origin=OFFICE)
    assert (report.verdict, report.exit_code) == ("valid", 0)
    assert "qr-address-not-sealed" not in {reason.code for reason in report.reasons}
