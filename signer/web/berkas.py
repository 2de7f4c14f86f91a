"""The list of berkas, and one berkas whole: its position, papers, letter, and what its readers may open of it."""

from __future__ import annotations

import io
from pathlib import PurePath
from typing import Any

import structlog
from flask import Blueprint, Response, abort, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from signer import appointments, notices, own_pdf, uploads
from signer.berkas import finding as searching
from signer.berkas import lists, views
from signer.berkas.views import Detail
from signer.blobs import BlobMissing
from signer.errors import NotFound
from signer.pictures import Pictures
from signer.sop import Action, Decision, State
from signer.vault import VaultFault
from signer.web import finding, reading, shown
from signer.web.context import actor, desk, keys
from signer.web.language import word

pages = Blueprint("berkas", __name__, url_prefix="/berkas")
SANDBOX = "sandbox; default-src 'none'"
"""For files from outside: whatever is in them, it may run nothing and load nothing."""
YEAR = 365 * 24 * 3600

log = structlog.get_logger()


@pages.get("/")
def index() -> ResponseReturnValue:
    """The berkas that the person may know of and asks for (finding.FIELDS), ?halaman= of them; 422 for odd dates."""
    asked, choices = finding.asked(request.args), searching.choices(desk(), actor())
    page = None if asked.errors else lists.found(desk(), actor(), asked.wanted, finding.page_of(request.args))
    text = render_template(
        "berkas/index.html",
        asked=asked,
        years=[(year, year) for year in choices.years],
        desa=[(name, name) for name in choices.desa],
        positions=finding.positions(choices),
        orders=finding.orders(),
        page=page,
        rows=[shown.row(row) for row in page.rows] if page else [],
        has_errors=bool(asked.errors),
    )
    return text, 422 if asked.errors else 200


@pages.get("/<int:berkas_id>")
def show(berkas_id: int) -> str:
    """One berkas whole; who opens it has seen its notices."""
    detail = views.detail(desk(), actor(), berkas_id)
    notices.mark_read(desk().db, actor().user_id, desk().now(), berkas_id)
    return render_template(
        "berkas/show.html",
        handed_in="diserahkan" in request.args,
        may_withdraw=Decision.WITHDRAW in detail.may,
        **_parts(detail),
    )


@pages.get("/<int:berkas_id>/kendali")
def control_sheet(berkas_id: int) -> str:
    """Lembar kendali: who did what when, and the paraf, which never stand on the letter itself."""
    detail = views.detail(desk(), actor(), berkas_id)
    return render_template("berkas/control_sheet.html", **_parts(detail))


@pages.get("/<int:berkas_id>/lampiran/<int:attachment_id>")
def attachment(berkas_id: int, attachment_id: int) -> Response:
    """One attachment, decrypted, shown by the browser in a sandbox."""
    row, name = views.attachment(desk(), actor(), berkas_id, attachment_id)
    try:
        data = uploads.fetch(row.blob_key, row.sha256, desk().blobs, desk().vault)
    except (BlobMissing, VaultFault, ValueError) as fault:
        log.error("attachment", attachment=attachment_id, fault=type(fault).__name__)
        raise NotFound(
            "File ini tidak dapat dibaca dari penyimpanan. Hubungi Admin.", "This file cannot be read from the store."
        ) from fault
    answer = _file(data, row.media_type, _file_name(name, row.media_type))
    answer.headers["Content-Security-Policy"] = SANDBOX
    return answer


@pages.get("/<int:berkas_id>/halaman/<int:number>.webp")
def page(berkas_id: int, number: int) -> ResponseReturnValue:
    """A picture of page `number` (from 1) of the letter, or of the rendering in force for staff.

    ?lebar= is its width in pixels, one of reading.WIDTHS; ?v= the file's SHA-256 (hex): a picture of another file is
    refused, and only such an address may be kept by the browser.
    """
    detail = views.detail(desk(), actor(), berkas_id)
    key, sha256 = _file_of(detail)
    own = detail.rendering is not None and own_pdf.is_own(detail.rendering.template)
    width = request.args.get("lebar", reading.WIDTHS[1], type=int)
    wanted = request.args.get("v", "")
    if width not in reading.WIDTHS or number < 1 or (wanted and wanted != sha256.hex()):
        abort(404)
    answer = Response(content_type="image/webp")
    answer.set_etag(f"{sha256.hex()}-{number}-{width}")
    answer.headers["Cache-Control"] = f"private, max-age={YEAR}, immutable" if wanted else "private, no-cache"
    answer.make_conditional(request)
    if answer.status_code == 200:
        answer.set_data(_picture(key, sha256, number, width, own=own))
    return answer


@pages.get("/<int:berkas_id>/naskah.pdf")
def rendering(berkas_id: int) -> Response:
    """The unsigned rendering in force, for those who work on it."""
    detail = views.detail(desk(), actor(), berkas_id)
    if detail.rendering is None:
        raise NotFound()
    data = desk().blobs.get_checked(detail.rendering.blob_key, detail.rendering.sha256)
    return _file(data, "application/pdf", f"naskah-{detail.berkas.code}.pdf")


@pages.get("/<int:berkas_id>/surat.pdf")
def letter(berkas_id: int) -> Response:
    """The signed letter, to keep, or (?lihat) opened to be printed; a Pemohon gets it once it is to be collected."""
    detail = views.detail(desk(), actor(), berkas_id)
    if detail.letter_file is None or detail.letter is None or not _released(detail):
        raise NotFound()
    data = desk().blobs.get_checked(detail.letter_file.blob_key, detail.letter_file.sha256)
    name = f"surat-{detail.letter.number.replace('/', '-')}.pdf"
    return _file(data, "application/pdf", name, save="lihat" not in request.args)


def _parts(detail: Detail) -> dict[str, Any]:
    """What both pages of a berkas show."""
    everything = actor().reads_all
    events = detail.events if everything else shown.for_applicant(detail.sop, detail.events)
    last = reading.sent_back(detail) if everything else shown.came_back(detail.sop, detail.position, events)
    return {
        "d": detail,
        "meeting": shown.meeting(detail.berkas.agenda),
        "code": shown.code_groups(detail.berkas.code),
        "timeline": shown.timeline(detail.marks, detail.sop, events, detail.clock, names=everything),
        "left": shown.minutes(detail.clock),
        "next": _next(detail),
        "returned": last,
        "reasons": shown.return_reasons(detail.sop, last, detail.findings),
        "checklist": reading.checklist(detail),
        "papers": _papers(detail),
        "pictures": _pictures(detail),
        "released": _released(detail),
        "unsent": detail.step is not None and detail.step.action is Action.SUBMIT and last is None,
        "track_url": f"{keys().base_url}{url_for('track.track')}#{shown.code_groups(detail.berkas.code)}",
        "public_url": f"{keys().base_url}/v/{detail.letter.token}" if detail.letter else "",
        "parafs": [(given, who, appointments.capacity_text(who)) for given, who in detail.paraf],
        "office_reader": everything,
        "events": events,
        "decisions": shown.DECISIONS,
    }


def _next(detail: Detail) -> dict[str, str] | None:
    """The page of the step at hand, if this person may do it."""
    if detail.step is None or Decision.ACCEPT not in detail.may:
        return None
    return shown.next_step(detail.step.action, detail.berkas.id, on_behalf=actor().reads_all)


def _papers(detail: Detail) -> list[dict[str, Any]]:
    """The attachments by requirement; `new`: added since the last return."""
    return [
        {
            "label": word(need.label),
            "required": need.required,
            "files": [f for f in detail.files if f.requirement == need.key],
        }
        for need in detail.sop.requirements
    ]


def _released(detail: Detail) -> bool:
    """Whether this person may have the letter: staff once it is signed, the Pemohon from the collecting step on."""
    if detail.letter is None:
        return False
    collecting = detail.step is not None and detail.step.action is Action.COLLECT
    return actor().reads_all or collecting or detail.position.state is State.FINISHED


def _pictures(detail: Detail) -> list[dict[str, Any]]:
    try:
        _key, sha256 = _file_of(detail)
    except NotFound:
        return []
    return [
        picture | {name: f"{picture[name]}&v={sha256.hex()}" for name in ("src", "large")}
        for picture in reading.page_pictures(detail)
    ]


def _file_of(detail: Detail) -> tuple[str, bytes]:
    """Blob key and SHA-256 of what the person may see: the released letter, else the rendering. Raises NotFound."""
    if detail.letter_file is not None and _released(detail):
        return detail.letter_file.blob_key, detail.letter_file.sha256
    if detail.rendering is not None and actor().reads_all:
        return detail.rendering.blob_key, detail.rendering.sha256
    raise NotFound()


def _picture(key: str, sha256: bytes, number: int, width: int, *, own: bool) -> bytes:
    """`own`: the office did not compose the file, so it is drawn in a bounded process."""
    data = desk().blobs.get_checked(key, sha256)
    if own:
        return own_pdf.picture(desk().pool, data, number, width) or abort(404)
    try:
        return Pictures().page(data, number - 1, width)
    except IndexError:
        raise NotFound() from None


def _file(data: bytes, media_type: str, name: str, *, save: bool = False) -> Response:
    """The bytes under a name: shown by the browser, or saved; never kept in a cache."""
    answer = send_file(io.BytesIO(data), media_type, as_attachment=save, download_name=name, etag=False)
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _file_name(name: str, media_type: str) -> str:
    """The name under which a file is saved: its ending says what it is, whatever it was called."""
    ending = uploads.MEDIA_TYPES[media_type]
    known = {"jpg": (".jpg", ".jpeg")}.get(ending, (f".{ending}",))
    return name if PurePath(name).suffix.lower() in known else f"{name}.{ending}"
