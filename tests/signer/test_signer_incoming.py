"""Files sent part by part: they go on where they stopped, belong to one person, are bounded, and end."""

from __future__ import annotations

import secrets
from dataclasses import replace
from pathlib import Path

import pytest
from helpers_office import PDF, Office, at_once
from test_signer_joining import picture

from signer import incoming
from signer.berkas import submit
from signer.blobs import Blobs
from signer.errors import Invalid, NotFound, WrongOffset
from signer.incoming import MAX_OPEN, MAX_PART, Waiting
from signer.tables.incoming import Incoming
from signer.tables.record import Notice
from signer.uploads import MAX_BYTES, MAX_FILES, Upload

pytest_plugins = ("helpers_office",)

FILE = PDF + bytes(range(256)) * 40
PLACE = "baru-" + "0" * 24


def _start(office: Office, name: str = "a.pdf", size: int = len(FILE), mark: str = "m", by: str = "pemohon") -> Waiting:
    return incoming.start(office.desk, office.actor(by), PLACE, "berkas-pemohon", name, size, mark)


def _send(office: Office, data: bytes = FILE, mark: str = "m", by: str = "pemohon") -> Waiting:
    """A file, whole, in two parts."""
    file = _start(office, size=len(data), mark=mark, by=by)
    half = len(data) // 2
    incoming.add(office.desk, office.actor(by), file.ticket, 0, data[:half])
    return incoming.add(office.desk, office.actor(by), file.ticket, half, data[half:])


def _blobs(office: Office) -> set[str]:
    """The stored files of parts and attachments."""
    folder = office.house.settings.instance / "blobs"
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def _refused(office: Office, **values: object) -> str:
    with pytest.raises(Invalid) as told:
        _start(office, **values)  # type: ignore[arg-type]  # what a page passes on
    assert told.value.field == "files"
    return told.value.id


def test_a_file_in_parts_is_the_file(office: Office) -> None:
    file = _send(office)
    assert file.whole and file.received == len(FILE) and not file.photo
    [(_one, stored)] = incoming.take(office.desk, office.actor("pemohon"), [file.ticket])
    assert incoming.read(office.desk, stored) == FILE
    assert not [name for name in _blobs(office) if name.startswith("incoming/")], "the parts are gone"


def test_the_same_file_again_goes_on_where_it_stopped(office: Office) -> None:
    first, actor = _start(office), office.actor("pemohon")
    incoming.add(office.desk, actor, first.ticket, 0, FILE[:1000])
    again = _start(office)
    assert (again.ticket, again.received) == (first.ticket, 1000)
    assert incoming.state(office.desk, actor, first.ticket).received == 1000
    done = incoming.add(office.desk, actor, first.ticket, 1000, FILE[1000:])
    assert _start(office) == done, "and is found whole"
    assert _start(office, mark="another").ticket != first.ticket


@pytest.mark.parametrize("offset", [-1, 1, 999, 1001, 10**12])
def test_a_part_that_begins_elsewhere_changes_nothing(sqlite_office: Office, offset: int) -> None:
    file, actor = _start(sqlite_office), sqlite_office.actor("pemohon")
    incoming.add(sqlite_office.desk, actor, file.ticket, 0, FILE[:1000])
    blobs = _blobs(sqlite_office)
    with pytest.raises(WrongOffset) as told:
        incoming.add(sqlite_office.desk, actor, file.ticket, offset, b"x")
    assert told.value.offset == 1000
    assert _blobs(sqlite_office) == blobs


def test_of_two_windows_with_the_same_part_one_wins(office: Office) -> None:
    file, actor = _start(office), office.actor("pemohon")
    given = at_once(*[lambda: incoming.add(office.desk, actor, file.ticket, 0, FILE[:1000])] * 4)
    assert sum(isinstance(one, Waiting) for one in given) == 1
    assert sum(isinstance(one, WrongOffset) for one in given) == 3
    assert len([name for name in _blobs(office) if name.startswith("incoming/")]) == 1
    incoming.add(office.desk, actor, file.ticket, 1000, FILE[1000:])


def test_a_process_that_died_before_the_last_step_is_made_good(sqlite_office: Office) -> None:
    file, actor = _start(sqlite_office), sqlite_office.actor("pemohon")
    incoming._keep_part(sqlite_office.desk, actor, file.ticket, 0, FILE)  # and here it dies
    assert not incoming.state(sqlite_office.desk, actor, file.ticket).whole
    assert incoming.add(sqlite_office.desk, actor, file.ticket, len(FILE), b"").whole


def test_a_last_part_sent_twice_leaves_the_file_whole(sqlite_office: Office) -> None:
    """Its answer was lost and it came again; the first request takes the parts away while the second reads them."""
    office, actor, file = sqlite_office, sqlite_office.actor("pemohon"), _start(sqlite_office)
    incoming._keep_part(office.desk, actor, file.ticket, 0, FILE)

    class Overtaken(Blobs):
        def get(self, key: str) -> bytes:
            assert incoming.add(office.desk, actor, file.ticket, len(FILE), b"").whole
            return super().get(key)

    second = replace(office.desk, blobs=Overtaken(office.house.settings.blobs_url))
    assert incoming.add(second, actor, file.ticket, len(FILE), b"").whole
    [(_one, stored)] = incoming.take(office.desk, actor, [file.ticket])
    assert incoming.read(office.desk, stored) == FILE


def test_a_store_that_is_away_holds_up_no_notice(sqlite_office: Office) -> None:
    class Away(Blobs):
        def discard(self, *_keys: str) -> None:
            raise OSError

    office, _left = sqlite_office, _send(sqlite_office)
    office.clock.shift(days=2)
    office.berkas(step=2)
    office.house.__dict__["desk"] = replace(office.desk, blobs=Away(office.house.settings.blobs_url))
    assert office.house.drain() == 1
    assert office.rows(Notice, user_id=office.actor("staf").user_id) and office.rows(Incoming)


def test_parts_are_bounded_and_files_are_too(sqlite_office: Office) -> None:
    actor, large = sqlite_office.actor("pemohon"), _start(sqlite_office, size=MAX_BYTES)
    with pytest.raises(Invalid):
        incoming.add(sqlite_office.desk, actor, large.ticket, 0, bytes(MAX_PART + 1))
    small = _start(sqlite_office, size=10, mark="small")
    with pytest.raises(Invalid):
        incoming.add(sqlite_office.desk, actor, small.ticket, 0, bytes(11))
    assert "lebih dari 10 MB" in _refused(sqlite_office, size=MAX_BYTES + 1)
    assert "kosong" in _refused(sqlite_office, size=0) and "kosong" in _refused(sqlite_office, size=-5)


def test_nobody_fills_the_store_with_beginnings(office: Office) -> None:
    desk, actor = office.desk, office.actor("pemohon")
    for number in range(MAX_FILES):
        _start(office, mark=str(number))
    assert f"paling banyak {MAX_FILES} file" in _refused(office, mark="more")
    assert _start(office, mark="3").received == 0, "what has begun may go on"
    for number in range(MAX_OPEN - MAX_FILES):
        incoming.start(desk, actor, "berkas-1", "berkas-pemohon", "b.pdf", 10, str(number))
    with pytest.raises(Invalid, match="Too many of your files"):
        incoming.start(desk, actor, "berkas-2", "berkas-pemohon", "c.pdf", 10, "c")
    with pytest.raises(Invalid, match="at most"):
        incoming.start(desk, office.actor("staf"), "berkas-1", "berkas-pemohon", "c.pdf", 10, "c", taken=MAX_FILES)


def test_two_announcements_at_once_do_not_pass_the_limit(office: Office) -> None:
    for number in range(MAX_FILES - 1):
        _start(office, mark=str(number))
    given = at_once(*[lambda mark=mark: _start(office, mark=mark) for mark in "abcd"])
    assert sum(isinstance(one, Waiting) for one in given) == 1


def test_a_file_is_its_senders_alone(office: Office) -> None:
    file, other = _start(office), office.actor("staf")
    for act in (
        lambda: incoming.state(office.desk, other, file.ticket),
        lambda: incoming.add(office.desk, other, file.ticket, 0, FILE),
        lambda: incoming.drop(office.desk, other, file.ticket),
    ):
        with pytest.raises(NotFound):
            act()
    whole = _send(office, mark="whole")
    assert incoming.take(office.desk, other, [whole.ticket, "", "x" * 500]) == []
    assert incoming.waiting(office.desk, other, PLACE) == []
    assert len(incoming.waiting(office.desk, office.actor("pemohon"), PLACE)) == 2
    assert _start(office, by="staf").ticket != file.ticket


def test_what_is_no_paper_is_dropped_with_its_parts(office: Office) -> None:
    data = b"MZ\x90\x00" + bytes(3000)
    file, actor, blobs = _start(office, size=len(data)), office.actor("pemohon"), _blobs(office)
    with pytest.raises(Invalid, match=r"a\.pdf: Not a readable"):
        incoming.add(office.desk, actor, file.ticket, 0, data)
    assert _blobs(office) == blobs
    with pytest.raises(NotFound):
        incoming.state(office.desk, actor, file.ticket)


def test_dropped_files_leave_nothing(office: Office) -> None:
    blobs, actor = _blobs(office), office.actor("pemohon")
    half, whole = _start(office), _send(office, mark="whole")
    incoming.add(office.desk, actor, half.ticket, 0, FILE[:10])
    for file in (half, whole):
        incoming.drop(office.desk, actor, file.ticket)
    assert _blobs(office) == blobs and office.rows(Incoming) == []


def test_what_nobody_comes_back_for_ends_and_is_swept(office: Office) -> None:
    blobs, actor = _blobs(office), office.actor("pemohon")
    half, whole = _start(office), _send(office, mark="whole")
    incoming.add(office.desk, actor, half.ticket, 0, FILE[:10])
    office.desk.blobs.put(f"incoming/{half.ticket}/9-died", b"a part whose row was never written")
    office.clock.shift(hours=23)
    incoming.add(office.desk, actor, half.ticket, 10, FILE[10:20])
    office.clock.shift(hours=1.5)
    assert incoming.take(office.desk, actor, [whole.ticket]) == []
    assert incoming.state(office.desk, actor, half.ticket).received == 20, "every part gives it another day"
    assert incoming.sweep(office.desk) == 0, "clocks of processes differ"
    office.clock.shift(hours=1)
    assert incoming.sweep(office.desk) == 1
    office.clock.shift(days=1)
    office.house.drain()
    assert _blobs(office) == blobs and office.rows(Incoming) == []


def test_everything_is_kept_encrypted(sqlite_office: Office) -> None:
    secret = b"3516010101010001"
    file = _start(sqlite_office, name="NIK 3516010101010001.pdf", size=5000)
    incoming.add(sqlite_office.desk, sqlite_office.actor("pemohon"), file.ticket, 0, secret * 10)
    for path in Path(sqlite_office.house.settings.instance).rglob("*"):
        assert not path.is_file() or secret not in path.read_bytes(), path


def test_a_stored_part_cannot_be_moved_or_changed(sqlite_office: Office) -> None:
    file, actor = _start(sqlite_office), sqlite_office.actor("pemohon")
    incoming.add(sqlite_office.desk, actor, file.ticket, 0, FILE[:1000])
    [name] = [name for name in _blobs(sqlite_office) if name.startswith("incoming/")]
    (sqlite_office.house.settings.instance / "blobs" / name).write_bytes(secrets.token_bytes(1028))
    with pytest.raises(Invalid, match="send it again"):
        incoming.add(sqlite_office.desk, actor, file.ticket, 1000, FILE[1000:])
    with pytest.raises(NotFound):
        incoming.state(sqlite_office.desk, actor, file.ticket)


def test_a_file_is_handed_in_once(office: Office) -> None:
    desk, actor = office.desk, office.actor("pemohon")
    [(_one, stored)] = incoming.take(desk, actor, [_send(office).ticket])
    berkas = [office.berkas(1), office.berkas(1)]
    given = at_once(*[lambda number=number: submit.attach(desk, actor, number, [stored]) for number in berkas])
    assert sorted(len(faults) for faults in given) == [0, 1]  # type: ignore[arg-type]  # both gave lists
    attached = [file for number in berkas for file in office.detail(number).files]
    assert len(attached) == 1 and office.rows(Incoming) == []
    office.clock.shift(days=3)
    office.house.drain()
    assert incoming.read(desk, stored) == FILE, "what was handed in stays"


def test_the_one_too_many_waits_on(office: Office) -> None:
    desk, actor, berkas = office.desk, office.actor("pemohon"), office.berkas(1)
    submit.attach(desk, actor, berkas, [Upload("berkas-pemohon", f"{n}.pdf", PDF + bytes([n])) for n in range(19)])
    tickets = [_send(office, FILE + mark.encode(), mark).ticket for mark in "ab"]
    files = [stored for _one, stored in incoming.take(desk, actor, tickets)]
    [fault] = submit.attach(desk, actor, berkas, files)
    assert "paling banyak 20 file" in fault.id
    assert [one.ticket for one in incoming.waiting(desk, actor, PLACE)] == tickets[1:]


def test_photos_are_joined_in_the_order_asked_for_and_go(office: Office) -> None:
    desk, actor, blobs = office.desk, office.actor("pemohon"), _blobs(office)
    tickets = [_send(office, picture("JPEG", (400 + n, 300)), str(n)).ticket for n in range(3)]
    made = incoming.join(desk, actor, PLACE, tickets[::-1], "Berkas Pemohon (3 foto).pdf")
    assert (made.name, made.media_type, made.requirement) == (
        "Berkas Pemohon (3 foto).pdf", "application/pdf", "berkas-pemohon",
    )  # fmt: skip
    [(_one, stored)] = incoming.take(desk, actor, [made.ticket])
    pdf = incoming.read(desk, stored)
    assert pdf.index(b"/Width 402") < pdf.index(b"/Width 401") < pdf.index(b"/Width 400")
    assert [one.ticket for one in incoming.waiting(desk, actor, PLACE)] == [made.ticket]
    assert _blobs(office) - blobs == {stored.blob_key}


def test_only_ones_own_whole_photos_of_one_requirement_are_joined(sqlite_office: Office) -> None:
    office, desk = sqlite_office, sqlite_office.desk
    actor = office.actor("pemohon")
    photo = _send(office, picture("JPEG"), "p").ticket
    half, paper = _start(office, mark="half").ticket, _send(office, mark="pdf").ticket
    foreign = _send(office, picture("PNG"), "f", by="staf").ticket
    elsewhere, _faults = incoming.keep(desk, actor, PLACE, [Upload("ijin-monev", "x.png", picture("PNG"))])
    for tickets in ([], [photo], [photo, photo], [photo, half], [photo, paper], [photo, foreign], [photo, "x"],
                    [photo, elsewhere[0].ticket]):  # fmt: skip
        with pytest.raises(Invalid, match="at least two photos"):
            incoming.join(desk, actor, PLACE, tickets, "x.pdf")
    assert len(incoming.waiting(desk, actor, PLACE)) == 4
