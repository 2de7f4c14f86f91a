"""What one SOP file says, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Action(StrEnum):
    """What the product does at a step (TOML `aksi`); the file says which steps exist, in which order."""

    SUBMIT = "serahkan"
    CHECK = "periksa"
    PROCESS = "proses"
    PARAF = "paraf"
    SIGN = "tandatangan"
    REGISTER = "register"
    COLLECT = "ambil"


class Decision(StrEnum):
    """What a person may decide at a step (TOML `keputusan`)."""

    ACCEPT = "terima"
    RETURN = "kembalikan"
    REFUSE = "tolak"
    WITHDRAW = "tarik"


class Column(StrEnum):
    """The columns a register can have (`register.kolom.kunci`); a file chooses, orders and labels them."""

    REGISTER_NUMBER = "nomor-register"
    DATE = "tanggal"
    LETTER = "surat"
    SUBJECT = "hal"
    APPLICANT = "pemohon"
    VILLAGE = "desa"
    MEETING = "rakor"
    SIGNER = "penandatangan"
    COLLECTION = "pengambilan"
    STATUS = "status"
    REMARKS = "keterangan"


@dataclass(frozen=True)
class Holder:
    """A role that a person holds: `role` as in the SOP (or "admin", "auditor", which no step ever matches),
    and the seksi it is held in, None for a role of the whole office.
    """

    role: str
    seksi: str | None = None


@dataclass(frozen=True)
class Role:
    """One column of the table's PELAKSANA: `heading` as the source prints it, `label` for other places."""

    key: str
    label: str
    heading: str
    seksi: str | None

    def held_by(self, holder: Holder) -> bool:
        """Whether `holder` fills this role: same key, and the same seksi where the role is bound to one."""
        return self.key == holder.role and self.seksi in (None, holder.seksi)


@dataclass(frozen=True)
class Step:
    """One row of the SOP's table (`langkah`), and what the product does at it.

    `activity`, `materials`, `output`, `remarks` quote KEGIATAN, KELENGKAPAN, OUTPUT, KET; `brief` is our
    short label. `minutes` is WAKTU in minutes of office working time. `role` is the key of the PELAKSANA,
    `deputies` the keys of those who may record the step on their behalf. `returns_to` are earlier steps'
    numbers, the usual one first.
    """

    no: int
    action: Action
    activity: str
    brief: str
    role: str
    deputies: tuple[str, ...]
    materials: str
    minutes: int
    output: str
    remarks: str
    decisions: frozenset[Decision]
    returns_to: tuple[int, ...]


@dataclass(frozen=True)
class Header:
    """The head of the SOP (`kepala`): number, dates (`revised` None while the field is empty), names."""

    number: str
    created: date
    revised: date | None
    effective: date
    name: str
    title: str


@dataclass(frozen=True)
class Office:
    """The instansi block: what the office row starts from. `letterhead` is the kop's lines, `place` the
    letter's place name, `unit` the office's part of a letter number.
    """

    letterhead: tuple[str, ...]
    address: str
    area: str
    place: str
    unit: str


@dataclass(frozen=True)
class Approval:
    """Who approved the SOP (`pengesahan`)."""

    title: str
    name: str
    nip: str


@dataclass(frozen=True)
class Section:
    """A seksi that owns the SOP or that a role is bound to."""

    key: str
    name: str


@dataclass(frozen=True)
class Related:
    """A linked SOP (`keterkaitan`): its title, and the key its own file would have."""

    title: str
    key: str | None


@dataclass(frozen=True)
class Requirement:
    """A paper the applicant hands in (`permohonan.persyaratan`): one checklist line, one upload field."""

    key: str
    label: str
    required: bool


@dataclass(frozen=True)
class Goods:
    """A list of goods the applicant fills in (`permohonan.barang`): commodity and amount a row."""

    key: str
    label: str
    required: bool


@dataclass(frozen=True)
class Withdrawal:
    """Who may withdraw a berkas (`penarikan`): a role's key, and those who may record it on their behalf."""

    role: str
    deputies: tuple[str, ...]


@dataclass(frozen=True)
class Register:
    """The book the SOP records in: its name, and each column with its label, in order."""

    name: str
    columns: tuple[tuple[Column, str], ...]


@dataclass(frozen=True)
class Sop:
    """One version of one SOP; `digest` is the SHA-256 (hex) of the file's text and pins the version."""

    key: str
    digest: str
    header: Header
    office: Office
    approval: Approval
    sections: tuple[Section, ...]
    legal_basis: tuple[str, ...]
    qualifications: tuple[str, ...]
    related: tuple[Related, ...]
    equipment: tuple[str, ...]
    warning: str
    recording: str
    notes: tuple[str, ...]
    roles: tuple[Role, ...]
    steps: tuple[Step, ...]
    withdrawal: Withdrawal | None
    applicants: tuple[str, ...]
    invitees: tuple[str, ...]
    requirements: tuple[Requirement, ...]
    goods: tuple[Goods, ...]
    templates: tuple[str, ...]
    classification: str
    register: Register | None

    @property
    def section(self) -> Section:
        """The seksi that owns the SOP: the first one named."""
        return self.sections[0]

    @property
    def total_minutes(self) -> int:
        """The standard of all steps together, in minutes of office working time."""
        return sum(step.minutes for step in self.steps)

    def role(self, key: str) -> Role:
        """The role with this key; KeyError if the SOP has none (a loaded SOP's own keys always exist)."""
        found = next((role for role in self.roles if role.key == key), None)
        if found is None:
            raise KeyError(key)
        return found

    def step(self, no: int) -> Step:
        """The step numbered `no`, from 1; KeyError if there is none (a position of another version)."""
        if not 1 <= no <= len(self.steps):
            raise KeyError(no)
        return self.steps[no - 1]

    def steps_for(self, action: Action) -> tuple[Step, ...]:
        """Every step with this action, in order; only `periksa` and `paraf` can have several."""
        return tuple(step for step in self.steps if step.action == action)

    def step_for(self, action: Action) -> Step | None:
        """The first step with this action, or None if the SOP has no such step."""
        return next(iter(self.steps_for(action)), None)
