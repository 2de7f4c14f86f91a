"""Takes the pictures: a page at a phone's and a desk's width, cropped, with few colours so that git can hold it."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from tests.journeys.watching import DESKTOP, PHONE, Person

COLOURS = 44
"""Enough for text and a letter's pictures."""
TALLEST = {390: 1250, 1280: 1150}
"""Pixels kept of a long page at each width: what a reader of the guide looks at without losing the text beside it."""
BOTH = (PHONE, DESKTOP)

READY = """async () => {
  document.activeElement?.blur();
  window.scrollTo(0, 0);
  const floating = document.querySelectorAll(".actions.sticky, .follow, .reader-bar");
  floating.forEach((part) => { part.style.position = "static"; });
  const all = [...document.images];
  all.forEach((image) => { image.loading = "eager"; });
  await Promise.all(all.filter((image) => image.checkVisibility()).map((image) => image.decode().catch(() => null)));
}"""
"""To the top, with every picture loaded (lazy ones wait until they come into view), and with what stays in view while
scrolling at its own place, not in the middle of the picture."""


@dataclass
class Camera:
    """Takes the pictures and remembers which it took; `whole` keeps long pages whole, for looking at a page itself."""

    folder: Path
    whole: bool = False
    taken: set[str] = field(default_factory=set)

    def shoot(self, who: Person, name: str, *, sizes: tuple[dict[str, int], ...] = BOTH, top: str = "") -> None:
        """The page as it stands; with `top` (a selector) from there on, where the page's head says nothing new."""
        who.settle()
        for size in sizes:
            who.page.set_viewport_size(size)  # type: ignore[arg-type]  # a plain dict is what it takes
            who.page.evaluate(READY)
            data = who.page.screenshot(full_page=True, animations="disabled")
            self._keep(data, name, size["width"], _top(who, top))
        self.taken.add(name)

    def glance(self, who: Person, name: str, *, sizes: tuple[dict[str, int], ...] = BOTH) -> None:
        """What the screen shows this moment (a dialog, work in progress), without touching the page."""
        for size in sizes:
            who.page.set_viewport_size(size)  # type: ignore[arg-type]  # a plain dict is what it takes
            self._keep(who.page.screenshot(animations="disabled"), name, size["width"], 0)
        self.taken.add(name)

    def _keep(self, data: bytes, name: str, width: int, top: int) -> None:
        with Image.open(io.BytesIO(data)) as shot:
            bottom = shot.height if self.whole else min(shot.height, top + TALLEST[width])
            cut = shot.convert("RGB").crop((0, 0 if self.whole else top, shot.width, bottom))
        reduced = cut.quantize(COLOURS, Image.Quantize.MEDIANCUT, kmeans=1, dither=Image.Dither.NONE)
        reduced.save(self.folder / f"{name}-{width}.png", optimize=True)


def _top(who: Person, selector: str) -> int:
    """Where that part begins on the page, with some air above it."""
    box = who.page.locator(selector).first.bounding_box() if selector else None
    return max(0, int(box["y"]) - 16) if box else 0
