"""The address book's pages: added, renamed, set aside, searched, offered to the drafting form."""

from __future__ import annotations

from helpers_web import Site

from signer import contacts

pytest_plugins = ("helpers_web",)


def test_an_empty_book_says_how_it_fills(site: Site) -> None:
    page = site.client("staf").get("/buku-alamat").text
    assert "Buku alamat masih kosong" in page
    assert 'id="names"' in page


def test_several_names_come_in_with_their_group(site: Site) -> None:
    client = site.client("staf")
    sent = {"names": "Camat Trawas\n\n Kapolsek <b>Trawas</b> ", "group": "Forkopimcam"}
    assert client.submit("/buku-alamat", sent).headers["Location"] == "/buku-alamat"
    page = client.get("/buku-alamat").text
    assert "2 nama ditambahkan." in page
    assert "Kapolsek &lt;b&gt;Trawas&lt;/b&gt;" in page
    client.submit("/buku-alamat", sent)
    assert "Semua nama itu sudah ada di buku alamat." in client.get("/buku-alamat").text


def test_a_refused_name_stands_at_its_field_with_what_was_typed(site: Site) -> None:
    answer = site.client("staf").submit("/buku-alamat", {"names": "Camat 中", "group": "Tamu"})
    assert answer.status_code == 422
    assert '<a href="#names">' in answer.text
    assert "Camat 中</textarea>" in answer.text
    assert 'value="Tamu"' in answer.text


def test_a_name_is_changed_and_set_aside(site: Site) -> None:
    client = site.client("staf")
    client.submit("/buku-alamat", {"names": "Camat\nKapolsek"})
    assert client.submit("/buku-alamat/1", {"name": "Camat Trawas", "group": "Forkopimcam"}).status_code == 303
    wrong = client.submit("/buku-alamat/1", {"name": "kapolsek", "group": ""})
    assert (wrong.status_code, 'id="name-error"' in wrong.text) == (422, True)
    client.submit("/buku-alamat/2/keadaan", {"sisihkan": "ya"})
    page = client.get("/buku-alamat").text
    assert "Kapolsek disisihkan: tidak ditawarkan lagi." in page
    assert client.get("/buku-alamat/tawaran").get_json() == {
        "contacts": [{"name": "Camat Trawas", "group": "Forkopimcam"}]
    }
    client.submit("/buku-alamat/2/keadaan", {"sisihkan": "tidak"})
    assert len(client.get("/buku-alamat/tawaran").get_json()["contacts"]) == 2
    assert client.get("/buku-alamat/99").status_code == 404


def test_others_of_the_office_read_it(site: Site) -> None:
    contacts.add(site.house.desk, site.actor("staf"), ["Camat Trawas"], "Forkopimcam")
    for who in ("kasi", "camat", "auditor"):
        page = site.client(who).get("/buku-alamat?q=forko").text
        assert "Camat Trawas" in page
        assert "Sisihkan" not in page and "Tambah nama" not in page


def test_a_search_without_hits_says_so(site: Site) -> None:
    assert "Tidak ada nama yang cocok" in site.client("staf").get("/buku-alamat?q=entah").text
