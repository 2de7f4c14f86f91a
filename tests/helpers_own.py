"""Finished PDFs as an office has them, from several producers, and what attackers make of them."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable

import pypdfium2
import typst
from PIL import Image
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PdfFileWriter, copy_into_new_writer

NUMBER = "400.9/1/416-304/2026"
_LETTER = """
#set page(paper: "a4", margin: 2.5cm)
#set text(size: 11pt, lang: "id")
#set document(date: datetime(year: 2026, month: 1, day: 1), title: "Undangan")
#align(center)[*PEMERINTAH KABUPATEN MOJOKERTO* \\ *KECAMATAN TRAWAS*]
#line(length: 100%)
Nomor: NOMOR \\ Hal: Undangan

#lorem(90)

#link("https://trawas.example")[Situs kecamatan]
#place(bottom)[Kaki halaman]
"""


@functools.cache
def letter(number: str = NUMBER, *, more: str = "", standard: str = "") -> bytes:
    """A letter of one page with room for the signature in its lower half, made with Typst; `more` is its source too."""
    source = (_LETTER.replace("NOMOR", number) + more).encode()
    made: bytes = typst.compile(source, pdf_standards=[standard] if standard else [])  # type: ignore[assignment]
    return made


def turned(degrees: int, number: str = NUMBER) -> bytes:
    """The letter on a page that is shown turned clockwise."""
    with pypdfium2.PdfDocument(letter(number)) as document:
        document[0].set_rotation(degrees)
        return _saved(document)


def cropped(number: str = NUMBER) -> bytes:
    """The letter on a page that is shown only in part, beginning elsewhere than at zero."""
    with pypdfium2.PdfDocument(letter(number)) as document:
        document[0].set_cropbox(20, 30, 575, 800)
        return _saved(document)


def rewritten(number: str = NUMBER) -> bytes:
    """The letter as PDFium writes it."""
    with pypdfium2.PdfDocument(letter(number)) as document:
        return _saved(document)


@functools.cache
def scan(number: str = NUMBER) -> bytes:
    """A scan on greyish paper: a picture a page, no text."""
    with pypdfium2.PdfDocument(letter(number)) as document:
        drawn = document[0].render(scale=150 / 72).to_pil().convert("L").point(lambda v: int(v * 0.92))
    noise = Image.effect_noise(drawn.size, 12).convert("L")
    out = io.BytesIO()
    Image.blend(drawn, noise, 0.05).save(out, "PDF", resolution=150)
    return out.getvalue()


def _saved(document: pypdfium2.PdfDocument) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def updated(change: Callable[[PdfFileWriter], None], number: str = NUMBER) -> bytes:
    """The letter with something added or changed, written anew and whole: one revision, no earlier version in it."""
    writer = copy_into_new_writer(PdfFileReader(io.BytesIO(letter(number))), writer_kwargs={"stream_xrefs": True})
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def with_script(number: str = NUMBER) -> bytes:
    """The letter with JavaScript that runs when it is opened."""
    return updated(lambda writer: opening(writer, S="JavaScript", JS=generic.pdf_string("app.alert(1)")), number)


def opening(writer: PdfFileWriter, **action: generic.PdfObject | str) -> None:
    """Do something when the document is opened."""
    writer.root[pdf_name("/OpenAction")] = dictionary(**action)


def dictionary(**entries: generic.PdfObject | str) -> generic.DictionaryObject:
    """A dictionary with these keys; text becomes a name."""
    made = {
        pdf_name(f"/{key}"): pdf_name(f"/{value}")
        if isinstance(value, str) and not isinstance(value, generic.PdfObject)
        else value
        for key, value in entries.items()
    }
    return generic.DictionaryObject(made)


def hybrid() -> bytes:
    """A PDF as Word writes it: a classic table, and an object that only its extra cross-reference stream lists."""
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << >> >>"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R /Lang 6 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        page,
        b"<< /Length 0 >>\nstream\n\nendstream",
        b"<< /Type /ObjStm /N 1 /First 4 /Length 9 >>\nstream\n6 0 (id) \nendstream",
    )
    pdf, rows = b"%PDF-1.7\n", b"0000000000 65535 f \n"
    for number, content in enumerate(objects, 1):
        rows += b"%010d 00000 n \n" % len(pdf)
        pdf += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    stream = len(pdf)
    pdf += b"7 0 obj\n<< /Type /XRef /Size 8 /W [1 2 1] /Index [6 1] /Root 1 0 R /Length 4 >>\n"
    pdf += b"stream\n\x02\x00\x05\x00\nendstream\nendobj\n"
    rows += b"0000000000 65535 f \n%010d 00000 n \n" % stream
    trailer = b"trailer\n<< /Size 8 /Root 1 0 R /XRefStm %d >>\nstartxref\n%d\n%%%%EOF" % (stream, len(pdf))
    return pdf + b"xref\n0 8\n" + rows + trailer
