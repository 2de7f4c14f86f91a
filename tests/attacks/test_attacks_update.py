"""Attacks that append a revision to a signed letter (incremental saving, shadow, evil annotation, sneaky signature)."""

from __future__ import annotations

import helpers_attacks as tools
import helpers_pki as pki
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from signer import pades


def replace_content(writer: IncrementalPdfFileWriter) -> None:
    page = tools.first_page(writer)
    page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=tools.TEXT))
    writer.update_container(page)


def override_content(writer: IncrementalPdfFileWriter) -> None:
    """The same object number with another stream: the page itself is untouched."""
    held = tools.first_page(writer).raw_get("/Contents")
    reference = held if isinstance(held, generic.IndirectObject) else held.raw_get(0)
    stream = reference.get_object()
    stream._data = tools.TEXT
    stream._encoded_data = None
    writer.mark_update(reference)


def hide_behind_image(writer: IncrementalPdfFileWriter) -> None:
    tools.annotate(writer, (0, 0, 600, 800), "/Stamp")


def evil_annotation(writer: IncrementalPdfFileWriter) -> None:
    tools.annotate(writer, (60, 690, 260, 710), "/FreeText")


def add_page(writer: IncrementalPdfFileWriter) -> None:
    pages = writer.root["/Pages"]
    copy = generic.DictionaryObject({key: tools.first_page(writer).raw_get(key) for key in tools.first_page(writer)})
    pages["/Kids"].append(writer.add_object(copy))
    pages["/Count"] = generic.NumberObject(2)
    writer.update_container(pages)


def repeat_page(writer: IncrementalPdfFileWriter) -> None:
    """The same page object named twice: nothing new in the file, one page more on the screen."""
    pages = writer.root["/Pages"]
    pages["/Kids"].append(pages["/Kids"].raw_get(0))
    pages["/Count"] = generic.NumberObject(len(pages["/Kids"]))
    writer.update_container(pages)


def repeat_first_between(writer: IncrementalPdfFileWriter) -> None:
    pages = writer.root["/Pages"]
    first, second = (pages["/Kids"].raw_get(n) for n in (0, 1))
    pages["/Kids"] = generic.ArrayObject([first, second, first])
    pages["/Count"] = generic.NumberObject(3)
    writer.update_container(pages)


def endless_tree(writer: IncrementalPdfFileWriter) -> None:
    """Nodes that name each other twice, forty deep: more pages than anybody can count."""
    pages = writer.root["/Pages"]
    node = pages["/Kids"].raw_get(0)
    for _ in range(40):
        kids = {pdf_name("/Type"): pdf_name("/Pages"), pdf_name("/Kids"): generic.ArrayObject([node, node])}
        node = writer.add_object(generic.DictionaryObject(kids))
    pages["/Kids"] = generic.ArrayObject([node])
    writer.update_container(pages)


def drop_page(writer: IncrementalPdfFileWriter) -> None:
    pages = writer.root["/Pages"]
    pages["/Kids"] = generic.ArrayObject([pages["/Kids"].raw_get(0)])
    pages["/Count"] = generic.NumberObject(1)
    writer.update_container(pages)


def run_script(writer: IncrementalPdfFileWriter) -> None:
    script = {pdf_name("/S"): pdf_name("/JavaScript"), pdf_name("/JS"): generic.pdf_string("app.alert(1)")}
    writer.root["/OpenAction"] = generic.DictionaryObject(script)
    writer.update_root()


def layer(writer: IncrementalPdfFileWriter) -> None:
    """Shadow attack through optional content: a configuration that was not there when signed."""
    writer.root["/OCProperties"] = generic.DictionaryObject({pdf_name("/OCGs"): generic.ArrayObject()})
    writer.update_root()


def swap_font(writer: IncrementalPdfFileWriter) -> None:
    """Shadow replace through a font: the text's characters come to look like others."""
    fonts = tools.first_page(writer)["/Resources"]["/Font"]
    name = next(iter(fonts))
    font = fonts[name]
    font["/Encoding"] = pdf_name("/MacExpertEncoding")
    font["/BaseFont"] = pdf_name("/Symbol")
    writer.mark_update(fonts.raw_get(name))


def drop_form(writer: IncrementalPdfFileWriter) -> None:
    del writer.root["/AcroForm"]
    writer.update_root()


ALL = [
    replace_content,
    override_content,
    hide_behind_image,
    evil_annotation,
    add_page,
    run_script,
    layer,
    swap_font,
]


@pytest.mark.parametrize("attack", ALL)
@pytest.mark.parametrize("letter", [tools.signed, tools.archived, tools.approved])
def test_a_revision_that_changes_something_is_found(letter: object, attack: object) -> None:
    tools.never_valid(tools.updated(letter(), attack))  # type: ignore[operator]


@pytest.mark.parametrize("attack", ALL)
def test_a_new_timestamp_does_not_launder_a_changed_letter(attack: object) -> None:
    changed = tools.updated(tools.signed(), attack)  # type: ignore[arg-type]
    tools.never_valid(pades.extend(changed, pki.authorities(pki.authority())))


def test_pages_removed_are_found() -> None:
    tools.never_valid(tools.updated(tools.archived(pages=2), drop_page), "pages-added", "office-rule")


@pytest.mark.parametrize("pages", [1, 3])
def test_a_page_named_twice_is_found(pages: int) -> None:
    tools.never_valid(tools.updated(tools.archived(pages=pages), repeat_page), "pages-added", "office-rule")


def test_a_page_repeated_between_others_is_found() -> None:
    tools.never_valid(tools.updated(tools.archived(pages=2), repeat_first_between), "pages-added", "office-rule")


def test_a_page_tree_without_end_is_never_valid() -> None:
    tools.never_valid(tools.updated(tools.archived(), endless_tree))


def test_a_signature_taken_out_of_the_form_is_found() -> None:
    report = tools.never_valid(tools.updated(tools.archived(), drop_form), "signature-hidden")
    assert report.verdict == "altered"


def test_certified_letters_take_no_further_signature() -> None:
    tools.never_valid(tools.approve(tools.archived(), "Kedua"), "changes-forbidden", "office-rule")


def test_an_office_letter_takes_no_further_signature_even_if_not_certified() -> None:
    twice = tools.approve(tools.approved(), "Kedua")
    tools.never_valid(twice, "office-rule")


def test_validation_data_and_timestamps_may_follow() -> None:
    renewed = pades.extend(tools.archived(), pki.authorities(pki.authority()))
    report = tools.judged(renewed)
    assert (report.verdict, report.integrity, report.document_timestamps) == ("valid", "unchanged", 2)


def fill(name: str, value: str) -> object:
    def change(writer: IncrementalPdfFileWriter) -> None:
        form = writer.root["/AcroForm"]["/Fields"]
        for raw in (form.raw_get(i) for i in range(len(form))):
            field = raw.get_object()
            if field["/T"] == name:
                field["/V"] = generic.pdf_string(value)
                field["/AP"] = generic.DictionaryObject({pdf_name("/N"): tools.drawing(writer, value)})
                writer.mark_update(raw)

    return change


def test_shadow_replace_through_a_form_value_is_found() -> None:
    """pyHanko passes this one: an approval signature lets forms be filled, and a value replaced counts as filling."""
    forged = tools.updated(tools.approved(form=True), fill("isi", "Pasuruan"))  # type: ignore[arg-type]
    tools.never_valid(forged, "form-changed")


def test_filling_an_empty_field_is_named() -> None:
    report = tools.judged(tools.updated(tools.approved(form=True), fill("kosong", "Trawas")))  # type: ignore[arg-type]
    assert "form-filled" in tools.codes(report)
    assert "form-changed" not in tools.codes(report)


def redraw(writer: IncrementalPdfFileWriter) -> None:
    """The value stays, its drawing says something else (shadow attack, NDSS 2021, section IV-B)."""
    form = writer.root["/AcroForm"]["/Fields"]
    field = form.raw_get(1).get_object()
    field["/AP"] = generic.DictionaryObject({pdf_name("/N"): tools.drawing(writer, "Pasuruan")})
    writer.mark_update(form.raw_get(1))


def test_a_field_drawn_anew_is_compared_by_its_picture() -> None:
    tools.never_valid(tools.updated(tools.approved(form=True), redraw), "appearance-differs")
