"""Faults of TOML texts are shown at their lines."""

from __future__ import annotations

import pytest
from test_signer_sop_file import TEXT

from signer import sop
from signer.sop import SopFault
from signer.sop.locating import line_of, line_said

SMALL = '''kunci = "a"
[kepala]
nama = """
[bukan.tabel]
kunci = "bukan kunci"
"""
nomor = "1"
[[langkah]]
no = 1
[[langkah]]
no = 2
[[langkah.kolom]]
label = "x"
[[field]]
"key" = "a"
[[field.column]]
key = "b"
[[field.column]]
key = "c"
[[field]]
[[field.column]]
key = "d"
'''


@pytest.mark.parametrize(
    ("table", "key", "line"),
    [
        ("", "kunci", 1),
        ("", "format", 1),
        ("kepala", "", 2),
        ("kepala", "nomor", 7),
        ("kepala", "kunci", 2),
        ("langkah[2]", "no", 11),
        ("langkah[2].kolom[1]", "label", 13),
        ("field[1]", "key", 15),
        ("field[1].column[2]", "key", 19),
        ("field[2].column[1]", "key", 22),
        ("bukan.tabel", "", None),
        ("langkah[3]", "no", None),
    ],
)
def test_a_table_and_a_key_are_found_at_their_line(table: str, key: str, line: int | None) -> None:
    assert line_of(SMALL, table, key) == line


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("no = 4", "no = 40"),
        ('aksi = "paraf"', 'aksi = "parap"'),
        ("waktu = 10", 'waktu = "sepuluh"'),
        ('nip = "19670110 199003 1 007"', 'nip = "1967"'),
    ],
)
def test_every_fault_of_the_offices_sop_has_its_line(old: str, new: str) -> None:
    assert TEXT.count(old) >= 1
    broken = TEXT.replace(old, new, 1)
    wanted = TEXT[: TEXT.index(old)].count("\n") + 1
    with pytest.raises(SopFault) as caught:
        sop.load(broken)
    assert line_of(broken, caught.value.table, caught.value.key) == wanted


def test_the_parsers_own_line() -> None:
    with pytest.raises(SopFault) as caught:
        sop.load('format = 1\nkunci = "a\n')
    assert line_said(caught.value.en) == 2
    assert line_said("something else") is None
