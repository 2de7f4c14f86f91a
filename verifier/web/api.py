"""The JSON interface for anyone, /api/v1: check a file, look up a letter or a hash, and its own description."""

from __future__ import annotations

import re

from flask import Response, current_app, json, request

from verifier import token as tokens
from verifier.errors import VerificationError
from verifier.records import Letters
from verifier.report import Report
from verifier.web import openapi
from verifier.web.addresses import Addresses
from verifier.web.answers import HashAnswer, LetterAnswer, answer, hash_answer, problem
from verifier.web.bodies import form_file, raw_body
from verifier.web.fresh import Examiner, status_of
from verifier.web.openapi import Operation, Schema, describe
from verifier.web.replies import as_json, live
from verifier.web.upload import MOST_BYTES, Uploads

PDF, FORM = "application/pdf", "multipart/form-data"
FIELD = "file"
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_BODIES: dict[str, Schema] = {
    PDF: {"type": "string", "contentMediaType": PDF, "minLength": 1},
    FORM: {
        "type": "object",
        "properties": {FIELD: {"type": "string", "format": "binary", "minLength": 1}},
        "required": [FIELD],
    },
}
_TOKEN: dict[str, Schema] = {"token": {"type": "string", "minLength": 1}}
UNKNOWN = VerificationError(
    "letter-not-found",
    "Tidak ada surat dengan kode ini.",
    "There is no letter with this code.",
)
_EMPTY = VerificationError(
    "file-empty",
    f"Tidak ada berkas: kirim PDF sebagai isi permintaan, atau sebagai kolom {FIELD} dari sebuah formulir.",
    f"There is no file: send a PDF as the request's body, or as the field {FIELD} of a form.",
)
_MEDIA = VerificationError(
    "media-type",
    f"Kirim berkasnya sebagai {PDF} atau {FORM}.",
    f"Send the file as {PDF} or {FORM}.",
)
_NO_HASH = VerificationError(
    "hash-form",
    "SHA-256 ditulis sebagai 64 angka heksadesimal.",
    "A SHA-256 is written as 64 hexadecimal digits.",
)


class Api:
    """The views, over one office's register."""

    def __init__(self, letters: Letters, examiner: Examiner, uploads: Uploads, addresses: Addresses) -> None:
        self._letters = letters
        self._examiner = examiner
        self._uploads = uploads
        self._base_url = addresses.base_url

    @describe(
        Operation("Check a PDF: the report on it", {200: Report}, (400, 411, 413, 415, 422, 429, 503), bodies=_BODIES)
    )
    def verification(self) -> Response:
        """The report on a PDF sent as the body or as a form's field; the file is not kept."""
        name, data = "surat.pdf", b""
        if request.mimetype == PDF:
            data = raw_body(MOST_BYTES)
        elif request.mimetype == FORM:
            name, data = form_file(FIELD, MOST_BYTES)
        else:
            return problem(415, _MEDIA)
        if not data:
            return problem(422, _EMPTY)
        try:
            return live(as_json(self._uploads.examine(name, data).report))
        except VerificationError as fault:
            return live(problem(503, fault))

    @describe(Operation("A letter by the code in its QR", {200: LetterAnswer, 503: LetterAnswer}, (404, 429), _TOKEN))
    def letter(self, token: str) -> Response:
        """The facts of one letter and the report on it."""
        try:
            letter = self._examiner.letter(tokens.addressed(token))
        except VerificationError as fault:
            return problem(404, fault)
        if letter is None:
            return problem(404, UNKNOWN)
        checked = self._examiner.check(letter)
        return live(as_json(answer(checked, self._base_url), status_of(checked)))

    @describe(
        Operation(
            "Whether a file with this SHA-256 was ever released, without sending the file",
            {200: HashAnswer},
            (404, 429),
            {"sha256": {"type": "string", "pattern": f"^{_SHA256.pattern}$"}},
        )
    )
    def hash(self, sha256: str) -> Response:
        """What the register knows of a hash: identical to a released file, or not known; no more than that."""
        if not _SHA256.fullmatch(sha256):
            return problem(404, _NO_HASH)
        letter = self._letters.released(bytes.fromhex(sha256))
        return live(as_json(hash_answer(sha256.lower(), letter, self._base_url)))

    @describe(Operation("This description", {200: None}, (429,)))
    def openapi(self) -> Response:
        """The OpenAPI 3.1 document."""
        body = json.dumps(openapi.document(current_app, self._base_url))
        response = Response(body, content_type="application/json")
        response.headers["Cache-Control"] = "no-cache"
        return response
