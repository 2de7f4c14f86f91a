"""What a signature allows to follow it: DocMDP and FieldMDP (ISO 32000-2 clauses 12.8.2.2, 12.8.2.4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pyhanko.pdf_utils import generic

from verifier.difference import Change
from verifier.document import ODD_FILE, Document, FormField, entry, items, reference_of, resolved
from verifier.errors import VerificationError
from verifier.messages import fail

NO_CHANGES, FILL_FORMS, ANNOTATE = 1, 2, 3
_ADDITIONS = {"annotation-added", "later-signature", "signature-field-added"}


@dataclass(frozen=True)
class Permissions:
    """DocMDP level (None: an approval signature without one), whether it certifies, and the locked fields."""

    level: int | None
    certified: bool
    lock_action: str | None = None  # "All", "Include" or "Exclude"
    lock_fields: frozenset[str] = frozenset()

    def _locked(self, field: str) -> bool:
        """Whether the signer locked this form field."""
        below = any(field == name or field.startswith(f"{name}.") for name in self.lock_fields)
        return (
            self.lock_action == "All"
            or (self.lock_action == "Include" and below)
            or (self.lock_action == "Exclude" and not below)
        )

    def judge(self, change: Change) -> VerificationError | None:
        """The reason that a change after this signature gives; None for validation data and timestamps."""
        code, where = change.code, change.where
        if change.timestamp and code in ("later-signature", "signature-field-added"):
            return None
        if code == "form-appearance":
            return None  # the same value drawn anew: the rendered comparison decides
        if self.level == NO_CHANGES and code != "metadata-changed":
            return fail("changes-forbidden", where=where)
        if code == "form-filled" and self._locked(where):
            return fail("form-locked", where=where)
        if code == "annotation-added" and self.level != ANNOTATE:
            return fail(code, where=where)
        if self.level is not None and code in _ADDITIONS and change.draws and not change.placed:
            # Permitted by kind, but it shows whatever its author likes where the signer left no place for it: evil
            # annotation and sneaky signature attacks (Rohlmann et al., IEEE S&P 2021, "Breaking the Specification").
            return fail("addition-drawn", where=where)
        if code == "annotation-added":
            return fail("annotation-permitted", where=where)
        return fail(code, where=where)


def read_permissions(document: Document, form_field: FormField) -> Permissions:
    """Permissions in the signature's /Reference, else in its field's /Lock. Unreadable ones count as "no changes"."""
    try:
        references = list(_references(form_field.value))
        certified = _certifies(document, form_field)
        lock = entry(form_field.node, "/Lock")
        level = _level(references, lock)
        action, names = _locks(references, lock)
    except ODD_FILE:
        return Permissions(NO_CHANGES, certified=False)
    return Permissions(level, certified, action, names)


def _references(value: Any) -> Iterator[tuple[str, Any]]:
    for raw in items(entry(value, "/Reference")):
        holder = resolved(raw)
        yield str(entry(holder, "/TransformMethod")), entry(holder, "/TransformParams")


def _certifies(document: Document, form_field: FormField) -> bool:
    permissions = entry(document.root, "/Perms")
    if not isinstance(permissions, generic.DictionaryObject) or "/DocMDP" not in permissions:
        return False
    held = reference_of(permissions.raw_get("/DocMDP"))
    return held is not None and "/V" in form_field.node and held == reference_of(form_field.node.raw_get("/V"))


def _level(references: list[tuple[str, Any]], lock: Any) -> int | None:
    for method, parameters in references:
        if method == "/DocMDP":
            return int(entry(parameters, "/P") or FILL_FORMS)  # the default of table 257
    level = entry(lock, "/P")
    return None if level is None else int(level)


def _locks(references: list[tuple[str, Any]], lock: Any) -> tuple[str | None, frozenset[str]]:
    found = [parameters for method, parameters in references if method == "/FieldMDP"] or ([lock] if lock else [])
    for parameters in found:
        names = frozenset(str(resolved(raw)) for raw in items(entry(parameters, "/Fields")))
        return str(entry(parameters, "/Action") or "/All").lstrip("/"), names
    return None, frozenset()
