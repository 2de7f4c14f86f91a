"""An admin puts SOP files and letter templates in force; faults name their line, nothing is overwritten unseen."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from helpers_office import Office, at_once

from signer import founding, office_events, rules, sop
from signer.errors import Conflict
from signer.rules import TextFault

pytest_plugins = ("helpers_office",)
SLUG, KEY = "rakor-bspps", "undangan-rakor"


def _text(office: Office) -> str:
    return rules.sop_text(office.desk, office.actor("admin"), SLUG)


def _publish(office: Office, text: str, seen: str | None = None, slug: str | None = SLUG) -> sop.Sop:
    seen = sop.digest(_text(office)) if seen is None else seen
    return rules.publish_sop(office.desk, office.actor("admin"), slug, text, seen)


def test_a_changed_sop_holds_for_new_berkas_and_not_for_running_ones(office: Office) -> None:
    old = office.berkas(step=2)
    published = _publish(office, _text(office).replace("waktu = 10", "waktu = 12", 1))
    assert published.total_minutes == 42
    assert office.detail(old).sop.total_minutes == 40
    assert office.detail(office.berkas(step=1)).sop.total_minutes == 42
    row = next(row for row in rules.sop_rows(office.desk, office.actor("admin")) if row.sop.key == SLUG)
    assert (row.versions, row.running) == (2, 2)


def test_a_restart_with_the_old_file_does_not_undo_it(office: Office) -> None:
    file = _text(office)
    _publish(office, file.replace("waktu = 10", "waktu = 12", 1))
    with office.house.db.begin() as session:
        founding.found(session, [file], office.desk.now())
    assert "waktu = 12" in _text(office)


def test_a_newer_file_of_the_product_still_comes_in(office: Office) -> None:
    with office.house.db.begin() as session:
        founding.found(session, [_text(office).replace("waktu = 10", "waktu = 11", 1)], office.desk.now())
    assert "waktu = 11" in _text(office)


def test_what_came_into_force_stands_in_the_offices_record(office: Office) -> None:
    seen = sop.digest(_text(office))
    published = _publish(office, _text(office).replace("waktu = 10", "waktu = 12", 1))
    edited = rules.template_text(office.desk, KEY)
    rules.publish_template(office.desk, office.actor("admin"), replace(edited, source=edited.source + "\n// baru\n"))
    with office.desk.db.read() as session:
        template, changed = office_events.newest(session, 1, 2)
        assert office_events.check(session, 1) == 2
    assert (changed.act, changed.detail) == ("sop", {"sop": SLUG, "sha256": {"from": seen, "to": published.digest}})
    assert (template.act, template.detail) == ("templat", {"template": KEY, "version": {"from": 0, "to": 1}})


def test_of_two_admins_at_the_same_moment_one_is_told(office: Office) -> None:
    text, seen = _text(office), sop.digest(_text(office))
    texts = [text.replace("waktu = 10", f"waktu = {minutes}", 1) for minutes in (12, 15)]
    ended = at_once(*(lambda new=new: _publish(office, new, seen) for new in texts))
    assert [type(one) for one in ended].count(Conflict) == 1


def test_a_long_text_is_compared_in_a_moment(sqlite_office: Office) -> None:
    office, text = sqlite_office, _text(sqlite_office)
    long = [text + "".join(f"# catatan {word} {number}\n" for number in range(3000)) for word in ("lama", "baru")]
    _publish(office, long[0])
    begun = time.monotonic()
    checked = rules.check_sop(office.desk, office.actor("admin"), SLUG, long[1])
    assert len(checked.changes) == 6000 and time.monotonic() - begun < 10


def test_two_admins_at_once(office: Office) -> None:
    seen = sop.digest(_text(office))
    first = _text(office).replace("waktu = 10", "waktu = 12", 1)
    _publish(office, first, seen)
    with pytest.raises(Conflict):
        _publish(office, first.replace("waktu = 12", "waktu = 15", 1), seen)
    assert "waktu = 12" in _text(office)


@pytest.mark.parametrize(
    ("old", "new", "line_text", "said"),
    [
        ('kunci = "rakor-bspps"', 'kunci = "lain"', 'kunci = "lain"', "harus tetap"),
        ('templat = ["', 'templat = ["tidak-ada", "', "templat = [", "templat 'tidak-ada' tidak ada"),
        ("no = 3", "no = 30", "no = 30", "langkah[3].no"),
        ("format = 1", "format = ", "format = ", "bukan TOML yang sah"),
    ],
)
def test_a_fault_names_its_line(sqlite_office: Office, old: str, new: str, line_text: str, said: str) -> None:
    broken = _text(sqlite_office).replace(old, new, 1)
    wanted = broken[: broken.index(line_text)].count("\n") + 1
    with pytest.raises(TextFault) as caught:
        rules.check_sop(sqlite_office.desk, sqlite_office.actor("admin"), SLUG, broken)
    assert caught.value.line == wanted and caught.value.id.startswith(f"Baris {wanted}. ")
    assert said in caught.value.id and caught.value.field == "text"


def test_a_role_that_no_account_can_hold(sqlite_office: Office) -> None:
    broken = _text(sqlite_office).replace('"kasi"', '"sekcam"')
    with pytest.raises(TextFault, match="must be one of: pemohon"):
        rules.check_sop(sqlite_office.desk, sqlite_office.actor("admin"), SLUG, broken)


def test_a_second_sop_is_a_second_text(office: Office) -> None:
    other = _text(office).replace('kunci = "rakor-bspps"', 'kunci = "kegiatan-rakor"', 1)
    assert _publish(office, other, "", None).key == "kegiatan-rakor"
    with pytest.raises(TextFault, match="is another SOP's"):
        _publish(office, other, "", None)


def test_what_changes_is_shown_line_by_line(sqlite_office: Office) -> None:
    text = _text(sqlite_office)
    desk, admin = sqlite_office.desk, sqlite_office.actor("admin")
    checked = rules.check_sop(desk, admin, SLUG, text.replace("waktu = 10", "waktu = 12", 1).replace("\n", "\r\n"))
    assert checked.changes == ("- waktu = 10", "+ waktu = 12")
    assert rules.check_sop(desk, admin, SLUG, text).changes == ()


def test_a_template_comes_in_force_after_its_trial_print(office: Office) -> None:
    desk = office.desk
    shown = rules.template_text(desk, KEY)
    edited = replace(shown, description=shown.description.replace('hal = "', 'hal = "Baru: ', 1))
    before = office.berkas(step=4)
    rules.publish_template(desk, office.actor("admin"), edited)
    assert desk.templates[KEY].hal.startswith("Baru: ")
    after = office.detail(office.berkas(step=4)).rendering
    assert after is not None and after.subject.startswith("Baru: ")
    old = office.detail(before).rendering
    assert old is not None and not old.subject.startswith("Baru: ")
    with pytest.raises(Conflict):
        rules.publish_template(desk, office.actor("admin"), edited)


@pytest.mark.parametrize(
    ("field", "old", "new", "said"),
    [
        ("description", "klasifikasi =", "klasifikas =", "klasifikasi: wajib diisi."),
        ("description", 'type = "date"', 'type = "hari"', "field[2].type: "),
        ("description", 'source = "undangan-rakor.typ"', 'source = "naskah.typ"', 'source harus "undangan-rakor.typ"'),
        ("source", '#import "naskah.typ": *', '#import "@preview/cetz:0.3.0"', "hanya boleh mengimpor"),
        ("source", "#kop(d)", "#kop(e)", "undangan-rakor.typ:"),
    ],
)
def test_a_faulty_template_never_comes_in_force(
    sqlite_office: Office,
    field: str,
    old: str,
    new: str,
    said: str,
) -> None:
    desk = sqlite_office.desk
    shown = rules.template_text(desk, KEY)
    text = getattr(shown, field)
    assert old in text
    edited = replace(shown, **{field: text.replace(old, new, 1)})
    with pytest.raises(TextFault) as caught:
        rules.publish_template(desk, sqlite_office.actor("admin"), edited)
    assert said in caught.value.id and caught.value.field == field
    assert rules.template_text(desk, KEY) == shown


def test_a_key_is_a_key(sqlite_office: Office) -> None:
    shown = rules.template_text(sqlite_office.desk, KEY)
    for key in ("", "../x", "Surat", "a" * 81):
        with pytest.raises(TextFault) as caught:
            rules.try_template(sqlite_office.desk, key, shown.description, shown.source)
        assert caught.value.field == "key"


def test_a_text_beyond_all_measure(sqlite_office: Office) -> None:
    with pytest.raises(TextFault, match="too long"):
        rules.check_sop(sqlite_office.desk, sqlite_office.actor("admin"), SLUG, "x" * 200_001)
