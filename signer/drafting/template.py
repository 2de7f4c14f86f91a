"""Letter templates as data: a TOML file beside each Typst file (docs/formats/letter-templates.md)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Protocol

from pydantic import ConfigDict, PositiveInt, StringConstraints, TypeAdapter, ValidationError
from pydantic import Field as Described

from signer.drafting.press import Press
from signer.drafting.text import Label
from signer.errors import NotFound

FORMAT = 1
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Source = Annotated[str, StringConstraints(pattern=r"^[\w-]+\.typ$")]
_STRICT = ConfigDict(extra="forbid", arbitrary_types_allowed=True)


@dataclass(frozen=True)
class Column:
    """One column of a field of type `rows`; every cell is one line of text."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    key: Key
    label: str
    label_en: str
    required: bool = False
    max_length: PositiveInt = 200

    @property
    def called(self) -> Label:
        """Both labels."""
        return Label(self.label, self.label_en)


@dataclass(frozen=True)
class Field:
    """One value that a letter needs: how a form asks for it, and what is allowed.

    `text` is one line, `lines` a paragraph a line, `date` and `time` ISO 8601, `rows` a table of `columns`.
    `fact` is the dotted name of the berkas fact it starts from, `default` what it starts from without one.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    key: Key
    type: Literal["text", "lines", "date", "time", "rows"]
    label: str
    label_en: str
    required: bool = False
    max_length: PositiveInt = 300
    max_rows: PositiveInt = 100
    default: str = ""
    fact: str = ""
    help: str = ""
    columns: Annotated[tuple[Column, ...], Described(validation_alias="column")] = ()

    @property
    def called(self) -> Label:
        """Both labels."""
        return Label(self.label, self.label_en)


@dataclass(frozen=True)
class Agenda:
    """Which fields, by key, say when, where and about what the meeting is that the letter invites to."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    date: Key
    start: Key
    end: Key
    place: Key
    title: Key


@dataclass(frozen=True)
class LetterTemplate:
    """One kind of letter: its form, its defaults, and the Typst file that composes it."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    key: str
    press: Press
    format: Literal[1]
    title: str
    title_en: str
    source: Source
    klasifikasi: str
    sifat: tuple[str, ...]
    hal: str
    fields: Annotated[tuple[Field, ...], Described(validation_alias="field")]
    facts_only: tuple[str, ...] = ()
    public_pages: bool = True
    recipients_fact: str = ""
    recipients_inline: PositiveInt = 8
    tembusan: tuple[str, ...] = ()
    agenda: Agenda | None = None

    def shows_pages(self, sifat: str) -> bool:
        """Whether the public page of such a letter may show its pages and not only facts (domain.md section 3)."""
        return self.public_pages and sifat not in self.facts_only

    def field(self, key: str) -> Field:
        """The field of that key. Raises NotFound."""
        for field in self.fields:
            if field.key == key:
                return field
        raise NotFound()


class Templates(Protocol):
    """The office's letter templates, as use cases reach them."""

    @property
    def press(self) -> Press:
        """The press of what all letters share: the signature's appearance."""

    def __iter__(self) -> Iterator[LetterTemplate]:
        """Every template in force, by key."""

    def __getitem__(self, key: str) -> LetterTemplate:
        """The template in force of that key. Raises NotFound."""


@dataclass(frozen=True)
class Shelf:
    """The templates of one folder by key (the TOML file's name), and the press they share."""

    templates: Mapping[str, LetterTemplate]
    press: Press

    def __iter__(self) -> Iterator[LetterTemplate]:
        return iter(self.templates.values())

    def __len__(self) -> int:
        return len(self.templates)

    def __getitem__(self, key: str) -> LetterTemplate:
        """The template of that key. Raises NotFound."""
        if key not in self.templates:
            raise NotFound("Templat surat itu tidak ada.", "There is no such letter template.")
        return self.templates[key]


class DescriptionFault(ValueError):
    """A template's description cannot be used.

    `table` and `key` say where, as in SopFault; `kind` is pydantic's name of the fault, empty for ours.
    """

    def __init__(self, file: str, reason: str, table: str = "", key: str = "", kind: str = "") -> None:
        self.file, self.reason, self.table, self.key, self.kind = file, reason, table, key, kind
        where = ".".join(part for part in (table, key) if part)
        super().__init__(": ".join(part for part in (file, where, reason) if part))


def load_templates(folder: Path) -> Shelf:
    """Read every `*.toml` of the folder, in order of name.

    Raises DescriptionFault (a ValueError) that names the file at fault, ValueError as Press does.
    """
    press = Press(folder)
    found = {path.stem: _load(path, press) for path in sorted(folder.glob("*.toml"))}
    return Shelf(found, press)


def _load(path: Path, press: Press) -> LetterTemplate:
    try:
        described = tomllib.loads(path.read_text(encoding="utf-8"))
        template = _ADAPTER.validate_python({**described, "key": path.stem, "press": press})
    except tomllib.TOMLDecodeError as error:
        raise DescriptionFault(path.name, str(error)) from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise DescriptionFault(path.name, first["msg"], *_place(first["loc"]), first["type"]) from error
    _check(template, path)
    return template


def _place(loc: Sequence[int | str]) -> tuple[str, str]:
    """Table and key of pydantic's location: ("field", 1, "column", 0, "key") is `field[2].column[1]`, `key`."""
    *tables, last = loc
    name = ""
    for part in tables:
        name = f"{name}[{part + 1}]" if isinstance(part, int) else ".".join(filter(None, (name, part)))
    return (f"{name}[{last + 1}]", "") if isinstance(last, int) else (name, last)


def _check(template: LetterTemplate, path: Path) -> None:
    """What the types alone do not say. Raises DescriptionFault."""
    keys = [field.key for field in template.fields]
    if len(set(keys)) != len(keys):
        raise DescriptionFault(path.name, "two fields share a key")
    if any((field.type == "rows") != bool(field.columns) for field in template.fields):
        raise DescriptionFault(path.name, "columns belong to fields of type rows, and to all of them")
    if not template.sifat or not set(template.facts_only) <= set(template.sifat):
        raise DescriptionFault(path.name, "facts_only names a sifat that the template does not have", "", "facts_only")
    if template.agenda is not None and not _names_fields(template, asdict(template.agenda)):
        raise DescriptionFault(path.name, f"agenda must name fields: {_AGENDA_TYPES}", "agenda")
    if not (path.parent / template.source).is_file():
        raise DescriptionFault(path.name, f"{template.source} is missing", "", "source")


_AGENDA_TYPES = {"date": "date", "start": "time", "end": "text", "place": "text", "title": "text"}


def _names_fields(template: LetterTemplate, agenda: Mapping[str, str]) -> bool:
    types = {field.key: field.type for field in template.fields}
    return all(types.get(agenda[part]) == wanted for part, wanted in _AGENDA_TYPES.items())


_ADAPTER = TypeAdapter(LetterTemplate)
