"""`python -m verifier` on one of our letters against `pyhanko sign validate` on it: whole processes, in turn."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.rows import Row, in_turn

ROUNDS = 5
ROOT = Path(__file__).parent.parent


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "-m", "signer", "demo", "--out", folder], check=True, cwd=ROOT, stdout=subprocess.DEVNULL
        )
        letter, trust = f"{folder}/letter.pdf", f"{folder}/trust.pem"
        pyhanko = str(Path(sys.executable).with_name("pyhanko"))
        ours = [sys.executable, "-m", "verifier", letter, "--trust", trust, "--json"]
        theirs = [pyhanko, "sign", "validate", "--no-revocation-check", "--trust", trust, letter]
        return [in_turn("verify a letter, whole process", "pyhanko sign validate", _run(ours), _run(theirs), ROUNDS)]


def _run(command: list[str]) -> Callable[[], object]:
    return lambda: subprocess.run(command, check=True, cwd=ROOT, capture_output=True)
