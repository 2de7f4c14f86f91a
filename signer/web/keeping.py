"""Files of a form that cannot be used yet: kept, so that nobody has to send them again.

A new request exists only from its first valid form on. Files that come with an invalid one are stored encrypted, and
the form carries a sealed ticket for each; sent again, the ticket brings the file back. A ticket works for the person
who sent the file, for a day.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from signer import uploads
from signer.actor import Actor
from signer.blobs import BlobMissing
from signer.desk import Desk
from signer.errors import Invalid
from signer.uploads import Stored, Upload
from signer.vault import VaultFault

LABEL = "kept-upload"
LIFE = timedelta(days=1)


@dataclass(frozen=True)
class Kept:
    """A file that waits for its form: its ticket, and what is shown of it."""

    ticket: str
    requirement: str
    name: str
    size: int


def keep(desk: Desk, actor: Actor, files: Sequence[Upload]) -> tuple[list[Kept], list[tuple[str, Invalid]]]:
    """Store the usable files; gives them, and (requirement, fault) of the others."""
    kept, faults = [], []
    for upload in files:
        try:
            stored = uploads.store(upload, desk.blobs, desk.vault)
        except Invalid as fault:
            faults.append((upload.requirement, fault))
        else:
            kept.append(Kept(_ticket(desk, actor, stored), stored.requirement, stored.name, stored.size))
    return kept, faults


def take(desk: Desk, actor: Actor, tickets: Iterable[str]) -> list[tuple[Kept, Upload]]:
    """The files of the tickets; one that is not this person's, too old or no ticket at all is left out."""
    found = []
    for ticket in list(tickets)[: uploads.MAX_FILES]:
        upload = _opened(desk, actor, ticket)
        if upload is not None:
            found.append((Kept(ticket, upload.requirement, upload.name, len(upload.data)), upload))
    return found


def _ticket(desk: Desk, actor: Actor, stored: Stored) -> str:
    facts = {
        "user": actor.user_id,
        "until": (desk.now() + LIFE).isoformat(),
        "requirement": stored.requirement,
        "name": stored.name,
        "sha256": stored.sha256.hex(),
        "key": stored.blob_key,
    }
    return base64.urlsafe_b64encode(desk.vault.seal_text(json.dumps(facts), LABEL)).decode()


def _opened(desk: Desk, actor: Actor, ticket: str) -> Upload | None:
    try:
        facts = json.loads(desk.vault.open_text(base64.urlsafe_b64decode(ticket), LABEL))
        if facts["user"] != actor.user_id or datetime.fromisoformat(facts["until"]) < desk.now():
            return None
        data = uploads.fetch(facts["key"], bytes.fromhex(facts["sha256"]), desk.blobs, desk.vault)
    except (binascii.Error, ValueError, VaultFault, BlobMissing):
        return None
    return Upload(facts["requirement"], facts["name"], data)
