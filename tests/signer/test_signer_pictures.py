"""Pictures of pages: sizes, order, limits, threads."""

from __future__ import annotations

import io
import threading

import pypdfium2
import pytest
from PIL import Image

from signer.pictures import MAX_PIXELS, Pictures, page_pictures


def pages(*sizes: tuple[float, float]) -> bytes:
    """Blank pages of these sizes in points."""
    with pypdfium2.PdfDocument.new() as document:
        for width, height in sizes:
            document.new_page(width, height)
        out = io.BytesIO()
        document.save(out)
    return out.getvalue()


def sizes(pictures: list[bytes]) -> list[tuple[int, int]]:
    return [Image.open(io.BytesIO(picture)).size for picture in pictures]


def test_every_page_at_the_width_asked_for() -> None:
    pdf = pages((595, 842), (842, 595), (595, 842))
    assert sizes(page_pictures(pdf, 300)) == [(300, 425), (300, 212), (300, 425)]
    assert sizes(Pictures().pages(pdf, 300, most=2)) == [(300, 425), (300, 212)]
    assert Pictures().count(pdf) == 3
    assert page_pictures(pdf, 300)[0][8:12] == b"WEBP"


def test_one_page_by_number() -> None:
    pdf = pages((595, 842), (842, 595))
    assert sizes([Pictures().page(pdf, 1, 300)]) == [(300, 212)]
    for wrong in (-1, 2):
        with pytest.raises(IndexError):
            Pictures().page(pdf, wrong, 300)


@pytest.mark.parametrize("size", [(2, 14_000), (14_000, 14_000), (0.01, 5_000)])
def test_an_extreme_page_is_drawn_small(size: tuple[float, float]) -> None:
    image = Pictures().image(pages(size), 0, 4_000)
    assert image.width * image.height <= MAX_PIXELS * 1.01
    assert max(image.size) <= 16_383  # what WebP can hold
    page_pictures(pages(size), 4_000)


def test_what_is_no_pdf_is_refused() -> None:
    for data in (b"", b"%PDF-1.7\n", b"\x89PNG\r\n"):
        with pytest.raises(pypdfium2.PdfiumError):
            Pictures().pages(data, 100)


def test_threads_take_turns() -> None:
    pdf, found = pages((595, 842)), list[tuple[int, int]]()

    def work() -> None:
        for _ in range(8):
            found.extend(sizes(Pictures().pages(pdf, 100)))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [(100, 142)] * 32
