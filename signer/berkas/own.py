"""SOP step 3 without a template: Staf hands in a finished PDF, and says where on it the signature goes.

The file waits encrypted beside its facts, in the same draft row as a letter that is typed (`template` says which). It
is inspected in a bounded process when it comes and again when it is finalised; then its very bytes are the rendering,
and paraf and signature go over them as over any other (design: idea 1).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from signer import appearance, appointments, numbers, own_pdf, uploads
from signer.actor import Actor
from signer.berkas import draft
from signer.berkas.case import Case, locked
from signer.berkas.draft import Form
from signer.desk import Desk, KeyDesk
from signer.drafting import Kop, LetterData, Mode, Rendered, SignatureBlock
from signer.drafting.checks import LABELS, signature_block
from signer.drafting.values import missing
from signer.errors import Conflict, Invalid, InvalidForm, NotFound, SuratError
from signer.placement import Placement
from signer.sop import Action, Sop
from signer.tables.berkas import Berkas, Rendering
from signer.tables.letters import LetterNumber
from signer.tables.office import Appointment, Office
from verifier.carrying.inspection import Inspection
from verifier.carrying.paper import Spot

REQUIREMENT = "pdf-sendiri"
SHOWN, WITHHELD = "ya", "tidak"
"""Whether strangers may see the pages."""
_BLANK_QR = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>'
_WIDE_CODE = "WWWW WWWW WWWW WWWW-W"


@dataclass(frozen=True)
class Facts:
    """What Staf types beside the PDF: `page` (from 1), `left` and `top` (mm) of the box, `public` ya|tidak."""

    hal: str
    sifat: str
    letter_date: str
    appointment_id: int | None
    public: str = ""
    page: str = ""
    left: str = ""
    top: str = ""
    unread: bool = False
    """Staf confirms that the number stands on the paper though it cannot be read from the file's text."""


@dataclass(frozen=True)
class Kept:
    """The PDF that waits: `sha256` in hex, `pages` as (width, height) in mm, `number_page` None: not found."""

    name: str
    size: int
    sha256: str
    blob_key: str
    pages: list[list[float]]
    has_text: bool
    number_page: int | None
    pdfa: bool


@dataclass(frozen=True)
class Sheet:
    """A berkas's draft as an own PDF: what is typed, the file if there is one, the draft's version (0: none yet)."""

    facts: Facts
    kept: Kept | None
    version: int


def waits(desk: Desk, session: Session, berkas_id: int) -> bool:
    """Whether the berkas's draft is an own PDF."""
    saved = draft.load(desk, session, berkas_id)
    return saved is not None and own_pdf.is_own(saved[0].template)


def load(desk: Desk, session: Session, berkas: Berkas, steps: Sop) -> Sheet:
    """The saved draft; what a template's draft has in common with it; or what a new one starts from."""
    saved = draft.load(desk, session, berkas.id)
    form, version = saved or (draft.starting(desk, session, berkas, steps.templates[0]), 0)
    common = Facts(form.hal, form.sifat, form.letter_date, form.appointment_id)
    if not own_pdf.is_own(form.template):
        return Sheet(common, None, version)
    values = form.fields
    kept = Kept(**values["upload"]) if values.get("upload") else None
    facts = replace(common, **{name: values.get(name, "") for name in ("public", "page", "left", "top")})
    return Sheet(facts, kept, version)


def sifat(desk: Desk, steps: Sop) -> tuple[str, ...]:
    """The kinds of letter to choose from: those of the SOP's first template."""
    return desk.templates[steps.templates[0]].sifat


def number_of(desk: Desk, berkas_id: int) -> str:
    """The berkas's letter number, or empty."""
    with desk.db.read() as session:
        found = numbers.of_berkas(session, berkas_id)
        return found.text if found else ""


def reserve(desk: Desk, actor: Actor, berkas_id: int, version: int, letter_date: str) -> str:
    """Reserve the letter's number, so that it can be written on the paper; the berkas's own one if it has one.

    Raises Invalid (`letter_date`), Conflict, NotYourStep, NotFound.
    """
    year = draft.letter_day(letter_date).year
    with desk.db.begin() as session:
        numbers.lock_counter(session, actor.office_id, year, numbers.BOOK)  # before the berkas: lock order
        case = locked(session, desk, actor, berkas_id, version)
        case.expect(Action.PROCESS)
        before = numbers.of_berkas(session, berkas_id)
        number = _reserved(case, year)
        if before is None:
            case.record("nomor-dipesan", {"number_id": number.id, "sequence": number.sequence, "year": year})
        return number.text


def save(desk: Desk, actor: Actor, berkas_id: int, draft_version: int, facts: Facts) -> int:
    """Keep what was typed, unchecked, and the PDF that waits; gives the draft's new version. Raises as `draft.save`."""
    kept = _waiting(desk, actor, berkas_id).kept
    return draft.save(desk, actor, berkas_id, draft_version, _form(facts, kept))


def upload(
    desk: Desk, actor: Actor, berkas_id: int, draft_version: int, facts: Facts, name: str, data: bytes, mode: Mode
) -> Kept:
    """Inspect a PDF, keep it encrypted in place of the one before, and put the box where there is room.

    Raises Invalid (`pdf`) saying why it cannot carry the signature, Conflict, NotYourStep, NotFound.
    """
    _waiting(desk, actor, berkas_id)
    found = own_pdf.inspect(desk.pool, _checked(name, data), number=number_of(desk, berkas_id), mode=mode)
    stored = uploads.store(uploads.Upload(REQUIREMENT, name, data), desk.blobs, desk.vault)
    kept = Kept(
        name=stored.name,
        size=stored.size,
        sha256=stored.sha256.hex(),
        blob_key=stored.blob_key,
        pages=[list(size) for size in found.pages],
        has_text=found.has_text,
        number_page=found.number_page,
        pdfa=found.pdfa,
    )
    draft.save(desk, actor, berkas_id, draft_version, _form(_with_place(facts, found), kept))
    return kept


def pdf(desk: Desk, actor: Actor, berkas_id: int, sha256: str) -> bytes:
    """The waiting PDF, if it is still that one. Raises NotFound, NotYourStep."""
    kept = _waiting(desk, actor, berkas_id).kept
    if kept is None or kept.sha256 != sha256:
        raise NotFound()
    return _bytes(desk, kept)


def look_under(desk: Desk, actor: Actor, berkas_id: int, sha256: str, facts: Facts) -> None:
    """Raises Invalid (`page`, `left`, `top`, or `place`: what lies under the box), NotFound, NotYourStep."""
    own_pdf.look_under(desk.pool, pdf(desk, actor, berkas_id, sha256), spot_of(facts))


def finalise(
    desk: Desk,
    keys: KeyDesk,
    actor: Actor,
    berkas_id: int,
    version: int,
    facts: Facts,
    sha256: str,
    draft_version: int | None = None,
) -> int:
    """Make the waiting PDF, which must be the one shown (`sha256`), the rendering; gives the rendering's id.

    Everything is fixed as by `draft.finalise`, and the same conflicts are told. Raises InvalidForm naming every field
    that is not as it must be, Invalid (`pdf`, `place`, `unread`), Conflict, NotYourStep, NotFound.
    """
    sheet = _waiting(desk, actor, berkas_id)
    number = number_of(desk, berkas_id)
    kept, spot = _complete(desk, keys, actor, berkas_id, facts, sheet.kept, number)
    if kept.sha256 != sha256:
        raise Conflict()
    data = _bytes(desk, kept)
    found = own_pdf.inspect(desk.pool, data, number=number, mode=keys.mode, place=spot)
    _require_number(found, facts, number)
    form = _form(facts, kept)

    def render(case: Case, appointment: Appointment) -> Rendering:
        reserved = _reserved(case, draft.letter_day(facts.letter_date).year)
        if reserved.text != number:
            raise Conflict()
        case.record("pdf-sendiri", _evidence(kept, found, facts))
        rendered = _rendered(case, data, found, spot, facts, appointment, keys.mode, number)
        return draft.record(case, form, reserved, appointment, keys.mode, rendered)

    return draft.fix(desk, actor, berkas_id, version, form, draft_version, render)


def _waiting(desk: Desk, actor: Actor, berkas_id: int) -> Sheet:
    """The draft of a berkas that waits to be processed by this person. Raises NotFound, NotYourStep."""
    with desk.db.read() as session:
        case = locked(session, desk, actor, berkas_id)
        case.expect(Action.PROCESS)
        return load(desk, session, case.berkas, case.sop)


def _checked(name: str, data: bytes) -> bytes:
    """The bytes, if there are any and not too many. Raises Invalid (`pdf`)."""
    if not data:
        raise Invalid("Pilih file PDF.", "Choose a PDF file.", field="pdf")
    if len(data) > uploads.MAX_BYTES:
        raise Invalid(
            f"{uploads.display_name(name)}: lebih dari 10 MB. Perkecil atau pindai ulang, lalu unggah lagi.",
            f"{uploads.display_name(name)}: over 10 MB. Make it smaller or scan it again.",
            field="pdf",
        )
    return data


def _bytes(desk: Desk, kept: Kept) -> bytes:
    return uploads.fetch(kept.blob_key, bytes.fromhex(kept.sha256), desk.blobs, desk.vault)


def _form(facts: Facts, kept: Kept | None) -> Form:
    """Facts and file as the draft row and the rendering keep them."""
    return Form(
        template=own_pdf.CLOSED if facts.public == WITHHELD else own_pdf.OPEN,
        hal=facts.hal,
        sifat=facts.sifat,
        letter_date=facts.letter_date,
        appointment_id=facts.appointment_id,
        fields={
            "public": facts.public,
            "page": facts.page,
            "left": facts.left,
            "top": facts.top,
            "upload": asdict(kept) if kept else None,
        },
    )


def _with_place(facts: Facts, found: Inspection) -> Facts:
    if found.suggestion is None:
        return replace(facts, page=str(len(found.pages)), left="", top="")
    page, left, top = found.suggestion
    return replace(facts, page=str(page), left=f"{left:g}", top=f"{top:g}")


def _complete(
    desk: Desk, keys: KeyDesk, actor: Actor, berkas_id: int, facts: Facts, kept: Kept | None, number: str
) -> tuple[Kept, Spot]:
    """The file and the box's place, when everything is there. Raises InvalidForm with all that is not."""
    with desk.db.read() as session:
        case = locked(session, desk, actor, berkas_id)
        found = [fault for fault in _faults(case, keys, facts, number) if fault is not None]
    if kept is None:
        found.append(Invalid("Unggah PDF suratnya.", "Upload the letter's PDF.", field="pdf"))
    if found or kept is None:
        raise InvalidForm(found)
    return kept, spot_of(facts)


def _faults(case: Case, keys: KeyDesk, facts: Facts, number: str) -> Iterator[Invalid | None]:
    yield _fault(_hal, case.desk, facts)
    yield _fault(draft.letter_day, facts.letter_date)
    yield _fault(_require_room, case, keys, facts)
    yield _fault(spot_of, facts) if facts.page else None
    if facts.sifat not in sifat(case.desk, case.sop):
        yield Invalid("Sifat surat tidak dikenal.", "No such kind of letter (sifat).", field="sifat")
    if facts.public not in (SHOWN, WITHHELD):
        yield Invalid(
            "Pilih apakah halaman surat boleh dilihat umum.",
            "Choose whether strangers may see the pages.",
            field="public",
        )
    if not number:
        yield Invalid(
            "Pesan nomor dahulu, tuliskan pada surat, lalu unggah PDF-nya.",
            "Reserve the number first, write it on the letter, then upload the PDF.",
            field="number",
        )


def _fault(check: Callable[..., object], *given: object) -> Invalid | None:
    try:
        check(*given)
    except Invalid as fault:
        return fault
    return None


def _hal(desk: Desk, facts: Facts) -> str:
    label = LABELS["hal"]
    text = desk.templates.press.alphabet.line(facts.hal, field="hal", label=label, max_length=400)
    if not text:
        raise missing("hal", label)
    return text


def spot_of(facts: Facts) -> Spot:
    """The box's place as numbers; a comma is as good as a point. Raises Invalid (`page`, `left`, `top`)."""
    values = {name: _number(getattr(facts, name), name) for name in ("page", "left", "top")}
    return own_pdf.spot(int(values["page"]), values["left"], values["top"])


def _number(text: str, field: str) -> float:
    try:
        value = float(text.strip().replace(",", "."))
        if 0 <= value < 10_000:
            return value
    except ValueError:
        pass
    raise Invalid("Isi dengan angka, misalnya 105,5.", "A number is needed, such as 105.5.", field=field)


def _block(who: Appointment) -> SignatureBlock:
    return SignatureBlock(appointments.capacity_lines(who), who.holder, who.rank, who.grade, who.nip)


def _require_room(case: Case, keys: KeyDesk, facts: Facts) -> None:
    """The signatory's name and capacity fit the box. Raises Invalid (`appointment_id`)."""
    signers = draft.possible_signers(case.desk, case.session, case.berkas)
    who = next((one for one in signers if one.id == facts.appointment_id), None)
    if who is None:
        raise Invalid("Pilih penanda tangan.", "Choose who is to sign.", field="appointment_id")
    block = _block(who)
    block.check_capacity()
    try:
        press, address = case.desk.templates.press, appearance.address_of(keys.base_url)
        appearance.compose(press, _BLANK_QR, block, _WIDE_CODE, keys.mode, address, own=True)
    except SuratError as fault:
        raise Invalid(
            "Nama atau jabatan penanda tangan tidak muat di kotak tanda tangan. Minta Admin memendekkannya.",
            "The signatory's name or capacity does not fit the signature box. Ask the Admin to shorten it.",
            field="appointment_id",
        ) from fault


def _require_number(found: Inspection, facts: Facts, number: str) -> None:
    """The number stands on the paper: read there, or confirmed by Staf. Raises Invalid (`unread`)."""
    if found.number_page is not None or facts.unread:
        return
    raise Invalid(
        f"Nomor {number} tidak ditemukan dalam teks PDF. Periksa nomor pada surat; bila benar tertulis (misalnya hasil "
        "pindai), centang pernyataan ini.",
        f"The number {number} was not found in the PDF's text. Check the letter; if it does stand there (a scan, for "
        "instance), tick this statement.",
        field="unread",
    )


def _reserved(case: Case, year: int) -> LetterNumber:
    office = case.session.get_one(Office, case.berkas.office_id)
    return numbers.reserve(
        case.session,
        office,
        berkas_id=case.berkas.id,
        klasifikasi=case.sop.classification,
        year=year,
        now=case.now,
    )


def _evidence(kept: Kept, found: Inspection, facts: Facts) -> dict[str, Any]:
    """What the audit keeps of it: which file, and on whose word the number stands on it."""
    return {
        "sha256": kept.sha256,
        "number_page": found.number_page,
        "number_confirmed": found.number_page is None and facts.unread,
        "public": facts.public,
    }


def _rendered(
    case: Case,
    data: bytes,
    found: Inspection,
    spot: Spot,
    facts: Facts,
    appointment: Appointment,
    mode: Mode,
    number: str,
) -> Rendered:
    """The uploaded bytes in the place of a composed letter."""
    if found.box is None:
        raise Conflict()
    letter = LetterData(
        kop=Kop(()),
        number=number,
        letter_date=draft.letter_day(facts.letter_date),
        place="",
        sifat=facts.sifat,
        hal=_hal(case.desk, facts),
        recipients=(),
        signatory=signature_block(case.desk.templates.press.alphabet, _block(appointment)),
        mode=mode,
        draft=False,
    )
    return Rendered(data, hashlib.sha256(data).digest(), len(found.pages), Placement(spot.page - 1, found.box), letter)
