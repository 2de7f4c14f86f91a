"""Flip every bit of a letter, one at a time, and hold the verifier to it: none may pass as unchanged or valid.

    .venv/bin/python -m tests.bitflips [--letter FILE --trust PEM] [--per-byte] [--most N] [--seconds S] [--seed S]

Without --letter, a B-LTA letter is signed first. The bits come in a random order, so a run that ends early is a
uniform sample; --per-byte takes one random bit of each byte. All bits of a letter take hours. Exit 1 if one passes.
"""

from __future__ import annotations

import argparse
import logging
import random
import re
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from types import FrameType

from verifier import examine
from verifier.report import Report
from verifier.trust import Trust

PROCESSES, BATCH = 2, 40
LIMIT = 10.0  # seconds of computing: a busy machine may stall any of them
_LAST_GAP = re.compile(rb"/Contents <([0-9A-Fa-f]*)>")


@dataclass
class Tally:
    """What became of so many flips: counts of (verdict, integrity), the slowest, and those that should not be."""

    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    harmless: int = 0
    slowest: float = 0.0
    wrong: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        self.outcomes += other.outcomes
        self.harmless += other.harmless
        self.slowest = max(self.slowest, other.slowest)
        self.wrong += other.wrong

    @property
    def total(self) -> int:
        return self.outcomes.total() + self.harmless


def flipped(data: bytes, index: int) -> bytes:
    """`data` with bit `index` (counted over the whole file) turned."""
    changed = bytearray(data)
    changed[index >> 3] ^= 1 << (index & 7)
    return bytes(changed)


def same_meaning(data: bytes, index: int) -> bool:
    """The letter case of a hexadecimal digit in the last signature's value: the same bytes in another spelling."""
    start, end = list(_LAST_GAP.finditer(data))[-1].span(1)
    return start <= index >> 3 < end and index & 7 == 5 and data[index >> 3 : (index >> 3) + 1].isalpha()


def complaint(report: Report) -> str | None:
    """What is wrong with this report on a damaged letter, or None."""
    if report.verdict in ("valid", "unsigned") or report.exit_code == 0:
        return f"verdict {report.verdict}"
    return f"integrity {report.integrity}" if report.integrity not in ("altered", "unknown") else None


class TooSlowError(BaseException):
    """Beyond the limit; no check of the verifier may catch it."""


def _ring(_signal: int, _frame: FrameType | None) -> None:
    raise TooSlowError


def judge(data: bytes, trust: Trust, indices: Iterable[int]) -> Tally:
    """Examine one flip after the other in this process."""
    tally = Tally()
    signal.signal(signal.SIGPROF, _ring)
    for index in indices:
        if same_meaning(data, index):
            tally.harmless += 1
            continue
        started = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, LIMIT)
        try:
            report = examine.pdf(flipped(data, index), name="surat.pdf", trust=trust)
            found, outcome = complaint(report), (report.verdict, report.integrity)
        except TooSlowError:
            found, outcome = "too slow", ("-", "too slow")
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        tally.outcomes[outcome] += 1
        tally.slowest = max(tally.slowest, time.process_time() - started)
        tally.wrong += [f"byte {index >> 3} bit {index & 7}: {found}"] if found else []
    return tally


def order(size: int, seed: int, *, per_byte: bool) -> list[int]:
    """Indices of all bits of a file of `size` bytes, or of one bit a byte, in random order."""
    chance = random.Random(seed)
    bits = [8 * n + chance.randrange(8) for n in range(size)] if per_byte else list(range(8 * size))
    chance.shuffle(bits)
    return bits


def every(data: bytes, pems: bytes, bits: list[int], seconds: float) -> Iterator[Tally]:
    """Tallies of batches as they are done, by two processes, until the time is over."""
    batches = iter(list(batch) for batch in _batched(bits))
    until = time.monotonic() + seconds
    with ProcessPoolExecutor(PROCESSES) as pool:
        while (group := list(islice(batches, 8 * PROCESSES))) and time.monotonic() < until:
            yield from pool.map(_work, [(data, pems, batch) for batch in group])


def _batched(bits: list[int]) -> Iterator[list[int]]:
    return (bits[start : start + BATCH] for start in range(0, len(bits), BATCH))


def _work(job: tuple[bytes, bytes, list[int]]) -> Tally:
    data, pems, bits = job
    return judge(data, Trust.from_pem(pems), bits)


def _letter(options: argparse.Namespace) -> tuple[bytes, bytes]:
    if options.letter:
        return Path(options.letter).read_bytes(), Path(options.trust).read_bytes()
    sys.path.insert(0, str(Path(__file__).parent))
    import helpers_attacks
    import helpers_pki

    return helpers_attacks.archived(), helpers_pki.authority().trust_pem()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="flip every bit of a letter")
    parser.add_argument("--letter", metavar="FILE")
    parser.add_argument("--trust", metavar="PEM")
    parser.add_argument("--per-byte", action="store_true", help="one random bit of each byte")
    parser.add_argument("--most", type=int, metavar="N", help="so many flips at most")
    parser.add_argument("--seconds", type=float, default=float("inf"), metavar="S")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.letter and not options.trust:
        parser.error("--letter needs --trust")
    return options


def main() -> int:
    logging.disable()  # pyHanko tells at length what it could not validate
    options = _options()
    data, pems = _letter(options)
    report = examine.pdf(data, name="surat.pdf", trust=Trust.from_pem(pems))
    report.require_valid()  # or nothing below would mean anything
    bits = order(len(data), options.seed, per_byte=options.per_byte)[: options.most]
    tally, started = Tally(), time.monotonic()
    for part in every(data, pems, bits, options.seconds):
        tally.add(part)
        rate = tally.total / (time.monotonic() - started)
        print(f"\r{tally.total} of {len(bits)}, {rate:.1f}/s, wrong: {len(tally.wrong)} ", end="", file=sys.stderr)
    print(f"\n{tally.total} of {8 * len(data)} bits of a {len(data)}-byte letter, {tally.harmless} without meaning")
    for (verdict, integrity), count in tally.outcomes.most_common():
        print(f"  {verdict:<12}{integrity:<20}{count:>8}")
    print(f"slowest {tally.slowest:.2f} s")
    print("\n".join(tally.wrong) or "none passed")
    return 1 if tally.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
