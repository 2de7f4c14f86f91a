"""The warm typesetter: one Typst compiler per process and template folder, fed with data, never with code.

It sees only the template folder and the fonts in its `fonts/`: no system fonts, so a letter looks the same on every
machine; no packages, so nothing is fetched from a network.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Final, cast

import typst

from signer.drafting.text import Alphabet
from signer.errors import TemplateFault

STANDARD: Final = "a-4"
"""PDF/A part of every rendering (docs/decisions/0004-pdfa-level-and-fonts.md)."""

# A template may take in only its neighbours: `import "naskah.typ"`. Anything else (an expression, a package, a URL,
# code in a string) could make the compiler fetch packages, which it can be kept from in no other way.
_TAKES_IN = re.compile(r"\b(?:import|include)\b\s*(?!\s)(?P<what>\"[^\"]*\"|.)")
_NEIGHBOUR = re.compile(r"\"[\w-]+\.typ\"")
_EVALUATES = re.compile(r"\b(?:eval|plugin)\b")
_PLACE = re.compile(r"(?P<at>[\w-]+\.typ:\d+:\d+)")


class ForeignCode(ValueError):
    """A template takes in more than its neighbours, or evaluates code from text."""


class Press:
    """Compiles the templates of one folder. Safe to share between threads: one letter at a time, 2-10 ms each."""

    def __init__(self, folder: Path) -> None:
        """Raises ValueError if a template takes in more than its neighbours, or there are no fonts."""
        for path in sorted(folder.glob("*.typ")):
            _refuse_foreign_code(path)
        self.folder = folder = folder.resolve()
        self.alphabet = Alphabet.of_fonts(folder / "fonts")
        fonts = typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder / "fonts")]
        )
        self._compiler = typst.Compiler(root=str(folder), font_paths=fonts, ignore_system_fonts=True)
        self._lock = threading.Lock()  # the compiler refuses a second caller ("Already borrowed")

    def pdf(self, source: str, data: Mapping[str, object], *, tagged: bool = True) -> bytes:
        """One document as PDF/A. Raises TemplateFault."""
        with self._lock:
            return self._compile(source, data, tagged)

    def pdf_with_mark(self, source: str, data: Mapping[str, object], label: str) -> tuple[bytes, object]:
        """The document, and the value of the one `metadata` element that carries the label. Raises TemplateFault."""
        with self._lock:
            pdf = self._compile(source, data, tagged=True)
            try:
                return pdf, json.loads(self._compiler.query(f"<{label}>", field="value", one=True))
            except RuntimeError as error:  # of which TypstError is one: "expected exactly one element" is not
                raise _fault(source, error) from error

    def _compile(self, source: str, data: Mapping[str, object], tagged: bool) -> bytes:
        inputs = {"data": json.dumps(data, ensure_ascii=False)}
        try:
            pdf = self._compiler.compile(
                str(self.folder / source), format="pdf", sys_inputs=inputs, pdf_standards=[STANDARD], pdf_tags=tagged
            )
        except typst.TypstError as error:
            raise _fault(source, error) from error
        return cast(bytes, pdf)  # a list of pages only for pictures


def _fault(source: str, error: RuntimeError) -> TemplateFault:
    fault = TemplateFault(
        f"Templat {source} tidak dapat menyusun surat dari isian ini. Hubungi Admin.",
        f"The template {source} cannot compose a letter from these values: {error}",
    )
    at = _PLACE.search(getattr(error, "diagnostic", None) or "")
    fault.said = f"{at['at']}: {error}" if at else str(error)
    return fault


def _refuse_foreign_code(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    foreign = [m["what"] for m in _TAKES_IN.finditer(source) if not _NEIGHBOUR.fullmatch(m["what"])]
    if foreign or _EVALUATES.search(source):
        raise ForeignCode(f"{path.name}: a template may only import its neighbours by name, and evaluates no code")
