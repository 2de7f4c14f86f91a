"""/periksa: a code typed from paper, a PDF, or a QR from a camera, a photo or a scan. Nothing sent is kept."""

from __future__ import annotations

import base64

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from verifier import etsi_xml
from verifier import token as tokens
from verifier.differing import Difference
from verifier.errors import VerificationError
from verifier.report import Report
from verifier.web import file_wording, qr_wording, wording
from verifier.web.bodies import form_file
from verifier.web.replies import as_json, live, prefers_json, told
from verifier.web.scanning import IN_ADDRESS, MOST_PICTURE_BYTES, Scanned, Scanner
from verifier.web.upload import MOST_BYTES, Judged, Uploads

_MB = 1024 * 1024


class Checking:
    """The views; `host` is the service's true one."""

    def __init__(self, uploads: Uploads, scanner: Scanner, host: str) -> None:
        self._uploads = uploads
        self._scanner = scanner
        self._host = host

    def code(self) -> Answer:
        """The page; a right code typed from paper leads to its letter."""
        text = request.args.get("kode", "").strip()
        if not text:
            return make_response(self._form())
        if "://" in text:
            scanned = self._scanner.text(text)
            if scanned.kind != "ours":
                return self._scanned([scanned])
        pasted = IN_ADDRESS.search(text)
        try:
            token = tokens.addressed(pasted[1]) if pasted else tokens.typed(text)
        except VerificationError as fault:
            return make_response(self._form(code=text[:200], code_error=told(fault)), 422)
        return redirect(url_for("verifier.letter", token=token), 303)

    def file(self) -> Answer:
        """The answer on a PDF."""
        name, data = form_file("berkas", MOST_BYTES)
        if not data:
            return make_response(self._form(file_error=_("Pilih sebuah berkas PDF lebih dahulu.")), 422)
        try:
            judged = self._uploads.examine(name, data, draw=not prefers_json())
        except VerificationError as fault:
            return live(make_response(self._form(file_error=told(fault)), 503))
        if prefers_json():
            return live(as_json(judged.report))
        return live(make_response(self._result(judged)))

    def qr(self) -> Answer:
        """The answer on a picture of a QR (`foto`), or on the text that the browser's camera read (`teks`)."""
        _name, data = form_file("foto", MOST_PICTURE_BYTES)
        text = request.form.get("teks", "")
        if text.strip():
            return self._scanned([self._scanner.text(text)])
        if not data:
            return make_response(self._form(photo_error=_("Pilih sebuah foto lebih dahulu.")), 422)
        try:
            found = self._scanner.picture(data)
        except VerificationError as fault:
            status = 503 if fault.code == "busy" else 422
            return live(make_response(self._form(photo_error=qr_wording.refused(fault, told(fault))), status))
        if not found:
            return make_response(self._form(photo_error=qr_wording.none_seen()), 422)
        return self._scanned(found)

    def _scanned(self, found: list[Scanned]) -> Response:
        page = render_template(
            "verify/qr.html",
            found=[(one, qr_wording.said(one, self._host)) for one in found],
            words=wording,
            official_host=self._host,
        )
        return live(make_response(page))

    def _result(self, judged: Judged) -> str:
        report = judged.report
        return render_template(
            "verify/result.html",
            judged=judged,
            report=report,
            letter=judged.letter,
            verdict=file_wording.verdict(judged),
            mode=file_wording.mode(report),
            answers=file_wording.answers(judged),
            signatures=file_wording.details(report),
            downloads=_downloads(report),
            changes=[(one.page, _pictures(one)) for one in judged.changes],
            words=wording,
            official_host=self._host,
        )

    def _form(self, *, code: str = "", code_error: str = "", file_error: str = "", photo_error: str = "") -> str:
        return render_template(
            "verify/check.html",
            code=code,
            error=code_error,
            file_error=file_error,
            photo_error=photo_error,
            most_mb=MOST_BYTES // _MB,
            photo_mb=MOST_PICTURE_BYTES // _MB,
            official_host=self._host,
        )


def _pictures(change: Difference) -> list[tuple[str, str, str]]:
    """The pictures of one page: caption, alt text, and address with the content in it ("" where there is no page)."""
    number = change.page
    shown = [
        (_("Saat ditandatangani"), _("Halaman %(n)s saat ditandatangani", n=number), change.before),
        (_("Sekarang"), _("Halaman %(n)s sekarang", n=number), change.after),
    ]
    if change.marked:
        alt = _("Halaman %(n)s sekarang, dengan bagian yang berbeda dibingkai merah", n=number)
        shown.append((_("Bagian yang berbeda"), alt, change.marked))
    return [
        (caption, alt, f"data:image/webp;base64,{base64.b64encode(content).decode()}" if content else "")
        for caption, alt, content in shown
    ]


def _downloads(report: Report) -> list[tuple[str, str, str]]:
    """What can be saved of a report, since nothing is kept here: label, file name, address with the content in it."""
    kinds = (
        (_("Laporan (JSON)"), "laporan.json", "application/json", report.model_dump_json(indent=2).encode()),
        (_("Laporan ETSI (XML)"), "laporan-etsi.xml", "application/xml", etsi_xml.write(report)),
    )
    return [
        (label, name, f"data:{media};base64,{base64.b64encode(content).decode()}")
        for label, name, media, content in kinds
    ]
