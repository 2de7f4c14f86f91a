"""Templates as data: what is read, what is refused, and that an office adds one without code."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from helpers_letters import LETTERS, SHELF, letter, texts

from signer.drafting import (
    LetterTemplate,
    Shelf,
    load_templates,
    render,
)
from signer.errors import NotFound, TemplateFault


@pytest.fixture
def shelf() -> Shelf:
    return SHELF


@pytest.fixture
def undangan() -> LetterTemplate:
    return SHELF["undangan-rakor"]


def test_templates_are_found_by_key_in_order(shelf: Shelf) -> None:
    assert [template.key for template in shelf] == ["surat-pengantar", "undangan-rakor"]
    assert shelf["undangan-rakor"].klasifikasi == "400.9"
    assert shelf["undangan-rakor"].field("sembako").columns[0].label == "Komoditas"
    with pytest.raises(NotFound):
        shelf["tidak-ada"]


def test_secret_letters_show_no_pages(undangan: LetterTemplate) -> None:
    assert [undangan.shows_pages(sifat) for sifat in ("Biasa", "Terbatas", "Rahasia")] == [True, False, False]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "letters"
    shutil.copytree(LETTERS, copy)
    return copy


def test_an_office_adds_a_template_without_code(folder: Path) -> None:
    (folder / "pengumuman.toml").write_text(
        'format = 1\ntitle = "Pengumuman"\ntitle_en = "Notice"\nsource = "pengumuman.typ"\nklasifikasi = "400.9"\n'
        'sifat = ["Biasa"]\nhal = "Pengumuman"\n'
        '[[field]]\nkey = "isi"\ntype = "lines"\nlabel = "Isi"\nlabel_en = "Text"\nrequired = true\n',
        encoding="utf-8",
    )
    (folder / "pengumuman.typ").write_text(
        '#import "naskah.typ": *\n#let d = surat()\n#show: naskah.with(d)\n#kop(d)\n#alinea-alinea(d, "isi")\n'
        "#tanda-tangan(d)\n",
        encoding="utf-8",
    )
    template = load_templates(folder)["pengumuman"]
    rendered = render(template, replace(letter(template), fields={"isi": "Kantor tutup.\nHarap maklum."}))
    assert "Kantor tutup. Harap maklum. CAMAT TRAWAS," in texts(rendered.pdf)[0]


@pytest.mark.parametrize(
    "line",
    [
        '#import "@preview/cetz:0.3.0"',
        '#import "@local/x:1.0.0": *',
        '#import "@pre" + "view/cetz:0.3.0"',
        '#let p = "@preview/cetz:0.3.0"\n#import p',
        '#import /* */ "@preview/cetz:0.3.0"',
        '#include "../rahasia.typ"',
        '#eval("import \\"@preview/cetz:0.3.0\\"")',
        '#plugin("x.wasm")',
    ],
)
def test_a_template_that_could_fetch_or_run_code_is_refused(folder: Path, line: str) -> None:
    (folder / "undangan-rakor.typ").write_text(line, encoding="utf-8")
    with pytest.raises(ValueError, match=r"undangan-rakor\.typ: a template may only import its neighbours"):
        load_templates(folder)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("format = 1", "format = 2"),
        ("klasifikasi =", "klasifikas ="),
        ('type = "date"', 'type = "tanggal"'),
        ('key = "tempat"', 'key = "tanggal"'),
        ('key = "tempat"', 'key = "di tempat"'),
        ('facts_only = ["Terbatas", "Rahasia"]', 'facts_only = ["Sangat Rahasia"]'),
        ('source = "undangan-rakor.typ"', 'source = "hilang.typ"'),
        ('source = "undangan-rakor.typ"', 'source = "../undangan-rakor.typ"'),
        ('type = "rows"', 'type = "text"'),
        ("format = 1", "format = "),
    ],
)
def test_a_faulty_description_is_named(folder: Path, old: str, new: str) -> None:
    path = folder / "undangan-rakor.toml"
    described = path.read_text(encoding="utf-8")
    assert old in described
    path.write_text(described.replace(old, new), encoding="utf-8")
    with pytest.raises(ValueError, match=r"undangan-rakor\.toml: "):
        load_templates(folder)


def test_fonts_are_needed(folder: Path) -> None:
    shutil.rmtree(folder / "fonts")
    (folder / "fonts").mkdir()
    with pytest.raises(ValueError, match="no fonts"):
        load_templates(folder)


@pytest.mark.parametrize(
    "source", ["Tidak ada ruang.", "#panic()", '#import "naskah.typ": *\n#metadata("x")<tanda-tangan>']
)
def test_a_template_that_fails_or_leaves_no_signature_space(folder: Path, source: str) -> None:
    template = load_templates(folder)["undangan-rakor"]
    heading = "#set document(date: datetime(year: 2026, month: 1, day: 1))\n"
    (folder / "undangan-rakor.typ").write_text(heading + source, encoding="utf-8")
    with pytest.raises(TemplateFault):
        render(template, letter(template))
