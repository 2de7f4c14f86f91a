"""The addresses to which the form's script sends files in parts; whatever is sent there."""

from __future__ import annotations

import io
from typing import Any

import pytest
from helpers_web import PDF, Client, Site, hidden, png
from werkzeug.test import TestResponse

from signer.incoming import MAX_PART
from signer.tables.incoming import Incoming

pytest_plugins = ("helpers_web",)

ISIAN = "ab" * 12
FILE = PDF + bytes(500)


def _about(**changes: Any) -> dict[str, Any]:
    values = {"sop": "rakor-bspps", "isian": ISIAN, "requirement": "berkas-pemohon", "name": "ktp.pdf",
              "size": len(FILE), "mark": "m"}  # fmt: skip
    return values | changes


def _start(client: Client, **changes: Any) -> TestResponse:
    return client.submit("/unggahan/", _about(**changes), headers={"Accept": "application/json"})


def _part(client: Client, ticket: str, offset: object, data: bytes, **headers: str) -> TestResponse:
    sent = {"X-CSRFToken": client.csrf(), "Upload-Offset": str(offset), "Accept": "application/json"}
    return client.post(
        f"/unggahan/{ticket}", data=data, headers=sent | headers, content_type="application/octet-stream"
    )


def _send(client: Client, data: bytes = FILE, **changes: Any) -> str:
    """A whole file; its ticket."""
    ticket = _start(client, size=len(data), **changes).get_json()["ticket"]
    answer = _part(client, ticket, 0, data)
    assert answer.get_json()["whole"], answer.get_json()
    return str(ticket)


def _page(client: Client) -> str:
    return client.get(f"/berkas/baru?isian={ISIAN}").text


def _facts(site: Site, **changes: Any) -> dict[str, Any]:
    day = site.house.desk.today().replace(year=site.house.desk.today().year + 1, day=1)
    return {
        "applicant": "Siti Aminah", "desa": "Belik", "day": day.isoformat(), "start": "09:00", "place": "Balai Desa",
        "invitees": ["Agen"], "goods-commodity": ["Beras"], "goods-amount": ["500"], "goods-unit": ["kg"],
        "isian": ISIAN, "aksi": "serahkan",
    } | changes  # fmt: skip


def test_a_file_in_parts_waits_in_its_form_and_is_handed_in_with_it(site: Site) -> None:
    client = site.client("pemohon")
    begun = _start(client)
    assert begun.status_code == 200
    ticket = begun.get_json()["ticket"]
    first = _part(client, ticket, 0, FILE[:200]).get_json()
    assert (first["offset"], first["whole"]) == (200, False)
    assert f'data-ticket="{ticket}" data-name="ktp.pdf"' in _page(client) and 'data-percent="' in _page(client)
    assert client.get(f"/unggahan/{ticket}").get_json()["offset"] == 200
    assert _start(client).get_json()["offset"] == 200, "announced again, it goes on"
    assert _part(client, ticket, 200, FILE[200:]).get_json()["whole"]
    assert hidden(_page(client), "kept") == ticket, "a reload finds it"
    assert "ktp.pdf" not in client.get("/berkas/baru").text, "another form does not"
    needed = _send(client, PDF + b"2", requirement="pengantar-desa", name="desa.pdf")
    answer = client.submit("/berkas/baru", _facts(site, kept=[ticket, needed]))
    assert "diserahkan=1" in answer.headers["Location"]
    berkas_id = int(answer.headers["Location"].split("/")[2].split("?")[0])
    assert {file.name for file in site.detail(berkas_id).files} == {"ktp.pdf", "desa.pdf"}
    assert client.get(f"/unggahan/{ticket}").status_code == 404


def test_to_a_berkas_that_is_there(site: Site) -> None:
    client, berkas_id = site.client("pemohon"), site.berkas(step=1)
    ticket = _send(client, berkas=berkas_id)
    page = client.get(f"/berkas/{berkas_id}/isian").text
    assert hidden(page, "kept") == ticket
    sent = _facts(site, version=hidden(page, "version"), kept=ticket, aksi="simpan")
    client.submit(f"/berkas/{berkas_id}/isian", sent)
    assert [file.name for file in site.detail(berkas_id).files] == ["ktp.pdf"]
    again = _send(client, berkas=berkas_id, mark="again")
    sent = _facts(site, version=site.row(berkas_id).version, kept=again, aksi="simpan")
    client.submit(f"/berkas/{berkas_id}/isian", sent)
    assert len(site.detail(berkas_id).files) == 1, "the same file once more is not added"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"requirement": "lain"}, 422),
        ({"requirement": ""}, 422),
        ({"sop": "tidak-ada"}, 404),
        ({"size": "x"}, 422),
        ({"size": "-1"}, 422),
        ({"size": str(10 * 1024 * 1024 + 1)}, 422),
        ({"berkas": "987654"}, 404),
        ({"isian": "../../etc", "name": "../../<b>.pdf\x00"}, 200),
        ({"mark": "m" * 5000}, 200),
    ],
)
def test_announcements_of_all_kinds(site: Site, changes: dict[str, str], status: int) -> None:
    answer = _start(site.client("pemohon"), **changes)
    assert answer.status_code == status
    assert answer.mimetype == ("application/json" if status == 200 else "application/problem+json")


def test_to_a_berkas_of_somebody_else_or_further_on(site: Site) -> None:
    at_counter, further = site.berkas(step=1, by="staf"), site.berkas(step=3)
    assert _start(site.client("pemohon"), berkas=at_counter).status_code == 404
    assert _start(site.client("pemohon"), berkas=further).status_code == 409
    assert _start(site.client("kasi")).status_code == 403
    assert _start(site.client()).status_code == 401


@pytest.mark.parametrize("offset", ["1", "-1", "199", "201", "x", "9" * 30, "0"])
def test_a_wrong_offset_is_told_and_changes_nothing(site: Site, offset: str) -> None:
    client = site.client("pemohon")
    ticket = _start(client).get_json()["ticket"]
    _part(client, ticket, 0, FILE[:200])
    answer = _part(client, ticket, offset, FILE[200:])
    assert (answer.status_code, answer.get_json()["code"]) == (409, "wrong-offset")
    assert client.get(f"/unggahan/{ticket}").get_json()["offset"] == 200


def test_parts_too_large_or_without_length(site: Site) -> None:
    client = site.client("pemohon")
    ticket = _start(client, size=MAX_PART * 2).get_json()["ticket"]
    assert _part(client, ticket, 0, bytes(MAX_PART + 1)).status_code == 413
    small = _start(client, size=10, mark="small").get_json()["ticket"]
    assert _part(client, small, 0, bytes(11)).status_code == 422
    chunked = client.post(
        f"/unggahan/{ticket}",
        input_stream=io.BytesIO(b"5\r\nhello\r\n0\r\n\r\n"),
        headers={"Transfer-Encoding": "chunked", "X-CSRFToken": client.csrf(), "Upload-Offset": "0"},
        environ_overrides={"CONTENT_LENGTH": ""},
    )
    assert chunked.status_code == 411
    assert client.get(f"/unggahan/{ticket}").get_json()["offset"] == 0


def test_a_part_that_breaks_off_is_not_kept(site: Site) -> None:
    client = site.client("pemohon")
    ticket = _start(client).get_json()["ticket"]
    answer = client.post(
        f"/unggahan/{ticket}",
        input_stream=io.BytesIO(FILE[:100]),
        headers={"X-CSRFToken": client.csrf(), "Upload-Offset": "0"},
        environ_overrides={"CONTENT_LENGTH": "300"},
    )
    assert answer.status_code == 400
    assert client.get(f"/unggahan/{ticket}").get_json()["offset"] == 0


def test_another_persons_file_is_not_there(site: Site) -> None:
    ticket = _start(site.client("pemohon")).get_json()["ticket"]
    staf = site.client("staf")
    assert staf.get(f"/unggahan/{ticket}").status_code == 404
    assert _part(staf, ticket, 0, FILE).status_code == 404
    assert staf.submit(f"/unggahan/{ticket}/batal").status_code == 404
    assert "ktp.pdf" not in _page(staf), "not even in a form with the same mark"
    assert site.client("pemohon").get(f"/unggahan/{ticket}").get_json()["offset"] == 0


def test_it_ends_after_a_day(site: Site) -> None:
    client = site.client("pemohon")
    ticket = _start(client).get_json()["ticket"]
    site.clock.shift(hours=25)
    assert _part(client, ticket, 0, FILE).status_code == 404
    site.clock.shift(hours=2)
    site.drain()
    with site.house.db.read() as session:
        assert session.query(Incoming).count() == 0


def test_what_is_no_paper_is_refused_by_name_at_its_end(site: Site) -> None:
    client = site.client("pemohon")
    ticket = _start(client, size=100, name="<b>x</b>.pdf").get_json()["ticket"]
    answer = _part(client, ticket, 0, bytes(100))
    assert answer.status_code == 422
    assert answer.get_json()["title"] == "b>.pdf: Bukan PDF, JPEG atau PNG yang dapat dibaca."
    assert client.get(f"/unggahan/{ticket}").status_code == 404


def test_without_its_token_nothing_is_taken(site: Site) -> None:
    client = site.client("pemohon")
    ticket = _start(client).get_json()["ticket"]
    assert client.post("/unggahan/", data=_about()).status_code == 400
    assert client.post(f"/unggahan/{ticket}", data=FILE, headers={"Upload-Offset": "0"}).status_code == 400
    assert client.post(f"/unggahan/{ticket}/batal", data={"x": "y"}).status_code == 400


def test_cancelled_is_gone(site: Site) -> None:
    client = site.client("pemohon")
    ticket = _send(client)
    assert client.submit(f"/unggahan/{ticket}/batal").status_code == 204
    assert client.submit(f"/unggahan/{ticket}/batal").status_code == 404
    assert "ktp.pdf" not in _page(client)


def test_photos_become_one_pdf(site: Site) -> None:
    client = site.client("pemohon")
    tickets = [_send(client, png(60, 80, grey), name=f"{grey}.png", mark=str(grey)) for grey in (10, 20, 30)]
    assert "data-photo" in _page(client)
    answer = client.submit("/unggahan/gabung", _about(kept=tickets))
    assert answer.get_json()["name"] == "Berkas Pemohon (3 foto).pdf"
    page = _page(client)
    assert hidden(page, "kept") == answer.get_json()["ticket"] and "10.png" not in page
    assert client.submit("/unggahan/gabung", _about(kept=tickets)).status_code == 422, "they are in the PDF now"


def test_without_javascript_photos_are_joined_when_the_form_is_sent(site: Site) -> None:
    client = site.client("pemohon")
    photos = [(png(60, 80, grey), f"{grey}.png") for grey in (10, 20)]
    files = {"files-pengantar-desa": (PDF, "desa.pdf"), "files-berkas-pemohon": [*photos, (PDF + b"kk", "kk.pdf")]}
    sent = _facts(site, desa="", **{"gabung-berkas-pemohon": "ya"}) | files
    answer = client.submit("/berkas/baru", sent, content_type="multipart/form-data")
    assert answer.status_code == 422 and "Berkas Pemohon (2 foto).pdf" in answer.text
    assert 'id="gabung-berkas-pemohon" checked' in answer.text
    kept = _tickets(answer.text)
    assert len(kept) == 3
    more = {"files-berkas-pemohon": [(png(60, 80, 30), "30.png")]}
    sent = _facts(site, kept=kept, **{"gabung-berkas-pemohon": "ya"}) | more
    answer = client.submit("/berkas/baru", sent, content_type="multipart/form-data")
    assert "diserahkan=1" in answer.headers["Location"]
    berkas_id = int(answer.headers["Location"].split("/")[2].split("?")[0])
    names = {file.name for file in site.detail(berkas_id).files}
    assert names == {"desa.pdf", "kk.pdf", "Berkas Pemohon (2 foto).pdf", "30.png"}, "one photo alone stays one"


def _tickets(page: str) -> list[str]:
    return [part.split('"')[0] for part in page.split('name="kept" value="')[1:]]


def test_a_kept_file_is_taken_out_without_javascript_too(site: Site) -> None:
    client = site.client("pemohon")
    ticket = _send(client)
    assert f'name="drop" value="{ticket}"' in _page(client)
    answer = client.submit("/berkas/baru", _facts(site, desa="", kept=ticket, drop=[ticket, "x"]))
    assert answer.status_code == 422 and "ktp.pdf" not in answer.text
    assert client.get(f"/unggahan/{ticket}").status_code == 404
