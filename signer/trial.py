"""A test print of a letter template, in a process with limits: an admin's slip must not stop the service.

`printed` starts `python -m signer.trial` without this process's environment and files; that process limits itself in
memory and time, composes one sample letter as it would go out and one as a draft, and answers with pages and faults.
"""

from __future__ import annotations

import base64
import json
import re
import resource
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from signer import drafting
from signer.drafting import Field, Kop, Label, LetterData, LetterTemplate, SignatureBlock
from signer.errors import Invalid, TemplateFault
from signer.pictures import Pictures

SECONDS = 20
MEMORY_BYTES = 1024 * 1024 * 1024
PICTURE_WIDTH = 900
MOST_PAGES = 20
MUST_SAY = ("SIMULASI: dokumen ini ditandatangani secara elektronik", "UU ITE No. 11 Tahun 2008 Pasal 5 ayat 1")
"""What every letter of a development signature says somewhere on its pages (domain.md section 2)."""
_ROOT = Path(__file__).resolve().parents[1]
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True)
class Printed:
    """The sample letter's PDF and its pages as WebP pictures; or why the template cannot be used."""

    pdf: bytes = b""
    pages: tuple[bytes, ...] = ()
    fault: Label | None = None


def printed(folder: Path, key: str) -> Printed:
    """The template `key` of `folder` printed with sample values; at most 20 s and 1 GiB."""
    try:
        done = subprocess.run(  # noqa: S603 (our own module; no shell)
            [sys.executable, "-E", "-s", "-m", "signer.trial", str(folder), key],
            cwd=_ROOT,
            env={"LANG": "C.UTF-8", "HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
        answer: dict[str, Any] = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return Printed(fault=_TOO_LONG)
    except ValueError:  # it died before it could answer
        return Printed(fault=_DIED)
    pages = tuple(base64.b64decode(page) for page in answer["pages"])
    return Printed(base64.b64decode(answer["pdf"]), pages, Label(*answer["fault"]) if answer["fault"] else None)


def sample(template: LetterTemplate, rows: int = 3) -> LetterData:
    """A letter with a value in every field; a template that prints it can print the office's."""
    today = date(2026, 1, 5)
    return LetterData(
        kop=Kop(("PEMERINTAH KABUPATEN CONTOH", "KECAMATAN CONTOH"), ("Jl. Contoh Nomor 1, Telepon (0321) 123456",)),
        number="400.9/123/416-304/2026",
        letter_date=today,
        place="Contoh",
        sifat=template.sifat[0],
        hal=template.hal,
        recipients=tuple(f"Penerima Contoh {number}" for number in range(1, rows + 1)),
        signatory=SignatureBlock(
            ("CAMAT CONTOH,",), "NAMA CONTOH, S.Sos., M.M.", "Pembina", "IV/a", "197001011995031001"
        ),
        mode="simulasi",
        draft=False,
        fields={field.key: _value(field, today, rows) for field in template.fields},
        tembusan=template.tembusan,
    )


def _value(field: Field, today: date, rows: int) -> object:
    if field.type == "rows":
        one = {column.key: column.label[: column.max_length] for column in field.columns}
        return [one] * min(rows, field.max_rows)
    if field.type == "date":
        return (today + timedelta(days=7)).isoformat()
    if field.type == "time":
        return "09:00"
    text = field.default or f"Contoh isian {field.label}"[: field.max_length]
    return (text,) if field.type == "lines" else text


def _print(folder: Path, key: str) -> Printed:
    template = drafting.load_templates(folder)[key]
    try:
        for rows in (1, 40):
            drafting.render(template, sample(template, rows))
        made = drafting.render(template, sample(template))
        drafting.preview(template, sample(template), PICTURE_WIDTH)
    except TemplateFault as fault:
        return Printed(fault=Label(fault.said or fault.id, fault.said or fault.en))
    except Invalid as fault:
        return Printed(fault=Label(fault.id, fault.en))
    words = _SPACES.sub(" ", Pictures().text(made.pdf))
    pages = Pictures().pages(made.pdf, PICTURE_WIDTH, most=MOST_PAGES)
    return Printed(made.pdf, tuple(pages), None if all(text in words for text in MUST_SAY) else _NO_FOOTER)


def _answer(found: Printed) -> Mapping[str, object]:
    pages = [base64.b64encode(page).decode() for page in found.pages]
    fault = [found.fault.id, found.fault.en] if found.fault else None
    return {"pdf": base64.b64encode(found.pdf).decode(), "pages": pages, "fault": fault}


_TOO_LONG = Label(
    f"Uji cetak dihentikan setelah {SECONDS} detik: templat ini tidak selesai disusun.",
    f"The test print was stopped after {SECONDS} seconds: this template does not come to an end.",
)
_DIED = Label(
    "Uji cetak terhenti: templat ini memerlukan memori atau waktu terlalu banyak.",
    "The test print ended early: this template takes too much memory or time.",
)
_NO_FOOTER = Label(
    "Surat tidak memuat catatan mode atau kutipan UU ITE di kakinya. Susun surat dengan `naskah.with(d)`.",
    "The letter lacks the note on its mode or the UU ITE sentence at its foot. Compose it with `naskah.with(d)`.",
)


def main(folder: str, key: str) -> int:
    """Print within limits and answer as JSON on standard output."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    json.dump(_answer(_print(Path(folder), key)), sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
