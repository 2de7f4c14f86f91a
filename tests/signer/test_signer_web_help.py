"""Bantuan: a guide for each role, readable without an account, with pictures that exist."""

from __future__ import annotations

import re

import pytest
from helpers_web import Site

from signer.web.help import FOLDER, GUIDES

pytest_plugins = ("helpers_web",)
PICTURES = re.compile(r"!\[([^\]]*)\]\(([^)]+)\)")


@pytest.mark.parametrize("role", GUIDES)
def test_every_guide_is_shown_with_its_contents_and_pictures(site: Site, role: str) -> None:
    client = site.client()
    page = client.get(f"/bantuan/{role}").text
    assert page.count("<h1>") == 1 and page.count('class="shot') >= 3
    anchors = re.findall(r'<a href="#([a-z0-9-]+)" lang="id">', page)
    assert len(anchors) >= 3 and all(f'<h2 id="{anchor}">' in page for anchor in anchors)
    for address in re.findall(r'<img src="(/bantuan/gambar/[^"]+)"', page):
        answer = client.get(address.replace("&amp;", "&"))
        assert answer.mimetype == "image/png" and "immutable" in answer.headers["Cache-Control"]
        answer.close()


def test_the_own_roles_guide_comes_first(site: Site) -> None:
    page = site.client("kasi").get("/bantuan/").text
    assert page.index("/bantuan/kasi") < page.index("Peran lain") < page.index("/bantuan/camat")
    assert "Untuk Anda" not in site.client().get("/bantuan/").text


def test_what_is_no_guide_and_no_picture(site: Site) -> None:
    client = site.client()
    for path in ("tidak-ada", "gambar/tidak-ada.png", "gambar/README.md", "gambar/..%2fREADME.md"):
        assert client.get(f"/bantuan/{path}").status_code == 404, path


def test_every_picture_stands_in_a_guide_and_says_what_it_shows() -> None:
    shown = {name: alt for key in GUIDES for alt, name in PICTURES.findall((FOLDER / f"{key}.md").read_text("utf-8"))}
    assert all(len(alt) >= 10 for alt in shown.values())
    there = {path.name for path in FOLDER.glob("*.png")}
    assert set(shown) <= there, "a guide names a picture that `make panduan` does not take"
    names = {name.rsplit("-", 1)[0] for name in shown}
    assert {name.rsplit("-", 1)[0] for name in there} <= names, "a picture that no guide shows"
