"""Logs are JSON lines, and an unexpected error's trace carries no local variables: one may be a passphrase."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROGRAM = """
import structlog
import app
app.configure_logs()
def sign(secret):
    raise RuntimeError("kunci macet")
try:
    sign("frasa-sangat-rahasia")
except RuntimeError as fault:
    structlog.get_logger().error("unexpected", exc_info=fault)
"""


def test_a_passphrase_in_a_failing_call_is_not_logged() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert '"exc_type": "RuntimeError"' in done.stderr and "kunci macet" in done.stderr
    assert "frasa-sangat-rahasia" not in done.stdout + done.stderr
