"""Random damage to a letter: whatever the file has become, there is a report, and it is not valid."""

from __future__ import annotations

import random

import helpers_attacks as tools
import helpers_pki as pki
import pytest

TOKENS = [
    b"null",
    b"<<",
    b">>",
    b"[",
    b"]",
    b"0 R",
    b"9999999999",
    b"-1",
    b"endobj",
    b"stream",
    b"/Kids",
    b"/V",
    b"\xff",
]


def damaged(pdf: bytes, chance: random.Random) -> bytes:
    text = bytearray(pdf)
    for _ in range(chance.choice([1, 1, 2, 5, 20])):
        place = chance.randrange(len(text))
        match chance.randrange(5):
            case 0:
                text[place] ^= 1 << chance.randrange(8)
            case 1:
                del text[place : place + chance.randrange(1, 30)]
            case 2:
                text[place:place] = chance.choice(TOKENS)
            case 3:
                other = chance.randrange(len(text))
                text[place:place] = text[other : other + chance.randrange(1, 200)]
            case _:
                del text[max(place, 20) :]
    return bytes(text)


@pytest.mark.parametrize("seed", range(4))
def test_damaged_letters_are_never_valid_and_never_crash(seed: int) -> None:
    chance = random.Random(seed)
    letter = tools.archived()
    for number in range(60):
        changed = damaged(letter, chance)
        report = tools.judged(changed)
        if changed.lower() != letter.lower():  # the letter case of a hexadecimal digit changes nothing
            assert report.exit_code != 0, (seed, number)


@pytest.mark.parametrize("seed", range(2))
def test_damaged_unsigned_files_have_reports(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(60):
        assert tools.judged(damaged(pki.letter(), chance)).verdict in ("unsigned", "unreadable", "altered")
