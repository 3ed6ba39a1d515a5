"""The one source of time.

There are two times. *Bench time* is what points, settling, sampling and a simulated plant live in;
it comes from a `Clock`, in seconds since the clock was made, and may be real, scaled or virtual.
*Real time* is what deadlines on a wire and the safe state live in; it comes from `monotonic()` and
`pause()`, always.

    clock = VirtualClock()
    clock.sleep(3.0)                 # at once: bench time is now 3.0 s later
    deadline = Deadline(0.5)         # half a second of real time, whatever the clock does
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

monotonic = time.monotonic
"""Real time in seconds from an arbitrary origin; it never goes back."""


def pause(seconds: float) -> None:
    """Let `seconds` of real time pass."""
    if seconds > 0:
        time.sleep(seconds)


def utc_now() -> datetime:
    """Return the real date and time, UTC."""
    return datetime.now(UTC)


class Deadline:
    """An instant in real time by which something must be done."""

    __slots__ = ("_at",)

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds that remain, never below zero."""
        return max(0.0, self._at - time.monotonic())

    @property
    def over(self) -> bool:
        """Whether the instant has passed."""
        return time.monotonic() >= self._at


class Clock(Protocol):
    """Bench time, in seconds since the clock was made."""

    def now(self) -> float:
        """Return bench time in seconds."""
        ...

    def utc(self, t: float | None = None) -> datetime:
        """Return the date and time, UTC, of bench time `t` (default: now)."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let `seconds` of bench time pass for the caller: a wire, a simulated device."""
        ...

    def catch_up(self, t: float) -> None:
        """Let the caller's bench time be at least `t`; only a virtual clock has anything to do."""
        ...


class RealClock:
    """Bench time that follows real time, `rate` times as fast (1 on a real bench).

    `at` is the bench time in s with which it begins, `start` the date and time of bench time zero.
    """

    def __init__(
        self, rate: float = 1.0, *, at: float = 0.0, start: datetime | None = None
    ) -> None:
        if not 0 < rate < 1e6:
            raise ValueError(f"the rate of a clock must be positive and below 1e6, got {rate}")
        self.rate = rate
        self._origin = time.monotonic() - at / rate
        self._utc = utc_now() if start is None else start

    def now(self) -> float:
        """Return bench time in seconds."""
        return (time.monotonic() - self._origin) * self.rate

    def utc(self, t: float | None = None) -> datetime:
        """Return the date and time, UTC, of bench time `t` (default: now)."""
        return self._utc + timedelta(seconds=self.now() if t is None else t)

    def sleep(self, seconds: float) -> None:
        """Sleep for `seconds` of bench time."""
        pause(seconds / self.rate)

    def catch_up(self, t: float) -> None:
        """Do nothing: the lock of a bus already took the time that the bus was busy."""


class VirtualClock:
    """Bench time that jumps.

    The scheduler moves it to each task's instant; what a task or a simulated device spends in
    `sleep` adds to the instant of that task only, because one exchange is in flight at a time.
    Another task may therefore be resumed at an earlier instant afterwards: a plant answers for any
    instant since its last change of state.
    """

    def __init__(self, start: datetime | None = None, *, at: float = 0.0) -> None:
        self._now = at
        self._utc = utc_now() if start is None else start
        self._lock = threading.Lock()

    def now(self) -> float:
        """Return the bench time of the running task in seconds."""
        return self._now

    def utc(self, t: float | None = None) -> datetime:
        """Return the date and time, UTC, of bench time `t` (default: now)."""
        return self._utc + timedelta(seconds=self._now if t is None else t)

    def sleep(self, seconds: float) -> None:
        """Advance the running task's bench time by `seconds`, at once."""
        if seconds > 0:
            with self._lock:
                self._now += seconds

    def catch_up(self, t: float) -> None:
        """Advance the running task's bench time to `t` if it is earlier."""
        with self._lock:
            self._now = max(self._now, t)

    def move_to(self, t: float) -> None:
        """Set bench time to `t`; for the scheduler, when it resumes a task."""
        with self._lock:
            self._now = t
