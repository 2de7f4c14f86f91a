"""The SOP versions of an office: pinned texts in the database, parsed once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from signer import sop
from signer.errors import NotFound
from signer.tables.office import SopVersion


@lru_cache(maxsize=64)
def parsed(text: str) -> sop.Sop:
    """The SOP of this text; parsed once, as a text never changes. Raises sop.SopFault."""
    return sop.load(text)


def pinned(session: Session, version_id: int) -> sop.Sop:
    """The SOP a berkas started under."""
    return parsed(session.get_one(SopVersion, version_id).text)


def several(session: Session, version_ids: Collection[int] | Select[int]) -> dict[int, sop.Sop]:
    """The SOPs of these versions in one query, by version; `version_ids` may be a query that gives them."""
    versions = select(SopVersion.id, SopVersion.text).where(SopVersion.id.in_(version_ids))
    return {version_id: parsed(text) for version_id, text in session.execute(versions)}


def current(session: Session, office_id: int, slug: str) -> tuple[SopVersion, sop.Sop]:
    """The version in force: the newest of that slug. Raises NotFound."""
    version = _newest(session, office_id, slug)
    if version is None:
        raise NotFound()
    return version, parsed(version.text)


def in_force(session: Session, office_id: int) -> list[tuple[SopVersion, sop.Sop]]:
    """The version in force of every SOP of the office, by slug."""
    slugs = session.scalars(select(SopVersion.slug).where(SopVersion.office_id == office_id).distinct())
    return [current(session, office_id, slug) for slug in sorted(slugs)]


def known(session: Session, office_id: int, slug: str, text: str) -> bool:
    """Whether this very text was ever in force: a file that did not change does not undo what an admin did since."""
    where = (SopVersion.office_id == office_id, SopVersion.slug == slug, SopVersion.digest == sop.digest(text))
    return session.scalar(select(SopVersion.id).where(*where).limit(1)) is not None


def publish(session: Session, office_id: int, slug: str, text: str, now: datetime) -> SopVersion:
    """Put an SOP text in force: a new version only if it is not the one in force already. Raises sop.SopFault."""
    parsed(text)
    digest = sop.digest(text)
    version = _newest(session, office_id, slug)
    if version is None or version.digest != digest:
        version = SopVersion(office_id=office_id, slug=slug, digest=digest, text=text, loaded_at=now)
        session.add(version)
        session.flush()
    return version


def _newest(session: Session, office_id: int, slug: str) -> SopVersion | None:
    where = (SopVersion.office_id == office_id, SopVersion.slug == slug)
    return session.scalar(select(SopVersion).where(*where).order_by(SopVersion.id.desc()).limit(1))
