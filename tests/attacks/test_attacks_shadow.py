"""Files prepared before they are signed: shadow attacks (Mainka et al., NDSS 2021), and what certification permits by
kind: evil annotation and sneaky signature attacks (Rohlmann et al., IEEE S&P 2021, "Breaking the Specification").
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from io import BytesIO

import helpers_attacks as tools
import helpers_pki as pki
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

Sign = Callable[[bytes], bytes]
Change = Callable[[IncrementalPdfFileWriter], None]
BLANK, TEXT = (60, 200, 260, 250), (50, 690, 550, 800)


def by_the_office(pdf: bytes) -> bytes:
    return pki.key(pki.authority()).sign_pdf(pki.request(pdf), pki.PASSPHRASES["camat"])


SIGNERS: list[Sign] = [
    by_the_office,
    partial(tools.foreign, field="Satu"),
    partial(tools.foreign, field="Satu", level=2),
    partial(tools.foreign, field="Satu", level=3),
]
each_signer = pytest.mark.parametrize("sign", SIGNERS, ids=["office", "approval", "forms", "notes"])


def table(pdf: bytes, places: dict[int, int | None], root: int | None = None) -> bytes:
    """A revision by bare hands: nothing but a table that places objects elsewhere (None: free), maybe another root."""
    reader = PdfFileReader(BytesIO(pdf), strict=False)
    lines = [
        b"%d 1\n%010d %s \n" % (number, place or 0, b"00000 n" if place else b"65535 f")
        for number, place in places.items()
    ]
    previous = re.findall(rb"startxref\s+(\d+)", pdf)[-1]
    chosen = (root or reader.root_ref.idnum, int(reader.trailer["/Size"]), previous)
    trailer = b"trailer\n<</Root %d 0 R /Size %d /Prev %s>>\n" % chosen
    return pdf + b"xref\n" + b"".join(lines) + trailer + b"startxref\n%d\n%%%%EOF\n" % len(pdf)


def content_number(pdf: bytes) -> int:
    """The object number of the first page's content."""
    page = PdfFileReader(BytesIO(pdf), strict=False).root["/Pages"]["/Kids"][0]
    held = page.raw_get("/Contents")
    return int((held if isinstance(held, generic.IndirectObject) else held.raw_get(0)).idnum)


def with_hidden_content() -> tuple[bytes, int]:
    """A letter in which another definition of its page's content sleeps inside a stream; and that object's number."""
    number = content_number(pki.letter())
    sleeping = b"\n%d 0 obj\n<</Length %d>>\nstream\n%s\nendstream\nendobj\n" % (number, len(tools.TEXT), tools.TEXT)
    return tools.updated(pki.letter(), lambda w: w.add_object(generic.StreamObject(stream_data=sleeping))), number


@each_signer
def test_hide_and_replace_by_a_table_alone(sign: Sign) -> None:
    """The second revision holds no object at all: its table wakes what slept among the signed bytes."""
    letter, number = with_hidden_content()
    signed = sign(letter)
    tools.never_valid(table(signed, {number: signed.index(b"%d 0 obj\n<</Length %d>>" % (number, len(tools.TEXT)))}))


@each_signer
def test_hide_by_freeing_the_page_content(sign: Sign) -> None:
    """A free entry with the wrong generation: pyHanko ignores it, other viewers take the object for gone."""
    signed = sign(pki.letter())
    tools.never_valid(table(signed, {content_number(signed): None}), "table-ambiguous")


@each_signer
def test_an_object_under_a_wrong_generation_is_found(sign: Sign) -> None:
    """The other way round: pyHanko asks for the old generation and so finds the old object."""
    signed = sign(pki.letter())
    number = content_number(signed)
    evil = b"%d 1 obj\n<</Length %d>>\nstream\n%s\nendstream\nendobj\n" % (number, len(tools.TEXT), tools.TEXT)
    forged = table(signed + evil, {number: len(signed)}).replace(
        b"%010d 00000 n" % len(signed), b"%010d 00001 n" % len(signed)
    )
    tools.never_valid(forged, "table-ambiguous")


@each_signer
def test_an_object_that_no_table_lists_is_found(sign: Sign) -> None:
    """Its revision is in order otherwise; viewers that rebuild the table (here: a broken entry) show it."""
    signed = sign(pki.letter())
    number = content_number(signed)
    evil = b"%d 0 obj\n<</Length %d>>\nstream\n%s\nendstream\nendobj\n" % (number, len(tools.TEXT), tools.TEXT)
    tools.never_valid(table(signed + evil, {999: len(signed) + 5}), "object-unlisted")


@each_signer
def test_an_object_moved_back_to_its_old_place_is_found(sign: Sign) -> None:
    """Two revisions that undo each other by their tables: viewers that rebuild them show the one in between."""
    signed = sign(pki.letter())
    number, old = content_number(signed), signed.index(b"\n%d 0 obj" % content_number(signed)) + 1
    evil = b"%d 0 obj\n<</Length %d>>\nstream\n%s\nendstream\nendobj\n" % (number, len(tools.TEXT), tools.TEXT)
    tools.never_valid(table(table(signed + evil, {number: len(signed)}), {number: old}), "table-ambiguous")


def with_cover(writer: IncrementalPdfFileWriter) -> None:
    """What the signer sees: a notice laid over text that he shall not read."""
    tools.annotate(writer, TEXT, "/Stamp")


def covering_note(pdf: bytes) -> int:
    page = PdfFileReader(BytesIO(pdf), strict=False).root["/Pages"]["/Kids"][0]
    notes = page["/Annots"]
    every = [notes.raw_get(i) for i in range(len(notes))]
    return next(int(raw.idnum) for raw in every if raw.get_object()["/Subtype"] == "/Stamp")


def uncover(writer: IncrementalPdfFileWriter) -> None:
    page = tools.first_page(writer)
    notes = page["/Annots"]
    every = [notes.raw_get(i) for i in range(len(notes))]
    page["/Annots"] = generic.ArrayObject(raw for raw in every if raw.get_object()["/Subtype"] != "/Stamp")
    writer.update_container(page)


def fade(writer: IncrementalPdfFileWriter) -> None:
    """The cover stays where it is, but is told not to be shown (annotation flag Hidden)."""
    notes = tools.first_page(writer)["/Annots"]
    for raw in (notes.raw_get(i) for i in range(len(notes))):
        if raw.get_object()["/Subtype"] == "/Stamp":
            raw.get_object()["/F"] = generic.NumberObject(2)
            writer.mark_update(raw)


def shrink(writer: IncrementalPdfFileWriter) -> None:
    notes = tools.first_page(writer)["/Annots"]
    for raw in (notes.raw_get(i) for i in range(len(notes))):
        if raw.get_object()["/Subtype"] == "/Stamp":
            raw.get_object()["/Rect"] = generic.ArrayObject(map(generic.NumberObject, (0, 0, 1, 1)))
            writer.mark_update(raw)


@each_signer
@pytest.mark.parametrize("attack", [uncover, fade, shrink])
def test_shadow_hide_by_taking_the_cover_away(sign: Sign, attack: Change) -> None:
    tools.never_valid(tools.updated(sign(tools.updated(pki.letter(), with_cover)), attack))


@each_signer
def test_shadow_hide_by_freeing_the_cover(sign: Sign) -> None:
    signed = sign(tools.updated(pki.letter(), with_cover))
    tools.never_valid(table(signed, {covering_note(signed): None}))


def second_tree(writer: IncrementalPdfFileWriter) -> generic.IndirectObject:
    """Another page tree, complete and unused, with a page that says something else."""
    page = generic.DictionaryObject(
        {key: tools.first_page(writer).raw_get(key) for key in tools.first_page(writer) if key != "/Parent"}
    )
    page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=tools.TEXT))
    kids = generic.ArrayObject([writer.add_object(page)])
    tree = {pdf_name("/Type"): pdf_name("/Pages"), pdf_name("/Kids"): kids, pdf_name("/Count"): generic.NumberObject(1)}
    held = writer.add_object(generic.DictionaryObject(tree))
    page["/Parent"] = held
    return held


def with_second_tree() -> tuple[bytes, int, int]:
    """A letter with a page tree and a catalogue in reserve; and their numbers."""
    writer = IncrementalPdfFileWriter(BytesIO(pki.letter()), strict=False)
    tree = second_tree(writer)
    catalogue = generic.DictionaryObject({key: writer.root.raw_get(key) for key in writer.root})
    catalogue["/Pages"] = tree
    reserve = writer.add_object(catalogue)
    return tools.written(writer), tree.idnum, reserve.idnum


@each_signer
def test_hide_and_replace_by_another_page_tree(sign: Sign) -> None:
    letter, tree, _ = with_second_tree()

    def switch(writer: IncrementalPdfFileWriter) -> None:
        writer.root["/Pages"] = generic.IndirectObject(tree, 0, writer)
        writer.update_root()

    tools.never_valid(tools.updated(sign(letter), switch))


@each_signer
def test_hide_and_replace_by_another_catalogue(sign: Sign) -> None:
    letter, _, catalogue = with_second_tree()
    forged = table(sign(letter), {}, catalogue)
    report = tools.judged(forged)
    assert report.verdict != "valid"
    assert report.integrity in ("altered", "unknown")


def crop(writer: IncrementalPdfFileWriter) -> None:
    change_page(writer, "/CropBox", (0, 0, 595, 400))


def turn(writer: IncrementalPdfFileWriter) -> None:
    page = tools.first_page(writer)
    page["/Rotate"] = generic.NumberObject(180)
    writer.update_container(page)


def widen(writer: IncrementalPdfFileWriter) -> None:
    change_page(writer, "/MediaBox", (0, 0, 1200, 841))


def change_page(writer: IncrementalPdfFileWriter, key: str, box: tuple[int, ...]) -> None:
    page = tools.first_page(writer)
    page[key] = generic.ArrayObject(map(generic.NumberObject, box))
    writer.update_container(page)


def swap_pages(writer: IncrementalPdfFileWriter) -> None:
    pages = writer.root["/Pages"]
    kids = pages["/Kids"]
    pages["/Kids"] = generic.ArrayObject([kids.raw_get(1), kids.raw_get(0)])
    writer.update_container(pages)


@each_signer
@pytest.mark.parametrize("attack", [crop, turn, widen, swap_pages])
def test_pages_cut_turned_or_exchanged_are_found(sign: Sign, attack: Change) -> None:
    tools.never_valid(tools.updated(sign(pki.letter(pages=2)), attack))


# what a certification permits by kind


@pytest.mark.parametrize("level", [1, 2, 3])
@pytest.mark.parametrize("box", [BLANK, TEXT])
@pytest.mark.parametrize("kind", ["/FreeText", "/Stamp", "/Redact", "/Highlight", "/Text", "/Link", "/Ink"])
def test_evil_annotations_are_found(level: int, box: tuple[int, int, int, int], kind: str) -> None:
    certified = tools.foreign(pki.letter(), "Satu", level=level)
    tools.never_valid(tools.updated(certified, lambda w: tools.annotate(w, box, kind)))


@pytest.mark.parametrize("flags", [4 + 32, 2, 0])
def test_evil_annotations_that_only_print_are_found(flags: int) -> None:
    """NoView, Hidden: nothing to see on the screen, and so for a rendered comparison."""

    def note(writer: IncrementalPdfFileWriter) -> None:
        tools.annotate(writer, BLANK, "/FreeText")
        notes = tools.first_page(writer)["/Annots"]
        notes.raw_get(len(notes) - 1).get_object()["/F"] = generic.NumberObject(flags)

    tools.never_valid(tools.updated(tools.foreign(pki.letter(), "Satu", level=3), note), "addition-drawn")


def test_a_note_without_a_drawing_is_permitted_where_the_signer_permits_notes() -> None:
    certified = tools.foreign(pki.letter(), "Satu", level=3)
    report = tools.judged(tools.updated(certified, lambda w: tools.annotate(w, BLANK, "/Text", drawn=False)))
    assert (report.integrity, report.verdict) == ("permitted-changes", "untrusted")


@pytest.mark.parametrize("level", [1, 2, 3])
@pytest.mark.parametrize("box", [BLANK, TEXT])
def test_sneaky_signatures_are_found(level: int, box: tuple[int, int, int, int]) -> None:
    certified = tools.foreign(pki.letter(), "Satu", level=level)
    tools.never_valid(tools.foreign(certified, "Dua", box))


@pytest.mark.parametrize("level", [2, 3])
def test_an_invisible_signature_is_permitted_where_the_signer_permits_it(level: int) -> None:
    report = tools.judged(tools.foreign(tools.foreign(pki.letter(), "Satu", level=level), "Dua"))
    assert report.integrity == "permitted-changes"


def test_a_sneaky_signature_field_without_a_signature_is_found() -> None:
    """The empty variant: a field that draws a text, and nobody ever signs it."""

    def field(writer: IncrementalPdfFileWriter) -> None:
        tools.annotate(writer, BLANK, "/Widget")
        notes = tools.first_page(writer)["/Annots"]
        raw = notes.raw_get(len(notes) - 1)
        raw.get_object().update({pdf_name("/FT"): pdf_name("/Sig"), pdf_name("/T"): generic.pdf_string("Dua")})
        form = writer.root["/AcroForm"]
        form["/Fields"].append(raw)
        writer.update_container(form["/Fields"])

    tools.never_valid(tools.updated(tools.foreign(pki.letter(), "Satu", level=2), field), "addition-drawn")
