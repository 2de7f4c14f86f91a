"""Encryption at rest: only with the right key, for the right kind of value, and only what was stored."""

from __future__ import annotations

from dataclasses import replace

import pytest
from helpers_office import Office
from hypothesis import given
from hypothesis import strategies as st

from signer.vault import Vault, VaultFault

pytest_plugins = ("helpers_office",)
KEY = "kunci-uji-" + "k" * 40


@given(st.binary(max_size=200), st.text(max_size=20))
def test_what_is_sealed_opens_again(data: bytes, label: str) -> None:
    vault = Vault(KEY)
    sealed = vault.seal(data, label)
    assert vault.open(sealed, label) == data
    assert sealed != vault.seal(data, label)


def test_another_key_label_or_byte_does_not_open() -> None:
    vault = Vault(KEY)
    sealed = vault.seal_text("081234567", "berkas.phone")
    with pytest.raises(VaultFault):
        Vault(KEY + "x").open(sealed, "berkas.phone")
    with pytest.raises(VaultFault):
        vault.open(sealed, "berkas.notes")
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(VaultFault):
            vault.open(bytes(changed), "berkas.phone")


@pytest.mark.parametrize("sealed", [b"", b"x" * 11, b"x" * 12, b"x" * 27])
def test_a_cut_value_is_a_fault_like_any_other(sealed: bytes) -> None:
    with pytest.raises(VaultFault):
        Vault(KEY).open(sealed, "berkas.phone")


def test_an_absent_text_is_empty() -> None:
    assert Vault(KEY).open_text(None, "berkas.phone") == ""


def test_an_instance_with_another_data_key_reads_nothing(sqlite_office: Office) -> None:
    berkas_id = sqlite_office.berkas(step=2)
    other = sqlite_office.again()
    object.__setattr__(other.house, "settings", replace(other.house.settings, _data_key="x" * 40))
    with pytest.raises(VaultFault):
        other.detail(berkas_id)
    other.house.db.close()
