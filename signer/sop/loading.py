"""From an SOP file's text to a `Sop`: reads every key, then checks that the parts fit together."""

from __future__ import annotations

import hashlib
import tomllib
from datetime import date

from signer.sop import model
from signer.sop.checks import check
from signer.sop.model import Action, Column, Decision, Sop
from signer.sop.reading import SopFault, Table

FORMAT = 1


def digest(text: str) -> str:
    """The SHA-256 of the file's text (UTF-8) as 64 hex digits: the version a berkas pins."""
    return hashlib.sha256(text.encode()).hexdigest()


def load(text: str) -> Sop:
    """Read one SOP file (docs/formats/sop.md); raises SopFault naming the table, the key and what is wrong
    there.
    """
    try:
        top = Table("", tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise SopFault("", "", f"bukan TOML yang sah ({error})", f"not valid TOML ({error})") from error
    if top.number("format") != FORMAT:
        raise top.fault("format", f"harus {FORMAT}", f"must be {FORMAT}")
    sop = _sop(top, digest(text))
    check(sop)
    return sop


def _sop(top: Table, sha256: str) -> Sop:
    basis, application, letter = top.table("dasar"), top.table("permohonan"), top.table("surat")
    sop = Sop(
        key=top.key("kunci"),
        digest=sha256,
        header=_header(top.table("kepala")),
        office=_office(top.table("instansi")),
        approval=_approval(top.table("pengesahan")),
        sections=tuple(_section(row) for row in top.tables("seksi")),
        legal_basis=basis.texts("hukum"),
        qualifications=basis.texts("kualifikasi"),
        equipment=basis.texts("peralatan"),
        warning=basis.text("peringatan"),
        recording=basis.text("pencatatan"),
        notes=basis.texts("catatan"),
        related=tuple(_related(row) for row in top.tables("keterkaitan", empty=True)),
        roles=tuple(_role(row) for row in top.tables("peran")),
        steps=tuple(_step(row) for row in top.tables("langkah")),
        withdrawal=_withdrawal(top.table("penarikan")) if top.has("penarikan") else None,
        applicants=application.texts("pemohon", empty=True),
        invitees=application.texts("undangan", empty=True),
        requirements=tuple(_requirement(row) for row in application.tables("persyaratan", empty=True)),
        goods=tuple(_goods(row) for row in application.tables("barang", empty=True)),
        templates=letter.keys("templat"),
        classification=letter.text("klasifikasi"),
        register=_register(top.table("register")) if top.has("register") else None,
    )
    for table in (basis, application, letter, top):
        table.close()
    return sop


def _header(table: Table) -> model.Header:
    header = model.Header(
        number=table.text("nomor"),
        created=table.date("tanggal_pembuatan"),
        revised=_optional_date(table, "tanggal_revisi"),
        effective=table.date("tanggal_efektif"),
        name=table.text("nama"),
        title=table.text("judul"),
    )
    table.close()
    return header


def _optional_date(table: Table, key: str) -> date | None:
    """TOML has no null: the SOP's empty date field is written ""."""
    return None if table.take(key) == "" else table.date(key)


def _office(table: Table) -> model.Office:
    office = model.Office(
        letterhead=table.texts("kop"),
        address=table.text("alamat"),
        area=table.text("wilayah"),
        place=table.text("tempat"),
        unit=table.text("unit"),
    )
    table.close()
    return office


def _approval(table: Table) -> model.Approval:
    approval = model.Approval(title=table.text("jabatan"), name=table.text("nama"), nip=table.text("nip"))
    if len(approval.nip.replace(" ", "")) != 18 or not approval.nip.replace(" ", "").isdecimal():
        raise table.fault("nip", "NIP harus 18 digit", "a NIP has 18 digits")
    table.close()
    return approval


def _section(table: Table) -> model.Section:
    section = model.Section(key=table.key("kunci"), name=table.text("nama"))
    table.close()
    return section


def _related(table: Table) -> model.Related:
    related = model.Related(title=table.text("judul"), key=table.key("kunci") if table.has("kunci") else None)
    table.close()
    return related


def _role(table: Table) -> model.Role:
    role = model.Role(
        key=table.key("kunci"),
        label=table.text("sebutan"),
        heading=table.text("kolom"),
        seksi=table.key("seksi") if table.has("seksi") else None,
    )
    table.close()
    return role


def _step(table: Table) -> model.Step:
    step = model.Step(
        no=table.number("no"),
        action=table.choice("aksi", Action),
        activity=table.text("kegiatan"),
        brief=table.text("ringkas"),
        role=table.key("pelaksana"),
        deputies=table.keys("diwakili_oleh") if table.has("diwakili_oleh") else (),
        materials=table.text("kelengkapan", empty=True),
        minutes=table.number("waktu"),
        output=table.text("output", empty=True),
        remarks=table.text("ket", empty=True),
        decisions=frozenset(table.choices("keputusan", Decision)),
        returns_to=table.numbers("kembali_ke") if table.has("kembali_ke") else (),
    )
    table.close()
    return step


def _withdrawal(table: Table) -> model.Withdrawal:
    withdrawal = model.Withdrawal(
        role=table.key("oleh"),
        deputies=table.keys("diwakili_oleh") if table.has("diwakili_oleh") else (),
    )
    table.close()
    return withdrawal


def _requirement(table: Table) -> model.Requirement:
    requirement = model.Requirement(key=table.key("kunci"), label=table.text("label"), required=table.flag("wajib"))
    table.close()
    return requirement


def _goods(table: Table) -> model.Goods:
    goods = model.Goods(key=table.key("kunci"), label=table.text("label"), required=table.flag("wajib"))
    table.close()
    return goods


def _register(table: Table) -> model.Register:
    rows = table.tables("kolom")
    columns = tuple((row.choice("kunci", Column), row.text("label")) for row in rows)
    register = model.Register(name=table.text("nama"), columns=columns)
    for row in rows:
        row.close()
    table.close()
    return register
