"""Routes of the public pages: no sign-in, no cookie, no JavaScript needed. docs/decisions/0009-public-page.md."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from verifier import token as tokens
from verifier.errors import VerificationError
from verifier.pictures import pixels
from verifier.records import Letters, PublicLetter
from verifier.trust import Trust
from verifier.web import file_wording, pwa, wording
from verifier.web.answers import answer, problem
from verifier.web.fresh import WIDTHS, Checked, Examiner, file_name
from verifier.web.upload import MOST_BYTES, Uploads

RETRY_SECONDS = "60"
FORM_BYTES = 16 * 1024
"""Of a form around its one file."""
_IN_ADDRESS = re.compile(r"/v/([^/?#]+)", re.IGNORECASE)
_UNKNOWN = VerificationError(
    "letter-not-found",
    "Tidak ada surat dengan kode ini.",
    "There is no letter with this code.",
)


def blueprint(
    letters: Letters, trust: Trust, base_url: str, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Blueprint:
    """The public pages over an office's register, judged against `trust`; `base_url` is the office's true address."""
    pages = Blueprint("verifier", __name__)
    site = _Site(Examiner(letters, trust, base_url, clock), Uploads(letters, trust, clock), base_url)
    pages.add_url_rule("/v/<token>", "letter", site.letter)
    pages.add_url_rule("/V/<token>", "letter_printed", site.letter)
    pages.add_url_rule("/v/<token>/letter.pdf", "letter_pdf", site.letter_pdf)
    pages.add_url_rule("/v/<token>/halaman/<int:number>.webp", "letter_page", site.letter_page)
    pages.add_url_rule("/api/v1/letters/<token>", "letter_json", site.letter_json)
    pages.add_url_rule("/v", "no_token", lambda: redirect(url_for("verifier.check"), 302))
    pages.add_url_rule("/periksa", "check", site.check)
    pages.add_url_rule("/periksa", "check_file", site.check_file, methods=["POST"])
    pwa.add_routes(pages, letters, trust, base_url, clock)
    return pages


class _Site:
    """The views, over one office's examiner."""

    def __init__(self, examiner: Examiner, uploads: Uploads, base_url: str) -> None:
        self._examiner = examiner
        self._uploads = uploads
        self._base_url = base_url
        self._host = urlsplit(base_url).netloc

    def letter(self, token: str) -> Answer:
        """The page of one letter, or its report where JSON is preferred."""
        try:
            canonical = tokens.addressed(token)
        except VerificationError as fault:
            return self._not_found(token, fault)
        if token != canonical:
            return redirect(url_for("verifier.letter", token=canonical), 302)
        letter = self._examiner.letter(canonical)
        if letter is None:
            return self._not_found(token, _UNKNOWN)
        checked = self._examiner.check(letter)
        if _prefers_json():
            return _live(_json(checked.report.model_dump_json(), checked))
        return _live(make_response(self._page(checked), _status(checked)))

    def letter_json(self, token: str) -> Answer:
        """The facts of one letter and the report on it, as JSON."""
        try:
            letter = self._examiner.letter(tokens.addressed(token))
        except VerificationError as fault:
            return problem(404, fault)
        if letter is None:
            return problem(404, _UNKNOWN)
        checked = self._examiner.check(letter)
        return _live(_json(answer(checked, self._base_url).model_dump_json(), checked))

    def letter_pdf(self, token: str) -> Answer:
        """The signed PDF, where its template lets strangers see it; never bytes other than those released."""
        letter = self._shown(token)
        try:
            data = self._examiner.released(letter)
        except VerificationError as fault:
            return self._withheld(letter, fault)
        response = Response(data, content_type="application/pdf")
        response.headers["Content-Disposition"] = f'inline; filename="{file_name(letter)}"'
        return _cached(response, letter.sha256.hex(), seconds=0)

    def letter_page(self, token: str, number: int) -> Answer:
        """One page (from 1) as a picture; `lebar` is the width in pixels, taken up to the next of WIDTHS."""
        letter = self._shown(token)
        width = _width(request.args.get("lebar", ""))
        try:
            picture = self._examiner.picture(letter, number - 1, width)
        except IndexError:
            abort(404)
        except VerificationError as fault:
            return self._withheld(letter, fault)
        tag = f"{letter.sha256.hex()[:32]}-{number}-{width}"
        return _cached(Response(picture, content_type="image/webp"), tag, seconds=300)

    def check(self) -> Answer:
        """The page for a code typed from paper; a right code leads to its letter."""
        text = request.args.get("kode", "")
        if not text.strip():
            return make_response(self._form())
        pasted = _IN_ADDRESS.search(text)
        try:
            token = tokens.addressed(pasted[1]) if pasted else tokens.typed(text)
        except VerificationError as fault:
            return make_response(self._form(code=text, error=_told(fault)), 422)
        return redirect(url_for("verifier.letter", token=token), 303)

    def check_file(self) -> Answer:
        """The answer on a PDF that a stranger sends; the file is not kept."""
        _require_bounded()
        given = request.files.get("berkas")
        data = given.read() if given else b""
        if given is None or not data:
            return make_response(self._form(file_error=_("Pilih sebuah berkas PDF lebih dahulu.")), 422)
        try:
            report = self._uploads.examine((given.filename or "surat.pdf")[-120:], data)
        except VerificationError as fault:
            return make_response(self._form(file_error=_told(fault)), 503)
        if _prefers_json():
            return _live(Response(report.model_dump_json(), content_type="application/json"))
        page = render_template(
            "verify/result.html",
            report=report,
            verdict=file_wording.verdict(report),
            mode=file_wording.mode(report),
            answers=file_wording.answers(report),
            words=wording,
            official_host=self._host,
        )
        return _live(make_response(page))

    def _shown(self, token: str) -> PublicLetter:
        """A letter whose pages strangers may see; aborts with 404 for any other address."""
        letter = self._examiner.letter(token)
        if letter is None or not letter.shows_pages:
            abort(404)
        return letter

    def _page(self, checked: Checked) -> str:
        return render_template(
            "verify/letter.html",
            checked=checked,
            letter=checked.letter,
            report=checked.report,
            signature=next(iter(checked.report.signatures), None),
            verdict=wording.verdict(checked),
            mode=wording.mode(checked),
            lines=wording.lines(checked),
            words=wording,
            code=tokens.printed(checked.letter.token),
            url=f"{self._base_url}/v/{checked.letter.token}",
            true_host=self._host,
            pictures=_pictures(checked),
        )

    def _form(self, *, code: str = "", error: str = "", file_error: str = "") -> str:
        return render_template(
            "verify/check.html",
            code=code[:200],
            error=error,
            file_error=file_error,
            most_mb=MOST_BYTES // (1024 * 1024),
            official_host=self._host,
        )

    def _not_found(self, token: str, fault: VerificationError) -> Answer:
        if _prefers_json():
            return problem(404, fault)
        page = render_template(
            "verify/not_found.html",
            code=token[:40],
            mistyped=fault.code != _UNKNOWN.code,
            error=_told(fault),
            official_host=self._host,
        )
        return make_response(page, 404)

    def _withheld(self, letter: PublicLetter, fault: VerificationError) -> Answer:
        """Instead of a file that is missing or damaged: what happened, and the way back to the letter's page."""
        page = render_template("verify/withheld.html", letter=letter, error=_told(fault), official_host=self._host)
        response = make_response(page, 503)
        response.headers["Retry-After"] = RETRY_SECONDS
        return response


def _require_bounded() -> None:
    """Refuse an upload of unknown or too great length before any of it is read: 411, 413."""
    if request.content_length is None:
        abort(411)
    if request.content_length > MOST_BYTES + FORM_BYTES:
        abort(413)


def _prefers_json() -> bool:
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def _told(fault: VerificationError) -> str:
    return fault.en if wording.language() == "en" else fault.id


def _status(checked: Checked) -> int:
    return 503 if checked.standing == "unavailable" else 200


def _json(body: str, checked: Checked) -> Response:
    return Response(body, _status(checked), content_type="application/json")


def _live(response: Response) -> Response:
    """A verdict is true now: no cache keeps it. The answer depends on what was asked for."""
    response.headers["Cache-Control"] = "no-store"
    response.vary.update(["Accept", "Accept-Language"])
    if response.status_code == 503:
        response.headers["Retry-After"] = RETRY_SECONDS
    return response


def _cached(response: Response, tag: str, *, seconds: int) -> Answer:
    """A file that is named by its content: kept by the reader's browser only, and asked for again after `seconds`."""
    response.cache_control.private = True
    if seconds:
        response.cache_control.max_age = seconds
    else:
        response.cache_control.no_cache = True
    response.set_etag(tag)
    return response.make_conditional(request)


def _width(text: str) -> int:
    wanted = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else WIDTHS[1]
    return next((width for width in WIDTHS if width >= wanted), WIDTHS[-1])


def _pictures(checked: Checked) -> list[dict[str, object]]:
    """The pages for macros/berkas.html `pages`: addresses and the pictures' own sizes."""
    width, large = WIDTHS[1], WIDTHS[-1]
    token = checked.letter.token
    return [
        {
            "src": url_for("verifier.letter_page", token=token, number=number, lebar=width),
            "large": url_for("verifier.letter_page", token=token, number=number, lebar=large),
            "width": shown[0],
            "height": shown[1],
        }
        for number, shown in enumerate((pixels(*size, width) for size in checked.sizes), start=1)
    ]
