"""`python -m verifier seal`: what an offline check of a QR says, and which keys it believes."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import helpers_pki as pki
import pytest

from certs_dev.authority import DevAuthority
from signer import seal as sealer
from verifier import examine
from verifier.report import SealReport
from verifier.trust import Trust

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "0123456789ABCDEF"


def text_of(of: DevAuthority, **changes: Any) -> str:
    values: dict[str, Any] = {
        "issued_at": datetime.now(UTC),
        "number": "400.9/123/416-304/2026",
        "letter_date": date(2026, 1, 5),
        "subject": "Undangan Rapat Koordinasi BSPPS",
        "signer": "Dra. Ratna Wulandari, M.Si.",
        "capacity": "CAMAT TRAWAS",
        "mode": "simulasi",
    }
    fields = sealer.describe(pki.letter(), **(values | changes))
    key = sealer.PrivateSealKey(of.seal_key)
    return sealer.qr_text("https://surat.contoh.go.id", TOKEN, sealer.issue(fields, TOKEN, key))


def judged(text: str, trust: Trust | None = None) -> SealReport:
    return examine.seal(text, trust=trust or pki.trust(pki.authority()))


def test_a_good_seal_says_what_it_says_and_no_more() -> None:
    report = judged(text_of(pki.authority()))
    assert (report.verdict, report.exit_code, report.number) == ("valid", 0, "400.9/123/416-304/2026")
    assert (report.origin, report.token) == ("https://surat.contoh.go.id", TOKEN)
    assert {"seal-is-a-statement", "registry-not-checked"} <= {reason.code for reason in report.reasons}


def test_a_seal_moved_to_another_token_is_altered() -> None:
    text = text_of(pki.authority()).replace(TOKEN, "ZZZZZZZZZZZZZZZZ")
    assert (judged(text).verdict, judged(text).exit_code) == ("altered", 1)


def test_a_strangers_seal_is_untrusted(tmp_path: Path) -> None:
    report = judged(text_of(pki.new_authority(tmp_path / "pki")))
    assert (report.verdict, report.exit_code) == ("untrusted", 2)


def test_a_seal_certificate_without_its_anchor_is_not_believed() -> None:
    trust = pki.trust(pki.authority())
    report = judged(text_of(pki.authority()), Trust(anchors=(), seal_certificates=trust.seal_certificates))
    assert report.verdict == "untrusted"


def test_a_seal_certificate_of_another_root_is_not_believed(tmp_path: Path) -> None:
    other = pki.trust(pki.new_authority(tmp_path / "pki"))
    mine = pki.trust(pki.authority())
    report = judged(text_of(pki.authority()), Trust(other.anchors, mine.seal_certificates))
    assert report.verdict == "untrusted"


def test_a_seal_from_the_future_is_not_believed() -> None:
    report = judged(text_of(pki.authority(), issued_at=datetime.now(UTC) + timedelta(hours=1)))
    assert report.verdict == "altered"
    assert report.reasons[0].code == "seal-future"


@pytest.mark.parametrize("text", ["", "https://contoh.id", "HTTPS://SURAT.CONTOH.GO.ID/V/" + TOKEN + "#", "é" * 300])
def test_other_texts_are_unreadable(text: str) -> None:
    assert judged(text).exit_code == 4


def test_the_command(tmp_path: Path) -> None:
    (tmp_path / "trust.pem").write_bytes(pki.authority().trust_pem())
    command = [
        sys.executable,
        "-m",
        "verifier",
        "seal",
        text_of(pki.authority()),
        "--trust",
        str(tmp_path / "trust.pem"),
    ]
    shown = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert shown.returncode == 0
    assert "SIMULASI" in shown.stdout
    as_json = subprocess.run([*command, "--json"], capture_output=True, text=True, cwd=ROOT, check=False)
    assert json.loads(as_json.stdout)["verdict"] == "valid"
