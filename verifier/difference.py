"""What a later file changed against a signed revision, by meaning: each change named and placed.

The two document catalogues are walked side by side. Validation data (/DSS) may differ freely; form fields, pages and
annotations are compared each by its own rule; anything else must be equal. pyHanko's difference analysis works on
object numbers instead and calls 12 of 65 sound files of the EU's test suite suspicious.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pyhanko.pdf_utils import generic

from verifier.document import ODD_FILE, Document, FormField, Reference, entry, items, reference_of, resolved
from verifier.messages import fail
from verifier.sameness import Sameness

Box = tuple[float, float, float, float]

# Catalogue entries that validation data, timestamps and writers' bookkeeping touch (ISO 32000-2 clause 12.8.4).
_FREE = {"/DSS", "/Extensions", "/Version", "/Type", "/MarkInfo", "/PieceInfo"}
_OWN_RULE = {"/AcroForm", "/Pages", "/Metadata", "/StructTreeRoot", "/Perms"}
_USAGE_RIGHTS = {"/UR", "/UR3"}  # permissions of Adobe's reader, which signing or filling ends
_INHERITABLE = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")
_PAGE_FREE = {"/Annots", "/Parent", "/LastModified", "/PieceInfo", "/Tabs", "/StructParents", "/Type"}
_FIELD_FREE = {"/V", "/AP", "/AS", "/Parent", "/Kids", "/P", "/M", "/RV", "/StructParent", "/I"}
_SIGNATURE_FREE = _FIELD_FREE | {"/F", "/Rect", "/DA", "/MK", "/DR", "/Q", "/Border", "/BS", "/H", "/Ff", "/NM"}
_LOOK = {"/DA", "/MK", "/Q", "/F", "/BS", "/Border"}  # decide only how a field looks: left to the rendered comparison
_DRAWN_ONLY_IF_THEY_SAY_HOW = {"/Text", "/Link", "/Popup"}  # nothing but an icon or a frame without /AP
_MOST_NODES = 10_000  # of the page tree


@dataclass(frozen=True)
class Change:
    """One change: a code of `messages`, where, and for visible ones the page (0-based) and box (PDF points)."""

    code: str
    where: str
    page: int | None = None
    box: Box | None = None
    timestamp: bool = False  # the change belongs to a document timestamp
    placed: bool = False  # the box was already there, for this purpose, in the signed revision
    draws: bool = False  # viewers or printers may draw something for it, whatever it is

    @property
    def visible(self) -> bool:
        """Whether it takes room on a page."""
        return self.page is not None and _has_area(self.box)


@dataclass
class Page:
    """A page's dictionary, what it inherits (raw values by key), and its reference."""

    node: generic.DictionaryObject
    inherited: dict[str, Any]
    reference: Reference | None


def changes(old: Document, new: Document) -> list[Change]:
    """Every change from `old` (a signed revision) to `new`. Raises VerificationError (comparison-impossible)."""
    try:
        return list(_Comparison(old, new).run())
    except ODD_FILE as error:
        raise fail("comparison-impossible") from error


class _Comparison:
    """One side-by-side walk of two catalogues."""

    def __init__(self, old: Document, new: Document) -> None:
        self.old, self.new = old, new
        self.same = Sameness(old, new)
        self.old_pages, self.new_pages = list(pages_of(old.root)), list(pages_of(new.root))
        self.widget_page: dict[Reference, int] = {}
        for side, document, pages in (("old", old, self.old_pages), ("new", new, self.new_pages)):
            self._anchor(side, document, pages)

    def _anchor(self, side: str, document: Document, pages: list[Page]) -> None:
        known = self.same.anchors[side]
        known[document.reader.root_ref.idnum, document.reader.root_ref.generation] = ("catalogue", None)
        for form_field in document.fields():
            for reference in [form_field.reference, *(ref for ref, _ in form_field.widgets)]:
                if reference is not None:
                    known[reference] = ("field", reference)
        for index, page in enumerate(pages):
            if page.reference is not None:
                known[page.reference] = ("page", index)
            for raw in items(entry(page.node, "/Annots")):
                reference = reference_of(raw)
                if reference is not None:
                    known.setdefault(reference, ("annotation", reference))
                    self.widget_page.setdefault(reference, index)

    def run(self) -> Iterator[Change]:
        """All changes, catalogue first."""
        yield from self._catalogue()
        yield from self._form()
        yield from self._page_list()

    def _catalogue(self) -> Iterator[Change]:
        for key in sorted((set(self.old.root.keys()) | set(self.new.root.keys())) - _FREE - _OWN_RULE):
            if self._entry_differs(self.old.root, self.new.root, key):
                yield Change("content-changed", f"Root{key}")
        if self._entry_differs(self.old.root, self.new.root, "/Metadata"):
            yield Change("metadata-changed", "Metadata")
        yield from self._permissions(entry(self.old.root, "/Perms"), entry(self.new.root, "/Perms"))
        if self._shrunk(entry(self.old.root, "/StructTreeRoot"), entry(self.new.root, "/StructTreeRoot")):
            yield Change("content-changed", "Root/StructTreeRoot")

    def _permissions(self, old: Any, new: Any) -> Iterator[Change]:
        named = {key for holder in (old, new) if holder is not None for key in holder}
        for key in sorted(named - _USAGE_RIGHTS):
            if self._entry_differs(old, new, key):
                yield Change("content-changed", f"Root/Perms{key}")

    def _entry_differs(self, old: Any, new: Any, key: str) -> bool:
        return self.same.differs(_raw(old, key), _raw(new, key))

    def _shrunk(self, old: Any, new: Any, depth: int = 0) -> bool:
        """Whether something of `old` is gone or different in `new`; additions are no loss (structure, resources)."""
        if old is None:
            return False
        if isinstance(old, generic.DictionaryObject) and isinstance(new, generic.DictionaryObject) and depth < 6:
            free = {"/K", "/ParentTree", "/ParentTreeNextKey", "/P"} if depth == 0 else set()
            return any(self._shrunk(_of(old, k), _of(new, k), depth + 1) for k in set(old.keys()) - free)
        return self.same.differs(old, new)

    # form fields

    def _form(self) -> Iterator[Change]:
        before, after = entry(self.old.root, "/AcroForm"), entry(self.new.root, "/AcroForm")
        yield from self._form_entries(before, after)
        later = {f.reference: f for f in self.new.fields() if f.reference is not None}
        named = {f.name: f for f in self.new.fields()}
        matched = set()
        for field in self.old.fields():
            match = later.get(field.reference) if field.reference else named.get(field.name)
            if match is None or match.kind != field.kind or match.name != field.name:
                yield Change("content-changed", field.name)
                continue
            matched.add(id(match))
            yield from self._field(field, match)
        for field in self.new.fields():
            if id(field) not in matched:
                yield from self._new_field(field)

    def _form_entries(self, before: Any, after: Any) -> Iterator[Change]:
        if before is None:
            return
        if after is None:
            yield Change("content-changed", "AcroForm")
            return
        for key in sorted(
            (set(before.keys()) | set(after.keys())) - {"/Fields", "/SigFlags", "/DR", "/NeedAppearances"}
        ):
            added_default = key in ("/DA", "/Q") and key not in before
            if not added_default and self._entry_differs(before, after, key):
                yield Change("content-changed", f"AcroForm{key}")
        fonts = [entry(entry(form, "/DR"), "/Font") for form in (before, after)]  # fields draw with nothing else
        if self._shrunk(fonts[0], fonts[1], 1):
            yield Change("content-changed", "AcroForm/DR/Font")
        if entry(after, "/NeedAppearances") and not entry(before, "/NeedAppearances"):
            yield Change("content-changed", "AcroForm/NeedAppearances")

    def _new_field(self, field: FormField) -> Iterator[Change]:
        if field.kind != "/Sig":
            yield Change("content-changed", field.name)
            return
        code = "signature-field-added" if field.value is None else "later-signature"
        for reference, widget in field.widgets:
            page = self.widget_page.get(reference) if reference else None
            box, drawn = _box(widget), "/AP" in widget
            yield Change(code, field.name, page, box, _is_timestamp(field.value), draws=drawn and _has_area(box))

    def _field(self, old: FormField, new: FormField) -> Iterator[Change]:
        if old.kind == "/Sig" and not self._same_place(old, new) and old.value is None:
            yield from self._signed_later(old, new)
            return
        if self._differs_except(old.node, new.node, _FIELD_FREE | _LOOK | {"/Ff"}) or len(old.widgets) != len(
            new.widgets
        ):
            yield Change("content-changed", old.name)
        if self._flags_differ(old, new):
            yield Change("content-changed", old.name)
        if old.kind == "/Sig" and self._same_place(old, new):
            if self._looks_differ(old, new):
                yield from self._widgets("form-appearance", old, new)
            return  # a signature at the same place in the file: the same bytes
        valued = self.same.differs(old.raw_value, new.raw_value)
        if valued and not _is_blank(old.value):
            yield Change("content-changed" if old.kind == "/Sig" else "form-changed", old.name)
        elif valued:
            yield from self._widgets("form-filled", old, new)
        elif self._looks_differ(old, new):
            yield from self._widgets("form-appearance", old, new)

    def _same_place(self, old: FormField, new: FormField) -> bool:
        one, other = reference_of(old.raw_value), reference_of(new.raw_value)
        return one is not None and one == other and self.old.location(one) == self.new.location(one)

    def _signed_later(self, old: FormField, new: FormField) -> Iterator[Change]:
        if self._differs_except(old.node, new.node, _SIGNATURE_FREE):
            yield Change("content-changed", old.name)
        if new.value is not None:
            yield from self._widgets("later-signature", old, new, _is_timestamp(new.value))

    def _widgets(self, code: str, old: FormField, new: FormField, timestamp: bool = False) -> Iterator[Change]:
        boxes = [_box(widget) for _, widget in old.widgets]
        for index, (reference, widget) in enumerate(new.widgets):
            box = _box(widget)
            page = self.widget_page.get(reference) if reference else None
            placed = index < len(boxes) and boxes[index] == box
            yield Change(code, new.name, page, box, timestamp, placed, "/AP" in widget and _has_area(box))

    def _looks_differ(self, old: FormField, new: FormField) -> bool:
        pairs = zip(old.widgets, new.widgets, strict=False)
        keys = ("/AP", "/AS", *_LOOK)
        return any(self._entry_differs(a, b, key) for (_, a), (_, b) in pairs for key in keys)

    def _flags_differ(self, old: FormField, new: FormField) -> bool:
        """Field flags may only gain ReadOnly (bit 1): locking after signing takes nothing away."""
        before, after = entry(old.node, "/Ff") or 0, entry(new.node, "/Ff") or 0
        return bool((int(before) | 1) != (int(after) | 1))

    def _differs_except(self, old: Any, new: Any, free: set[str]) -> bool:
        keys = (set(old.keys()) | set(new.keys())) - free
        return any(self._entry_differs(old, new, key) for key in keys)

    # pages and annotations

    def _page_list(self) -> Iterator[Change]:
        if len(self.old_pages) != len(self.new_pages):
            yield Change("pages-added", "Pages")
            return
        for index, (old, new) in enumerate(zip(self.old_pages, self.new_pages, strict=True)):
            if self._page_differs(old, new):
                yield Change("page-changed", str(index + 1), index)
            yield from self._annotations(index, old.node, new.node)

    def _page_differs(self, old: Page, new: Page) -> bool:
        if any(self.same.differs(old.inherited.get(k), new.inherited.get(k)) for k in _INHERITABLE):
            return True
        return self._differs_except(old.node, new.node, _PAGE_FREE | set(_INHERITABLE))

    def _annotations(self, index: int, old: Any, new: Any) -> Iterator[Change]:
        before, after = items(entry(old, "/Annots")), items(entry(new, "/Annots"))
        fields = {ref for f in self.new.fields() for ref, _ in f.widgets}
        kept = {reference_of(raw) for raw in after}
        direct_before = [raw for raw in before if reference_of(raw) is None]
        direct_after = [raw for raw in after if reference_of(raw) is None]
        if len(direct_before) != len(direct_after) or any(
            self.same.differs(a, b) for a, b in zip(direct_before, direct_after, strict=False)
        ):
            yield Change("annotation-added", str(index + 1), index, draws=True)
        for reference in [r for r in map(reference_of, before) if r is not None]:
            if reference not in kept:
                yield Change("content-changed", f"Page{index + 1}/Annots")
            elif reference not in fields and self._annotation_differs(reference):
                yield Change("annotation-added", str(index + 1), index, draws=True)
        known = {reference_of(raw) for raw in before}
        for raw in after:
            if reference_of(raw) is not None and reference_of(raw) not in known | fields:
                note = resolved(raw)
                yield Change("annotation-added", str(index + 1), index, _box(note), draws=_draws(note))

    def _annotation_differs(self, reference: Reference) -> bool:
        old, new = resolved(self.old.get(reference)), resolved(self.new.get(reference))
        if not isinstance(old, generic.DictionaryObject) or not isinstance(new, generic.DictionaryObject):
            return self.same.differs(old, new)
        return self._differs_except(old, new, {"/P", "/StructParent"})


def _raw(node: Any, key: str) -> Any:
    present = isinstance(node, generic.DictionaryObject) and key in node
    return node.raw_get(key) if present else None


def _of(node: generic.DictionaryObject, key: str) -> Any:
    return resolved(_raw(node, key))


def _is_blank(value: Any) -> bool:
    if value is None:
        return True
    if isinstance(value, generic.ArrayObject):
        return len(value) == 0
    return str(value).strip() in ("", "/Off")


def _is_timestamp(value: Any) -> bool:
    names = {str(entry(value, "/Type")), str(entry(value, "/SubFilter"))}
    return bool(names & {"/DocTimeStamp", "/ETSI.RFC3161"})


def _box(widget: Any) -> Box | None:
    numbers = [resolved(raw) for raw in items(entry(widget, "/Rect"))]
    if len(numbers) != 4:
        return None
    x1, y1, x2, y2 = (float(n) for n in numbers)
    return min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)


def _has_area(box: Box | None) -> bool:
    return box is not None and box[0] < box[2] and box[1] < box[3]


def _draws(note: Any) -> bool:
    """Whether a viewer draws an annotation: it says how (/AP), or it is of a kind that is drawn anyway."""
    said = entry(note, "/AP") is not None
    return said or str(entry(note, "/Subtype")) not in _DRAWN_ONLY_IF_THEY_SAY_HOW


def pages_of(root: generic.DictionaryObject) -> Iterator[Page]:
    """Pages in order, each as often as it is named, with inherited attributes; a loop is not followed.

    Raises VerificationError `comparison-impossible` for a tree of more nodes than a document can have.
    """
    waiting: list[tuple[Any, dict[str, Any], frozenset[Reference]]] = [(_raw(root, "/Pages"), {}, frozenset())]
    nodes = 0
    while waiting:
        raw, above, path = waiting.pop()
        nodes += 1
        if nodes > _MOST_NODES:
            raise fail("comparison-impossible")
        node, reference = resolved(raw), reference_of(raw)
        if not isinstance(node, generic.DictionaryObject) or reference in path:
            continue
        here = above | {key: node.raw_get(key) for key in _INHERITABLE if key in node}
        if "/Kids" in node:
            below = path if reference is None else path | {reference}
            waiting.extend((kid, here, below) for kid in reversed(items(entry(node, "/Kids"))))
        else:
            yield Page(node, here, reference)
