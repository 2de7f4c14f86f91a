"""The page's language: what the browser asks for, what the person chooses, and that everything on a page follows it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest
from babel.messages.pofile import read_po
from helpers_web import Site

import app as house_module
from signer.web import dates, security

pytest_plugins = ("helpers_web",)

ENGLISH = {"Accept-Language": "en-GB,en;q=0.9"}
AT = datetime(2026, 11, 23, 12, 53, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _fresh_limits(site: Site) -> None:
    """The limiter counts for the whole process."""
    security.limiter.reset()


@pytest.mark.parametrize(
    ("asked", "lang"),
    [
        ("en", "en"),
        ("en-GB", "en"),
        ("en-US,en;q=0.8", "en"),
        ("id-ID,id;q=0.9,en;q=0.8", "id"),
        ("fr", "id"),
        ("", "id"),
    ],
)
def test_the_browser_is_obeyed_else_indonesian(site: Site, asked: str, lang: str) -> None:
    page = site.client().get("/lacak", headers={"Accept-Language": asked})
    assert f'<html lang="{lang}">' in page.text
    assert ("Track a berkas" in page.text) == (lang == "en")


def test_pages_differ_by_language_and_choice_for_caches(site: Site) -> None:
    assert {"Accept-Language", "Cookie"} <= set(site.client().get("/lacak").headers["Vary"].split(", "))


def test_a_choice_outweighs_the_browser_and_lasts(site: Site) -> None:
    client = site.client()
    answer = client.get("/bahasa/en?kembali=/lacak")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/lacak")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("bahasa=en;") and "HttpOnly" in cookie and "SameSite=Lax" in cookie
    assert "Max-Age=31536000" in cookie and "Path=/" in cookie
    assert '<html lang="en">' in client.get("/lacak", headers={"Accept-Language": "id"}).text
    client.get("/bahasa/id?kembali=/")
    assert '<html lang="id">' in client.get("/lacak", headers=ENGLISH).text


def test_a_forged_choice_is_ignored(site: Site) -> None:
    client = site.client()
    client.set_cookie("bahasa", "../../etc")
    assert '<html lang="id">' in client.get("/lacak").text


@pytest.mark.parametrize(
    "back",
    [
        *("//evil.example", "https://evil.example", "http:/evil.example", "/\\evil.example", "\\\\evil.example"),
        *("/\t/evil.example", "/\n/evil.example", "\t//evil.example", " //evil.example", "javascript:alert(1)"),
        *("evil.example", "", "/\r\nSet-Cookie: a=b", "/a\x00b", "///evil.example"),
    ],
)
def test_no_way_back_leads_elsewhere(site: Site, back: str) -> None:
    answer = site.client().get("/bahasa/en", query_string={"kembali": back})
    assert answer.status_code == 400 and "Location" not in answer.headers and "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("back", ["/", "/periksa?kode=AB%20CD", "/v/ABCD", "/berkas/?q=Desa+Trawas", "/.//x"])
def test_a_way_back_is_kept_as_it_is(site: Site, back: str) -> None:
    answer = site.client().get("/bahasa/en", query_string={"kembali": back})
    assert answer.headers["Location"] == back


def test_a_language_that_is_not_there(site: Site) -> None:
    assert site.client().get("/bahasa/fr?kembali=/").status_code == 404


def test_public_pages_set_no_cookie_until_somebody_chooses(site: Site) -> None:
    for address in ("/periksa", "/v/ABCD", "/pwa/luring"):
        assert "Set-Cookie" not in site.client().get(address).headers, address


def test_every_page_offers_the_other_language_and_comes_back(site: Site) -> None:
    client = site.client("staf")
    for address in ("/", "/berkas/?q=a+b", "/periksa", "/tidak-ada"):
        page = client.get(address).text
        href = re.search(r'<a href="(/bahasa/en\?[^"]+)" lang="en" hreflang="en"', page)
        assert href, address
        back = client.get(href[1].replace("&amp;", "&"))
        assert back.headers["Location"] == address
        assert ">Bahasa Indonesia</a>" in client.get(address).text
        client.get("/bahasa/id?kembali=/")


def test_a_page_that_holds_what_was_typed_offers_no_other_language(site: Site) -> None:
    answer = site.client().submit("/lacak", {"kode": "SALAH"})
    assert answer.status_code == 404 and "/bahasa/" not in answer.text


def test_the_offline_page_offers_none(site: Site) -> None:
    assert "/bahasa/" not in site.client().get("/pwa/luring").text


def test_dates_follow_the_page(site: Site) -> None:
    shown = {}
    for language in ("id", "en"):
        with site.app.test_request_context(headers={"Accept-Language": language}):
            shown[language] = (
                dates.moment(AT),
                dates.day_and_date(date(2026, 1, 5)),
                dates.long_date(AT),
                dates.clock_time(AT),
            )
    assert shown["id"] == (
        "Senin, 23 November 2026 pukul 19.53 WIB",
        "Senin, 5 Januari 2026",
        "23 November 2026",
        "19.53 WIB",
    )
    assert shown["en"] == (
        "Monday, 23 November 2026, 19:53 WIB",
        "Monday, 5 January 2026",
        "23 November 2026",
        "19:53 WIB",
    )


def test_sizes_follow_the_page(site: Site) -> None:
    for language, text in (("id", "3,4 MB"), ("en", "3.4 MB")):
        with site.app.test_request_context(headers={"Accept-Language": language}):
            assert dates.size_text(3_565_158) == text
            assert dates.size_text(500) == "500 B" and dates.size_text(12_288) == "12 kB"


def test_a_day_in_wib_and_not_in_utc(site: Site) -> None:
    with site.app.test_request_context(headers=ENGLISH):
        assert dates.long_date(datetime(2026, 12, 31, 17, 0, tzinfo=UTC)) == "1 January 2027"


def _indonesian() -> set[str]:
    """Source texts long enough to be no name or chance match, whose English differs."""
    path = house_module.ROOT / "translations" / "en" / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        found = {m.id if isinstance(m.id, str) else m.id[0]: m for m in read_po(file) if m.id}
    return {
        text for text, message in found.items() if len(text) > 18 and "%(" not in text and text not in message.string
    }


@pytest.mark.parametrize(
    ("role", "step"), [("pemohon", 3), ("staf", 2), ("staf", 3), ("kasi", 4), ("camat", 5), ("staf", 6)]
)
def test_english_pages_have_no_indonesian_sentence(site: Site, role: str, step: int) -> None:
    berkas_id = site.berkas(step=step)
    client = site.client(role)
    steps = {2: "periksa", 3: "surat", 4: "paraf", 5: "tandatangan", 6: "register"}
    addresses = ["/", "/berkas/", f"/berkas/{berkas_id}", "/pemberitahuan", "/kata-sandi", "/sop/"]
    addresses += [f"/berkas/{berkas_id}/{steps[step]}"] if role != "pemohon" else ["/ajukan"]
    for address in addresses:
        answer = client.get(address, headers=ENGLISH, follow_redirects=True)
        assert '<html lang="en">' in answer.text, address
        kept = r'<(\w+)[^>]*\blang="id"[^>]*>.*?</\1>| value="[^"]*"|<textarea.*?</textarea>'
        shown = re.sub(kept, "", answer.text, flags=re.S)
        leaked = sorted(text for text in _indonesian() if text in shown)
        assert leaked == [], address
        assert not re.search(r"\b(Senin|Selasa|Rabu|Kamis|Jumat|Januari|Desember|pukul)\b", shown), address


def test_the_sops_own_text_is_marked_as_indonesian(site: Site) -> None:
    page = site.client("staf").get("/sop/rakor-bspps", headers=ENGLISH).text
    assert '<span lang="id">Paraf berkas yang sudah lengkap</span>' in page
    assert "Legal basis" in page and "15 January 2024" in page and "10 minutes" in page


def test_labels_of_the_sop_have_english_and_unknown_ones_stay(site: Site) -> None:
    from signer.web.language import word

    with site.app.test_request_context(headers=ENGLISH):
        assert word("Memaraf surat") == "Give paraf"
        assert word("Langkah baru 100% milik kantor") == "Langkah baru 100% milik kantor"
        assert word("") == ""


def test_clocks_count_in_english(site: Site) -> None:
    site.berkas(step=2)
    assert re.search(r"\d+ working (min|hours?) (left|late)", site.client("staf").get("/", headers=ENGLISH).text)


@pytest.mark.parametrize("name", sorted(security.MESSAGES))
def test_flask_security_knows_the_messages(site: Site, name: str) -> None:
    from flask_security.core import _default_messages

    assert name in _default_messages
    assert site.app.config[f"SECURITY_MSG_{name}"][0] == security.MESSAGES[name]


@pytest.mark.parametrize(
    ("language", "wrong", "short"),
    [
        ("id", "Kata sandi sekarang salah.", "Kata sandi paling sedikit 10 karakter."),
        ("en", "The current password is wrong.", "A password has at least 10 characters."),
    ],
)
def test_flask_security_speaks_the_pages_language(site: Site, language: str, wrong: str, short: str) -> None:
    form = {"password": "bukan ini", "new_password": "pendek", "new_password_confirm": "pendek"}
    page = site.client("staf").submit("/kata-sandi", form, headers={"Accept-Language": language}).text
    assert wrong in page or short in page
    right = form | {"password": "ya", "new_password": "cukup panjang 1", "new_password_confirm": "lain lagi 22"}
    page = site.client("staf").submit("/kata-sandi", right, headers={"Accept-Language": language}).text
    assert {"id": "Kedua kata sandi baru tidak sama.", "en": "The two new passwords are not the same."}[
        language
    ] in page


def test_a_reason_picked_in_english_is_kept_in_indonesian(site: Site) -> None:
    page = site.client("kasi").get(f"/berkas/{site.berkas(step=4)}/paraf", headers=ENGLISH).text
    assert 'value="Tempat keliru."' in page and "The place is wrong." in page
