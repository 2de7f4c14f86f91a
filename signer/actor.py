"""Who acts: what use cases know of a signed-in person."""

from __future__ import annotations

from dataclasses import dataclass

from signer.sop import Holder

READERS = frozenset({"staf", "kasi", "camat", "auditor"})
"""Roles that may read every berkas of their office; a Pemohon reads only their own."""


@dataclass(frozen=True)
class Actor:
    """A person with an account: their roles (SOP roles, admin, auditor), bound to a seksi where they have one."""

    user_id: int
    name: str
    office_id: int
    roles: frozenset[str]
    seksi: str | None = None

    @property
    def holders(self) -> tuple[Holder, ...]:
        """The person's roles as the SOP engine compares them."""
        return tuple(Holder(role, self.seksi) for role in sorted(self.roles))

    @property
    def reads_all(self) -> bool:
        """Whether the person may read every berkas of the office."""
        return bool(self.roles & READERS)
