"""Word-level differences: what people read of a changed text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from signer.berkas.wording import MOST_TOKENS, Kind, Piece, pieces


def side(found: list[Piece], without: Kind) -> str:
    return "".join(piece.text for piece in found if piece.kind is not without)


def test_one_word_changes_between_words_that_stay() -> None:
    found = pieces("Pendopo Kecamatan Trawas", "Balai Kecamatan Trawas")
    assert found == [Piece(Kind.OUT, "Pendopo"), Piece(Kind.IN, "Balai"), Piece(Kind.SAME, " Kecamatan Trawas")]


def test_neighbouring_changes_become_one() -> None:
    found = pieces("hadir pada hari Senin, 5 Januari di aula", "hadir pada hari Rabu, 7 Maret di aula")
    assert [piece.kind for piece in found] == [Kind.SAME, Kind.OUT, Kind.IN, Kind.SAME]
    assert [piece.text for piece in found[1:3]] == ["Senin, 5 Januari", "Rabu, 7 Maret"]


def test_texts_with_little_in_common_are_replaced_whole() -> None:
    assert pieces("Sekian.", "Demikian disampaikan kepada Saudara") == [
        Piece(Kind.OUT, "Sekian."),
        Piece(Kind.IN, "Demikian disampaikan kepada Saudara"),
    ]


def test_what_was_empty_comes_in_and_what_is_emptied_goes_out() -> None:
    assert pieces("", "Arsip") == [Piece(Kind.IN, "Arsip")]
    assert pieces("Arsip", "") == [Piece(Kind.OUT, "Arsip")]


def test_a_long_stretch_that_stays_is_shortened() -> None:
    words = " ".join(f"kata{n}" for n in range(40))
    found = pieces(f"{words} lama", f"{words} baru")
    assert found[0].text.startswith("… kata34")
    assert len(found[0].text) < len(words)


def test_very_long_texts_are_compared_by_lines() -> None:
    lines = [f"Kepala Desa nomor {n}, Kecamatan Trawas" for n in range(MOST_TOKENS // 10)]
    found = pieces("\n".join(lines), "\n".join([*lines[:100], "Tamu baru", *lines[100:]]))
    assert [piece.text for piece in found if piece.kind is Kind.IN] == ["Tamu baru\n"]


@given(st.text("ab ,.\n", max_size=40), st.text("ab ,.\n", max_size=40))
def test_both_texts_can_be_read_from_the_pieces(before: str, after: str) -> None:
    found = pieces(before, after)
    if not any("…" in piece.text for piece in found):
        assert (side(found, Kind.IN), side(found, Kind.OUT)) == (before, after)
