"""English is complete: every text on a page can be translated, is translated, and the compiled catalogue is fresh."""

from __future__ import annotations

import ast
import io
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

from signer import errors

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "templates" / "pages"
ENGLISH = ROOT / "translations" / "en" / "LC_MESSAGES"
TRANSLATING = {"_", "gettext", "ngettext", "N_"}
ROOMS = ("signer/web", "verifier/web")
SAMPLES = {"gaya.html"}
"""Design samples for the people who build pages."""

FOR_PROGRAMS = {"api.py", "openapi.py"}
"""What programmers read is English."""

NAMES = {
    *("SuratSah", "WhatsApp", "PDF", "SIMULASI", "SHA-256", "QR", "NIP.", "WIB", "BSrE", "CSV", "HTTPS"),
    *("Beras", "Telur ayam", "Daging ayam", "Minyak goreng", "Kacang hijau", "Tempe", "Buah"),  # kept as typed
    *("Enter", "Esc"),  # as they stand on the keys
    *("kg", "liter", "butir", "paket", ", Desa ", ", NIP. ", " – "),
}
"""Reviewed: names, and values that are kept in Indonesian whoever picks them."""
HOLE = "\x00"
_TAG = re.compile(r"<!--.*?-->|<(?:script|style)\b.*?</(?:script|style)>|<[^<>]*>", re.S)
_ATTRIBUTES = re.compile(r'="|^-')
"""What a macro that writes attributes leaves where its values are holes."""
_SHOWN = re.compile(
    r"""\b(?:aria-label|alt|title|placeholder|data-(?!if|slot|case)[a-z-]+)="([^"{}<>]*[A-Za-z]{2}[^"{}<>]*)\""""
)
_PROSE = re.compile(r"[A-Z][a-z]{2,}|[a-z]{2,} [a-z]{2,}")


def _environment() -> Environment:
    return Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"], autoescape=True)


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="en")


@pytest.fixture(name="english", scope="module")
def _english() -> Catalog:
    return _read(ENGLISH / "messages.po")


@pytest.fixture(name="extracted", scope="module")
def _extracted(request: pytest.FixtureRequest) -> set[str]:
    """The texts that are in the sources now."""
    patch = pytest.MonkeyPatch()
    request.addfinalizer(patch.undo)
    patch.chdir(ROOT)
    with (ROOT / "translations" / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(".", methods, options, comment_tags=())
    return {text[0] if isinstance(text, tuple) else text for _file, _line, text, _comments, _context in found}


def _told(catalog: Catalog) -> Iterator[tuple[str, Message]]:
    for message in catalog:
        if message.id:
            yield message.id[0] if isinstance(message.id, tuple) else message.id, message


def _versions(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


def test_the_catalogue_has_every_text_and_no_old_one(english: Catalog, extracted: set[str]) -> None:
    known = {text for text, _message in _told(english)}
    assert sorted(extracted - known) == [], "run: make translations, then translate"
    assert sorted(known - extracted) == [], "run: make translations"


def test_every_text_has_its_english(english: Catalog) -> None:
    lacking = [text for text, message in _told(english) if not all(_versions(message)) or message.fuzzy]
    assert lacking == []


def test_plurals_have_both_forms(english: Catalog) -> None:
    assert english.num_plurals == 2
    assert all(len(_versions(message)) == 2 for _text, message in _told(english) if isinstance(message.id, tuple))


def _holes(text: str) -> set[str]:
    braces = {
        name for _text, name, _spec, _conversion in string.Formatter().parse(re.sub(r"%\(\w+\)s", "", text)) if name
    }
    return set(re.findall(r"%\(\w+\)s|%%", text)) | braces


def test_the_english_keeps_every_placeholder(english: Catalog) -> None:
    wrong = [
        (text, version)
        for text, message in _told(english)
        for version in _versions(message)
        if _holes(version) != _holes(text)
    ]
    assert wrong == []


def test_the_compiled_catalogue_is_fresh(english: Catalog) -> None:
    out = io.BytesIO()
    write_mo(out, english)
    assert (ENGLISH / "messages.mo").read_bytes() == out.getvalue(), "run: make translations"


@pytest.mark.parametrize("path", sorted(PAGES.rglob("*.html")), ids=lambda path: str(path.relative_to(PAGES)))
def test_no_template_has_text_outside_the_catalogue(path: Path) -> None:
    if path.name in SAMPLES:
        return
    assert sorted(set(_bare(_environment().parse(path.read_text(encoding="utf-8"))))) == []


def test_bare_text_in_a_template_is_found() -> None:
    parse = _environment().parse
    assert list(_bare(parse('<p class="big">Surat ini</p>'))) == ["Surat ini"]
    assert list(_bare(parse('<img alt="Gambar surat">'))) == ["Gambar surat"]
    assert list(_bare(parse('{{ badge("Aktif", "good") }}{{ _("Aktif") }}'))) == ["Aktif"]
    assert list(_bare(parse('{{ _("Surat %(n)s", n="satu dua") }}<b class="a b">x</b>'))) == ["satu dua"]


def _bare(tree: nodes.Node) -> Iterator[str]:
    """Text that a reader sees and no catalogue knows: between tags, in attributes, and in expressions."""
    yield from _shown_in(_markup(tree))
    translated = {id(arg) for call in tree.find_all(nodes.Call) if _translates(call) for arg in call.args}
    for const in tree.find_all(nodes.Const):
        text = const.value
        if isinstance(text, str) and id(const) not in translated and _PROSE.search(text) and not _technical(text):
            yield text


def _markup(tree: nodes.Node) -> str:
    """The template's own markup, every branch of it, with a hole where an expression stands."""
    parts: list[str] = []
    for output in tree.find_all(nodes.Output):
        parts += [part.data if isinstance(part, nodes.TemplateData) else HOLE for part in output.nodes]
    return "".join(parts)


def _shown_in(markup: str) -> Iterator[str]:
    for text in _TAG.sub("\n", markup).replace(HOLE, "\n").splitlines():
        word = text.strip(" \t·.,:()&/\u2193–")
        if re.search("[A-Za-z]{2}", word) and word not in NAMES and not _ATTRIBUTES.search(word):
            yield word
    for tag in _TAG.findall(markup):
        yield from (text for text in _SHOWN.findall(tag) if _PROSE.search(text) and text not in NAMES)


def _translates(call: nodes.Call) -> bool:
    return isinstance(call.node, nodes.Name) and call.node.name in TRANSLATING


def _technical(text: str) -> bool:
    """Names, markup, media queries: nothing a reader reads."""
    return text in NAMES or bool(re.search(r"[<>=/_]|^[a-z]+[A-Z]", text)) or "-" in text.split(" ")[0]


@pytest.mark.parametrize("room", ROOMS)
def test_no_page_code_has_indonesian_outside_the_catalogue(room: str) -> None:
    found = {
        f"{path.name}: {text}"
        for path in sorted((ROOT / room).glob("*.py"))
        if path.name not in FOR_PROGRAMS
        for text in _prose(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert sorted(found) == []


def test_bare_text_in_page_code_is_found() -> None:
    source = (
        '"""Doc string here."""\nX = N_("Surat ini")\nflash("Sudah disimpan.")\nraise Invalid("Salah isi.", "Wrong.")\n'
    )
    assert list(_prose(ast.parse(source))) == ["Sudah disimpan."]


_SENTENCE = re.compile(r"[A-Za-z]{2,} [a-z]{2,}")
_ENGLISH_WORDS = re.compile(r"\b(?:the|no|of|default|self|only|is|for)\b|^[a-z-]+ '|^\w+: ")
BILINGUAL = {"Invalid", "NotFound", "VerificationError", "SuratError"}
"""Take their sentence in both languages."""


def _prose(tree: ast.AST) -> Iterator[str]:
    skipped = {id(part) for node in ast.walk(tree) for part in _apart(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            text = node.value
            if text not in NAMES and _SENTENCE.search(text) and not _ENGLISH_WORDS.search(text):
                yield text


def _apart(node: ast.AST) -> Iterator[ast.AST]:
    """Constants that are translated, come in both languages, or are documentation."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        yield node.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TRANSLATING | BILINGUAL:
        for arg in node.args:
            yield from ast.walk(arg)


def test_every_error_says_both_sentences() -> None:
    kinds = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, Exception)}
    alone = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sorted((ROOT / "signer").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in kinds - {"InvalidForm"}
        if len(node.args) == 1
    ]
    assert alone == []


@pytest.mark.parametrize("name", sorted(name for name, kind in vars(errors).items() if isinstance(kind, type)))
def test_every_error_has_an_english_of_its_own(name: str) -> None:
    kind = getattr(errors, name)
    assert kind.en and kind.en != kind.id
