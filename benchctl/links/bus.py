"""One lock per physical bus, which also keeps its tasks apart in virtual time.

A whole exchange, or several that belong together, is one `with`:

    with bus:
        link.write(request)
        reply = link.read_exactly(9)
"""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any

from benchctl.core.clock import Clock, RealClock


class Bus:
    """The lock of one socket, serial line or GPIB board; whoever talks on it holds it.

    The outermost `with` lets the caller's bench time catch up with the instant at which the bus
    became free: two tasks of one bus never overlap in virtual time either.
    """

    __slots__ = ("_clock", "_depth", "_lock", "free_at", "hold", "name")

    def __init__(self, name: str, clock: Clock) -> None:
        self.name = name
        self.free_at = 0.0
        """Bench time in s at which the last exchange ended."""
        self._clock = clock
        self._lock = threading.RLock()
        self._depth = 0
        self.hold: AbstractContextManager[Any] = (
            self._lock if isinstance(clock, RealClock) else self
        )
        """What a loop holds in place of the bus itself: bare where time takes care of itself."""

    def now(self) -> float:
        """Return the bench time in s of whoever holds the bus."""
        return self._clock.now()

    def sleep(self, seconds: float) -> None:
        """Let `seconds` of bench time pass for whoever holds the bus."""
        self._clock.sleep(seconds)

    def __enter__(self) -> Bus:
        self._lock.acquire()
        if not self._depth:
            self._clock.catch_up(self.free_at)
        self._depth += 1
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._depth -= 1
        if not self._depth:
            self.free_at = self._clock.now()
        self._lock.release()

    def __repr__(self) -> str:
        return f"Bus({self.name!r})"
