"""Values of a letter: what is taken, what is mended, what is refused and where; text is never code."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from decimal import Decimal

import pytest
from helpers_letters import CAMAT, FACTS, SHELF, letter, texts, with_fields
from hypothesis import given, settings
from hypothesis import strategies as st

from signer.drafting import (
    Kop,
    LetterTemplate,
    Shelf,
    clean,
    defaults,
    problems,
    render,
)
from signer.errors import Invalid


@pytest.fixture
def shelf() -> Shelf:
    return SHELF


@pytest.fixture
def undangan() -> LetterTemplate:
    return SHELF["undangan-rakor"]


def test_a_draft_starts_from_the_berkas_and_the_template(undangan: LetterTemplate) -> None:
    started = defaults(undangan, FACTS)
    assert started["tanggal"] == "2026-01-12"
    assert started["selesai"] == "selesai"
    assert started["sembako"] == FACTS["sembako"]
    assert "catatan" not in started
    assert "tempat" not in defaults(undangan, {"agenda": "bukan peta"})


def test_values_become_text_and_stay_the_same_when_cleaned_again(undangan: LetterTemplate) -> None:
    cleaned = clean(
        undangan,
        {
            "pembuka": "  Satu,\tdua  \r\n\r\nTiga ",
            "tanggal": date(2026, 1, 12),
            "mulai": time(9, 0),
            "selesai": "selesai",
            "tempat": "Pendopo\nTrawas",
            "acara": "Rapat",
            "sembako": [
                {"commodity": "Beras", "amount": 2500, "unit": "kg"},
                {"commodity": "", "amount": None, "unit": " "},
                {"commodity": "Telur", "amount": Decimal("1250.5"), "unit": "kg"},
            ],
            "penutup": ["Demikian."],
        },
    )
    assert cleaned["pembuka"] == ("Satu, dua", "Tiga")
    assert (cleaned["tanggal"], cleaned["mulai"], cleaned["tempat"]) == ("2026-01-12", "09:00", "Pendopo Trawas")
    assert [row["amount"] for row in cleaned["sembako"]] == ["2.500", "1.250,5"]  # type: ignore[index]  # rows
    assert cleaned["catatan"] == ()
    assert clean(undangan, cleaned) == cleaned


@pytest.mark.parametrize(
    ("field", "value", "at"),
    [
        ("tanggal", "12 Januari", "tanggal"),
        ("tanggal", "2026-02-30", "tanggal"),
        ("mulai", "25.00", "mulai"),
        ("mulai", 9, "mulai"),
        ("tempat", "", "tempat"),
        ("tempat", None, "tempat"),
        ("tempat", ["Pendopo"], "tempat"),
        ("tempat", "x" * 10_000, "tempat"),
        ("pembuka", " \n ", "pembuka"),
        ("pembuka", "kata\n" * 2_000, "pembuka"),
        ("sembako", "Beras", "sembako"),
        ("sembako", ["Beras"], "sembako"),
        ("sembako", [{"commodity": "Beras", "amount": 1}] * 201, "sembako"),
        ("sembako", [{"commodity": "Beras", "amount": 1}, {"commodity": "Telur"}], "sembako.1.amount"),
        ("sembako", [{"commodity": "Beras 🍚", "amount": 1}], "sembako.0.commodity"),
        ("bukan_isian", "x", "bukan_isian"),
    ],
)
def test_a_value_that_cannot_be_used_names_its_field(
    undangan: LetterTemplate, field: str, value: object, at: str
) -> None:
    with pytest.raises(Invalid) as refused:
        render(undangan, with_fields(undangan, **{field: value}))
    assert refused.value.field == at


def test_all_problems_at_once_for_a_form(undangan: LetterTemplate) -> None:
    data = letter(undangan, number=None, draft=True, hal="", recipients=(), fields={"mulai": "pagi", "selesai": "x"})
    found = [problem.field for problem in problems(undangan, data)]
    assert found == ["hal", "recipients", "pembuka", "tanggal", "mulai", "tempat", "acara", "penutup"]
    assert problems(undangan, letter(undangan, number=None, draft=True)) == ()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"number": None}, "number"),
        ({"number": " "}, "number"),
        ({"place": ""}, "place"),
        ({"hal": " "}, "hal"),
        ({"hal": "Undangan 📣"}, "hal"),
        ({"sifat": "Sangat Rahasia"}, "sifat"),
        ({"recipients": ()}, "recipients"),
        ({"recipients": ("Camat\x00",)}, "recipients"),
        ({"recipients": ("x",) * 301}, "recipients"),
        ({"tembusan": ("x",) * 41}, "tembusan"),
        ({"kop": Kop(())}, "kop.lines"),
        ({"kop": Kop(("KECAMATAN",), ("Jalan ✈",))}, "kop.address"),
        ({"kop": Kop(("KECAMATAN",), (), b"GIF89a")}, "kop.logo"),
        ({"kop": Kop(("KECAMATAN",), (), b"\x89PNG\r\n\x1a\nrusak")}, "kop.logo"),
        ({"signatory": replace(CAMAT, name="")}, "signatory.name"),
        ({"signatory": replace(CAMAT, nip="1967\u0661")}, "signatory.nip"),
    ],
)
def test_a_letter_that_is_not_whole_is_refused(
    undangan: LetterTemplate, changes: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        render(undangan, letter(undangan, **changes))
    assert refused.value.field == field


@pytest.mark.parametrize(
    "capacity",
    [
        ("CAMAT TRAWAS,",),
        ("Plt. CAMAT TRAWAS,",),
        ("Plh. CAMAT TRAWAS,",),
        ("a.n. CAMAT TRAWAS", "SEKRETARIS CAMAT,"),
        ("a.n. CAMAT TRAWAS", "SEKRETARIS CAMAT,", "u.b.", "KEPALA SEKSI KEMASYARAKATAN,"),
    ],
)
def test_capacities_of_official_letters(capacity: tuple[str, ...]) -> None:
    replace(CAMAT, capacity=capacity).check_capacity()


@pytest.mark.parametrize(
    "capacity",
    [
        (),
        ("",),
        ("u.b.",),
        ("CAMAT TRAWAS,", "u.b.", "KEPALA SEKSI,"),
        ("a.n. CAMAT TRAWAS",),
        ("a.n. CAMAT TRAWAS", "u.b. KEPALA SEKSI,"),
        ("a.n. CAMAT TRAWAS", "a.n. SEKRETARIS,"),
        ("a.n. CAMAT TRAWAS", "SEKRETARIS CAMAT,", "KEPALA SEKSI,", "STAF,"),
        ("a.n. CAMAT TRAWAS", "SEKRETARIS CAMAT,", "u.b.", "KEPALA SEKSI,", "u.b.", "STAF,"),
    ],
)
def test_other_capacities_are_refused(undangan: LetterTemplate, capacity: tuple[str, ...]) -> None:
    with pytest.raises(Invalid) as refused:
        render(undangan, letter(undangan, signatory=replace(CAMAT, capacity=capacity)))
    assert refused.value.field == "signatory.capacity"


# --- hostile text ---


@pytest.mark.parametrize(
    "text",
    [
        '#eval("1+1") #panic("x") #import "@preview/cetz:0.3.0"',
        "*tebal* _miring_ `kode` $x^2$ @rujuk <label> [isi] {kode} // bukan komentar /* juga */",
        '"; system("ls") \\u{41} \\n "quotes" \'satu\'',
        "= Judul + butir - butir / istilah: x",
        "<script>alert(1)</script> &amp; %s {0}",
    ],
)
def test_code_in_a_value_comes_out_as_text(undangan: LetterTemplate, text: str) -> None:
    pdf = render(undangan, with_fields(undangan, acara=text)).pdf
    assert text in texts(pdf)[0]


@pytest.mark.parametrize(
    "bad", ["😀", "\x00", "\x07", "\x1b[31m", "عرب", "中文", "\u202eterbalik", "\ud800", "\ufffe", "\ue000"]
)
def test_a_character_that_cannot_be_printed_is_refused_and_named(undangan: LetterTemplate, bad: str) -> None:
    with pytest.raises(Invalid) as refused:
        render(undangan, with_fields(undangan, tempat=f"Pendopo {bad} Trawas"))
    assert refused.value.field == "tempat"
    assert f"U+{ord(bad[0]):04X}" in refused.value.id
    assert "Tempat" in refused.value.id
    refused.value.id.encode()  # what is shown can be sent


def test_what_copying_leaves_behind_is_mended(undangan: LetterTemplate) -> None:
    pasted = "\ufeffRapat\u200b ‑ “Koordinasi”\u00a0Jum\u02bcat… e\u0301\u00ad"
    rendered = render(undangan, with_fields(undangan, acara=pasted))
    assert rendered.letter.fields["acara"] == "Rapat - “Koordinasi”\u00a0Jum’at… é"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80))
def test_any_text_prints_or_is_refused_by_field(text: str) -> None:
    template = SHELF["surat-pengantar"]
    data = replace(letter(template), fields={"barang": [{"uraian": text or "-", "banyaknya": "1"}]})
    try:
        render(template, data)
    except Invalid as refused:
        assert refused.field == "barang.0.uraian"
