"""Where on a page the signature's appearance goes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Placement:
    """`page` counts from 0; `box` is (x1, y1, x2, y2) in PDF points from the page's bottom-left corner."""

    page: int
    box: tuple[float, float, float, float]
