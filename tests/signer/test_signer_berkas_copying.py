"""A letter copied from an earlier one: a new start of this berkas's draft that keeps what is its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from helpers_office import Office
from sqlalchemy import select

from signer.berkas import copying, draft
from signer.berkas.copying import Copied
from signer.berkas.draft import Form
from signer.errors import Conflict, NotFound, NotYourStep
from signer.tables.letters import LetterNumber
from signer.tables.office import Appointment

pytest_plugins = ("helpers_office",)


def written_letter(office: Office, **changes: object) -> int:
    """An earlier letter of the office, not like what any draft starts from; gives its rendering."""
    form = office.form(berkas_id := office.berkas(step=3, desa="Kesiman", applicant="Sumarni", place="Aula Kesiman"))
    fields = {**form.fields, "penutup": "Sekian dan terima kasih.", "acara": "Rakor triwulan"}
    values = {"hal": "Undangan Rakor Kesiman", "recipients": ("Kapolsek", "Danramil"), "tembusan": ("Arsip", "Bupati")}
    return office.finalise(berkas_id, **(values | {"fields": fields} | changes))


def copy(office: Office, berkas_id: int, rendering: int, version: int = 0, *, recipients: bool = True) -> Copied:
    return copying.copy(office.desk, office.actor("staf"), berkas_id, version, rendering, with_recipients=recipients)


def drafted(office: Office, berkas_id: int) -> tuple[Form, int]:
    with office.desk.db.read() as session:
        saved = draft.load(office.desk, session, berkas_id)
    assert saved is not None
    return saved


def test_wording_is_copied_and_the_meeting_stays(office: Office) -> None:
    rendering = written_letter(office)
    berkas_id = office.berkas(step=3, place="Balai Ketapanrame")
    before = office.version(berkas_id)
    done = copy(office, berkas_id, rendering)
    form, version = drafted(office, berkas_id)
    assert version == 1
    assert (form.hal, form.recipients, form.tembusan) == (
        "Undangan Rakor Kesiman",
        ("Kapolsek", "Danramil"),
        ("Arsip", "Bupati"),
    )
    assert (form.fields["penutup"], form.fields["acara"]) == ("Sekian dan terima kasih.", "Rakor triwulan")
    assert form.fields["tempat"] == "Balai Ketapanrame"
    assert form.letter_date == office.desk.today().isoformat()
    assert {label.id for label in done.kept} >= {"Tanggal surat", "Penanda tangan", "Hari/Tanggal", "Tempat"}
    assert {label.id for label in done.taken} >= {"Hal", "Kepada", "Tembusan", "Penutup"}
    assert len(office.rows(LetterNumber)) == 1, "a copy reserves no number"
    assert office.version(berkas_id) == before, "saving a draft is no act on the berkas"


def test_the_berkass_own_invitees_stay_if_asked(sqlite_office: Office) -> None:
    rendering = written_letter(sqlite_office)
    berkas_id = sqlite_office.berkas(step=3, invitees=("Agen",))
    done = copy(sqlite_office, berkas_id, rendering, recipients=False)
    assert drafted(sqlite_office, berkas_id)[0].recipients == ("Agen",)
    assert "Kepada" in {label.id for label in done.kept}


def test_date_signer_and_corrected_facts_of_a_draft_begun_stay(sqlite_office: Office) -> None:
    office, staf = sqlite_office, sqlite_office.actor("staf")
    rendering = written_letter(office)
    berkas_id = office.berkas(step=3)
    form = office.form(berkas_id, letter_date="2027-03-01")
    form = replace(form, fields={**form.fields, "tempat": "Aula yang dibetulkan", "penutup": "Hilang."})
    draft.save(office.desk, staf, berkas_id, 0, form)
    copy(office, berkas_id, rendering, 1)
    copied, _version = drafted(office, berkas_id)
    assert (copied.letter_date, copied.appointment_id) == ("2027-03-01", form.appointment_id)
    assert copied.fields["tempat"] == "Aula yang dibetulkan"
    assert copied.fields["penutup"] == "Sekian dan terima kasih."


def test_a_signer_whose_appointment_ended_is_never_copied(sqlite_office: Office) -> None:
    office = sqlite_office
    rendering = written_letter(office)
    with office.desk.db.begin() as session:
        for who in session.scalars(select(Appointment).where(Appointment.role == "camat")):
            who.ends_on = office.desk.today() - timedelta(days=1)
    copy(office, berkas_id := office.berkas(step=3), rendering)
    assert drafted(office, berkas_id)[0].appointment_id is None


def test_a_draft_saved_meanwhile_is_not_replaced(office: Office) -> None:
    rendering = written_letter(office)
    berkas_id = office.berkas(step=3)
    draft.save(office.desk, office.actor("staf"), berkas_id, 0, office.form(berkas_id, hal="Ketikan"))
    with pytest.raises(Conflict):
        copy(office, berkas_id, rendering, 0)
    assert drafted(office, berkas_id)[0].hal == "Ketikan"


@pytest.mark.parametrize(
    ("search", "hits"), [("", 2), ("kesiman", 1), ("sumarni RAKOR", 1), ("416-304", 2), ("tak ada", 0)]
)
def test_earlier_letters_are_found_by_number_hal_and_desa(office: Office, search: str, hits: int) -> None:
    rendering = written_letter(office)
    office.finalise(office.berkas(step=3))
    found = copying.earlier(office.desk, office.actor("staf"), office.berkas(step=3), search)
    assert len(found) == hits
    if hits == 1:
        assert (found[0].rendering_id, found[0].desa) == (rendering, "Kesiman")


def test_of_one_berkas_only_its_newest_letter_is_offered_and_never_its_own(office: Office) -> None:
    first = written_letter(office)
    earlier_berkas = office.berkas(step=3)
    seen = copying.earlier(office.desk, office.actor("staf"), earlier_berkas)
    old = seen[0].berkas_id
    office.send_back(old, "kasi", "Perbaiki.")
    second = office.finalise(old, hal="Undangan yang diperbaiki")
    assert [one.rendering_id for one in copying.earlier(office.desk, office.actor("staf"), earlier_berkas)] == [second]
    with pytest.raises(NotFound):
        copy(office, earlier_berkas, first)
    office.send_back(old, "kasi", "Sekali lagi.")
    assert copying.earlier(office.desk, office.actor("staf"), old) == []


@pytest.mark.parametrize("who", ["kasi", "camat", "auditor", "pemohon"])
def test_only_who_drafts_copies(sqlite_office: Office, who: str) -> None:
    rendering, berkas_id = written_letter(sqlite_office), sqlite_office.berkas(step=3)
    actor = sqlite_office.actor(who)
    with pytest.raises(NotYourStep):
        copying.earlier(sqlite_office.desk, actor, berkas_id)
    with pytest.raises(NotYourStep):
        copying.copy(sqlite_office.desk, actor, berkas_id, 0, rendering, with_recipients=True)
