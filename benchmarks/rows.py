"""A measured row, and how two acts are timed in turn so that a drifting machine slows both."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """Median milliseconds of ours and of the baseline, measured in turn; `ratio` is ours / baseline."""

    what: str
    baseline: str
    ours_ms: float
    baseline_ms: float

    @property
    def ratio(self) -> float:
        return self.ours_ms / self.baseline_ms


def in_turn(what: str, baseline: str, ours: Callable[[], object], theirs: Callable[[], object], rounds: int) -> Row:
    """Time both acts `rounds` times in turn, after one warm-up of each."""
    ours(), theirs()
    times = [(_ms(ours), _ms(theirs)) for _ in range(rounds)]
    own, other = (statistics.median(column) for column in zip(*times, strict=True))
    return Row(what, baseline, own, other)


def _ms(act: Callable[[], object]) -> float:
    begin = time.perf_counter()
    act()
    return (time.perf_counter() - begin) * 1000
