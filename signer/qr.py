"""Draws QR codes and reads them back: error correction M, four modules of quiet zone (ISO/IEC 18004)."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

import zxingcpp
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode
from qrcode.util import QRData

QUIET_ZONE = 4

Matrix = list[list[bool]]
Point = tuple[int, int]


def matrix(text: str) -> Matrix:
    """Returns the modules row by row, True for dark, without the quiet zone."""
    return [[bool(module) for module in row] for row in _code(text).get_matrix()]


def version(text: str) -> int:
    """Returns the smallest QR version (1 to 40) that holds the text; 17 + 4 * version modules a side."""
    code = _code(text)
    code.best_fit()
    return code.version


def svg(text: str) -> str:
    """Returns an SVG, one unit a module, quiet zone included, without a size: whoever places it gives one.

    Dark areas are drawn as outlines, not as squares side by side: between squares a viewer may show
    hairlines.
    """
    modules = matrix(text)
    side = len(modules) + 2 * QUIET_ZONE
    path = "".join(_outline(loop) for loop in _loops(modules))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}h-{side}z"/>'
        f'<path fill="#000" d="{path}"/></svg>'
    )


def png(text: str, scale: int = 8) -> bytes:
    """Returns a black and white PNG, quiet zone included, `scale` pixels a module."""
    modules = matrix(text)
    picture = Image.new("1", (len(modules) + 2 * QUIET_ZONE,) * 2, 1)
    for y, row in enumerate(modules):
        for x, dark in enumerate(row):
            if dark:
                picture.putpixel((x + QUIET_ZONE, y + QUIET_ZONE), 0)
    out = io.BytesIO()
    picture.resize((picture.width * scale,) * 2, Image.Resampling.NEAREST).save(out, "PNG", optimize=True)
    return out.getvalue()


def read(image: Image.Image) -> list[str]:
    """Returns the texts of the QR codes seen in a picture, in no particular order; may be empty."""
    formats = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    seen = zxingcpp.read_barcodes(image.convert("L"), formats=formats, text_mode=zxingcpp.TextMode.Plain)
    return [code.text for code in seen]


def _code(text: str) -> QRCode[Any]:
    """Prepares the text as segments split at the first #: alphanumeric where they can be, # a byte."""
    code = QRCode(error_correction=ERROR_CORRECT_M, border=0)
    for part in text.partition("#"):
        if part:
            code.add_data(QRData(part))
    return code


def _loops(modules: Matrix) -> Iterable[list[Point]]:
    """Yields the closed outlines of the dark areas as corner points, outer ones and holes alike."""
    ahead = _edges(modules)
    while ahead:
        point = next(iter(ahead))
        loop = []
        # As many edges leave a corner as reach it, so a walk can only end where it began.
        while point in ahead:
            loop.append(point)
            following = ahead[point].pop()
            if not ahead[point]:
                del ahead[point]
            point = following
        yield loop


def _edges(modules: Matrix) -> dict[Point, list[Point]]:
    """Returns the unit edges between dark and light, from corner to corners, dark on the right-hand side."""
    dark = [(x, y) for y, row in enumerate(modules) for x, is_dark in enumerate(row) if is_dark]
    known = set(dark)
    edges: dict[Point, list[Point]] = {}
    for x, y in dark:
        for begin, end, beyond in _sides(x, y):
            if beyond not in known:
                edges.setdefault(begin, []).append(end)
    return edges


def _sides(x: int, y: int) -> tuple[tuple[Point, Point, Point], ...]:
    """Returns a module's four sides, clockwise: from, to, and the module beyond."""
    return (
        ((x, y), (x + 1, y), (x, y - 1)),
        ((x + 1, y), (x + 1, y + 1), (x + 1, y)),
        ((x + 1, y + 1), (x, y + 1), (x, y + 1)),
        ((x, y + 1), (x, y), (x - 1, y)),
    )


def _outline(loop: list[Point]) -> str:
    """Writes one closed outline as SVG path data, steps in the same direction joined."""
    x, y = loop[0]
    steps = "".join(f"h{along_x}" if along_x else f"v{along_y}" for along_x, along_y in _steps(loop))
    return f"M{x + QUIET_ZONE} {y + QUIET_ZONE}{steps}z"


def _steps(loop: list[Point]) -> list[Point]:
    """Returns the moves around a loop, straight runs joined; the last one is left to SVG's closing z."""
    steps: list[Point] = []
    for (x, y), (next_x, next_y) in zip(loop, [*loop[1:], loop[0]], strict=True):
        step = next_x - x, next_y - y
        if steps and (steps[-1][0] == 0) == (step[0] == 0):
            steps[-1] = steps[-1][0] + step[0], steps[-1][1] + step[1]
        else:
            steps.append(step)
    return steps[:-1]
