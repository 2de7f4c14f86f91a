"""Pages as they are shown and printed: their size, what stands on them, and where a box would lie.

Places are millimetres from the left and top edge of the page as people see it (turned, cropped); a PDF's own
coordinates are points from the corner of a page that may be turned, and may not begin at zero.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import pypdfium2
import zxingcpp
from PIL import Image

from verifier.carrying.reasons import refuse

MM = 72 / 25.4
"""Points in a millimetre."""
DPI = 150
MARGIN_MM = 5.0
"""What office printers leave white."""
MOST_PAGES = 50
SMALLEST_MM, LARGEST_MM = 90.0, 600.0
"""Sides of any page."""
WIDEST_MM, LONGEST_MM = 221.0, 361.0
"""Sides of the page with the QR, upright or lying: F4 and Legal still print in their true size."""
_AIR_MM = 1.0
_PAPER, _CLEAN, _SCANNED = 250, 6, 56
"""Of 255: from here on paper is white; ink differs more than this from white, or from a scan's grey paper."""
_SPECKS = 6
"""Dark pixels under the box that a scan may have for no reason."""
Box: TypeAlias = tuple[float, float, float, float]

_MARKER = re.compile(
    r"(?:\[|\$?\{\{?|<<?|#)\s*(?:ttd|tte|qr|tanda[ _-]?tangan|signature|sign|spesimen)[\w -]{0,24}(?:\]|\}\}?|>>?|#)",
    re.IGNORECASE,
)
_BSRE = re.compile(r"\bBSr?E\b|Balai\s+(?:Besar\s+)?Sertifikasi\s+Elektronik", re.IGNORECASE)


@dataclass(frozen=True)
class Spot:
    """Where a box of `width` x `height` lies on page `page` (from 1): `left`, `top` from the page's corner; all mm."""

    page: int
    left: float
    top: float
    width: float
    height: float


class Paper:
    """An open PDF as PDFium shows it. One for one thread in one process: PDFium is not thread-safe."""

    def __init__(self, data: bytes) -> None:
        """Raises VerificationError `damaged`."""
        try:
            self._document = pypdfium2.PdfDocument(data)
            self._document.init_forms()
        except pypdfium2.PdfiumError as error:
            raise refuse("damaged") from error

    def __len__(self) -> int:
        return len(self._document)

    def sizes(self) -> list[tuple[float, float]]:
        """Width and height of every page as shown, in mm to a tenth. Raises `odd-page`, `too-many-pages`."""
        if not 0 < len(self) <= MOST_PAGES:
            raise refuse("too-many-pages", len(self), MOST_PAGES)
        return [self._size(number) for number in range(1, len(self) + 1)]

    def _size(self, number: int) -> tuple[float, float]:
        page = self._document[number - 1]
        across, down = page.get_size()
        left, bottom, right, top = page.get_cropbox()
        crop = (right - left, top - bottom) if page.get_rotation() % 180 == 0 else (top - bottom, right - left)
        sides = across / MM, down / MM
        if any(not SMALLEST_MM <= side <= LARGEST_MM for side in sides):
            raise refuse("odd-page", number)
        if max(abs(across - crop[0]), abs(down - crop[1])) > 1:  # readers differ on where such a page begins
            raise refuse("odd-page", number)
        return round(sides[0], 1), round(sides[1], 1)

    def image(self, number: int, dpi: float = DPI) -> Image.Image:
        """The page in grey."""
        picture = self._document[number - 1].render(scale=dpi / 72).to_pil()
        return picture.convert("L")  # type: ignore[no-any-return]  # pypdfium2 is untyped

    def text(self, number: int) -> str:
        """All text of a page, seen or not."""
        text: str = self._document[number - 1].get_textpage().get_text_range()
        return text

    def box(self, spot: Spot) -> Box:
        """The spot in the page's own coordinates (points). Raises `no-page`, `paper`, `outside`."""
        if not 1 <= spot.page <= len(self):
            raise refuse("no-page")
        across, down = self._size(spot.page)
        if min(across, down) > WIDEST_MM or max(across, down) > LONGEST_MM:
            raise refuse("paper", spot.page)
        right, bottom = across - spot.left - spot.width, down - spot.top - spot.height
        if min(spot.left, spot.top, right, bottom) < MARGIN_MM - 0.05:
            raise refuse("outside", f"{MARGIN_MM:.0f}")
        page = self._document[spot.page - 1]
        shown = page.get_size()[1] - spot.top * MM
        seen = (spot.left * MM, shown - spot.height * MM, (spot.left + spot.width) * MM, shown)
        return _turned_back(seen, page.get_cropbox(), page.get_rotation())

    def free(self, spot: Spot) -> Box:
        """As `box`, if nothing lies there. Raises also `text-under` (with the text), `ink-under`."""
        box = self.box(spot)
        air = _AIR_MM * MM
        textpage = self._document[spot.page - 1].get_textpage()
        under = textpage.get_text_bounded(box[0] - air, box[1] - air, box[2] + air, box[3] + air)
        words = " ".join("".join(c if c.isprintable() else " " for c in under).split())
        if words:
            raise refuse("text-under", words if len(words) <= 60 else f"{words[:57]}…")
        if _has_ink(_cut(self.image(spot.page), spot)):
            raise refuse("ink-under")
        return box

    def codes(self) -> None:
        """Draws every page, so that none is more than the limits allow. Raises `qr` for the first with a QR code."""
        formats = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
        for number in range(1, len(self) + 1):
            if zxingcpp.read_barcodes(self.image(number), formats=formats):
                raise refuse("qr", number)

    def suggestion(self, width: float, height: float) -> Spot | None:
        """A free place for a box: in the largest gap of the first page that has one, right under what is written.

        The first, because what follows a letter's own pages are its attachments, and a page that the letter fills and
        goes on from has no such gap.
        """
        for number in range(1, len(self) + 1):
            for spot in self._gaps(number, width, height):
                try:
                    self.free(spot)
                except Exception as error:
                    if getattr(error, "code", "") in ("text-under", "ink-under", "outside"):
                        continue
                    break
                return spot
        return None

    def _gaps(self, number: int, width: float, height: float) -> Iterator[Spot]:
        """Places without ink on a page that is written on, the right column's first."""
        rows = _ink_map(self.image(number), *self._size(number))
        right = max((len(row) - row[::-1].index(1) for row in rows if any(row)), default=0)
        if right == 0:
            return
        most = len(rows[0]) - MARGIN_MM - width
        for left in dict.fromkeys(min(max(MARGIN_MM, x), most) for x in (right - width, most, most / 2, MARGIN_MM)):
            if left >= MARGIN_MM:
                yield from _in_column(rows, number, left, width, height)


def number_in(text: str, number: str) -> bool:
    """Whether the letter's number stands in the text, however it is broken, and not as part of another one."""
    dashes = {"-": r"[-\u00ad\u2010\u2011\u2013]"}
    spelled = r"\s*".join(dashes.get(character, re.escape(character)) for character in "".join(number.split()))
    return re.search(rf"(?<![\w/.-]){spelled}(?![\w/])", text) is not None


def honest(text: str, *, simulated: bool) -> None:
    """What the office's own signature must say, and not the page. Raises `marker`, `claims-bsre`."""
    marker = _MARKER.search(text)
    if marker is not None:
        raise refuse("marker", marker[0])
    claim = _BSRE.search(text) if simulated else None
    if claim is not None:
        raise refuse("claims-bsre", " ".join(claim[0].split()))


def _turned_back(seen: Box, crop: Box, rotation: int) -> Box:
    """A box on the page as shown, in the coordinates of the page before it is turned clockwise and cropped."""
    x1, y1, x2, y2 = seen
    wide, high = crop[2] - crop[0], crop[3] - crop[1]
    turned = {
        0: (x1, y1, x2, y2),
        90: (wide - y2, x1, wide - y1, x2),
        180: (wide - x2, high - y2, wide - x1, high - y1),
        270: (y1, high - x2, y2, high - x1),
    }[rotation % 360]
    placed = (turned[0] + crop[0], turned[1] + crop[1], turned[2] + crop[0], turned[3] + crop[1])
    return tuple(round(value, 3) for value in placed)  # type: ignore[return-value]  # four of them


def _cut(page: Image.Image, spot: Spot) -> Image.Image:
    scale = DPI / 25.4
    edges = (spot.left, spot.top, spot.left + spot.width, spot.top + spot.height)
    return page.crop(tuple(round(edge * scale) for edge in edges))  # type: ignore[arg-type]  # four of them


def _limit(image: Image.Image) -> tuple[int, int]:
    """The paper's grey, and how far ink differs from it: little on a drawn page, more on a scan."""
    levels = image.histogram()
    paper = max(range(len(levels)), key=levels.__getitem__)
    return paper, _CLEAN if paper >= _PAPER else _SCANNED


def _has_ink(image: Image.Image) -> bool:
    paper, limit = _limit(image)
    if paper < 160:  # a dark field: text on it could not be read
        return True
    dark = sum(count for level, count in enumerate(image.histogram()) if abs(level - paper) > limit)
    return dark > (0 if limit == _CLEAN else _SPECKS)


def _ink_map(image: Image.Image, across: float, down: float) -> list[bytes]:
    """A row for each mm of the page, a byte for each mm in it: 1 where there is ink."""
    paper, limit = _limit(image)
    inked = image.point([255 if abs(level - paper) > limit else 0 for level in range(256)])
    size = max(1, int(across)), max(1, int(down))
    cells = inked.resize(size, Image.Resampling.BOX).point([0] + [1] * 255).tobytes()
    return [cells[start : start + size[0]] for start in range(0, len(cells), size[0])]


def _in_column(rows: list[bytes], number: int, left: float, width: float, height: float) -> Iterator[Spot]:
    """The free stretches of a column, longest first, each with the box near its upper end."""
    first, last = int(left) - 2, int(left + width) + 2
    free = [not any(row[max(0, first) : last]) for row in rows]
    runs, start = [], None
    for at, clear in enumerate([*free, False]):
        if clear and start is None:
            start = at
        elif not clear and start is not None:
            runs.append((start, at))
            start = None
    for begin, end in sorted(runs, key=lambda run: (run[0] - run[1], -run[0])):
        top = max(begin + 2.0, MARGIN_MM)
        room = min(end - 2.0, len(rows) - MARGIN_MM) - height - top
        if room >= 0:
            yield Spot(number, round(left, 1), round(top + min(4.0, room), 1), width, height)
