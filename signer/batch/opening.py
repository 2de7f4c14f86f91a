"""Which letters a person has had before them: the very rendering, by its SHA-256."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from signer.actor import Actor
from signer.berkas.case import opened as berkas_opened
from signer.berkas.paraf import shown_rendering
from signer.desk import Desk
from signer.sop import Action
from signer.tables.batch import LetterOpening


def record(desk: Desk, actor: Actor, berkas_id: int, shown: bytes) -> None:
    """Keep that the actor opened the rendering whose SHA-256 is `shown`, once; the first time stays.

    Only the rendering in force at its signing step counts. Raises NotFound, NotYourStep, StaleRendering.
    """
    with berkas_opened(desk, actor, berkas_id) as case:
        case.expect(Action.SIGN)
        rendering = shown_rendering(case, shown)
        if case.session.get(LetterOpening, (actor.user_id, rendering.sha256)) is None:
            row = LetterOpening(
                user_id=actor.user_id, rendering_sha256=rendering.sha256, berkas_id=berkas_id, at=case.now
            )
            case.session.add(row)


def among(session: Session, actor: Actor, shown: Iterable[bytes]) -> set[bytes]:
    """Those of these SHA-256 that the actor has opened."""
    where = (LetterOpening.user_id == actor.user_id, LetterOpening.rendering_sha256.in_(list(shown)))
    return set(session.scalars(select(LetterOpening.rendering_sha256).where(*where)))
