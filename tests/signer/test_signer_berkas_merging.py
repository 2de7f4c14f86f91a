"""Two people's drafts: what each changed since it was opened, and one draft made of both by choice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from helpers_office import Office

from signer.berkas import draft, merging
from signer.berkas.draft import Form
from signer.berkas.merging import Difference, Side
from signer.errors import InvalidForm

pytest_plugins = ("helpers_office",)


def found(office: Office, base: Form | None, theirs: Form, mine: Form) -> list[Difference]:
    with office.desk.db.read() as session:
        return merging.differences(office.desk, session, base, theirs, mine)


def with_fields(form: Form, **fields: Any) -> Form:
    return replace(form, fields={**form.fields, **fields})


def test_each_difference_proposes_the_side_that_alone_changed_it(sqlite_office: Office) -> None:
    base = sqlite_office.form(sqlite_office.berkas(step=3))
    theirs = with_fields(replace(base, hal="Hal mereka", recipients=("Agen",)), penutup="Sekian.")
    mine = with_fields(replace(base, tembusan=("Arsip", "Camat")), penutup="Terima kasih.")
    proposed = {one.key: one.proposed for one in found(sqlite_office, base, theirs, mine)}
    assert proposed == {
        "hal": Side.THEIRS,
        "recipients": Side.THEIRS,
        "tembusan": Side.MINE,
        "isi.penutup": None,
    }


def test_without_what_it_started_from_nothing_is_proposed(sqlite_office: Office) -> None:
    form = sqlite_office.form(sqlite_office.berkas(step=3))
    [one] = found(sqlite_office, None, replace(form, hal="Lain"), form)
    assert (one.base, one.proposed) == (None, None)


def test_a_blank_or_an_empty_row_is_no_difference(sqlite_office: Office) -> None:
    form = sqlite_office.form(sqlite_office.berkas(step=3))
    sent = with_fields(
        replace(form, hal=f" {form.hal}\r\n", recipients=[*form.recipients]),  # type: ignore[arg-type]  # as JSON gives it
        sembako=[*form.fields["sembako"], {"commodity": "", "amount": "", "unit": ""}],
    )
    assert found(sqlite_office, form, form, sent) == []


def test_every_value_comes_from_the_side_chosen(sqlite_office: Office) -> None:
    base = sqlite_office.form(sqlite_office.berkas(step=3))
    theirs = with_fields(replace(base, hal="Hal mereka", sifat="Penting"), penutup="Sekian.")
    mine = with_fields(replace(base, tembusan=("Camat",)), penutup="Terima kasih.", acara="Rakor saya")
    both = found(sqlite_office, base, theirs, mine)
    choices = {one.key: one.proposed or Side.THEIRS for one in both}
    one = merging.merged(theirs, mine, both, choices)
    assert (one.hal, one.sifat, one.tembusan) == ("Hal mereka", "Penting", ("Camat",))
    assert (one.fields["penutup"], one.fields["acara"]) == ("Sekian.", "Rakor saya")
    assert one.fields["sembako"] == base.fields["sembako"]


@pytest.mark.parametrize("choices", [{}, {"hal": Side.MINE}])
def test_a_value_without_a_choice_is_named_and_nothing_is_merged(
    sqlite_office: Office, choices: Mapping[str, Side]
) -> None:
    mine = sqlite_office.form(sqlite_office.berkas(step=3))
    theirs = with_fields(replace(mine, hal="Lain"), penutup="Sekian.")
    with pytest.raises(InvalidForm) as told:
        merging.merged(theirs, mine, found(sqlite_office, None, theirs, mine), choices)
    assert {fault.field for fault in told.value.faults} == {"hal", "isi.penutup"} - set(choices)


def test_another_template_is_chosen_whole(sqlite_office: Office) -> None:
    berkas_id = sqlite_office.berkas(step=3)
    mine = sqlite_office.form(berkas_id)
    with sqlite_office.desk.db.read() as session:
        theirs = draft.starting(sqlite_office.desk, session, sqlite_office.row(berkas_id), "surat-pengantar")
    both = found(sqlite_office, mine, theirs, mine)
    assert [one.key for one in both] == ["template"]
    assert merging.merged(theirs, mine, both, {"template": Side.THEIRS}) == theirs
    assert merging.merged(theirs, mine, both, {"template": Side.MINE}) == mine


def test_what_a_page_carries_is_read_back_for_its_own_berkas_only(sqlite_office: Office) -> None:
    berkas_id = sqlite_office.berkas(step=3)
    form = sqlite_office.form(berkas_id)
    text = merging.carried(sqlite_office.desk, berkas_id, form)
    assert "Forkopimcam" not in text
    back = merging.from_page(sqlite_office.desk, berkas_id, text)
    assert back is not None
    assert found(sqlite_office, form, form, back) == []
    assert merging.from_page(sqlite_office.desk, berkas_id + 1, text) is None
    for wrong in ("", "bukan", text[:-4], "é" * 9):
        assert merging.from_page(sqlite_office.desk, berkas_id, wrong) is None


def test_saving_what_is_saved_already_is_no_conflict(office: Office) -> None:
    berkas_id, staf = office.berkas(step=3), office.actor("staf")
    form = office.form(berkas_id)
    assert draft.save(office.desk, staf, berkas_id, 0, form) == 1
    assert draft.save(office.desk, staf, berkas_id, 0, form) == 2
