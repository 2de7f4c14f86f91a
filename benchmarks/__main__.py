"""`make bench`: all measurements, as a table on screen and in benchmarks/results.json."""

from __future__ import annotations

import json
import platform
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import bench_letters, bench_pages, bench_preview, bench_signing, bench_verifier

RESULTS = Path(__file__).parent / "results.json"


def main() -> None:
    rows = [row for bench in (bench_letters, bench_preview, bench_signing, bench_verifier) for row in bench.measure()]
    painted, pages = bench_pages.measure()
    rows += painted
    print(f"{'what':<52}{'ours ms':>10}{'baseline ms':>13}{'ratio':>8}  baseline")
    for row in rows:
        print(f"{row.what:<52}{row.ours_ms:>10.1f}{row.baseline_ms:>13.1f}{row.ratio:>8.2f}  {row.baseline}")
    bench_pages.print_pages(pages)
    results = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "rows": [{**asdict(row), "ratio": round(row.ratio, 3)} for row in rows],
        "pages": [{**asdict(page), "holds": page.holds} for page in pages],
    }
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
