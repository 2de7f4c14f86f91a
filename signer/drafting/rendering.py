"""A letter's data and its template become PDF/A, once (design: idea 1)."""

from __future__ import annotations

import hashlib
from collections.abc import Container
from dataclasses import asdict, dataclass, replace

from signer.drafting.checks import check
from signer.drafting.letter import LetterData
from signer.drafting.template import LetterTemplate
from signer.errors import TemplateFault
from signer.pictures import PagePicture, Pictures
from signer.placement import Placement

SIGNATURE_MARK = "tanda-tangan"
"""Label by which a template says where its signature space is (`ruang-kosong` in naskah.typ)."""


@dataclass(frozen=True)
class Rendered:
    """A letter as PDF/A, its SHA-256 (32 bytes), its number of pages, and where the signature goes.

    `letter` is the data as printed, every text cleaned: what records and the seal should quote.
    """

    pdf: bytes
    sha256: bytes
    pages: int
    placement: Placement
    letter: LetterData


def render(template: LetterTemplate, data: LetterData) -> Rendered:
    """Compose the letter. The same data and template give the same bytes, in any process.

    Raises Invalid (with `field`) for a value that may not stand in the letter, TemplateFault if the template fails.
    """
    letter = check(template, data)
    payload = _payload(template, letter)
    pdf, mark = template.press.pdf_with_mark(template.source, payload, SIGNATURE_MARK)
    pages, placement = _placement(template, mark)
    return Rendered(pdf, hashlib.sha256(pdf).digest(), pages, placement, letter)


def preview(
    template: LetterTemplate, data: LetterData, width: int = 900, known: Container[str] = ()
) -> list[PagePicture]:
    """The pages as pictures (WebP, `width` pixels wide), marked DRAF, for who is still typing. Raises as `render`.

    Pages whose mark is `known` come without their picture: most keystrokes change one page.
    """
    return Pictures().changed(render(template, replace(data, draft=True)).pdf, width, known)


def _payload(template: LetterTemplate, data: LetterData) -> dict[str, object]:
    kop: dict[str, object] = {"lines": data.kop.lines, "address": data.kop.address}
    if data.kop.logo:
        kop["logo"] = list(data.kop.logo)  # Typst reads bytes from JSON only as numbers
    return {
        **{name: getattr(data, name) for name in _PLAIN},
        "kop": kop,
        "letter_date": data.letter_date.isoformat(),
        "signatory": asdict(data.signatory),
        "labels": {field.key: field.label for field in template.fields},
        "recipients_inline": template.recipients_inline,
        "template_title": template.title,
    }


_PLAIN = ("number", "place", "sifat", "hal", "recipients", "mode", "draft", "lampiran", "fields", "tembusan")


def _placement(template: LetterTemplate, mark: object) -> tuple[int, Placement]:
    """Pages and box from the mark; Typst counts pages from 1 and y from the top, PDF pages from 0 and y from below."""
    try:
        at = {str(key): float(value) for key, value in mark.items()}  # type: ignore[attr-defined]  # no mark: caught
        top = at["sheet"] - at["y"]
        left, bottom = at["x"], top - at["height"]
        pages, page = int(at["pages"]), int(at["page"]) - 1
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise _no_room(template) from error
    if left < 0 or bottom < 0 or not 0 <= page < pages:
        raise _no_room(template)
    return pages, Placement(page, (round(left, 3), round(bottom, 3), round(left + at["width"], 3), round(top, 3)))


def _no_room(template: LetterTemplate) -> TemplateFault:
    return TemplateFault(
        f"Templat {template.source} tidak menyisakan ruang tanda tangan. Hubungi Admin.",
        f"The template {template.source} leaves no room for the signature.",
    )
