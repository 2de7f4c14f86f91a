"""What a PDF could do by itself, or show differently to another reader or tomorrow: every object is looked at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pyhanko.pdf_utils import generic

from verifier.carrying.reasons import refuse
from verifier.carrying.structure import numbers
from verifier.difference import pages_of
from verifier.document import Document, entry, items, resolved

_KEYS = {
    "/JS": "script",
    "/JavaScript": "script",
    "/AA": "action",
    "/EmbeddedFiles": "attachment",
    "/EF": "attachment",
    "/AF": "attachment",
    "/Collection": "attachment",
    "/XFA": "form",
    "/NeedsRendering": "form",
    "/RichMediaContent": "media",
    "/3DD": "media",
    "/3DV": "media",
    "/Alternates": "layers",
    "/OPI": "external",
    "/ByteRange": "signed",
}
"""Keys that mean it wherever they stand, unless their value is empty (ISO 32000-2 clauses 7.11, 12.6, 13)."""
_ACTIONS = {
    "/JavaScript": "script",
    "/Launch": "action",
    "/SubmitForm": "action",
    "/ImportData": "action",
    "/ResetForm": "action",
    "/Hide": "action",
    "/Named": "action",
    "/GoToR": "external",
    "/GoToE": "attachment",
    "/GoToDp": "external",
    "/Thread": "external",
    "/SetOCGState": "layers",
    "/Rendition": "media",
    "/Movie": "media",
    "/Sound": "media",
    "/GoTo3DView": "media",
    "/RichMediaExecute": "media",
}
"""Actions by /S that are refused wherever they stand (ISO 32000-2 table 201)."""
_FOLLOWED = {"/GoTo", "/URI"}
"""Actions that a link may have."""
_TYPES = {"/Sig": "signed", "/DocTimeStamp": "signed", "/EmbeddedFile": "attachment", "/Filespec": "external"}
_SUBTYPES = {"/PS": "external", "/FileAttachment": "attachment", "/RichMedia": "media", "/Screen": "media"}
_SCHEME = re.compile(r"(?:https?|mailto|tel):", re.IGNORECASE)


def active_content(document: Document) -> None:
    """Scripts, actions, files inside or outside, media, layers, forms. Raises the reason of the first one found."""
    for reference in numbers(document):
        for node in _dictionaries(document.get(reference)):
            _judge(node)
    _opening(document)


def overlays(document: Document) -> None:
    """Anything that lies on a page and is no link: notes, stamps, highlights, fields. Raises `annotation`, `form`."""
    for number, page in enumerate(pages_of(document.root), start=1):
        for raw in items(entry(page.node, "/Annots")):
            kind = str(entry(resolved(raw), "/Subtype"))
            if kind == "/Widget":
                raise refuse("form")
            if kind != "/Link":
                raise refuse("annotation", number)


def _dictionaries(value: Any) -> Iterator[generic.DictionaryObject]:
    """A dictionary and those written inside it; references are not followed, for every object has its turn."""
    waiting = [value]
    while waiting:
        here = waiting.pop()
        if isinstance(here, generic.DictionaryObject):
            yield here
            waiting.extend(here.raw_get(key) for key in here)
        elif isinstance(here, generic.ArrayObject):
            waiting.extend(items(here))


def _judge(node: generic.DictionaryObject) -> None:
    for key, reason in _KEYS.items():
        if key in node and not _empty(entry(node, key)):
            raise refuse(reason)
    for key, meanings in (("/S", _ACTIONS), ("/Type", _TYPES), ("/Subtype", _SUBTYPES)):
        reason = meanings.get(str(entry(node, key)), "") if key in node else ""
        if reason:
            raise refuse(reason)
    _layered(node)
    _followed(node)
    if isinstance(node, generic.StreamObject):
        _elsewhere(node)
    if entry(node, "/UserUnit") not in (None, 1):
        raise refuse("odd-page", "")


def _layered(node: generic.DictionaryObject) -> None:
    """Optional content may hide what another reader, or the printer, shows."""
    if "/OCProperties" in node and items(entry(entry(node, "/OCProperties"), "/OCGs")):
        raise refuse("layers")


def _followed(node: generic.DictionaryObject) -> None:
    """What a link does: lead to a place in this document, or to an address that people know as one."""
    action = entry(node, "/A")
    kind = entry(action, "/S")
    if kind is not None and "/O" not in action and str(kind) not in _FOLLOWED:  # with /O: attributes of a tag
        raise refuse(_ACTIONS.get(str(kind), "action"))
    if str(entry(node, "/S")) == "/URI" and "/URI" in node:
        address = _text(entry(node, "/URI"))
        if _SCHEME.match(address) is None:
            raise refuse("link", address[:60])


def _elsewhere(stream: generic.StreamObject) -> None:
    """A stream whose data, or a form whose page, lies in another file."""
    if "/F" in stream or (str(entry(stream, "/Subtype")) == "/Form" and "/Ref" in stream):
        raise refuse("external")


def _opening(document: Document) -> None:
    """On opening, a document may go to one of its pages and do nothing else."""
    kind = entry(entry(document.root, "/OpenAction"), "/S")
    if kind is not None and str(kind) != "/GoTo":
        raise refuse("action")


def _empty(value: Any) -> bool:
    return value is None or (isinstance(value, list | dict) and not value) or value is False


def _text(value: Any) -> str:
    raw = value if isinstance(value, bytes) else str(value)
    text = raw.decode("latin-1") if isinstance(raw, bytes) else raw
    return "".join(character for character in text if character.isprintable())
