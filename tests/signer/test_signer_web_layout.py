"""What every page shows around its own content: each role's bar and menu, and words that agree with each other."""

from __future__ import annotations

import re

import pytest
from helpers_web import Site

pytest_plugins = ("helpers_web",)

BARS = {
    "pemohon": ["/", "/sop/", "/pemberitahuan", "/bantuan/"],
    "staf": ["/", "/berkas/", "/register", "/buku-alamat", "/akun/", "/pemberitahuan", "/bantuan/"],
    "kasi": ["/", "/berkas/", "/register", "/sop/", "/pemberitahuan", "/bantuan/"],
    "camat": ["/", "/berkas/", "/register", "/sop/", "/pemberitahuan", "/bantuan/"],
    "admin": ["/", "/sop/", "/akun/", "/kantor/", "/pemberitahuan", "/bantuan/"],
    "auditor": ["/", "/berkas/", "/register", "/sop/", "/kantor/riwayat", "/pemberitahuan", "/bantuan/"],
}
RARE = {"staf": "/sop/", "kasi": "/buku-alamat", "camat": "/buku-alamat", "auditor": "/buku-alamat"}
"""What stands in the menu under the name instead."""


def _links(page: str, start: str, end: str) -> list[str]:
    part = page[page.index(start) : page.index(end, page.index(start))]
    return re.findall(r'href="(/[^"]*)"', part)


@pytest.mark.parametrize("role", BARS)
def test_the_bar_is_short_and_the_menu_repeats_nothing_of_it(site: Site, role: str) -> None:
    page = site.client(role).get("/").text
    bar, menu = _links(page, '<nav class="nav"', "</nav>"), _links(page, '<details class="who"', "</details>")
    assert bar == BARS[role] and len(bar) <= 7
    assert not set(bar) & set(menu) and RARE.get(role, "/kata-sandi") in menu
    assert all(site.client(role).get(address).status_code == 200 for address in (*bar, *menu))


def test_the_first_page_has_one_name_everywhere(site: Site) -> None:
    for role, name in (("pemohon", "Berkas saya"), ("staf", "Tugas saya")):
        client = site.client(role)
        for address in ("/berkas/", "/pemberitahuan", "/kata-sandi", "/berkas/baru"):
            page = client.get(address).text
            first = re.findall(r'<a href="/"[^>]*>(?:<svg.*?</svg>)?(?:<span>)?([^<]+)<', page)
            assert len(first) >= 2 and set(first) == {name}, f"{role} {address}: {first}"


def test_the_office_page_leads_to_all_that_an_admin_keeps(site: Site) -> None:
    page = site.client("admin").get("/kantor/").text
    for path in ("akun/", "kantor/sop/", "kantor/templat/", "kantor/penunjukan", "kesehatan", "kantor/riwayat"):
        assert f'href="/{path}"' in page, path
    for address in ("/kantor/sop/", "/kantor/sop/baru", "/kantor/templat/", "/kantor/templat/baru"):
        assert 'href="/kantor/"' in site.client("admin").get(address).text.split("<h1", 1)[0].rsplit("<nav", 1)[1]
