"""The command line: exit status, JSON, limits, and never a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import helpers_attacks as tools
import helpers_pki as pki
import pytest

from verifier.__main__ import main
from verifier.report import Report, worst_exit
from verifier.sandbox import bounded

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "trust.pem").write_bytes(pki.authority().trust_pem())
    (tmp_path / "valid.pdf").write_bytes(tools.archived())
    (tmp_path / "altered.pdf").write_bytes(tools.archived().replace(b"\nendobj", b" endobj", 1))
    (tmp_path / "unsigned.pdf").write_bytes(pki.letter())
    (tmp_path / "odd.pdf").write_bytes(b"%PDF-1.7\nnot really")
    return tmp_path


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    paths = [str(folder / a) if (folder / a).exists() else a for a in arguments]
    command = [sys.executable, "-m", "verifier", *paths]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False, timeout=30)


@pytest.mark.parametrize(
    ("files", "code"),
    [
        (["valid.pdf"], 0),
        (["altered.pdf"], 1),
        (["unsigned.pdf"], 3),
        (["odd.pdf"], 4),
        (["nothing-there.pdf"], 4),
        (["valid.pdf", "altered.pdf", "unsigned.pdf", "odd.pdf"], 1),
        (["valid.pdf", "unsigned.pdf"], 3),
    ],
)
def test_exit_status(folder: Path, files: list[str], code: int) -> None:
    done = run(folder, *files, "--trust", "trust.pem", "--json")
    assert done.returncode == code
    reports = [Report.model_validate_json(line) for line in done.stdout.splitlines()]
    assert len(reports) == len(files)
    assert done.stderr == ""


def test_without_trust_a_good_letter_is_untrusted(folder: Path) -> None:
    done = run(folder, "valid.pdf", "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout)["verdict"] == "untrusted"


@pytest.mark.parametrize(
    "arguments",
    [[], ["--wrong"], ["valid.pdf", "--at", "yesterday"], ["valid.pdf", "--trust", "no.pem"], ["seal"]],
)
def test_wrong_usage_is_64(folder: Path, arguments: list[str]) -> None:
    done = run(folder, *arguments)
    assert done.returncode == 64
    assert done.stderr
    assert "Traceback" not in done.stderr


def test_trust_must_be_certificates(folder: Path) -> None:
    done = run(folder, "valid.pdf", "--trust", "odd.pdf")
    assert done.returncode == 64
    assert "kepercayaan" in done.stderr


def test_the_time_of_examination_can_be_set(folder: Path) -> None:
    done = run(folder, "valid.pdf", "--trust", "trust.pem", "--json", "--at", "2100-01-01T00:00:00+07:00")
    report = json.loads(done.stdout)
    assert done.returncode == 2
    assert report["checked_at"] == "2099-12-31T17:00:00Z"


def test_odd_names_and_closed_pipes_leave_no_traceback(folder: Path) -> None:
    odd = os.fsencode(folder) + b"/surat-\xff.pdf"
    Path(os.fsdecode(odd)).write_bytes(tools.archived())
    command = [sys.executable, "-m", "verifier", odd, "--json"]
    done = subprocess.run(command, capture_output=True, cwd=ROOT, check=False, env={"PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stderr) == (2, b"")
    assert json.loads(done.stdout)["sha256"]
    piped = f"'{sys.executable}' -m verifier {str(folder / 'valid.pdf')!r} | true"
    assert subprocess.run(piped, shell=True, capture_output=True, cwd=ROOT, check=False).stderr == b""
    unwritable = run(folder, "valid.pdf", "--etsi-xml", str(folder / "no" / "report.xml"))
    assert (unwritable.returncode, "Traceback" in unwritable.stderr) == (64, False)


def test_people_read_indonesian_first(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(folder / "valid.pdf"), "--trust", str(folder / "trust.pem")]) == 0
    first = capsys.readouterr().out.splitlines()[0]
    assert first.endswith("SAH / VALID")


def test_the_etsi_report_is_one_that_others_read(folder: Path) -> None:
    from pyhanko.generated.etsi.ts_11910202 import ValidationReport
    from xsdata.formats.dataclass.parsers import XmlParser

    out = folder / "report.xml"
    assert run(folder, "valid.pdf", "--trust", "trust.pem", "--etsi-xml", str(out)).returncode == 0
    report = XmlParser().from_bytes(out.read_bytes(), ValidationReport)
    status = report.signature_validation_report[0].signature_validation_status
    assert status is not None
    assert status.main_indication == "urn:etsi:019102:mainindication:total-passed"
    assert run(folder, "valid.pdf", "odd.pdf", "--etsi-xml", str(out)).returncode == 64


def test_the_command_cannot_reach_the_network(folder: Path) -> None:
    """The HTTP client that pyHanko brings is never loaded."""
    code = (
        "import sys; from verifier.offline import cut_off; cut_off(); from verifier.__main__ import main;"
        f"main([{str(folder / 'valid.pdf')!r}]); assert not hasattr(sys.modules['aiohttp'], '__file__');"
        "import aiohttp\ntry: aiohttp.ClientSession()\nexcept OSError: print('none')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.stdout.splitlines()[-1] == "none"


def loop() -> Report:
    while True:
        pass


def hoard() -> Report:
    raise AssertionError(len([bytes(1 << 20) for _ in range(4096)]))


def crash() -> Report:
    raise SystemExit(3)


@pytest.mark.parametrize(("work", "code"), [(hoard, "too-large"), (crash, "examination-failed")])
def test_a_hostile_file_costs_only_its_own_process(work: object, code: str) -> None:
    report = bounded("x.pdf", b"%PDF", datetime.now(UTC), work)  # type: ignore[arg-type]
    assert (report.verdict, report.exit_code) == ("unreadable", 4)
    assert code in tools.codes(report)


def test_an_endless_file_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verifier.sandbox.SECONDS", 0.3)
    report = bounded("x.pdf", b"%PDF", datetime.now(UTC), loop)
    assert "too-slow" in tools.codes(report)
    assert report.seconds < 2


def test_the_gravest_of_several_counts() -> None:
    assert worst_exit([0, 2, 3, 4, 1]) == 1
    assert worst_exit([0, 2, 3, 4]) == 4
    assert worst_exit([0, 2]) == 2
    assert worst_exit([0]) == 0
