"""Letter templates in force: the product's files until an admin put another version in force."""

from __future__ import annotations

import pytest
from helpers_office import Office

from signer.errors import NotFound
from signer.tables.office import LetterTemplateVersion

pytest_plugins = ("helpers_office",)
KEY = "undangan-rakor"


def _put(office: Office, key: str, description: str, source: str) -> None:
    desk = office.desk
    with desk.db.begin() as session:
        row = LetterTemplateVersion(
            key=key,
            description=description,
            source=source,
            loaded_at=desk.now(),
            loaded_by=office.actor("admin").user_id,
        )
        session.add(row)


def test_the_products_files_are_in_force_at_first(office: Office) -> None:
    shelf = office.desk.templates
    assert [template.key for template in shelf] == ["surat-pengantar", KEY]
    assert shelf[KEY].title in shelf.texts(KEY)[0]
    with pytest.raises(NotFound):
        shelf["tidak-ada"]
    with pytest.raises(NotFound):
        shelf.texts("tidak-ada")


def test_the_newest_version_replaces_the_file_at_once_and_a_new_key_joins(office: Office) -> None:
    shelf = office.desk.templates
    description, source = shelf.texts(KEY)
    _put(office, KEY, description.replace('title = "', 'title = "Baru: ', 1), source)
    assert shelf[KEY].title.startswith("Baru: ")
    _put(office, KEY, description.replace('title = "', 'title = "Lebih baru: ', 1), source)
    _put(office, "surat-tugas", description.replace(KEY, "surat-tugas"), source)
    assert [template.title[:11] for template in shelf if template.key == KEY] == ["Lebih baru:"]
    assert [template.key for template in shelf] == ["surat-pengantar", "surat-tugas", KEY]
    assert shelf.texts(KEY)[0].count("Lebih baru") == 1
    assert shelf[KEY] is shelf[KEY], "laid out once"


def test_a_folder_is_laid_out_once_whoever_comes_first(sqlite_office: Office) -> None:
    shelf = sqlite_office.desk.templates
    texts = shelf.texts(KEY)
    first = shelf.lay_out(KEY, *texts)
    assert shelf.lay_out(KEY, *texts) == first
    assert (first / "naskah.typ").is_file() and (first / "fonts").is_dir()
    assert [path.name for path in first.parent.iterdir()] == [first.name], "no staging folder is left"
