"""All seven SOP steps on real input, without a server: what `python -m signer demo` does and leaves behind.

The same use cases, keys and checks as in the browser, by the demo people, in an instance that is thrown away.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from PIL import Image
from sqlalchemy import select

from signer import founding, qr, register, registering, seal, signing, sops
from signer.accounts import User
from signer.actor import Actor
from signer.berkas import check, collect, draft, paraf, submit, views
from signer.berkas.application import Application, Goods
from signer.berkas.check import Finding
from signer.desk import Desk, KeyDesk
from signer.pictures import Pictures
from signer.sop import Sop
from signer.tables.berkas import Berkas, Movement
from signer.tables.letters import Letter
from signer.uploads import Upload
from verifier import examine
from verifier.report import Report

SLUG = "rakor-bspps"
PAGE_WIDTH = 1654
"""A4 at 200 dpi."""
LEAD = timedelta(days=7)


@dataclass(frozen=True)
class Cast:
    """The demo people as actors, by user name."""

    actors: dict[str, Actor]

    def __getitem__(self, username: str) -> Actor:
        """The actor of that user name."""
        return self.actors[username]


def run(desk: Desk, keys: KeyDesk, trust_pem: bytes, records: Any, out: Path, files: Sequence[Path]) -> Report:
    """Walk the seven steps with `files` as attachments, write the results into `out`, give the letter's report.

    Writes letter.pdf, letter.png, qr.png, trust.pem, register.csv, steps.json and verification.json (contracts.md).
    Raises SuratError where a step is refused, e.g. for a file that is no PDF, JPEG or PNG.
    """
    out.mkdir(parents=True, exist_ok=True)
    cast = _cast(desk)
    steps = _sop(desk, cast["staf"])
    berkas_id = walk(desk, keys, files)
    pdf = _write_letter(desk, keys, out, berkas_id)
    (out / "trust.pem").write_bytes(trust_pem)
    _write_register(desk, steps, cast["staf"], out)
    _write_steps(desk, steps, out, berkas_id)
    report = examine.pdf(pdf, name="letter.pdf", trust=keys.trust, records=records)
    (out / "verification.json").write_text(report.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return report


def walk(
    desk: Desk,
    keys: KeyDesk,
    files: Sequence[Path] = (),
    change: Callable[[draft.Form], draft.Form] = lambda form: form,
) -> int:
    """All seven steps by the demo people; gives the berkas's id. `change` is what Staf writes into the draft."""
    cast = _cast(desk)
    steps = _sop(desk, cast["staf"])
    berkas_id = _submit(desk, cast, steps, files)
    _check_and_draft(desk, keys, cast, steps, berkas_id, change)
    shown = _shown(desk, cast["kasi"], berkas_id)
    paraf.give(desk, keys, cast["kasi"], berkas_id, shown, founding.KASI_PASSPHRASE)
    signing.sign(desk, keys, cast["camat"], berkas_id, shown, founding.CAMAT_PASSPHRASE)
    registering.enter(desk, cast["staf"], berkas_id, _version(desk, berkas_id))
    collect.collect(desk, cast["pemohon"], berkas_id, _version(desk, berkas_id), cast["pemohon"].name)
    return berkas_id


def _cast(desk: Desk) -> Cast:
    with desk.db.read() as session:
        return Cast({user.username: user.actor() for user in session.scalars(select(User))})


def _sop(desk: Desk, actor: Actor) -> Sop:
    with desk.db.read() as session:
        return sops.current(session, actor.office_id, SLUG)[1]


def _submit(desk: Desk, cast: Cast, steps: Sop, files: Sequence[Path]) -> int:
    application = Application(
        applicant=cast["pemohon"].name,
        desa="Ketapanrame",
        day=desk.today() + LEAD,
        start=time(9, 0),
        place="Pendopo Kecamatan Trawas",
        invitees=steps.invitees,
        goods=(Goods("Beras", "500", "kg"), Goods("Telur ayam", "120", "kg")),
    )
    berkas_id = submit.create(desk, cast["pemohon"], SLUG, application)
    faults = submit.attach(desk, cast["pemohon"], berkas_id, list(_uploads(steps, files)))
    if faults:
        raise faults[0]
    submit.hand_in(desk, cast["pemohon"], berkas_id)
    return berkas_id


def _uploads(steps: Sop, files: Sequence[Path]) -> list[Upload]:
    """The given files over the requirements in turn; a plain page of our own for each one that would stay empty."""
    keys = [need.key for need in steps.requirements]
    given = [Upload(keys[n % len(keys)], path.name, path.read_bytes()) for n, path in enumerate(files)]
    lacking = [key for key in keys if key not in {upload.requirement for upload in given}]
    return given + [Upload(key, f"{key}.png", _blank_page()) for key in lacking]


def _blank_page() -> bytes:
    out = io.BytesIO()
    Image.new("L", (620, 877), 255).save(out, "PNG")
    return out.getvalue()


def _check_and_draft(
    desk: Desk, keys: KeyDesk, cast: Cast, steps: Sop, berkas_id: int, change: Callable[[draft.Form], draft.Form]
) -> None:
    findings = {need.key: Finding(complete=True) for need in steps.requirements}
    check.accept(desk, cast["staf"], berkas_id, _version(desk, berkas_id), findings)
    with desk.db.read() as session:
        form = draft.starting(desk, session, session.get_one(Berkas, berkas_id), steps.templates[0])
    form = change(form)
    draft.finalise(desk, cast["staf"], berkas_id, _version(desk, berkas_id), form, keys.mode)


def _shown(desk: Desk, actor: Actor, berkas_id: int) -> bytes:
    rendering = views.detail(desk, actor, berkas_id).rendering
    assert rendering is not None  # noqa: S101 (finalised just before)
    return rendering.sha256


def _version(desk: Desk, berkas_id: int) -> int:
    with desk.db.read() as session:
        return session.get_one(Berkas, berkas_id).version


def _write_letter(desk: Desk, keys: KeyDesk, out: Path, berkas_id: int) -> bytes:
    with desk.db.read() as session:
        letter = session.scalars(select(Letter).where(Letter.berkas_id == berkas_id)).one()
    detail = views.detail(desk, _cast(desk)["staf"], berkas_id)
    assert detail.letter_file is not None and detail.rendering is not None  # noqa: S101 (signed just before)
    pdf = desk.blobs.get_checked(detail.letter_file.blob_key, detail.letter_file.sha256)
    (out / "letter.pdf").write_bytes(pdf)
    picture = Pictures().image(pdf, detail.rendering.page, PAGE_WIDTH)
    picture.save(out / "letter.png", dpi=(200, 200))
    (out / "qr.png").write_bytes(qr.png(seal.qr_text(keys.base_url, letter.token, letter.seal)))
    return pdf


def _write_register(desk: Desk, steps: Sop, actor: Actor, out: Path) -> None:
    assert steps.register is not None  # noqa: S101 (this SOP keeps one)
    with desk.db.read() as session:
        text = register.as_csv(steps.register, register.lines(session, actor.office_id))
    (out / "register.csv").write_text(text, encoding="utf-8", newline="")


def _write_steps(desk: Desk, steps: Sop, out: Path, berkas_id: int) -> None:
    with desk.db.read() as session:
        where = Movement.berkas_id == berkas_id
        moves = list(session.scalars(select(Movement).where(where).order_by(Movement.id)))
    rows = [_step(steps, move) for move in moves]
    (out / "steps.json").write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _step(steps: Sop, move: Movement) -> dict[str, Any]:
    step = steps.step(move.step)
    return {
        "no": step.no,
        "actor": move.role,
        "action": step.action.value,
        "started": _rfc3339(move.started_at),
        "ended": _rfc3339(move.ended_at),
        "standard_minutes": step.minutes,
    }


def _rfc3339(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
