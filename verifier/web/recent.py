"""A bounded memory of recent results, each with its own end."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Recent(Generic[K, V]):
    """The last `most` results by key; safe for threads. Two threads may work out the same result at once."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[K, tuple[datetime, datetime, V]] = OrderedDict()

    def get(self, key: K, now: datetime) -> V | None:
        """What was kept under `key`, if `now` lies in its window; a clock that was set back ends the window too."""
        with self._lock:
            found = self._kept.get(key)
            if found is None or not found[0] <= now < found[1]:
                return None
            self._kept.move_to_end(key)
            return found[2]

    def keep(self, key: K, value: V, since: datetime, until: datetime) -> None:
        """Keep `value` from `since` until just before `until`; the one used longest ago makes room."""
        with self._lock:
            self._kept[key] = (since, until, value)
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
