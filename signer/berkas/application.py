"""What a Pemohon applies with (SOP step 1), and whether it can be used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from signer.errors import Invalid, InvalidForm
from signer.sop import Sop

NAME_LIMIT, PLACE_LIMIT, NOTE_LIMIT, ROW_LIMIT = 200, 300, 4000, 60


@dataclass(frozen=True)
class Goods:
    """Sembako to be distributed (SOP peralatan 3): commodity, amount and unit as written, e.g. Beras, 500, kg."""

    commodity: str
    amount: str
    unit: str


@dataclass(frozen=True)
class Application:
    """The facts of a request. `day`/`start` are None where the form's value was empty or no date."""

    applicant: str
    desa: str
    day: date | None
    start: time | None
    place: str
    invitees: tuple[str, ...]
    goods: tuple[Goods, ...]
    phone: str = ""
    notes: str = ""
    applicant_id: int | None = None

    @property
    def agenda(self) -> dict[str, Any]:
        """The agenda facts as they are kept."""
        return {
            "date": self.day.isoformat() if self.day else "",
            "time": self.start.strftime("%H:%M") if self.start else "",
            "place": self.place.strip(),
            "invitees": list(self.invitees),
        }

    @property
    def goods_rows(self) -> list[dict[str, str]]:
        """The sembako as they are kept."""
        return [
            {"commodity": g.commodity.strip(), "amount": g.amount.strip(), "unit": g.unit.strip()} for g in self.goods
        ]

    def check(self, sop: Sop, today: date) -> None:
        """Raises InvalidForm with one fault a field."""
        faults = [*self._name_faults(), *self._agenda_faults(today), *self._goods_faults(sop)]
        if faults:
            raise InvalidForm(faults)

    def _name_faults(self) -> Iterator[Invalid]:
        yield from _text("applicant", self.applicant, NAME_LIMIT, "Nama pemohon", "Applicant")
        yield from _text("desa", self.desa, 120, "Desa", "Village")
        if len(self.phone) > 40:
            yield Invalid("Nomor telepon terlalu panjang.", "The phone number is too long.", field="phone")
        if len(self.notes) > NOTE_LIMIT:
            yield Invalid(f"Catatan paling panjang {NOTE_LIMIT} karakter.", "The note is too long.", field="notes")

    def _agenda_faults(self, today: date) -> Iterator[Invalid]:
        if self.day is None:
            yield Invalid("Tanggal rakor wajib diisi.", "The meeting's date is needed.", field="day")
        elif self.day < today:
            yield Invalid("Tanggal rakor sudah lewat.", "The meeting's date has passed.", field="day")
        if self.start is None:
            yield Invalid("Waktu rakor wajib diisi, misalnya 09:00.", "The meeting's time is needed.", field="start")
        yield from _text("place", self.place, PLACE_LIMIT, "Tempat rakor", "Place")
        if not self.invitees:
            yield Invalid("Pilih atau tulis sedikitnya satu peserta.", "Name at least one invitee.", field="invitees")
        elif len(self.invitees) > ROW_LIMIT or any(len(name) > NAME_LIMIT for name in self.invitees):
            yield Invalid("Daftar peserta terlalu panjang.", "The list of invitees is too long.", field="invitees")

    def _goods_faults(self, sop: Sop) -> Iterator[Invalid]:
        if any(goods.required for goods in sop.goods) and not self.goods:
            yield Invalid("Isi sedikitnya satu jenis sembako.", "Name at least one commodity.", field="goods")
        if len(self.goods) > ROW_LIMIT:
            yield Invalid(f"Paling banyak {ROW_LIMIT} baris sembako.", "Too many rows.", field="goods")
        for goods in self.goods:
            if not goods.commodity.strip() or not goods.amount.strip():
                yield Invalid(
                    "Setiap baris sembako memerlukan jenis dan jumlah.",
                    "Each row needs commodity and amount.",
                    field="goods",
                )
                return
            if max(map(len, (goods.commodity, goods.amount, goods.unit))) > 100:
                yield Invalid("Isian sembako terlalu panjang.", "A row's value is too long.", field="goods")
                return


def _text(field: str, value: str, limit: int, label: str, label_en: str) -> Iterator[Invalid]:
    if not value.strip():
        yield Invalid(f"{label} wajib diisi.", f"{label_en} is needed.", field=field)
    elif len(value) > limit:
        yield Invalid(
            f"{label} paling panjang {limit} karakter.",
            f"{label_en}: at most {limit} characters.",
            field=field,
        )
    elif not value.replace("\n", " ").isprintable():
        yield Invalid(
            f"{label} memuat karakter yang tidak dapat dicetak.",
            f"{label_en} has unprintable characters.",
            field=field,
        )
