"""The language of a page: what the person chose, else what the browser asks for; and the words of the office's data.

docs/decisions/0012-languages.md. A choice is one cookie, set only when somebody chooses.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, abort, redirect, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

pages = Blueprint("language", __name__)

COOKIE = "bahasa"
LANGUAGES = {"id": "Bahasa Indonesia", "en": "English"}
"""Code and own name of each; the first is for everybody who asks for none of them."""
_YEAR = 365 * 24 * 3600


def N_(text: str) -> str:  # noqa: N802 (the name under which pybabel finds texts that are translated where they are shown)
    """Mark a text for translation that cannot be translated where it stands, as in a module's constants."""
    return text


def asked_for() -> str:
    """Flask-Babel's locale selector: the chosen language, else the browser's best match, else Indonesian."""
    chosen = request.cookies.get(COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    return request.accept_languages.best_match(list(LANGUAGES), default="id")


def current() -> str:
    """The language of this request: "id" or "en"."""
    return "en" if str(get_locale()) == "en" else "id"


def word(text: str) -> str:
    """A label of the SOP's or a letter template's data in the page's language; as it stands where none is known."""
    return str(_(text)) if text else ""


def other() -> dict[str, str] | None:
    """The link to this page in the other language: `code`, `name`, `href`.

    None where following it would lose something: the page that answers a form holds what was typed.
    """
    if request.method != "GET":
        return None
    code = next(code for code in LANGUAGES if code != current())
    here = request.full_path.rstrip("?")
    return {"code": code, "name": LANGUAGES[code], "href": url_for("language.choose", code=code, kembali=here)}


@pages.get("/bahasa/<code>")
def choose(code: str) -> Response:
    """Keep the language `code` for a year and go back to `?kembali=`, a path of this service; 404, 400."""
    back = request.args.get("kembali", "/")
    if code not in LANGUAGES:
        abort(404)
    if not _is_own_path(back):
        abort(400)
    answer = redirect(back, 303)
    answer.set_cookie(COOKIE, code, max_age=_YEAR, httponly=True, secure=request.is_secure, samesite="Lax")
    return answer


def _is_own_path(text: str) -> bool:
    """Whether a browser that is sent to `text` stays here.

    Browsers read `//host`, `/\\host` and either of them with a tab or line break inside as another host's address.
    """
    if not text.startswith("/") or text.startswith("//") or "\\" in text or not text.isprintable():
        return False
    parts = urlsplit(text)
    return not parts.scheme and not parts.netloc
