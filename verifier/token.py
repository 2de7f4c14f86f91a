"""The token of a letter: 80 random bits, written so that a person can type them from paper.

A token is 16 characters of Crockford's base32 alphabet. Printed under the QR it gets a 17th, the check
character, which makes the whole a codeword over GF(32): the sum of value times weight is zero, and every
position has another weight. So any one wrong character is noticed, and any two characters in each other's
place, adjacent or not (docs/formats/seal.md).
"""

from __future__ import annotations

import re
import secrets

from verifier.errors import VerificationError

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 16
BYTES = 10

_TOKEN = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")
_SEPARATORS = re.compile(r"[\s\-\u2010-\u2015\u2212]+")
_CONFUSED = str.maketrans("OIL", "011")
# x^5 + x^2 + 1, primitive over GF(2): its root has order 31, enough for 17 different weights.
_POLYNOMIAL = 0b100101


def new() -> str:
    """Returns a new token from the operating system's random source: 80 bits, not to be guessed."""
    return from_bytes(secrets.token_bytes(BYTES))


def from_bytes(data: bytes) -> str:
    """Writes 10 bytes as a token, high bits first. Raises VerificationError `token-form` otherwise."""
    if len(data) != BYTES:
        raise _malformed()
    number = int.from_bytes(data)
    return "".join(ALPHABET[number >> shift & 31] for shift in range(5 * (LENGTH - 1), -1, -5))


def to_bytes(token: str) -> bytes:
    """Returns the 10 bytes of a token in canonical form: upper case, no separators, no check character.

    These bytes are the seal's external_aad (RFC 9052, 4.3). Raises VerificationError `token-form`.
    """
    if not _TOKEN.fullmatch(token):
        raise _malformed()
    number = 0
    for character in token:
        number = number << 5 | ALPHABET.index(character)
    return number.to_bytes(BYTES)


def check_character(token: str) -> str:
    """Returns the 17th character of a canonical token. Raises VerificationError `token-form`.

    Horner's rule with the field's generator a: check = v1*a^16 + ... + v16*a, where adding is XOR.
    """
    to_bytes(token)
    total = 0
    for character in token:
        total = _times_generator(total ^ ALPHABET.index(character))
    return ALPHABET[total]


def printed(token: str) -> str:
    """Returns the token as printed: groups of four and the check character "ABCD EFGH JKMN PQRS T"."""
    whole = token + check_character(token)
    return " ".join(whole[start : start + 4] for start in range(0, len(whole), 4))


def typed(text: str) -> str:
    """Returns the token that a person typed with its check character.

    Case, spaces and dashes carry no meaning; O is read as 0, I and L as 1 (Crockford). Raises
    VerificationError `token-typo` when a character is missing, is not of the alphabet, or does not agree
    with the check character.
    """
    compact = _SEPARATORS.sub("", text)
    if len(compact) != LENGTH + 1:
        raise VerificationError(
            "token-typo",
            f"Kode terdiri dari {LENGTH + 1} karakter, yang diketik {len(compact)}. Salin semua di bawah QR.",
            f"The code has {LENGTH + 1} characters, {len(compact)} were typed. Copy all from under the QR.",
        )
    canonical = _canonical(compact)
    token, check = canonical[:LENGTH], canonical[LENGTH:]
    if not _TOKEN.fullmatch(token) or check != check_character(token):
        raise VerificationError(
            "token-typo",
            "Ada salah ketik pada kode ini. Bandingkan lagi dengan kode di bawah QR, lalu ketik ulang.",
            "The code has a typing error. Compare it with the code under the QR and type it again.",
        )
    return token


def addressed(text: str) -> str:
    """Returns the token of a page's address: as `typed` reads it, but the check character may be missing.

    Raises VerificationError `token-typo` or `token-form`.
    """
    canonical = _canonical(_SEPARATORS.sub("", text))
    if len(canonical) != LENGTH:
        return typed(text)
    to_bytes(canonical)
    return canonical


def _canonical(compact: str) -> str:
    # Only ASCII is upper-cased: Unicode's rules would turn foreign letters into ours.
    return compact.upper().translate(_CONFUSED) if compact.isascii() else compact


def _times_generator(value: int) -> int:
    """Multiplies an element of GF(32) by the field's generator."""
    doubled = value << 1
    return doubled ^ _POLYNOMIAL if doubled & 32 else doubled


def _malformed() -> VerificationError:
    return VerificationError(
        "token-form",
        "Kode surat tidak berbentuk 16 karakter yang sah.",
        "The letter's token is not 16 characters of the alphabet.",
    )
