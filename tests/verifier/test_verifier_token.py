"""Tokens: their bytes, and the check character that catches what fingers do to them."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier import token
from verifier.errors import VerificationError

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "vectors/seal/tokens.json").read_text())
SAMPLE = "7ZQ4M0K9XVB2T6HC"
tokens = st.binary(min_size=10, max_size=10).map(token.from_bytes)


def refused_as_typo(text: str) -> bool:
    try:
        token.typed(text)
    except VerificationError as error:
        return error.code == "token-typo"
    return False


@given(st.binary(min_size=10, max_size=10))
def test_bytes_and_token_are_one_to_one(data: bytes) -> None:
    written = token.from_bytes(data)
    assert len(written) == 16
    assert set(written) <= set(token.ALPHABET)
    assert token.to_bytes(written) == data


def test_high_bits_come_first() -> None:
    assert token.from_bytes(bytes.fromhex("f8000000000000000001")) == "Z000000000000001"


def test_new_tokens_differ_and_use_the_whole_alphabet() -> None:
    drawn = {token.new() for _ in range(500)}
    assert len(drawn) == 500
    assert {character for one in drawn for character in one} == set(token.ALPHABET)


@pytest.mark.parametrize("data", [b"", bytes(9), bytes(11)])
def test_other_lengths_are_no_token(data: bytes) -> None:
    with pytest.raises(VerificationError, match="token-form"):
        token.from_bytes(data)


@pytest.mark.parametrize("text", ["", SAMPLE[:-1], SAMPLE + "0", SAMPLE.lower(), "O" + SAMPLE[1:], SAMPLE + "\n"])
def test_only_the_canonical_form_has_bytes(text: str) -> None:
    for use in (token.to_bytes, token.check_character, token.printed):
        with pytest.raises(VerificationError, match="token-form"):
            use(text)


@given(tokens)
def test_what_is_printed_can_be_typed(one: str) -> None:
    printed = token.printed(one)
    assert [len(group) for group in printed.split(" ")] == [4, 4, 4, 4, 1]
    assert token.typed(printed) == one
    assert token.typed(printed.lower().replace(" ", "-")) == one


def test_every_single_wrong_character_is_caught() -> None:
    """Exhaustive for one token: 17 positions, 31 wrong characters each; the check is linear, so for all tokens."""
    for one in (SAMPLE, "0" * 16):
        whole = one + token.check_character(one)
        for position, wrong in itertools.product(range(17), token.ALPHABET):
            typed = whole[:position] + wrong + whole[position + 1 :]
            assert (typed == whole) != refused_as_typo(typed)


def test_every_transposition_is_caught() -> None:
    """Exhaustive: every pair of positions of 17 (adjacent ones among them), every pair of different characters."""
    for first, second in itertools.combinations(range(16), 2):
        for a, b in itertools.combinations(token.ALPHABET, 2):
            rest = list(SAMPLE)
            rest[first], rest[second] = a, b
            check = token.check_character("".join(rest))
            rest[first], rest[second] = b, a
            assert token.check_character("".join(rest)) != check


def test_transposition_with_the_check_character_is_caught() -> None:
    for position, character in itertools.product(range(16), token.ALPHABET):
        one = SAMPLE[:position] + character + SAMPLE[position + 1 :]
        check = token.check_character(one)
        if check != character:
            swapped = one[:position] + check + one[position + 1 :] + character
            assert refused_as_typo(swapped)


@pytest.mark.parametrize("case", VECTORS["good"], ids=lambda case: case["token"])
def test_vectors(case: dict[str, str]) -> None:
    assert token.to_bytes(case["token"]).hex() == case["bytes"]
    assert token.check_character(case["token"]) == case["check"]
    assert token.printed(case["token"]) == case["printed"]


@pytest.mark.parametrize("case", VECTORS["typed"], ids=lambda case: repr(case["text"]))
def test_vectors_typed(case: dict[str, str]) -> None:
    assert token.typed(case["text"]) == case["token"]


@pytest.mark.parametrize("text", VECTORS["mistyped"], ids=repr)
def test_vectors_mistyped(text: str) -> None:
    with pytest.raises(VerificationError) as caught:
        token.typed(text)
    assert caught.value.code == "token-typo"
    assert caught.value.id != caught.value.en


@given(st.text(max_size=40))
def test_any_text_is_a_token_or_a_typo(text: str) -> None:
    try:
        assert len(token.to_bytes(token.typed(text))) == 10
    except VerificationError as error:
        assert error.code == "token-typo"
