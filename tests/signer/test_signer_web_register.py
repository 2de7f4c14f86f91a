"""SOP step 6 in the browser: entering a letter, and the book with search, year and CSV."""

import csv
import io

import pytest
from helpers_web import Site, hidden

from signer.tables.letters import Letter, RegisterEntry
from signer.web import register as book

pytest_plugins = ("helpers_web",)

HEADINGS = [
    "Nomor register",
    "Tanggal",
    "Nomor dan tanggal surat",
    "Hal",
    "Pemohon",
    "Desa",
    "Hari/tempat Rakor",
    "Penandatangan dan kapasitas",
    "Diambil oleh/tanggal",
    "Status",
    "Keterangan",
]


def rows(text: str) -> list[list[str]]:
    """The lines of a CSV as it is sent."""
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:])))


def test_entering_gives_the_next_number(site: Site) -> None:
    berkas = site.berkas(6)
    client = site.client("staf")
    page = client.get(f"/berkas/{berkas}/register").text
    sent = {"version": hidden(page, "version"), "remark": "Tahap I"}
    answer = client.submit(f"/berkas/{berkas}/register", sent)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/berkas/{berkas}")
    entry = site.detail(berkas).entry
    assert entry is not None
    assert (entry.sequence, entry.remark) == (1, "Tahap I")
    assert site.detail(berkas).position.step == 7


def test_too_long_remark_stays_typed(site: Site) -> None:
    berkas = site.berkas(6)
    sent = {"version": site.row(berkas).version, "remark": "x" * 501}
    answer = site.client("staf").submit(f"/berkas/{berkas}/register", sent)
    assert answer.status_code == 422
    assert 'id="remark-error"' in answer.text
    assert "x" * 501 in answer.text
    assert site.detail(berkas).entry is None


def test_two_staff_at_once_enter_it_once(site: Site) -> None:
    berkas = site.berkas(6)
    sent = {"version": site.row(berkas).version}
    assert site.client("staf").submit(f"/berkas/{berkas}/register", sent).status_code == 303
    assert site.client("staf").submit(f"/berkas/{berkas}/register", sent).status_code == 409
    with site.house.db.read() as session:
        assert session.query(RegisterEntry).count() == 1


def test_old_link_leads_to_the_berkas(site: Site) -> None:
    berkas = site.berkas(5)
    assert site.client("staf").get(f"/berkas/{berkas}/register").headers["Location"] == f"/berkas/{berkas}"


def test_empty_book_says_how_it_fills(site: Site) -> None:
    page = site.client("staf").get("/register")
    assert page.status_code == 200
    assert "Register masih kosong" in page.text


def test_book_and_csv_have_the_sops_columns_and_the_letters(site: Site) -> None:
    berkas = site.berkas(7)
    page = site.client("auditor").get("/register").text
    for heading in HEADINGS:
        assert heading in page
    detail = site.detail(berkas)
    assert detail.letter is not None
    assert f'<a href="/berkas/{berkas}">{detail.letter.number}</a>' in page
    answer = site.client("kasi").get("/register.csv")
    assert answer.content_type.startswith("text/csv")
    assert "attachment" in answer.headers["Content-Disposition"]
    table = rows(answer.text)
    assert table[0] == HEADINGS
    assert table[1][4:6] == ["Siti Aminah", "Ketapanrame"]


def test_search_and_year_narrow_both(site: Site) -> None:
    site.berkas(7, applicant="Budi Santoso", desa="Duyung")
    site.berkas(7)
    client, year = site.client("staf"), site.house.desk.today().year
    for query, found in (("q=duyung", 1), ("q=BUDI+santoso", 1), ("q=budi+ketapanrame", 0), ("q=%25", 0), ("", 2)):
        page = client.get(f"/register?{query}").text
        assert (page.count('<th role="rowheader"'), len(rows(client.get(f"/register.csv?{query}").text)) - 1) == (
            found,
            found,
        )
    assert len(rows(client.get(f"/register.csv?tahun={year}").text)) == 3
    assert len(rows(client.get("/register.csv?tahun=1999").text)) == 1
    assert len(rows(client.get("/register.csv?tahun=semua").text)) == 3


def test_the_register_number_is_found(site: Site) -> None:
    site.berkas(7, applicant="Budi Santoso")
    site.berkas(7)
    client, year = site.client("staf"), site.house.desk.today().year
    for query, found in ((f"1/{year}", ["1"]), ("2 siti", ["2"]), (f"2/{year} budi", []), (f"9/{year}", [])):
        lines = rows(client.get("/register.csv", query_string={"q": query}).text)[1:]
        assert [line[0].split("/")[0] for line in lines] == found, query


def test_a_long_book_has_pages_and_is_printed_whole(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book, "PAGE_SIZE", 2)
    for _ in range(3):
        site.berkas(7)
    client, year = site.client("staf"), site.house.desk.today().year
    first, second = client.get("/register?q=siti").text, client.get("/register?q=siti&halaman=2").text
    assert (first.count('<th role="rowheader"'), second.count('<th role="rowheader"')) == (2, 1)
    assert "3 surat" in first and f'href="/register?q=siti&amp;tahun={year}&amp;halaman=2"' in first
    assert "data-print" not in first and "halaman=semua" in first
    whole = client.get("/register?q=siti&halaman=semua").text
    assert whole.count('<th role="rowheader"') == 3 and "data-print" in whole and "Halaman 1" not in whole
    assert len(rows(client.get("/register.csv?q=siti").text)) == 4


def test_csv_link_carries_the_filter(site: Site) -> None:
    page = site.client("staf").get("/register?q=a%26b&tahun=semua").text
    assert "/register.csv?q=a%26b&amp;tahun=semua" in page


def test_odd_years_are_no_error(site: Site) -> None:
    for year in ("abc", "-1", "99999999999999999999", "२०२६", "²⁰²⁶"):
        assert site.client("staf").get("/register", query_string={"tahun": year}).status_code == 200


def test_csv_holds_no_formula(site: Site) -> None:
    berkas = site.berkas(6, applicant='=HYPERLINK("http://x")', desa="+62", place="@SUM(A1)")
    sent = {"version": site.row(berkas).version, "remark": "-2+3"}
    site.client("staf").submit(f"/berkas/{berkas}/register", sent)
    with site.house.db.begin() as session:
        session.query(Letter).one().subject = "\t=1+1"
    (line,) = rows(site.client("staf").get("/register.csv").text)[1:]
    assert [cell for cell in line if cell[:1] in ("=", "+", "-", "@", "\t", "\r")] == []
    assert line[4] == '\'=HYPERLINK("http://x")'
    assert line[10] == "'-2+3"


def test_hostile_texts_are_text_in_the_book(site: Site) -> None:
    site.berkas(7, applicant="<img src=x onerror=alert(1)>")
    page = site.client("staf").get("/register").text
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


def test_pemohon_and_admin_do_not_read_the_book(site: Site) -> None:
    for username in ("pemohon", "admin"):
        assert site.client(username).get("/register").status_code == 403
        assert site.client(username).get("/register.csv").status_code == 403
