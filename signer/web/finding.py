"""The address of the list of berkas: what it asks for, what is wrong with it, and the addresses of its pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from signer.berkas.finding import Choices, Order, Wanted
from signer.sop import State
from signer.web.language import N_, word

SEARCH_LIMIT = 100
RETURNED = "dikembalikan"
STATES: Mapping[str, tuple[State, str]] = {
    "berjalan": (State.RUNNING, N_("Masih berjalan")),
    "selesai": (State.FINISHED, N_("Selesai")),
    "ditolak": (State.REFUSED, N_("Ditolak")),
    "ditarik": (State.WITHDRAWN, N_("Ditarik pemohon")),
}
ORDERS: Mapping[Order, str] = {
    Order.NEWEST: N_("Terbaru di atas"),
    Order.OLDEST: N_("Terlama di atas"),
    Order.WAITING: N_("Paling lama di langkahnya"),
    Order.MEETING: N_("Tanggal Rakor"),
    Order.APPLICANT: N_("Nama pemohon A–Z"),
}
FIELDS = ("q", "posisi", "tahun", "lewat", "desa", "dari", "sampai", "urut")


@dataclass(frozen=True)
class Asked:
    """What an address asks for: as conditions, as the form's values, and the faults by field."""

    wanted: Wanted
    values: Mapping[str, str]
    """As they were sent, by field, without empty ones."""
    errors: Mapping[str, str]

    @property
    def narrowed(self) -> bool:
        """Whether the list shows less than everything."""
        return any(name != "urut" for name in self.values)

    @property
    def more(self) -> bool:
        """Whether a field is in use that the form keeps folded away."""
        return any(name in self.values for name in ("desa", "dari", "sampai", "urut"))

    def href(self, page: int) -> str:
        """The address of another page of the same list."""
        query: dict[str, Any] = {**self.values, "halaman": page if page > 1 else None}
        return url_for("berkas.index", **query)


def asked(args: Mapping[str, str]) -> Asked:
    """Read an address. A choice that there is none of is no choice; a date that is none is a fault at its field."""
    values = {name: args.get(name, "").strip()[:SEARCH_LIMIT] for name in FIELDS}
    if values["urut"] == Order.NEWEST:
        values["urut"] = ""  # the form sends it, but it is what happens anyway
    errors: dict[str, str] = {}
    since, until = _date(values, "dari", errors), _date(values, "sampai", errors)
    if since and until and until < since:
        errors["sampai"] = str(_("Tanggal akhir lebih awal daripada tanggal awal."))
    place = values["posisi"]
    since, until = _within(values["tahun"], since, until)
    wanted = Wanted(
        search=values["q"],
        step=_number(place, 3),
        state=STATES[place][0] if place in STATES else None,
        returned=place == RETURNED,
        late=values["lewat"] == "ya",
        desa=values["desa"],
        since=since,
        until=until,
        order=Order(values["urut"]) if values["urut"] in set(Order) else Order.NEWEST,
    )
    return Asked(wanted, {name: value for name, value in values.items() if value}, errors)


def positions(found: Choices) -> list[tuple[str, str]]:
    """The choices of the field Posisi: running, at each step, returned, and how it ended."""
    steps = [(str(number), f"{number}. {word(brief)}") for number, brief in found.steps]
    running, *ended = [(key, str(_(text))) for key, (_state, text) in STATES.items()]
    return [running, *steps, (RETURNED, str(_("Dikembalikan"))), *ended]


def orders() -> list[tuple[str, str]]:
    """The choices of the field Urutan."""
    return [(order.value, str(_(text))) for order, text in ORDERS.items()]


def page_of(args: Mapping[str, str]) -> int:
    """The number of the page that an address asks for; 1 where it is none."""
    return _number(args.get("halaman", ""), 6) or 1


def _number(text: str, digits: int) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= digits else None


def _within(year_text: str, since: date | None, until: date | None) -> tuple[date | None, date | None]:
    """The days of the year that are also between the two dates."""
    year = _number(year_text, 4)
    if not year:
        return since, until
    first, last = date(year, 1, 1), date(year, 12, 31)
    return max(first, since or first), min(last, until or last)


def _date(values: dict[str, str], name: str, errors: dict[str, str]) -> date | None:
    if not values[name]:
        return None
    try:
        return date.fromisoformat(values[name])
    except ValueError:
        values[name] = ""  # no date field can show it again
        errors[name] = str(_("Isi dengan tanggal, misalnya 31/01/2026."))
        return None
