"""What must hold between the parts of an SOP file; a broken rule is a SopFault at its table and key."""

from __future__ import annotations

from collections.abc import Iterable

from signer.sop.model import Action, Decision, Sop, Step
from signer.sop.reading import SopFault

# No SOP may hand these a step: Admin runs the service, Auditor reads everything and changes nothing.
_OUTSIDE = frozenset({"admin", "auditor"})

# An action works on what another one made: a paraf and a signature on the rendering, the book and the
# hand-over on the signed letter. So the other must come earlier, whatever else the SOP's order is.
_NEEDS = {
    Action.CHECK: Action.SUBMIT,
    Action.PROCESS: Action.SUBMIT,
    Action.PARAF: Action.PROCESS,
    Action.SIGN: Action.PROCESS,
    Action.REGISTER: Action.SIGN,
    Action.COLLECT: Action.SIGN,
}

# A signed letter is never edited, so these cannot follow the signature (design, idea 1).
_BEFORE_SIGNING = frozenset({Action.SUBMIT, Action.CHECK, Action.PROCESS, Action.PARAF})
_REPEATABLE = frozenset({Action.CHECK, Action.PARAF})


def check(sop: Sop) -> None:
    """Raise SopFault unless roles, steps, decisions, returns, register and lists of `sop` fit together."""
    _unique("seksi", "kunci", (section.key for section in sop.sections))
    _unique("peran", "kunci", (role.key for role in sop.roles))
    _unique("permohonan.persyaratan", "kunci", (item.key for item in sop.requirements))
    _unique("permohonan.barang", "kunci", (item.key for item in sop.goods))
    _roles(sop)
    for row, step in enumerate(sop.steps, 1):
        _number(row, step)
        _actors(sop, step)
        _order(sop, step)
        _decisions(step)
        _returns(step)
        _after_signing(sop, step)
    _withdrawal(sop)
    _register(sop)


def _unique(table: str, key: str, values: Iterable[str]) -> None:
    seen: set[str] = set()
    for no, value in enumerate(values, 1):
        if value in seen:
            raise SopFault(f"{table}[{no}]", key, f"{value!r} sudah dipakai", f"{value!r} is used already")
        seen.add(value)


def _at(step: Step, key: str, id: str, en: str) -> SopFault:
    return SopFault(f"langkah[{step.no}]", key, id, en)


def _roles(sop: Sop) -> None:
    sections = {section.key for section in sop.sections}
    for no, role in enumerate(sop.roles, 1):
        if role.key in _OUTSIDE:
            raise SopFault(
                f"peran[{no}]",
                "kunci",
                f"{role.key!r} bukan pelaksana SOP",
                f"{role.key!r} takes no part in an SOP",
            )
        if role.seksi is not None and role.seksi not in sections:
            raise SopFault(
                f"peran[{no}]",
                "seksi",
                f"seksi {role.seksi!r} tidak ada di [[seksi]]",
                f"there is no [[seksi]] {role.seksi!r}",
            )


def _number(row: int, step: Step) -> None:
    if step.no != row:
        raise SopFault(
            f"langkah[{row}]", "no", f"harus {row}: nomor berurutan dari 1", f"must be {row}: numbered from 1"
        )


def _known(sop: Sop, table: str, key: str, roles: Iterable[str]) -> None:
    known = {role.key for role in sop.roles}
    for role in roles:
        if role not in known:
            raise SopFault(table, key, f"peran {role!r} tidak ada di [[peran]]", f"there is no [[peran]] {role!r}")


def _actors(sop: Sop, step: Step) -> None:
    _known(sop, f"langkah[{step.no}]", "pelaksana", [step.role])
    _deputies(sop, f"langkah[{step.no}]", step.role, step.deputies)
    # A signature and a paraf are given with the person's own key: nobody can give them for somebody else. Who
    # acts for an absent Camat does so by appointment, and then holds the role.
    if step.deputies and step.action in (Action.SIGN, Action.PARAF):
        raise _at(
            step,
            "diwakili_oleh",
            f"{step.action.value} tidak dapat diwakili",
            f"nobody can do {step.action.value} on behalf of another",
        )


def _deputies(sop: Sop, table: str, role: str, deputies: tuple[str, ...]) -> None:
    _known(sop, table, "diwakili_oleh", deputies)
    if role in deputies:
        raise SopFault(
            table,
            "diwakili_oleh",
            f"peran {role!r} tidak mewakili dirinya sendiri",
            f"{role!r} does not stand in for itself",
        )


def _order(sop: Sop, step: Step) -> None:
    if (step.no == 1) != (step.action is Action.SUBMIT):
        raise _at(
            step,
            "aksi",
            "serahkan harus langkah pertama, dan hanya sekali",
            "serahkan is the first step, and only that",
        )
    earlier = {other.action for other in sop.steps[: step.no - 1]}
    if step.action in earlier and step.action not in _REPEATABLE:
        raise _at(step, "aksi", f"{step.action.value} hanya sekali", f"{step.action.value} comes only once")
    need = _NEEDS.get(step.action)
    if need is not None and need not in earlier:
        raise _at(
            step,
            "aksi",
            f"{step.action.value} harus sesudah {need.value}",
            f"{step.action.value} must come after {need.value}",
        )


def _decisions(step: Step) -> None:
    if Decision.ACCEPT not in step.decisions:
        raise _at(step, "keputusan", "terima wajib ada di setiap langkah", "every step needs the decision terima")
    if Decision.RETURN in step.decisions and not step.returns_to:
        raise _at(step, "kembali_ke", "wajib diisi bila ada kembalikan", "is required where kembalikan is possible")
    if step.returns_to and Decision.RETURN not in step.decisions:
        raise _at(
            step,
            "kembali_ke",
            "hanya bila ada keputusan kembalikan",
            "needs the decision kembalikan",
        )


def _returns(step: Step) -> None:
    for target in step.returns_to:
        if target >= step.no:
            raise _at(
                step,
                "kembali_ke",
                f"{target} bukan langkah sebelum langkah {step.no}",
                f"{target} is not a step before step {step.no}",
            )


def _after_signing(sop: Sop, step: Step) -> None:
    if not any(other.action is Action.SIGN for other in sop.steps[: step.no - 1]):
        return
    if step.action in _BEFORE_SIGNING:
        raise _at(
            step,
            "aksi",
            f"{step.action.value} tidak boleh sesudah tandatangan",
            f"{step.action.value} cannot follow tandatangan",
        )
    if step.decisions != {Decision.ACCEPT}:
        raise _at(
            step,
            "keputusan",
            "sesudah tandatangan hanya terima: surat yang sudah terbit dicabut atau diganti",
            "only terima after tandatangan: an issued letter is withdrawn or replaced instead",
        )


def _withdrawal(sop: Sop) -> None:
    used = any(Decision.WITHDRAW in step.decisions for step in sop.steps)
    if sop.withdrawal is None:
        if used:
            raise SopFault(
                "penarikan",
                "",
                "wajib ada bila suatu langkah dapat ditarik",
                "is required where tarik is possible",
            )
        return
    if not used:
        raise SopFault("penarikan", "", "tidak ada langkah dengan keputusan tarik", "no step has the decision tarik")
    _known(sop, "penarikan", "oleh", [sop.withdrawal.role])
    _deputies(sop, "penarikan", sop.withdrawal.role, sop.withdrawal.deputies)


def _register(sop: Sop) -> None:
    if sop.register is None:
        if sop.step_for(Action.REGISTER) is not None:
            raise SopFault(
                "register",
                "",
                "wajib ada bila suatu langkah meregister",
                "is required where a step registers",
            )
        return
    _unique("register.kolom", "kunci", (column.value for column, _ in sop.register.columns))
