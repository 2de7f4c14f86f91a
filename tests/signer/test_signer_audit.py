"""The audit chain notices every change that is made beside it."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest
from helpers_office import Office
from sqlalchemy import delete

from signer import audit, log
from signer.tables.record import AuditEntry, LogHead, LogLeaf

pytest_plugins = ("helpers_office",)


def change(entry: AuditEntry, **values: Any) -> None:
    for name, value in values.items():
        setattr(entry, name, value)


@pytest.mark.parametrize(
    "values",
    [
        {"act": "lain"},
        {"actor_id": 6},
        {"detail": {"to": 7}},
        {"at": datetime(2026, 1, 5, tzinfo=UTC)},
        {"hash": bytes(32)},
        {"previous": bytes(32)},
    ],
)
def test_a_changed_entry_is_found(sqlite_office: Office, values: dict[str, Any]) -> None:
    berkas_id = sqlite_office.berkas(step=3)
    with sqlite_office.desk.db.begin() as session:
        change(audit.entries(session, berkas_id)[2], **values)
    with sqlite_office.desk.db.read() as session, pytest.raises(audit.AuditBroken, match="entry 3"):
        audit.check(session, berkas_id)


def test_a_missing_entry_is_found(office: Office) -> None:
    berkas_id = office.berkas(step=3)
    with office.desk.db.begin() as session:
        session.execute(delete(AuditEntry).where(AuditEntry.berkas_id == berkas_id, AuditEntry.sequence == 2))
    with office.desk.db.read() as session, pytest.raises(audit.AuditBroken, match="entry 2"):
        audit.check(session, berkas_id)


def test_each_berkas_has_its_own_chain_that_reads_back_alike(office: Office) -> None:
    first, second = office.berkas(step=4), office.berkas(step=2)
    with office.desk.db.read() as session:
        assert (audit.check(session, first), audit.check(session, second)) == (6, 3)
        assert audit.entries(session, second)[0].previous == audit.GENESIS
        assert audit.check(session, 4711) == 0


def test_details_name_nobody(office: Office) -> None:
    berkas_id = office.berkas(step=8, phone="081234567", notes="rumah pak lurah")
    letter = office.detail(berkas_id).letter
    assert letter is not None
    told = str([(entry.act, entry.detail) for entry in office.rows(AuditEntry)])
    for secret in ("Siti", "Ketapanrame", "081234567", "lurah", letter.token, "pengantar-desa.pdf"):
        assert secret not in told


def test_log_leaves_commit_to_file_and_token_without_naming_it(office: Office) -> None:
    letters = [office.detail(office.berkas(step=6)).letter for _ in range(2)]
    leaves = office.rows(LogLeaf)
    assert [leaf.index for leaf in leaves] == [0, 1]
    assert office.rows(LogHead)[0].size == 2
    for letter, leaf in zip(letters, leaves, strict=True):
        assert letter is not None
        token_sha256 = hashlib.sha256(letter.token.encode()).digest()
        assert leaf.token_sha256 == token_sha256
        assert leaf.leaf == log.leaf_hash(leaf.file_sha256, token_sha256, "terbit", letter.signed_at)
        assert letter.token.encode() not in leaf.leaf + leaf.file_sha256 + leaf.token_sha256
