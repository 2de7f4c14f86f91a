"""A trial print in a process of its own: pages for a good template, a sentence for a bad one."""

from __future__ import annotations

import time

import pytest
from helpers_office import Office

from signer import trial
from signer.trial import Printed

pytest_plugins = ("helpers_office",)
KEY = "undangan-rakor"


def _printed(office: Office, old: str = "", new: str = "", *, added: str = "") -> Printed:
    shelf = office.desk.templates
    description, source = shelf.texts(KEY)
    assert old in source
    return trial.printed(shelf.lay_out(KEY, description, source.replace(old, new, 1) + added), KEY)


@pytest.mark.parametrize("key", [KEY, "surat-pengantar"])
def test_the_products_templates_print(sqlite_office: Office, key: str) -> None:
    shelf = sqlite_office.desk.templates
    printed = trial.printed(shelf.lay_out(key, *shelf.texts(key)), key)
    assert printed.fault is None
    assert printed.pdf.startswith(b"%PDF-") and len(printed.pages) >= 1
    assert all(page[8:12] == b"WEBP" for page in printed.pages)


def test_a_fault_is_told_with_file_line_and_column(sqlite_office: Office) -> None:
    printed = _printed(sqlite_office, added="\n#tidak-dikenal(1)\n")
    assert printed.fault and printed.fault.id.startswith(f"{KEY}.typ:")
    assert "unknown variable: tidak-dikenal" in printed.fault.id and printed.pages == ()


def test_a_letter_without_its_honest_foot_is_refused(sqlite_office: Office) -> None:
    printed = _printed(
        sqlite_office, "#show: naskah.with(d)", "#set document(date: datetime(year: 2026, month: 1, day: 1))"
    )
    assert printed.fault and "catatan mode" in printed.fault.id


def test_a_template_that_takes_all_memory_is_ended(sqlite_office: Office) -> None:
    started = time.monotonic()
    printed = _printed(sqlite_office, added="\n#let x = range(1000)\n#for i in range(40) { x = x + x }\n#x.len()\n")
    assert printed.fault and printed.pdf == b""
    assert time.monotonic() - started < trial.SECONDS + 5


def test_it_knows_no_secret_of_this_process(sqlite_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SURAT_SECRET_KEY", "rahasia-sekali-yang-panjang-dan-acak")
    printed = _printed(sqlite_office, added='\n#sys.inputs.at("SURAT_SECRET_KEY")\n')
    assert printed.fault and "rahasia-sekali" not in printed.fault.id
