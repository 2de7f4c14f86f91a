"""Routes of the public pages: no sign-in, no cookie, no JavaScript needed. docs/decisions/0009-public-page.md."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from verifier import token as tokens
from verifier.errors import VerificationError
from verifier.pictures import pixels
from verifier.pool import Pool
from verifier.records import Letters, PublicLetter
from verifier.trust import Trust
from verifier.web import agenda, pwa, wording
from verifier.web.addresses import Addresses
from verifier.web.answers import problem
from verifier.web.api import UNKNOWN, Api
from verifier.web.checking import Checking
from verifier.web.fresh import WIDTHS, Checked, Examiner, file_name, status_of
from verifier.web.replies import RETRY_SECONDS, as_json, cached, live, prefers_json, told
from verifier.web.scanning import Scanner
from verifier.web.upload import Uploads

PICTURE_CSP = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"


def blueprint(
    letters: Letters,
    trust: Trust,
    base_url: str,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    *,
    pool: Pool,
    old_hosts: Sequence[str] = (),
) -> Blueprint:
    """The public pages over an office's register, judged against `trust`; `base_url` is the office's true address.

    Strangers' files are examined in `pool`; QRs printed when the service was at one of `old_hosts` count as its own.
    """
    pages = Blueprint("verifier", __name__)
    addresses, examiner = Addresses(base_url, old_hosts), Examiner(letters, trust, base_url, clock)
    scanner = Scanner(letters, trust, addresses, pool, clock)
    uploads = Uploads(letters, trust, scanner, pool, clock)
    _add_letters(pages, _Site(examiner, base_url, addresses.host))
    _add_checks(pages, Checking(uploads, scanner, addresses.host))
    _add_api(pages, Api(letters, examiner, uploads, addresses))
    pwa.add_routes(pages, letters, trust, base_url, clock)
    return pages


def _add_letters(pages: Blueprint, site: _Site) -> None:
    pages.add_url_rule("/v/<token>", "letter", site.letter)
    pages.add_url_rule("/V/<token>", "letter_printed", site.letter)
    pages.add_url_rule("/v/<token>/letter.pdf", "letter_pdf", site.letter_pdf)
    pages.add_url_rule("/v/<token>/rakor.ics", "letter_calendar", site.letter_calendar)
    pages.add_url_rule("/v/<token>/halaman/<int:number>.webp", "letter_page", site.letter_page)
    pages.add_url_rule("/v", "no_token", lambda: redirect(url_for("verifier.check"), 302))


def _add_checks(pages: Blueprint, checking: Checking) -> None:
    pages.add_url_rule("/periksa", "check", checking.code)
    pages.add_url_rule("/periksa", "check_file", checking.file, methods=["POST"])
    pages.add_url_rule("/periksa/qr", "check_qr", checking.qr, methods=["POST"])
    pages.add_url_rule("/periksa/qr", "no_qr", lambda: redirect(url_for("verifier.check"), 302))


def _add_api(pages: Blueprint, api: Api) -> None:
    pages.add_url_rule("/api/v1/verifications", "verification", api.verification, methods=["POST"])
    pages.add_url_rule("/api/v1/letters/<token>", "letter_json", api.letter)
    pages.add_url_rule("/api/v1/hashes/<sha256>", "hash_json", api.hash)
    pages.add_url_rule("/api/v1/openapi.json", "openapi", api.openapi)


class _Site:
    """The views, over one office's examiner."""

    def __init__(self, examiner: Examiner, base_url: str, host: str) -> None:
        self._examiner = examiner
        self._base_url = base_url
        self._host = host

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
            return self._not_found(token, UNKNOWN)
        checked = self._examiner.check(letter)
        if prefers_json():
            return live(as_json(checked.report, status_of(checked)))
        return live(make_response(self._page(checked), status_of(checked)))

    def letter_pdf(self, token: str) -> Answer:
        """The signed PDF, where its template lets strangers see it; never bytes other than those released."""
        letter = self._shown(token)
        try:
            data = self._examiner.released(letter)
        except VerificationError as fault:
            return self._withheld(letter, fault)
        response = Response(data, content_type="application/pdf")
        response.headers["Content-Disposition"] = f'inline; filename="{file_name(letter)}"'
        return cached(response, letter.sha256.hex(), seconds=0)

    def letter_calendar(self, token: str) -> Answer:
        """The letter's meeting for a calendar; cancelled once the letter is no longer in force."""
        letter = self._shown(token)
        if letter.meeting is None:
            abort(404)
        checked = self._examiner.check(letter)
        content = agenda.calendar(checked, self._url(letter))
        if content is None:
            return redirect(url_for("verifier.letter", token=letter.token), 302)  # the page says what is wrong
        response = Response(content, content_type="text/calendar; charset=utf-8")
        # Inline: a phone then offers to add the event, instead of a file among the downloads.
        name = file_name(letter).removesuffix(".pdf")
        response.headers["Content-Disposition"] = f'inline; filename="rakor-{name}.ics"'
        return live(response)

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
        response = Response(picture, content_type="image/webp")
        # Opened alone, without JavaScript: the browser's own page around a picture styles it, which ours do not allow.
        response.headers["Content-Security-Policy"] = PICTURE_CSP
        return cached(response, tag, seconds=300)

    def _url(self, letter: PublicLetter) -> str:
        return f"{self._base_url}/v/{letter.token}"

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
            url=self._url(checked.letter),
            true_host=self._host,
            pictures=_pictures(checked),
            meeting=agenda.shown(checked),
            agenda=agenda,
            meeting_gone=checked.letter.meeting if checked.standing in agenda.GONE else None,
        )

    def _not_found(self, token: str, fault: VerificationError) -> Answer:
        if prefers_json():
            return problem(404, fault)
        page = render_template(
            "verify/not_found.html",
            code=token[:40],
            mistyped=fault.code != UNKNOWN.code,
            error=told(fault),
            official_host=self._host,
        )
        return make_response(page, 404)

    def _withheld(self, letter: PublicLetter, fault: VerificationError) -> Answer:
        """Instead of a file that is missing or damaged: what happened, and the way back to the letter's page."""
        page = render_template("verify/withheld.html", letter=letter, error=told(fault), official_host=self._host)
        response = make_response(page, 503)
        response.headers["Retry-After"] = RETRY_SECONDS
        return response


def _width(text: str) -> int:
    wanted = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else WIDTHS[1]
    return next((width for width in WIDTHS if width >= wanted), WIDTHS[-1])


def _pictures(checked: Checked) -> list[dict[str, object]]:
    """The pages for macros/berkas.html `pages`: addresses in each width, and the pictures' own sizes."""
    return [
        _addresses(checked.letter.token, number, pixels(*size, WIDTHS[1]))
        for number, size in enumerate(checked.sizes, start=1)
    ]


def _addresses(token: str, number: int, shown: tuple[int, int]) -> dict[str, object]:
    at = {width: url_for("verifier.letter_page", token=token, number=number, lebar=width) for width in WIDTHS}
    return {
        "src": at[WIDTHS[1]],
        "srcset": ", ".join(f"{address} {width}w" for width, address in at.items() if width < WIDTHS[-1]),
        "large": at[WIDTHS[-1]],
        "width": shown[0],
        "height": shown[1],
    }
