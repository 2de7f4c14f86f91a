"""Later work is done at least once, whoever drains and whatever dies; doing it twice shows nowhere."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from helpers_office import Office, at_once

from signer import notices, outbox
from signer.tables.record import Notice, OutboxItem

pytest_plugins = ("helpers_office",)


def fill(office: Office, count: int) -> None:
    with office.desk.db.begin() as session:
        for number in range(count):
            outbox.add(session, "kerja", {"number": number}, office.clock())


def drain(office: Office, handler: Callable[[int, dict[str, Any]], None]) -> int:
    return outbox.drain(office.desk.db, {"kerja": handler}, office.clock)


def test_what_is_due_is_done_once_and_oldest_first(office: Office) -> None:
    fill(office, 3)
    done: list[int] = []
    assert drain(office, lambda item, payload: done.append(payload["number"])) == 3
    assert done == [0, 1, 2]
    assert drain(office, lambda item, payload: done.append(payload["number"])) == 0


def test_work_of_an_act_that_fails_is_never_written(office: Office) -> None:
    with pytest.raises(ZeroDivisionError), office.desk.db.begin() as session:
        outbox.add(session, "kerja", {}, office.clock())
        raise ZeroDivisionError
    assert office.rows(OutboxItem) == []


def test_a_failing_handler_is_tried_again_later_and_holds_up_nothing(office: Office) -> None:
    fill(office, 2)
    tried: list[int] = []

    def handler(item: int, payload: dict[str, Any]) -> None:
        tried.append(payload["number"])
        if tried == [0]:
            raise OSError("SMTP mati")

    assert drain(office, handler) == 1
    failed, done = office.rows(OutboxItem)
    assert (failed.done_at, failed.attempts, failed.last_error) == (None, 1, "OSError('SMTP mati')")
    assert done.done_at is not None
    assert drain(office, handler) == 0
    office.clock.shift(seconds=61)
    assert drain(office, handler) == 1
    assert tried == [0, 1, 0]


def test_an_unknown_topic_is_kept_for_a_version_that_knows_it(office: Office) -> None:
    fill(office, 1)
    assert outbox.drain(office.desk.db, {}, office.clock) == 0
    assert office.rows(OutboxItem)[0].done_at is None


def test_work_of_a_dead_worker_is_taken_up_after_its_lease(office: Office) -> None:
    fill(office, 1)

    class Killed(BaseException):
        """As when the process ends: no handler of faults runs."""

    def die(item: int, payload: dict[str, Any]) -> None:
        raise Killed

    with pytest.raises(Killed):
        drain(office, die)
    done: list[int] = []
    assert drain(office, lambda item, payload: done.append(item)) == 0
    office.clock.shift(seconds=outbox.LEASE.total_seconds() + 1)
    assert drain(office, lambda item, payload: done.append(item)) == 1
    assert len(done) == 1


def test_two_workers_share_the_work(office: Office) -> None:
    fill(office, 12)
    done: Counter[int] = Counter()

    def handler(item: int, payload: dict[str, Any]) -> None:
        done[payload["number"]] += 1
        time.sleep(0.005)

    given = at_once(*[lambda: drain(office, handler)] * 2)
    assert sum(one for one in given if isinstance(one, int)) == 12, given
    assert done == dict.fromkeys(range(12), 1)


def test_every_act_of_a_letters_way_leaves_work_that_can_be_done(office: Office) -> None:
    office.berkas(step=8)
    office.house.drain()
    assert [item.last_error for item in office.rows(OutboxItem) if item.done_at is None and item.last_error] == []


def test_a_notice_goes_to_whose_turn_it_is_and_to_the_pemohon(office: Office) -> None:
    office.berkas(step=4)
    office.house.drain()
    told = {notice.user_id: notice.kind for notice in office.rows(Notice)}
    assert told[office.actor("kasi").user_id] == "giliran"
    assert told[office.actor("pemohon").user_id] == "posisi"
    assert office.actor("auditor").user_id not in told


def test_a_return_calls_the_pemohon_who_can_read_it_away(office: Office) -> None:
    office.berkas(step=2, by="staf")
    berkas_id = office.berkas(step=2)
    office.house.drain()
    office.give_back(berkas_id, "Stempel desa belum ada.")
    office.house.drain()
    pemohon = office.actor("pemohon").user_id
    [group] = notices.unread(office.desk, office.actor("pemohon"))
    assert [told.kind for told in group.told] == ["kembali"]
    with office.desk.db.read() as session:
        assert notices.unread_count(session, pemohon) == 1
    notices.mark_read(office.desk.db, pemohon, office.clock())
    with office.desk.db.read() as session:
        assert notices.unread_count(session, pemohon) == 0
        assert notices.unread_count(session, office.actor("staf").user_id) > 0


def test_delivering_twice_makes_one_notice_each(office: Office) -> None:
    berkas_id = office.berkas(step=2)
    [item] = office.rows(OutboxItem)
    for _ in range(2):
        notices.deliver(office.desk, item.id, {"berkas": berkas_id})
    office.house.drain()
    counts = Counter(notice.user_id for notice in office.rows(Notice))
    assert counts and set(counts.values()) == {1}


def test_delivering_at_once_makes_one_notice_each(office: Office) -> None:
    berkas_id = office.berkas(step=2)
    [item] = office.rows(OutboxItem)
    at_once(*[lambda: notices.deliver(office.desk, item.id, {"berkas": berkas_id})] * 4)
    assert set(Counter(notice.user_id for notice in office.rows(Notice)).values()) == {1}


def test_retries_wait_longer_each_time_but_never_over_an_hour(sqlite_office: Office) -> None:
    office = sqlite_office
    fill(office, 1)

    def fail(item: int, payload: dict[str, Any]) -> None:
        raise OSError

    waits: list[timedelta] = []
    for attempts in (0, 1, 200):
        with office.desk.db.begin() as session:
            item = session.query(OutboxItem).one()
            item.attempts, item.due_at = attempts, office.clock()
        drain(office, fail)
        waits.append(office.rows(OutboxItem)[0].due_at - office.clock())
    assert waits == sorted(waits)
    assert waits[0] > timedelta(seconds=50) and waits[-1] <= timedelta(hours=1)
