"""SOP step 6: the signed letter gets its number in the Register Rakor BSPPS; and the book with search and CSV."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from signer import register, registering, sops
from signer.errors import Invalid, NotFound, NotYourStep
from signer.register import Line
from signer.sop import Action, Column, Register
from signer.web import dates, faults, finding, reading, shown
from signer.web.context import actor, desk
from signer.web.sign import sharing

pages = Blueprint("register", __name__)

ALL_YEARS = ALL_PAGES = "semua"
PAGE_SIZE = 50


@dataclass(frozen=True)
class Filter:
    """What of the book is looked at; `year` None is every year."""

    search: str
    year: int | None

    @property
    def year_text(self) -> str:
        """The year as the address names it."""
        return str(self.year) if self.year is not None else ALL_YEARS


@pages.route("/berkas/<int:berkas_id>/register", methods=["GET", "POST"])
def enter(berkas_id: int) -> ResponseReturnValue:
    """The signed letter's facts and a remark; POST gives it the next number of the book."""
    try:
        detail = reading.standing(berkas_id, Action.REGISTER)
    except NotYourStep as fault:
        if request.method == "POST":
            raise
        return reading.elsewhere(berkas_id, fault)
    error = ""
    if request.method == "POST":
        remark = request.form.get("remark", "")
        try:
            number = registering.enter(desk(), actor(), berkas_id, reading.shown_version(), remark)
        except Invalid as fault:
            error = faults.sentence(fault)
        else:
            flash(_("Surat dicatat dengan nomor register %(n)s.", n=f"{number}/{desk().today().year}"), "success")
            return redirect(url_for("berkas.show", berkas_id=berkas_id), 303)
    text = render_template(
        "register/enter.html",
        detail=detail,
        shared=sharing(detail.letter) if detail.letter else None,
        remark=request.form.get("remark", ""),
        error=error,
        has_errors=bool(error),
    )
    return text, 422 if error else 200


@pages.get("/register")
def book() -> ResponseReturnValue:
    """The register's table, of the newest year unless another is asked for; ?halaman=semua is all of it, to print."""
    columns, chosen, years = _register(), _filter(), _years()
    total = _count(chosen)
    pages = max(1, -(-total // PAGE_SIZE))
    whole = request.args.get("halaman") == ALL_PAGES
    page = min(max(finding.page_of(request.args), 1), pages)
    found = _lines(chosen) if whole else _lines(chosen, PAGE_SIZE, (page - 1) * PAGE_SIZE)
    return render_template(
        "register/book.html",
        register=columns,
        lines=found,
        text=_text,
        years=years,
        chosen=chosen,
        csv_url=url_for("register.as_csv", q=chosen.search, tahun=chosen.year_text),
        all_years=ALL_YEARS,
        total=total,
        page=page,
        pages=1 if whole else pages,
        page_url=lambda wanted: url_for("register.book", q=chosen.search, tahun=chosen.year_text, halaman=wanted),
        all_pages=ALL_PAGES,
    )


@pages.get("/register.csv")
def as_csv() -> Response:
    """The same lines as a CSV file."""
    chosen = _filter()
    name = f"register-{chosen.year_text}.csv"
    return Response(
        register.as_csv(_register(), _lines(chosen)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _register() -> Register:
    """The book of the office's SOP. Raises NotFound where no SOP in force keeps one."""
    with desk().db.read() as session:
        books = [steps.register for _version, steps in sops.in_force(session, actor().office_id)]
    for found in books:
        if found is not None:
            return found
    raise NotFound()


def _text(line: Line, column: Column) -> str:
    """A column as the book has it, its dates in the page's language."""
    if column is Column.DATE:
        return dates.long_date(line.entered_at)
    if column is Column.MEETING:
        meeting = shown.meeting(line.agenda)
        return ", ".join(meeting[part] for part in ("day", "time", "place"))
    if column is Column.COLLECTION and line.taken_at is not None:
        return f"{line.taken_by}, {dates.long_date(line.taken_at)}"
    return line.text(column)


def _filter() -> Filter:
    """The filter that the address asks for; the newest year where it names none that could be one."""
    year = request.args.get("tahun", "")
    search = request.args.get("q", "")[:100].strip()
    if year == ALL_YEARS:
        return Filter(search, None)
    known = _years()
    newest = known[0] if known else desk().today().year
    return Filter(search, int(year) if year.isdecimal() and len(year) == 4 else newest)


def _lines(chosen: Filter, limit: int | None = None, offset: int = 0) -> list[Line]:
    with desk().db.read() as session:
        office, search, year = actor().office_id, chosen.search, chosen.year
        return register.lines(session, office, search=search, year=year, limit=limit, offset=offset)


def _count(chosen: Filter) -> int:
    with desk().db.read() as session:
        return register.count(session, actor().office_id, search=chosen.search, year=chosen.year)


def _years() -> list[int]:
    with desk().db.read() as session:
        return register.years(session, actor().office_id)
