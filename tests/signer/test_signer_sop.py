"""The engine on the office's own SOP, and on another one that only its file makes different."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signer import sop
from signer.errors import NotYourStep
from signer.sop import Action, Decision, Holder, Phase, Position, State

ROOT = Path(__file__).parents[2]
RAKOR_TEXT = (ROOT / "templates/sop/rakor-bspps.toml").read_text(encoding="utf-8")
RAKOR = sop.load(RAKOR_TEXT)
DOMISILI = sop.load((Path(__file__).parent / "data/sop-domisili.toml").read_text(encoding="utf-8"))

PEMOHON = Holder("pemohon")
STAF = Holder("staf", "kemasyarakatan")
KASI = Holder("kasi", "kemasyarakatan")
CAMAT = Holder("camat")
STRANGERS = (
    Holder("kasi", "pemerintahan"),
    Holder("staf", "pemerintahan"),
    Holder("kasi"),
    Holder("admin"),
    Holder("auditor"),
    Holder("admin", "kemasyarakatan"),
)
EVERYBODY = (PEMOHON, STAF, KASI, CAMAT)


def at(step: int) -> Position:
    return Position(step, State.RUNNING)


def letters(decisions: frozenset[Decision]) -> str:
    """Decisions as one letter each, for the table below: A accept, R return, X refuse, W withdraw."""
    names = {Decision.ACCEPT: "A", Decision.RETURN: "R", Decision.REFUSE: "X", Decision.WITHDRAW: "W"}
    return "".join(name for decision, name in names.items() if decision in decisions)


# step: pemohon, staf, kasi, camat
RIGHTS = {
    1: ("AW", "AW", "", ""),
    2: ("W", "ARXW", "", ""),
    3: ("W", "ARW", "", ""),
    4: ("W", "W", "ARX", ""),
    5: ("W", "W", "", "ARX"),
    6: ("", "A", "", ""),
    7: ("A", "A", "", ""),
}


@pytest.mark.parametrize("step", RIGHTS)
def test_each_role_may_do_at_each_step_what_the_sop_says_and_nothing_else(step: int) -> None:
    assert tuple(letters(sop.may(RAKOR, at(step), [holder])) for holder in EVERYBODY) == RIGHTS[step]


@pytest.mark.parametrize("stranger", STRANGERS)
@pytest.mark.parametrize("step", RIGHTS)
def test_another_seksi_admin_and_auditor_may_nothing(step: int, stranger: Holder) -> None:
    assert sop.may(RAKOR, at(step), [stranger]) == frozenset()
    for decision in Decision:
        with pytest.raises(NotYourStep):
            sop.after(RAKOR, at(step), [stranger], decision)
    with pytest.raises(NotYourStep):
        sop.expect(RAKOR, at(step), RAKOR.step(step).action, [stranger])


def test_nobody_may_anything_without_a_role() -> None:
    assert all(not sop.may(RAKOR, at(step.no), []) for step in RAKOR.steps)


def test_the_seven_steps_go_through() -> None:
    position, route = sop.start(RAKOR), []
    for who, action in [
        (PEMOHON, Action.SUBMIT),
        (STAF, Action.CHECK),
        (STAF, Action.PROCESS),
        (KASI, Action.PARAF),
        (CAMAT, Action.SIGN),
        (STAF, Action.REGISTER),
        (PEMOHON, Action.COLLECT),
    ]:
        route.append(sop.expect(RAKOR, position, action, [who]).no)
        position = sop.after(RAKOR, position, [who], Decision.ACCEPT)
    assert route == [1, 2, 3, 4, 5, 6, 7]
    assert position == Position(None, State.FINISHED)


@pytest.mark.parametrize(
    ("step", "who", "to", "lands"),
    [
        (2, STAF, None, 1),
        (2, STAF, 1, 1),
        (3, STAF, None, 1),
        (4, KASI, None, 3),
        (5, CAMAT, None, 3),
        (5, CAMAT, 3, 3),
        (5, CAMAT, 4, 4),
    ],
)
def test_a_return_leads_where_the_sop_says(step: int, who: Holder, to: int | None, lands: int) -> None:
    assert sop.after(RAKOR, at(step), [who], Decision.RETURN, to) == at(lands)


@pytest.mark.parametrize(("step", "who", "to"), [(2, STAF, 2), (4, KASI, 1), (4, KASI, 5), (5, CAMAT, 0)])
def test_a_return_leads_nowhere_else(step: int, who: Holder, to: int) -> None:
    with pytest.raises(NotYourStep):
        sop.after(RAKOR, at(step), [who], Decision.RETURN, to)


@pytest.mark.parametrize("decision", [Decision.ACCEPT, Decision.REFUSE])
def test_only_a_return_takes_a_target(decision: Decision) -> None:
    with pytest.raises(NotYourStep):
        sop.after(RAKOR, at(5), [CAMAT], decision, to=3)


@pytest.mark.parametrize("state", [State.FINISHED, State.REFUSED, State.WITHDRAWN])
def test_nothing_can_be_decided_once_a_berkas_has_ended(state: State) -> None:
    ended = Position(None if state is State.FINISHED else 5, state)
    assert sop.may(RAKOR, ended, EVERYBODY) == frozenset()
    assert sop.waits_for(RAKOR, ended) is None
    assert sop.minutes_left(RAKOR, ended) == 0
    with pytest.raises(NotYourStep, match="ended") as caught:
        sop.after(RAKOR, ended, EVERYBODY, Decision.ACCEPT)
    assert state.value in caught.value.id
    with pytest.raises(NotYourStep):
        sop.expect(RAKOR, ended, Action.SIGN, EVERYBODY)


def test_refusing_and_withdrawing_keep_the_step_they_happened_at() -> None:
    assert sop.after(RAKOR, at(4), [KASI], Decision.REFUSE) == Position(4, State.REFUSED)
    assert sop.after(RAKOR, at(5), [PEMOHON], Decision.WITHDRAW) == Position(5, State.WITHDRAWN)


def test_staf_records_at_the_counter_for_the_pemohon() -> None:
    for step in (1, 7):
        who = sop.acting(RAKOR, at(step), [STAF], Decision.ACCEPT)
        assert (who.role.key, who.on_behalf_of) == ("staf", RAKOR.role("pemohon"))
    assert sop.acting(RAKOR, at(4), [STAF], Decision.WITHDRAW).on_behalf_of == RAKOR.role("pemohon")
    assert sop.acting(RAKOR, at(2), [STAF], Decision.ACCEPT).on_behalf_of is None


def test_an_own_role_comes_before_standing_in() -> None:
    who = sop.acting(RAKOR, at(1), [STAF, PEMOHON], Decision.ACCEPT)
    assert (who.role.key, who.on_behalf_of) == ("pemohon", None)


def test_expect_wants_the_very_action_and_says_whom_the_berkas_waits_for() -> None:
    with pytest.raises(NotYourStep, match="step 4 and waits for Kasi Kemasyarakatan") as caught:
        sop.expect(RAKOR, at(4), Action.SIGN, [CAMAT])
    assert "langkah 4 (Memaraf surat), menunggu Kasi Kemasyarakatan" in caught.value.id
    with pytest.raises(NotYourStep):
        sop.expect(RAKOR, at(4), Action.PARAF, [CAMAT])
    assert sop.expect(RAKOR, at(4), Action.PARAF, [CAMAT, KASI]) is RAKOR.step(4)


def test_expect_does_not_take_one_step_of_a_role_for_another_of_theirs() -> None:
    for step, action in [(2, Action.PROCESS), (3, Action.CHECK), (3, Action.REGISTER), (6, Action.PROCESS)]:
        with pytest.raises(NotYourStep):
            sop.expect(RAKOR, at(step), action, [STAF])


def test_a_paraf_may_come_in_two_steps_and_is_done_after_both() -> None:
    text = RAKOR_TEXT.replace('"proses"', '"paraf"').replace('"periksa"', '"proses"')
    twice = sop.load(text)
    assert [step.no for step in twice.steps_for(Action.PARAF)] == [3, 4]
    assert sop.expect(twice, at(3), Action.PARAF, [STAF]).no == 3
    assert sop.expect(twice, at(4), Action.PARAF, [KASI]).no == 4
    assert [Action.PARAF in sop.done(twice, at(no)) for no in (3, 4, 5)] == [False, False, True]


def test_expect_wants_somebody_who_carries_the_step_out_not_one_who_may_only_withdraw() -> None:
    with pytest.raises(NotYourStep):
        sop.expect(RAKOR, at(5), Action.SIGN, [PEMOHON])


@pytest.mark.parametrize(
    ("who", "own", "also"),
    [
        (PEMOHON, [1, 7], [1, 7]),
        (STAF, [2, 3, 6], [1, 2, 3, 6, 7]),
        (KASI, [4], [4]),
        (CAMAT, [5], [5]),
        (STRANGERS[0], [], []),
    ],
)
def test_an_inbox_holds_the_positions_that_wait_for_a_role(who: Holder, own: list[int], also: list[int]) -> None:
    assert sop.waiting(RAKOR, [who]) == tuple(map(at, own))
    assert sop.waiting(RAKOR, [who], on_behalf=True) == tuple(map(at, also))


def phases(position: Position) -> str:
    return " ".join(mark.phase.value[:3] for mark in sop.timeline(RAKOR, position))


def test_the_timeline_shows_done_now_and_next() -> None:
    assert phases(at(1)) == "sek ber ber ber ber ber ber"
    assert phases(at(4)) == "sel sel sel sek ber ber ber"
    assert phases(Position(None, State.FINISHED)) == "sel sel sel sel sel sel sel"
    assert phases(Position(2, State.WITHDRAWN)) == "sel ter ber ber ber ber ber"
    assert sop.timeline(RAKOR, at(4))[3] == sop.Mark(RAKOR.step(4), Phase.NOW)


def test_a_return_undoes_what_came_after_its_target() -> None:
    assert Action.PARAF in sop.done(RAKOR, at(5))
    assert sop.done(RAKOR, sop.after(RAKOR, at(5), [CAMAT], Decision.RETURN)) == {Action.SUBMIT, Action.CHECK}
    assert sop.done(RAKOR, Position(None, State.FINISHED)) == set(Action)


def test_the_standard_is_forty_minutes_and_runs_down() -> None:
    assert RAKOR.total_minutes == 40
    assert [sop.minutes_left(RAKOR, at(no)) for no in range(1, 8)] == [40, 35, 30, 20, 15, 10, 5]


def test_steps_are_found_by_action() -> None:
    assert [RAKOR.step_for(action) for action in Action] == list(RAKOR.steps)
    assert DOMISILI.step_for(Action.PARAF) is None
    assert DOMISILI.step_for(Action.CHECK) == DOMISILI.step(3)


def test_a_position_of_another_version_is_an_error_not_a_wrong_answer() -> None:
    for no in (0, -1, 8):
        with pytest.raises(KeyError):
            sop.step_at(RAKOR, at(no))
        with pytest.raises(KeyError):
            sop.timeline(RAKOR, at(no))
    with pytest.raises(KeyError):
        RAKOR.role("bupati")


@pytest.mark.parametrize(("step", "state"), [(None, State.RUNNING), (None, State.REFUSED), (7, State.FINISHED)])
def test_an_impossible_position_cannot_be_made(step: int | None, state: State) -> None:
    with pytest.raises(ValueError, match=state.value):
        Position(step, state)


def test_the_digest_pins_the_text() -> None:
    assert RAKOR.digest == sop.digest(RAKOR_TEXT) == hashlib.sha256(RAKOR_TEXT.encode()).hexdigest()
    assert sop.load(RAKOR_TEXT + "# changed\n").digest != RAKOR.digest


# The second SOP: only its file differs.

WARGA = Holder("warga")
PETUGAS = Holder("petugas-loket", "pelayanan")
KASI_PEM = Holder("kasi", "pemerintahan")
SEKCAM = Holder("sekcam", "pelayanan")


def test_another_sop_goes_through_with_its_own_roles_order_and_returns() -> None:
    trail = []
    position = sop.start(DOMISILI)
    for who, decision, to in [
        (WARGA, Decision.ACCEPT, None),
        (PETUGAS, Decision.ACCEPT, None),
        (KASI_PEM, Decision.RETURN, None),
        (PETUGAS, Decision.ACCEPT, None),
        (KASI_PEM, Decision.RETURN, 1),
        (WARGA, Decision.ACCEPT, None),
        (PETUGAS, Decision.ACCEPT, None),
        (KASI_PEM, Decision.ACCEPT, None),
        (SEKCAM, Decision.RETURN, None),
        (KASI_PEM, Decision.ACCEPT, None),
        (SEKCAM, Decision.ACCEPT, None),
        (PETUGAS, Decision.ACCEPT, None),
    ]:
        position = sop.after(DOMISILI, position, [who], decision, to)
        trail.append(position.step)
    assert trail == [2, 3, 2, 3, 1, 2, 3, 4, 3, 4, 5, None]
    assert position.state is State.FINISHED


def test_another_sop_has_its_own_rights() -> None:
    assert DOMISILI.total_minutes == 32
    assert sop.may(DOMISILI, at(1), [PETUGAS]) == frozenset()
    assert sop.may(DOMISILI, at(2), [WARGA]) == {Decision.WITHDRAW}
    assert sop.may(DOMISILI, at(4), [SEKCAM]) == {Decision.ACCEPT, Decision.RETURN}
    assert sop.may(DOMISILI, at(3), [KASI]) == frozenset(), "the same role of another seksi"
    assert sop.waiting(DOMISILI, [PETUGAS], on_behalf=True) == (at(2), at(5))
    assert DOMISILI.register is None
    assert DOMISILI.requirements == DOMISILI.goods == ()


@st.composite
def walks(draw: st.DrawFn) -> tuple[sop.Sop, list[tuple[Holder, Decision, int | None]]]:
    which, people = draw(st.sampled_from([(RAKOR, EVERYBODY), (DOMISILI, (WARGA, PETUGAS, KASI_PEM, SEKCAM))]))
    move = st.tuples(
        st.sampled_from(people + STRANGERS),
        st.sampled_from(Decision),
        st.one_of(st.none(), st.integers(0, 8)),
    )
    return which, draw(st.lists(move, max_size=40))


@given(walks())
def test_however_people_act_after_and_may_agree_and_somebody_can_go_on(
    walk: tuple[sop.Sop, list[tuple[Holder, Decision, int | None]]],
) -> None:
    which, moves = walk
    position = sop.start(which)
    for who, decision, to in moves:
        step = sop.step_at(which, position)
        targets = step.returns_to if step and decision is Decision.RETURN else ()
        allowed = decision in sop.may(which, position, [who]) and (to is None or to in targets)
        try:
            moved = sop.after(which, position, [who], decision, to)
        except NotYourStep:
            assert not allowed
            continue
        assert allowed
        assert not (decision is Decision.RETURN and moved.step >= position.step)
        assert moved.running == (sop.waits_for(which, moved) is not None)
        position = moved
