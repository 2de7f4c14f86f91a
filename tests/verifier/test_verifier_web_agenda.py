"""The meeting on a letter's page and in people's calendars: only what the signed letter itself says."""

from __future__ import annotations

import json
from datetime import date, time, timedelta
from pathlib import Path

import pytest
import typst
from helpers_office import Office
from helpers_public import Public
from icalendar import Calendar, Component
from sqlalchemy import select

from signer import drafting
from signer.drafting.meeting import meeting as of_letter
from signer.tables.berkas import VALUES_LABEL, Rendering
from signer.tables.letters import Letter
from verifier.records import Meeting
from verifier.web.meeting import said_by

pytest_plugins = ("helpers_public",)

LETTERS = Path(__file__).parents[2] / "templates" / "letters"
PLANNED = Meeting("Rapat", date(2026, 1, 12), time(9, 0), None, "selesai", "Balai Desa, Jl. Raya 3–5")


def invitation(public: Public) -> Calendar:
    """The calendar file as a calendar reads it."""
    answer = public.client.get(f"/v/{public.token}/rakor.ics")
    assert answer.status_code == 200 and answer.content_type == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store" and "Set-Cookie" not in answer.headers
    assert answer.headers["Content-Disposition"].endswith('.ics"')
    lines = answer.data.split(b"\r\n")
    assert max(map(len, lines)) <= 75 and b"\n" not in b"".join(lines)
    found = Calendar.from_ical(answer.data)
    assert isinstance(found, Calendar)
    assert not found.errors
    return found


def event(public: Public) -> Component:
    found = invitation(public).walk("VEVENT")
    assert len(found) == 1
    return found[0]


def reword(public: Public, **fields: object) -> None:
    """Change what the register says was printed, as nobody without the data key could."""
    vault = public.site.house.desk.vault
    with public.site.house.db.begin() as session:
        row = session.scalars(select(Rendering).order_by(Rendering.id)).first()
        assert row is not None
        written = json.loads(vault.open_text(row.values_sealed, VALUES_LABEL))
        written["fields"] |= fields
        row.values_sealed = vault.seal_text(json.dumps(written), VALUES_LABEL)


def test_the_meeting_stands_on_the_page_and_goes_into_a_calendar(shared: Public) -> None:
    page, found = shared.page(), event(shared)
    planned = shared.site.house.desk.today() + timedelta(days=7)
    assert page.index("<h1>") < page.index("pukul 09.00 WIB sampai acara selesai") < page.index("Keterangan surat")
    assert "Pendopo Kecamatan Trawas" in page and f"/v/{shared.token}/rakor.ics" in page
    start = found["DTSTART"]
    assert abs((start.dt.date() - planned).days) <= 1 and start.dt.time() == time(9, 0)
    assert start.params["TZID"] == "Asia/Jakarta" and start.dt.utcoffset() == timedelta(hours=7)
    assert "DTEND" not in found  # "selesai" is no time
    assert found["SUMMARY"] == "SIMULASI: Rapat Koordinasi Persiapan Penyaluran BSPPS"
    assert (found["STATUS"], found["SEQUENCE"]) == ("CONFIRMED", 0)
    assert found["LOCATION"] == "Pendopo Kecamatan Trawas"
    assert found["URL"].endswith(f"/v/{shared.token}") and "400.9/1/416-304/2026" in found["DESCRIPTION"]
    zones = invitation(shared).walk("VTIMEZONE")
    assert [zone["TZID"] for zone in zones] == ["Asia/Jakarta"]


def test_the_same_event_at_each_download_and_no_token_in_its_name(public: Public) -> None:
    first = event(public)
    public.site.clock.shift(hours=3)
    again = event(public)
    assert first["UID"] == again["UID"] and first["DTSTAMP"].dt == again["DTSTAMP"].dt
    assert public.token not in first["UID"] and public.token.lower() not in first["UID"]
    listed = public.client.get("/pwa/withdrawn.json").get_data(as_text=True)
    public.change(Letter, status="dicabut")
    listed += public.client.get("/pwa/withdrawn.json").get_data(as_text=True)
    assert first["UID"].split("@")[0] not in listed


@pytest.mark.parametrize(("status", "mark"), [("dicabut", "UNDANGAN DICABUT"), ("diganti", "UNDANGAN DIGANTI")])
def test_a_letter_no_longer_in_force_cancels_its_meeting(public: Public, status: str, mark: str) -> None:
    before = event(public)
    public.site.clock.shift(minutes=5)
    public.change(Letter, status=status)
    for _ in ("with its file", "without"):
        gone = event(public)
        assert gone["UID"] == before["UID"] and gone["DTSTART"].dt == before["DTSTART"].dt
        assert (gone["STATUS"], gone["SEQUENCE"]) == ("CANCELLED", 1)
        assert gone["DTSTAMP"].dt > before["DTSTAMP"].dt
        assert gone["SUMMARY"].startswith(mark)
        page = public.page()
        assert "sampai acara selesai" not in page and "Batalkan di kalender" in page
        public.blob().unlink(missing_ok=True)


def test_a_meeting_that_the_signed_letter_does_not_name_is_not_shown(public: Public) -> None:
    for fields in ({"tempat": "Hotel Lain"}, {"mulai": "10:00"}, {"tanggal": "2031-01-01"}, {"selesai": "11.00 WIB"}):
        before = public.page()
        assert "Simpan ke kalender" in before
        true = {"tempat": "Pendopo Kecamatan Trawas", "mulai": "09:00", "selesai": "selesai"}
        true["tanggal"] = event(public)["DTSTART"].dt.date().isoformat()
        reword(public, **fields)
        page = public.page()
        assert "Simpan ke kalender" not in page and str(*fields.values()) not in page
        answer = public.client.get(f"/v/{public.token}/rakor.ics")
        assert (answer.status_code, answer.location) == (302, f"/v/{public.token}")
        reword(public, **true)


def test_no_meeting_from_values_that_cannot_be_read(public: Public) -> None:
    reword(public, tempat="")  # a required field: the template has changed since
    assert public.client.get(f"/v/{public.token}/rakor.ics").status_code == 404
    public.change(Rendering, values_sealed=b"x" * 40)
    assert public.client.get(f"/v/{public.token}/rakor.ics").status_code == 404
    assert public.standing() == "valid" and "kalender" not in public.page()


def test_no_meeting_of_a_letter_whose_pages_may_not_be_shown(public: Public) -> None:
    public.change(Rendering, classification="Terbatas")
    page = public.page()
    assert "Pendopo Kecamatan Trawas" not in page and "kalender" not in page
    assert public.client.get(f"/v/{public.token}/rakor.ics").status_code == 404
    assert public.client.get("/v/0000000000000000/rakor.ics").status_code == 404


def test_a_letter_that_is_not_proven_now_invites_nobody(public: Public) -> None:
    public.damage()
    answer = public.client.get(f"/v/{public.token}/rakor.ics")
    assert (answer.status_code, answer.location) == (302, f"/v/{public.token}")
    assert "Simpan ke kalender" not in public.page()


def test_in_english_too(shared: Public) -> None:
    answer = shared.client.get(f"/v/{shared.token}/rakor.ics", headers={"Accept-Language": "en"})
    assert Calendar.from_ical(answer.data).walk("VEVENT")[0]["LOCATION"] == "Pendopo Kecamatan Trawas"


@pytest.mark.parametrize(
    ("written", "end"),
    [
        ("selesai", None),
        ("11.00 WIB", time(11)),
        ("11:30", time(11, 30)),
        ("pukul 13.05 wib", time(13, 5)),
        ("08.00", None),  # before it begins
        ("25.00", None),
        ("11.75", None),
        ("sekitar 11.00", None),
    ],
)
def test_the_end_is_a_time_only_if_the_letter_says_one(written: str, end: time | None) -> None:
    template = drafting.load_templates(LETTERS)["undangan-rakor"]
    fields = drafting.defaults(template, {"agenda": {"date": "2026-01-12", "time": "09.00", "place": "Pendopo"}})
    found = of_letter(template, fields | {"selesai": written})
    assert found is not None
    assert (found.day, found.start, found.end, found.until) == (date(2026, 1, 12), time(9), end, written)
    assert of_letter(drafting.load_templates(LETTERS)["surat-pengantar"], {}) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Senin, 12 Januari 2026 pukul 09.00 WIB s.d. selesai di Balai Desa, Jl. Raya 3–5. Acara: Rapat", True),
        ('Rapat: Balai De#"-"#linebreak()sa, Jl. Raya 3–5, 12 Januari 2026, 09.00 – selesai', True),
        ("Senin, 12 Januari 2026 pukul 09.00 WIB s.d. selesai di Balai Kota. Acara: Rapat", False),
        ("Senin, 13 Januari 2026 pukul 09.00 WIB s.d. selesai di Balai Desa, Jl. Raya 3–5. Acara: Rapat", False),
    ],
)
def test_the_file_is_asked_and_not_the_register(text: str, said: bool) -> None:
    stamp = "#set document(date: datetime(year: 2026, month: 1, day: 5))\n#set page(width: 12cm, height: auto)\n"
    pdf = typst.compile((stamp + text).encode())
    assert said_by(pdf, PLANNED) == (PLANNED if said else None)
    assert said_by(b"", None) is None


def test_an_end_that_is_a_time_ends_the_event(public: Public) -> None:
    site = Office(public.site.house, public.site.clock)
    berkas_id = site.berkas(step=3)
    fields = {**site.form(berkas_id).fields, "selesai": "11.00 WIB", "tempat": "Balai Desa “Sumber”; afiliasi, lt. 2"}
    site.finalise(berkas_id, fields=fields)
    site.give_paraf(berkas_id)
    site.sign(berkas_id)
    with site.house.db.read() as session:
        public.token = session.scalars(select(Letter.token).order_by(Letter.id.desc())).first() or ""
    found = event(public)
    assert found["DTEND"].dt - found["DTSTART"].dt == timedelta(hours=2)
    assert found["LOCATION"] == "Balai Desa “Sumber”; afiliasi, lt. 2"
    assert "pukul 09.00 sampai 11.00 WIB" in public.page()
    assert "09:00" in public.page(headers={"Accept-Language": "en"})


@pytest.mark.parametrize("line", ['place = "hadir"', 'start = "tanggal"', 'color = "tempat"'])
def test_a_template_whose_agenda_names_no_such_field_is_refused(tmp_path: Path, line: str) -> None:
    good = (LETTERS / "undangan-rakor.toml").read_text(encoding="utf-8")
    key = line.split(" ")[0]
    wrong = "\n".join(line if row.startswith(f"{key} = ") else row for row in good.splitlines())
    if wrong == good.rstrip("\n"):
        wrong = good.replace("[agenda]\n", f"[agenda]\n{line}\n")
    for path in LETTERS.glob("*.typ"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "fonts").symlink_to(LETTERS / "fonts")
    (tmp_path / "undangan-rakor.toml").write_text(wrong, encoding="utf-8")
    with pytest.raises(ValueError, match=r"undangan-rakor\.toml"):
        drafting.load_templates(tmp_path)
