"""The office-level record in words: what each act and each fact of it is called."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from signer import letterhead
from signer.web.language import N_

_SHA256 = re.compile("[0-9a-f]{64}")
ACTS: Mapping[str, str] = {
    "admin-pertama": N_("Admin pertama dibuat"),
    "identitas-kantor": N_("Identitas kantor disimpan"),
    "logo": N_("Logo disimpan"),
    "tanpa-logo": N_("Kop tanpa logo"),
    "pola-nomor": N_("Pola nomor disimpan"),
    "akun-dibuat": N_("Akun dibuat"),
    "akun-diubah": N_("Akun diubah"),
    "akun-aktif": N_("Akun diaktifkan"),
    "akun-nonaktif": N_("Akun dinonaktifkan"),
    "akun-sandi": N_("Kata sandi baru diberikan"),
    "penunjukan": N_("Penunjukan dicatat"),
    "penunjukan-berakhir": N_("Penunjukan diakhiri"),
    "kunci": N_("Kunci dibuat pemegangnya"),
    "surat-uji": N_("Surat uji dibuat"),
    "sop": N_("SOP diberlakukan"),
    "templat": N_("Templat surat diberlakukan"),
}


FACTS: Mapping[str, str] = {
    "government": N_("Pemerintah daerah"),
    "name": N_("Nama"),
    "address": N_("Alamat"),
    "place": N_("Tempat surat"),
    "unit": N_("Kode unit"),
    "number_pattern": N_("Pola"),
    "logo": N_("Logo"),
    "alt": N_("Apa yang tampak pada logo"),
    "user": N_("Akun"),
    "roles": N_("Peran"),
    "role": N_("Peran"),
    "seksi": N_("Seksi"),
    "appointment": N_("Penunjukan"),
    "capacity": N_("Kapasitas"),
    "jabatan": N_("Jabatan"),
    "starts_on": N_("Mulai"),
    "ends_on": N_("Hari terakhir"),
    "last_day": N_("Hari terakhir"),
    "sk": N_("Nomor SK"),
    "key": N_("Kunci"),
    "trial_letter": N_("Surat uji"),
    "verdict": N_("Hasil pemeriksaan"),
    "sop": N_("SOP"),
    "sha256": N_("SHA-256"),
    "template": N_("Templat surat"),
    "version": N_("Versi"),
}
"""What the facts of a record are called."""


def changes(detail: Mapping[str, Any], names: Mapping[int, str]) -> list[tuple[str, str]]:
    """What an act's record says, as pairs to read: a name and "before → after" or a value; people by name."""
    pairs = []
    for key, value in detail.items():
        shown_value = names.get(value, "–") if key == "user" else _plain(value)
        pairs.append((_(FACTS[key]) if key in FACTS else key, shown_value))
    return pairs


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return f"{_plain(value['from'])} → {_plain(value['to'])}"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if value == "changed":  # a person's name is not kept in the record, only that it is another one
        return str(_("diubah"))
    text = str(value) if value not in (None, "", 0) else "–"
    if text.startswith(f"{letterhead.FOLDER}/"):
        return str(_("gambar %(mark)s", mark=text[len(letterhead.FOLDER) + 1 :][:8]))
    return f"{text[:8]}…" if _SHA256.fullmatch(text) else text
