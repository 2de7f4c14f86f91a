"""Run the verifier over a corpus (a folder with manifest.tsv and pdf/) and hold every row to its `must`.

    .venv/bin/python tests/corpus.py DIR

Prints a confusion table and each row that fails or is an exception; exit 1 if a row's `must` does not hold, or more
than three intact files are not called unchanged or permitted. The manifest's columns: docs/formats/report.md.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parents[1]
UNTOUCHED = {"unchanged", "permitted-changes"}
MOST_EXCEPTIONS = 3
MOST_SECONDS = 11.0  # 10 s a file, and the command's own start


@dataclass(frozen=True)
class Row:
    name: str
    must: str
    why: str
    report: dict[str, object]
    exit_code: int
    stderr: str
    seconds: float

    @property
    def failure(self) -> str | None:
        """Why the row's `must` does not hold, or None."""
        integrity, verdict = self.report.get("integrity"), self.report.get("verdict")
        if not self.report or "Traceback" in self.stderr or self.exit_code not in range(5):
            return f"no report (exit {self.exit_code}) {self.stderr[-200:]}"
        if self.seconds > MOST_SECONDS:
            return f"took {self.seconds:.1f} s"
        if self.must == "never-valid" and (integrity not in ("altered", "unknown") or verdict == "valid"):
            return f"is called {integrity}, {verdict}"
        if self.must == "unsigned" and verdict != "unsigned":
            return f"is called {verdict}"
        if self.must == "intact" and verdict in ("unsigned", "unreadable"):
            return f"is called {verdict}"
        return None

    @property
    def exception(self) -> bool:
        """An intact file that is not called so; defensible only with its reason."""
        return self.must == "intact" and self.report.get("integrity") not in UNTOUCHED


def examine(folder: Path, row: dict[str, str]) -> Row:
    path = folder / "pdf" / f"{row['sha256'][:16]}.pdf"
    started = perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "verifier", str(path), "--json"], capture_output=True, text=True, cwd=ROOT, check=False
    )
    taken = perf_counter() - started
    try:
        report = json.loads(done.stdout)
    except ValueError:
        report = {}
    name = f"{row['sha256'][:8]} {Path(row['path']).name}"
    return Row(name, row["must"], row["why"], report, done.returncode, done.stderr, taken)


def gravest(report: dict[str, object]) -> str:
    reasons = report.get("reasons") or [{}]
    first = reasons[0] if isinstance(reasons, list) else {}
    return f"{first.get('code')}: {first.get('en')}"


def table(rows: list[Row]) -> str:
    counts = Counter((row.must, str(row.report.get("integrity"))) for row in rows)
    columns = ["unchanged", "permitted-changes", "altered", "unknown", "unsigned"]
    lines = [f"{'must':<14}" + "".join(f"{column:>19}" for column in columns)]
    for must in ("intact", "never-valid", "unsigned", "graceful"):
        lines.append(f"{must:<14}" + "".join(f"{counts[must, column]:>19}" for column in columns))
    return "\n".join(lines)


def main(folder: Path) -> int:
    with (folder / "manifest.tsv").open(encoding="utf-8", newline="") as manifest:
        wanted = list(csv.DictReader(manifest, delimiter="\t"))
    with ThreadPoolExecutor(2) as pool:
        rows = list(pool.map(lambda row: examine(folder, row), wanted))
    print(table(rows))
    exceptions = [row for row in rows if row.exception]
    for row in exceptions:
        print(f"exception  {row.name}\n           {row.report.get('integrity')}: {gravest(row.report)}")
    failures = [row for row in rows if row.failure]
    for row in failures:
        print(f"FAILED     {row.name} must be {row.must}, {row.failure}\n           {gravest(row.report)}")
    slowest = max(rows, key=lambda row: row.seconds)
    print(f"{len(rows)} files; {len(exceptions)} exceptions; slowest {slowest.seconds:.1f} s ({slowest.name})")
    return 1 if failures or len(exceptions) > MOST_EXCEPTIONS else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: tests/corpus.py DIR")
    sys.exit(main(Path(sys.argv[1])))
