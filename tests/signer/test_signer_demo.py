"""`python -m signer demo`: seven steps without a server, and what it leaves behind (contracts.md)."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
import zxingcpp
from helpers_office import PDF
from PIL import Image

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
FILES = {"letter.pdf", "letter.png", "qr.png", "trust.pem", "register.csv", "steps.json", "verification.json"}


def demo(out: Path, *files: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """The command as an operator calls it, in an environment that names no instance."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("SURAT_")}
    attached = [part for file in files for part in ("--lampiran", str(file))]
    return subprocess.run(
        [sys.executable, "-m", "signer", "demo", "--out", str(out), *attached],
        env=env | {"SURAT_INSTANCE": str(out.parent / "never-made")} | settings,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture(name="left", scope="module")
def left_fixture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that one demo with a PDF and a photo leaves behind."""
    folder = tmp_path_factory.mktemp("demo")
    pdf, photo = folder / "pengantar.pdf", folder / "foto.jpg"
    pdf.write_bytes(PDF)
    Image.new("RGB", (64, 48), (90, 120, 60)).save(photo, "JPEG")
    done = demo(folder / "out", pdf, photo)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{folder / 'out'}: valid\n")
    assert not (folder / "never-made").exists()
    return folder / "out"


def test_it_leaves_the_files_that_were_promised(left: Path) -> None:
    assert {path.name for path in left.iterdir()} == FILES


def test_the_report_says_valid(left: Path) -> None:
    report = json.loads((left / "verification.json").read_text())
    assert (report["verdict"], report["indication"], report["integrity"]) == ("valid", "TOTAL-PASSED", "unchanged")
    assert report["signatures"][0]["level"] == "B-LTA"
    assert report["registry"]["status"] == "berlaku" and report["registry"]["identical"]


def test_the_steps_are_the_sops_in_order_with_times(left: Path) -> None:
    rows = json.loads((left / "steps.json").read_text())
    assert [row["no"] for row in rows] == list(range(1, 8))
    assert [row["actor"] for row in rows] == ["pemohon", "staf", "staf", "kasi", "camat", "staf", "pemohon"]
    assert [row["standard_minutes"] for row in rows] == [5, 5, 10, 5, 5, 5, 5]
    for row in rows:
        assert set(row) == {"no", "actor", "action", "started", "ended", "standard_minutes"}
        assert datetime.fromisoformat(row["started"]) <= datetime.fromisoformat(row["ended"])


def test_the_register_has_one_line(left: Path) -> None:
    text = (left / "register.csv").read_text(encoding="utf-8-sig")
    head, line = csv.reader(io.StringIO(text))
    assert len(head) == len(line) == 11
    assert line[0].startswith("1/")


def test_page_and_picture_carry_the_same_qr(left: Path) -> None:
    read = [
        [code.text for code in zxingcpp.read_barcodes(Image.open(left / name))] for name in ("letter.png", "qr.png")
    ]
    assert read[0] == read[1]
    assert "/V/" in read[0][0]


def test_the_stand_alone_verifier_agrees(left: Path) -> None:
    command = [sys.executable, "-m", "verifier", str(left / "letter.pdf"), "--trust", str(left / "trust.pem")]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60).returncode == 0
    assert subprocess.run(command[:-2], cwd=ROOT, capture_output=True, timeout=60).returncode == 2


def test_popplers_pdfsig_agrees(left: Path) -> None:
    tool = shutil.which("pdfsig")
    assert tool, "pdfsig is missing: install poppler-utils"
    done = subprocess.run([tool, str(left / "letter.pdf")], capture_output=True, text=True, timeout=60)
    assert "Signature is Valid" in done.stdout


@pytest.mark.parametrize("content", [b"MZ not a letter", b""])
def test_a_file_that_cannot_be_attached_is_named(tmp_path: Path, content: bytes) -> None:
    bad = tmp_path / "tipu.pdf"
    bad.write_bytes(content)
    done = demo(tmp_path / "out", bad)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: tipu.pdf: ")
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out" / "letter.pdf").exists()


def test_a_file_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    done = demo(tmp_path / "out", tmp_path / "tidak-ada.pdf")
    assert done.returncode == 2
    assert "tidak-ada.pdf" in done.stderr and "Traceback" not in done.stderr


def test_with_rsa_keys_it_is_valid_too(tmp_path: Path) -> None:
    done = demo(tmp_path / "out", SURAT_PKI_ALGORITHM="rsa")
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "out" / "verification.json").read_text())
    assert report["verdict"] == "valid"
    assert report["signatures"][0]["algorithm"] == "sha256_rsassa_pkcs1v15"
