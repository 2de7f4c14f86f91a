"""Random damage: whatever a letter has become, there is a report in time, and it is not valid. `make fuzz` is long."""

from __future__ import annotations

import random

import bitflips
import fuzz
import helpers_attacks as tools
import helpers_pki as pki
import pytest

from verifier.trust import Trust

FUZZED, FLIPPED = 150, 100


def test_damaged_letters_keep_the_verifiers_promises() -> None:
    letters, pems = fuzz.letters_and_trust()
    tally = fuzz.run(letters, pems, FUZZED, seed=2026)
    assert [wrong for wrong, _ in tally.wrong] == []
    assert tally.verdicts.total() == FUZZED
    assert len(tally.verdicts) > 2, "the damage is of several depths"


def test_damaged_unsigned_files_have_reports() -> None:
    chance = random.Random(1)
    for _ in range(40):
        assert tools.judged(fuzz.damaged(pki.letter(), chance)).verdict in ("unsigned", "unreadable", "altered")


@pytest.mark.parametrize("algorithm", ["ec", "rsa"])
def test_flipped_bits_are_found(algorithm: str) -> None:
    """A uniform sample; `python -m tests.bitflips` flips every bit."""
    letter, trust = tools.archived(algorithm), pki.trust(pki.authority(algorithm))
    tally = bitflips.judge(letter, trust, bitflips.order(len(letter), 7, per_byte=True)[:FLIPPED])
    assert tally.wrong == []
    assert tally.total == FLIPPED


def test_what_the_long_runs_would_call_wrong() -> None:
    """The judges of the judge: a false valid, and a letter that nothing happened to, are told apart."""
    letter, pems = tools.archived(), pki.authority().trust_pem()
    assert fuzz.check(b"another file", letter, Trust.from_pem(pems))[0] == "false valid"
    assert fuzz.check(letter, letter + b"\n", Trust.from_pem(pems))[0] is None
    assert bitflips.complaint(tools.judged(letter)) == "verdict valid"
    assert bitflips.complaint(tools.judged(letter, of="rsa")) == "integrity unchanged"
    assert bitflips.complaint(tools.judged(letter[:-1000])) is None
