"""What happens to the record while it is written: the clock is set, the disk fills, nobody signs.

    watch = Watch(folder)
    for what, why in watch.look(): ...     # now and then, by the journal

Real time against the monotonic clock: that one is never set. Records are in order by their number,
so that a step puts nothing in another order; it is in the record so that a reader knows of it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from benchctl.core.clock import Deadline, monotonic, utc_now
from benchctl.core.messages import Message, msg
from benchctl.records.rows import HeadRow
from benchctl.verifier.heads import read_statement

CLOCK, DISK, SIGNING, SETTINGS = "clock-step", "disk-low", "signing-failed", "settings"
LOOK_EVERY = 10.0
"""Real seconds between two looks."""
STEP = 2.0
"""Seconds by which a clock is set, not slewed."""
LOW = 200 << 20
"""Bytes; below this the disk is low."""

Notice = tuple[str, Message]


class Watch:
    """Looks at the clock and the disk of one run's record."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._offset = _offset()
        self._low = False
        self._due: Deadline | None = None

    def look(self) -> Iterator[Notice]:
        """Give what is to be noted; nothing where the last look was a moment ago."""
        if self._due is not None and not self._due.over:
            return
        self._due = Deadline(LOOK_EVERY)
        step = _offset() - self._offset
        if abs(step) > STEP:
            self._offset += step
            yield CLOCK, msg("records.clock-step", seconds=f"{step:+.0f}")
        yield from self._disk()

    def _disk(self) -> Iterator[Notice]:
        try:
            free = shutil.disk_usage(self._folder).free
        except OSError:
            return  # the next write says what is wrong with the disk
        if free < LOW and not self._low:
            self._low = True
            yield DISK, msg("records.disk-low", free=free >> 20)


def since_last(row: HeadRow | None) -> Iterator[Notice]:
    """Give what is to be noted at a run's beginning, from the last statement of the lab.

    A clock that stands before the last statement was set back.
    """
    if row is None:
        return
    last = read_statement(row.text).utc
    back = (datetime.fromisoformat(last) - utc_now()).total_seconds()
    if back > STEP:
        yield CLOCK, msg("records.clock-back", seconds=f"{back:.0f}", utc=last)


def _offset() -> float:
    """Return by how much the date is ahead of the monotonic clock, in s."""
    return utc_now().timestamp() - monotonic()
