"""Bantuan: the guides of docs/panduan, one a role, shown in the application; pictures come from the running product."""

from __future__ import annotations

import functools
import hashlib
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from flask import Blueprint, Response, abort, render_template, send_from_directory, url_for
from flask_babel import gettext as _
from markdown_it import MarkdownIt
from markdown_it.token import Token
from PIL import Image

from signer.errors import NotFound
from signer.web.context import person
from signer.web.language import N_

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "panduan"
GUIDES = {
    "pemohon": (N_("Pemohon"), N_("Mengajukan Rakor, melacak berkas, mengambil dan membagikan surat."), "upload"),
    "staf": (N_("Staf"), N_("Memeriksa kelengkapan, menyusun surat, mencatat di register."), "check"),
    "kasi": (N_("Kasi"), N_("Membaca surat dan memberi paraf."), "pen"),
    "camat": (N_("Camat"), N_("Membaca di ponsel, menandatangani satu surat atau banyak sekaligus."), "stamp"),
    "admin": (N_("Admin"), N_("Identitas kantor, orang dan penunjukan, templat, SOP, kesehatan layanan."), "key"),
    "auditor": (N_("Auditor"), N_("Membaca berkas, register, dan bukti tanpa mengubah apa pun."), "search"),
    "peserta": (N_("Peserta Rakor"), N_("Memeriksa surat dari QR, kode, atau file."), "shield"),
}
"""Name of the guide's file, its title, what is in it, its icon; in the order in which they are listed."""
PICTURE = re.compile(r"[\w-]+\.png")
YEAR = 365 * 24 * 3600

pages = Blueprint("help", __name__, url_prefix="/bantuan")


@dataclass(frozen=True)
class Guide:
    """One guide as it is shown: the text of its first heading, its sections for the contents, and its HTML."""

    title: str
    sections: tuple[tuple[str, str], ...]
    html: str


@pages.get("/")
def index() -> str:
    """Every guide; those of the person's own roles first."""
    who = person()
    own = [key for key in GUIDES if who and key in who.roles]
    return render_template("help/index.html", own=_cards(own), others=_cards([k for k in GUIDES if k not in own]))


@pages.get("/<role>")
def show(role: str) -> str:
    """One guide. Raises NotFound."""
    if role not in GUIDES:
        raise NotFound()
    who = person()
    return render_template("help/show.html", guide=guide(role), name=_(GUIDES[role][0]), known=who is not None)


@pages.get("/gambar/<file>")
def picture(file: str) -> Response:
    """One picture of the guides; its address carries its own mark (?v=), so that it may be kept."""
    if not PICTURE.fullmatch(file):
        abort(404)
    answer = send_from_directory(FOLDER, file, mimetype="image/png", max_age=YEAR)
    answer.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    return answer


@functools.cache
def guide(key: str) -> Guide:
    """A guide read and made into HTML, once: the files come with the product."""
    text = (FOLDER / f"{key}.md").read_text(encoding="utf-8")
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(text)
    title, tokens = tokens[1].content, tokens[3:]
    sections = _anchored(tokens)
    for token in tokens:
        token.children = [made for child in token.children or () for made in _framed(child)]
    return Guide(title, sections, str(markdown.renderer.render(tokens, markdown.options, {})))


def _cards(keys: Sequence[str]) -> list[dict[str, str]]:
    return [
        {"href": url_for("help.show", role=key), "title": _(title), "text": _(text), "icon": icon}
        for key, (title, text, icon) in GUIDES.items()
        if key in keys
    ]


def _anchored(tokens: Sequence[Token]) -> tuple[tuple[str, str], ...]:
    """Give each second-level heading an id; gives id and text of each, for the contents."""
    found = []
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open" and opening.tag == "h2":
            anchor = re.sub(r"[^a-z0-9]+", "-", inline.content.lower()).strip("-")
            opening.attrSet("id", anchor)
            found.append((anchor, inline.content))
    return tuple(found)


def _framed(token: Token) -> list[Token]:
    """A picture of the product at its own size, loaded when it comes into view; a tap opens it alone. Others stay."""
    if token.type != "image":
        return [token]
    name = str(token.attrGet("src"))
    width, height, mark = _facts(name)
    href = url_for("help.picture", file=name, v=mark)
    kind = "phone" if "-390." in name else "desk"
    token.attrs |= {"src": href, "width": width, "height": height, "loading": "lazy", "decoding": "async"}
    opening = Token("link_open", "a", 1, attrs={"class": f"shot {kind}", "href": href})
    return [opening, token, Token("link_close", "a", -1)]


@functools.cache
def _facts(name: str) -> tuple[int, int, str]:
    """Width, height and a mark of its content."""
    data = (FOLDER / name).read_bytes()
    with Image.open(io.BytesIO(data)) as image:
        return image.width, image.height, hashlib.sha256(data).hexdigest()[:12]
