"""The texts that an office works by, as an admin keeps them: SOP files and letter templates.

Each is checked whole before it comes into force, with the line of every fault; a letter template is printed for trial
in a process with limits. What came into force is a new version: a berkas keeps the SOP it started under, a rendering
the bytes it has. The product's own files never undo what an admin put in force later (signer.founding, signer.shelf).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from signer import office_events, sop, sops, trial
from signer.accounts import ROLES
from signer.actor import Actor
from signer.desk import Desk
from signer.drafting import DescriptionFault
from signer.drafting.press import ForeignCode
from signer.errors import Conflict, Invalid, NotFound
from signer.sop import Sop, SopFault
from signer.sop.locating import line_of, line_said
from signer.tables.berkas import Berkas
from signer.tables.office import LetterTemplateVersion, SopVersion
from signer.trial import Printed

MOST_CHARACTERS = 200_000
TEMPLATE_KEY = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_PYDANTIC = {"missing": "wajib diisi", "extra_forbidden": "kunci ini tidak dikenal"}

log = structlog.get_logger()


class TextFault(Invalid):
    """A text cannot come into force; `line` (from 1) says where in the text of `field`, None where no line does."""

    code = "text-fault"

    def __init__(self, id: str, en: str, *, field: str, line: int | None = None) -> None:
        self.line = line
        at = (f"Baris {line}. ", f"Line {line}. ") if line else ("", "")
        super().__init__(at[0] + id, at[1] + en, field=field)


@dataclass(frozen=True)
class SopRow:
    """One SOP of the list: what it is, since when in force, in how many versions, and how many berkas run under it."""

    sop: Sop
    since: datetime
    versions: int
    running: int


@dataclass(frozen=True)
class Checked:
    """A text that may come into force, and the lines in which it differs from the one in force."""

    sop: Sop
    changes: tuple[str, ...]


@dataclass(frozen=True)
class TemplateText:
    """A letter template as an admin edits it. `version` is that of the text shown, 0: the product's own file."""

    key: str
    description: str
    source: str
    version: int


def sop_rows(desk: Desk, actor: Actor) -> list[SopRow]:
    """The office's SOPs in force, by key."""
    with desk.db.read() as session:
        return [_sop_row(session, version, steps) for version, steps in sops.in_force(session, actor.office_id)]


def sop_text(desk: Desk, actor: Actor, slug: str) -> str:
    """The text in force. Raises NotFound."""
    with desk.db.read() as session:
        return sops.current(session, actor.office_id, slug)[0].text


def check_sop(desk: Desk, actor: Actor, slug: str | None, text: str) -> Checked:
    """Whether an SOP text may come into force under `slug` (None: as a new SOP). Raises TextFault (field `text`)."""
    text = _plain(text, "text")
    try:
        steps = sops.parsed(text)
        _fits(desk, actor, slug, steps)
    except SopFault as fault:
        line = line_said(fault.en) or line_of(text, fault.table, fault.key)
        raise TextFault(fault.id, fault.en, field="text", line=line) from fault
    before = "" if slug is None else sop_text(desk, actor, slug)
    return Checked(steps, tuple(_changed(before, text)))


def publish_sop(desk: Desk, actor: Actor, slug: str | None, text: str, seen: str) -> Sop:
    """Put an SOP text in force for what starts from now on.

    `seen` is the digest of the text in force that the admin's page started from (empty for a new SOP). Raises
    TextFault, Conflict if another text came into force meanwhile.
    """
    steps = check_sop(desk, actor, slug, text).sop
    with desk.db.begin() as session:
        office_events.locked(session, actor)  # of two admins the second finds the first one's text
        if _digest_in_force(session, actor, steps.key) != seen:
            raise Conflict()
        sops.publish(session, actor.office_id, steps.key, _plain(text, "text"), desk.now())
        detail = {"sop": steps.key, "sha256": office_events.change(seen, steps.digest)}
        office_events.append(session, desk, actor, "sop", detail)
    log.info("sop-published", by=actor.user_id, sop=steps.key, digest=steps.digest)
    return steps


def template_text(desk: Desk, key: str) -> TemplateText:
    """The template in force as it is edited. Raises NotFound."""
    description, source = desk.templates.texts(key)
    with desk.db.read() as session:
        return TemplateText(key, description, source, _template_version(session, key))


def try_template(desk: Desk, key: str, description: str, source: str) -> Printed:
    """The template printed with sample values. Raises TextFault (fields `key`, `description`, `source`)."""
    if not TEMPLATE_KEY.fullmatch(key) or len(key) > 80:
        raise TextFault(
            "Kunci templat berupa huruf kecil, angka, dan garis, misalnya surat-tugas.",
            "A template's key is small letters, digits and hyphens, e.g. surat-tugas.",
            field="key",
        )
    description, source = _plain(description, "description"), _plain(source, "source")
    try:
        template = desk.templates.laid_out(key, description, source)[key]
    except DescriptionFault as fault:
        raise _description_fault(fault, description) from fault
    except ForeignCode as fault:
        raise TextFault(
            "Templat hanya boleh mengimpor file di foldernya dengan nama biasa, tanpa eval dan plugin.",
            "A template may only import its neighbours by plain name, without eval and plugin.",
            field="source",
        ) from fault
    if template.source != f"{key}.typ":
        line = line_of(description, "", "source")
        raise TextFault(f'source harus "{key}.typ".', f'source must be "{key}.typ".', field="description", line=line)
    return trial.printed(desk.templates.lay_out(key, description, source), key)


def publish_template(desk: Desk, actor: Actor, edited: TemplateText, *, new: bool = False) -> None:
    """Put a template in force, after a trial print; a `new` one needs a key of its own.

    Raises TextFault, Conflict if it was edited by somebody else meanwhile.
    """
    if new and any(template.key == edited.key for template in desk.templates):
        raise TextFault("Kunci ini sudah dipakai templat lain.", "Another template has this key.", field="key")
    printed = try_template(desk, edited.key, edited.description, edited.source)
    if printed.fault is not None:
        raise TextFault(printed.fault.id, printed.fault.en, field="source")
    version = LetterTemplateVersion(
        key=edited.key,
        description=_plain(edited.description, "description"),
        source=_plain(edited.source, "source"),
        loaded_at=desk.now(),
        loaded_by=actor.user_id,
    )
    with desk.db.begin() as session:
        office_events.locked(session, actor)
        if _template_version(session, edited.key) != edited.version:
            raise Conflict()
        session.add(version)
        session.flush()
        detail = {"template": version.key, "version": office_events.change(edited.version, version.id)}
        office_events.append(session, desk, actor, "templat", detail)
    log.info("template-published", by=actor.user_id, template=edited.key)


def decoded(data: bytes, field: str) -> str:
    """The text of a file that was sent instead of typing. Raises TextFault."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise TextFault("File ini bukan teks UTF-8.", "This file is no UTF-8 text.", field=field) from None


def _sop_row(session: Session, version: SopVersion, steps: Sop) -> SopRow:
    own = select(SopVersion.id).where(SopVersion.office_id == version.office_id, SopVersion.slug == version.slug)
    running = (Berkas.sop_version_id.in_(own), Berkas.state == sop.State.RUNNING.value)
    return SopRow(
        steps,
        version.loaded_at,
        len(session.scalars(own).all()),
        session.scalar(select(func.count(Berkas.id)).where(*running)) or 0,
    )


def _fits(desk: Desk, actor: Actor, slug: str | None, steps: Sop) -> None:
    """What a text must agree with outside itself: its own key, the letter templates, the roles that accounts have."""
    if slug is not None and steps.key != slug:
        raise SopFault("", "kunci", f"harus tetap {slug!r}", f"must stay {slug!r}")
    if slug is None and _exists(desk, actor, steps.key):
        raise SopFault("", "kunci", f"{steps.key!r} sudah dipakai SOP lain", f"{steps.key!r} is another SOP's")
    for number, role in enumerate(steps.roles, 1):
        if role.key not in ROLES:
            known = ", ".join(ROLES)
            raise SopFault(f"peran[{number}]", "kunci", f"harus salah satu: {known}", f"must be one of: {known}")
    have = {template.key for template in desk.templates}
    for key in steps.templates:
        if key not in have:
            raise SopFault("surat", "templat", f"templat {key!r} tidak ada", f"there is no template {key!r}")


def _exists(desk: Desk, actor: Actor, slug: str) -> bool:
    with desk.db.read() as session:
        return bool(_digest_in_force(session, actor, slug))


def _digest_in_force(session: Session, actor: Actor, slug: str) -> str:
    try:
        return sops.current(session, actor.office_id, slug)[0].digest
    except NotFound:
        return ""


def _template_version(session: Session, key: str) -> int:
    return session.scalar(select(func.max(LetterTemplateVersion.id)).where(LetterTemplateVersion.key == key)) or 0


def _description_fault(fault: DescriptionFault, description: str) -> TextFault:
    line = line_said(fault.reason) or line_of(description, fault.table, fault.key)
    where = ".".join(part for part in (fault.table, fault.key) if part)
    words = _PYDANTIC.get(fault.kind, fault.reason)
    at = f"{where}: " if where else ""
    return TextFault(f"{at}{words}.", f"{at}{fault.reason}.", field="description", line=line)


def _changed(before: str, after: str) -> Iterator[str]:
    """The lines taken out (`- `) and put in (`+ `), in order.

    Not by ndiff, which compares every two lines letter by letter: a long text would hold up the service.
    """
    old, new = before.splitlines(), after.splitlines()
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new).get_opcodes():
        if tag != "equal":
            yield from (f"- {line}" for line in old[a:b])
            yield from (f"+ {line}" for line in new[c:d])


def _plain(text: str, field: str) -> str:
    """The text with line feeds alone, as browsers do not send it. Raises TextFault for one beyond all measure."""
    if len(text) > MOST_CHARACTERS:
        raise TextFault("Teks ini terlalu panjang.", "This text is too long.", field=field)
    return text.replace("\r\n", "\n").strip("\n") + "\n"
