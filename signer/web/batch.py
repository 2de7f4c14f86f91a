"""Batch signing: a table of what waits, one passphrase, a line of NDJSON a letter; and the batch's own page.

Without JavaScript the POST runs to its end and leads to the batch's page; with it, the same POST is read as it comes.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Generator, Iterator
from typing import Any

import structlog
from flask import Blueprint, Response, jsonify, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from signer import passphrases, tanggal
from signer.batch import choosing, progress, running
from signer.batch.choosing import AlreadyStarted, Chosen, Confirmed, StillRunning
from signer.batch.progress import Item, Progress
from signer.batch.running import Run, Taken
from signer.errors import Conflict, Invalid, SuratError, TooManyAttempts, WrongPassphrase
from signer.tables.batch import FAILED
from signer.web import faults, language, waiting
from signer.web.context import actor, desk, keys, web

pages = Blueprint("batch", __name__)
NDJSON = "application/x-ndjson"
CODE = re.compile(r"[0-9a-f]{32}")
TICKED = re.compile(r"([0-9]{1,9}):([0-9a-f]{64})")
STOPS: dict[str, type[SuratError]] = {kind.code: kind for kind in (WrongPassphrase, TooManyAttempts, Taken)}
"""What ends a run for all its letters; the batch's page says so when it is opened with ?berhenti=<code>."""

log = structlog.get_logger()


@pages.route("/tandatangan", methods=["GET", "POST"])
def choose() -> ResponseReturnValue:
    """The letters that wait for this person; POST keeps the choice as a batch and runs it."""
    if request.method == "GET":
        return _table()
    code = request.form.get("kode", "")
    try:
        _require_code(code)
        choosing.start(desk(), actor(), code, _chosen(), _confirmed())
        return _run(code)
    except AlreadyStarted:
        return redirect(url_for("batch.show", code=code), 303)
    except StillRunning as fault:
        return redirect(url_for("batch.show", code=fault.batch), 303)
    except Invalid as fault:
        return _table(fault), 422


@pages.route("/tandatangan/<code>", methods=["GET", "POST"])
def show(code: str) -> ResponseReturnValue:
    """How a batch stands; POST signs what is still open. 404 for a batch of somebody else."""
    if request.method == "GET":
        return _page(progress.of(desk(), actor(), code), STOPS.get(request.args.get("berhenti", "")))
    try:
        return _run(code)
    except StillRunning:
        return redirect(url_for("batch.show", code=code), 303)
    except (Invalid, Conflict) as fault:
        return _page(progress.of(desk(), actor(), code), fault), faults.status_of(fault)


@pages.get("/tandatangan/<code>/kemajuan")
def follow(code: str) -> Response:
    """How a batch stands, for a page that lost its stream; 404 where the choice never arrived."""
    found = progress.of(desk(), actor(), code)
    ended = [_line(item) for item in (*found.signed, *found.failed)]
    return jsonify({"running": found.running, "total": len(found.items), "letters": ended})


def _run(code: str) -> ResponseReturnValue:
    run = running.claim(desk(), actor(), code, confirm_earlier_date=_confirmed().earlier_date)
    each = running.sign_each(desk(), keys(), actor(), run, request.form.get("passphrase", ""))
    if NDJSON in request.headers.get("Accept", ""):
        answer = Response(stream_with_context(_lines(run, each)), content_type=NDJSON)
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["X-Accel-Buffering"] = "no"  # a proxy in front must not hold lines back
        return answer
    try:
        for _item in each:
            pass
    except tuple(STOPS.values()) as fault:
        status = 429 if isinstance(fault, TooManyAttempts) else 422
        return _page(progress.of(desk(), actor(), code), fault), status
    return redirect(url_for("batch.show", code=code), 303)


def _lines(run: Run, each: Generator[Item]) -> Iterator[str]:
    """The stream: `mulai`, a `surat` as each ends, then `selesai`, or `berhenti` with a code.

    When the client goes away, closing this closes `each`, which frees the batch after the letter at hand.
    """
    kick = web().kick
    yield _json({"type": "mulai", "total": run.total, "done": run.total - len(run.items)})
    try:
        for item in each:
            yield _json({"type": "surat", **_line(item)})
        yield _json({"type": "selesai"})
    except tuple(STOPS.values()) as fault:
        yield _json({"type": "berhenti", "code": fault.code})
    except Exception as fault:  # the stream has begun: no error page can follow, the batch's page says what is open
        log.error("batch-stream", exc_info=fault)
        yield _json({"type": "berhenti", "code": "internal"})
    finally:
        each.close()  # frees the batch
        kick()


def _json(line: dict[str, Any]) -> str:
    return json.dumps(line, ensure_ascii=False) + "\n"


def _line(item: Item) -> dict[str, Any]:
    """One letter as it ended, for the script: what it is, how it went, and where to look."""
    return {
        "berkas": item.berkas_id,
        "state": item.state,
        "number": item.number,
        "subject": item.subject,
        "text": reason(item) if item.state == FAILED else str(_("Terbit")),
        "href": url_for("sign.sign", berkas_id=item.berkas_id),
    }


def reason(item: Item) -> str:
    """Why a letter failed, in the page's language."""
    return item.reason_en if language.current() == "en" else item.reason


def _require_code(code: str) -> None:
    if not CODE.fullmatch(code):
        raise Invalid("Halaman ini tidak lengkap. Pilih lagi.", "This page is incomplete. Choose again.", field="pilih")


def _chosen() -> list[Chosen]:
    """The ticked letters, each with the SHA-256 of the rendering on the page; what is no such pair is left out."""
    pairs = [TICKED.fullmatch(value) for value in request.form.getlist("pilih")]
    return [Chosen(int(pair[1]), bytes.fromhex(pair[2])) for pair in pairs if pair]


def _confirmed() -> Confirmed:
    form = request.form
    return Confirmed(form.get("confirm_unopened") == "ya", form.get("confirm_date") == "ya")


def _table(fault: Invalid | None = None) -> str:
    rows = waiting.rows()
    letters = waiting.letters(rows[: choosing.MOST])
    ticked = {one.berkas_id for one in _chosen()} if fault else {one["id"] for one in letters if one["opened"]}
    free = [one for one in letters if not one["blocked"]]
    return render_template(
        "sign/choose.html",
        letters=letters,
        waiting=len(rows),
        ticked=ticked,
        free=free,
        unopened=[one for one in free if not one["opened"]],
        earlier=[one for one in free if one["days"] > 0],
        code=secrets.token_hex(16),
        unfinished=progress.unfinished(desk(), actor()),
        attempts_left=_attempts_left(),
        confirmed=_confirmed(),
        wrong={fault.field or "": faults.sentence(fault)} if fault else {},
        has_errors=fault is not None,
    )


def _page(found: Progress, fault: SuratError | type[SuratError] | None = None) -> str:
    if isinstance(fault, type):
        fault = fault()
    field = (fault.field or "passphrase") if fault else ""
    return render_template(
        "sign/batch.html",
        batch=found,
        reason=reason,
        attempts_left=_attempts_left(),
        # Who chose today has confirmed earlier dates already: no batch begins without that.
        confirmed=Confirmed(earlier_date=_confirmed().earlier_date or _is_of_today(found)),
        wrong={field: faults.sentence(fault)} if fault and found.open else {},
        has_errors=bool(fault and found.open),
    )


def _is_of_today(found: Progress) -> bool:
    return tanggal.wib(found.started_at).date() == desk().today()


def _attempts_left() -> int | None:
    """How many wrong passphrases are left, once there was one."""
    left = passphrases.attempts_left(desk(), actor())
    return left if left < passphrases.LIMIT else None
