"""Pictures of what was signed beside what is shown now."""

from __future__ import annotations

import io

import helpers_attacks as tools
import helpers_pki as pki
import pytest
from PIL import Image, ImageChops
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from verifier.comparing import WIDTH
from verifier.differing import Difference, pictures

BOX = (60, 200, 260, 250)


def opened(webp: bytes | None) -> Image.Image:
    assert webp is not None
    return Image.open(io.BytesIO(webp)).convert("RGB")


def red(image: Image.Image) -> tuple[int, int, int, int] | None:
    """The box around everything that is nearly the colour of the frames."""
    bands = image.split()
    mask = ImageChops.subtract(bands[0], bands[1]).point(lambda value: 255 if value > 110 else 0)
    return mask.getbbox()


def replaced(writer: IncrementalPdfFileWriter) -> None:
    page = tools.first_page(writer)
    page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=tools.TEXT))
    writer.update_container(page)


def test_an_annotation_is_framed_where_it_is() -> None:
    forged = tools.updated(tools.archived(), lambda w: tools.annotate(w, BOX, "/FreeText"))
    [found] = pictures(forged)
    before, after, marked = map(opened, (found.before, found.after, found.marked))
    assert found.page == 1
    assert before.size == after.size == marked.size
    assert before.width == WIDTH
    scale = WIDTH / 595.28
    frame = red(marked)
    assert frame is not None and red(before) is None and red(after) is None
    assert frame[0] >= (BOX[0] - 30) * scale and frame[2] <= (BOX[2] + 30) * scale
    assert frame[1] >= (842 - BOX[3] - 30) * scale and frame[3] <= (842 - BOX[1] + 30) * scale


@pytest.mark.parametrize("letter", [tools.archived, tools.approved])
def test_a_shadow_shows_both_texts(letter: object) -> None:
    [found] = pictures(tools.updated(letter(), replaced))  # type: ignore[operator]
    assert ImageChops.difference(opened(found.before), opened(found.after)).getbbox() is not None
    assert red(opened(found.marked)) is not None


def test_pages_added_are_shown_alone() -> None:
    def add(writer: IncrementalPdfFileWriter) -> None:
        pages = writer.root["/Pages"]
        pages["/Kids"].append(pages["/Kids"].raw_get(0))
        pages["/Count"] = generic.NumberObject(2)
        writer.update_container(pages)

    [found] = pictures(tools.updated(tools.archived(), add))
    assert (found.page, found.before, found.marked) == (2, None, None)
    assert opened(found.after).width == WIDTH


def test_nothing_is_shown_where_nothing_differs() -> None:
    assert pictures(tools.archived()) == []
    assert pictures(tools.updated(tools.signed(), lambda w: w.add_object(generic.NullObject()))) == []


@pytest.mark.parametrize("data", [b"", b"%PDF-1.4", b"x" * 5000])
def test_files_without_a_signed_revision_have_no_pictures(data: bytes) -> None:
    assert pictures(data) == []
    assert pictures(pki.letter()) == []


def test_pictures_are_few_and_travel_as_json() -> None:
    def everywhere(writer: IncrementalPdfFileWriter) -> None:
        for raw in writer.root["/Pages"]["/Kids"]:
            page = raw.get_object()
            page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=tools.TEXT))
            writer.update_container(page)

    found = pictures(tools.updated(tools.archived(pages=3), everywhere), most=2)
    assert [one.page for one in found] == [1, 2]
    assert Difference.model_validate_json(found[0].model_dump_json()) == found[0]
