"""A series of readings: preallocated columns, one writer, readers without a lock.

    series = Series("master", ("volume",), ("L",))
    series.push(t_before, t_after, (12.5,))
    t, volume = series.t(), series.column(0)

A series that is told how many rows to `keep` stays as large as it is for a run of days: when its
columns are full, `spill` is told, and new columns begin with the rows that are kept. Who looks at
the old columns still sees them: a window never changes under a reader's hands.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchctl.core.running import Running

Floats = NDArray[np.float64]

GOOD = 0.0
"""Flag of a sample that may be used; any other flag is a reason not to."""
FAILED = 1.0
"""The exchange failed; the values are NaN."""
UNSTABLE = 2.0
"""The instrument itself says that the value is not stable."""


class _Page(NamedTuple):
    """The columns in use, the number of their first row, and what was heard for each row."""

    data: Floats
    first: int
    said: list[bytes]


class Series:
    """Columns t_before, t_after, one per channel, flag; rows are samples in order of time.

    The writer fills a row and then raises `n`; a reader takes page and `n` once and looks no
    further. Rows are numbered from 0 for ever, also when the first of them are gone.

    Args:
        name: What it is called in the record.
        channels: Names of the values of a row.
        units: Their units.
        capacity: Rows for which room is made at once.
        keep: The last so many rows can always be looked at; earlier ones may be gone. None keeps
            all.
        spill: Told before rows are forgotten, by the writer; it must keep rows `kept` to `n`.
        running: Takes the good values of each channel as they come: for limits and present means
            that are to be known at once, whatever is kept.
        heard: Gives the bytes that were received for the row that is being pushed; they are kept
            beside its values.
    """

    def __init__(
        self,
        name: str,
        channels: Sequence[str],
        units: Sequence[str],
        capacity: int = 1024,
        *,
        keep: int | None = None,
        spill: Callable[[Series], None] | None = None,
        running: Sequence[Running] = (),
        heard: Callable[[], bytes] | None = None,
    ) -> None:
        if len(channels) != len(units):
            raise ValueError(f"series {name}: {len(channels)} channels, {len(units)} units")
        if keep is not None and not 1 <= keep <= capacity:
            raise ValueError(f"series {name}: {keep} rows to keep of {capacity}")
        if running and len(running) != len(channels):
            raise ValueError(f"series {name}: {len(channels)} channels, {len(running)} sums")
        self.name = name
        self.channels = tuple(channels)
        self.units = tuple(units)
        self.running = tuple(running)
        self._adds = tuple(one.add for one in running)
        self.heard = heard
        self._keep = keep
        self._spill = spill
        self._capacity = capacity
        self.n = 0
        self.missed = 0
        """Slots for which there is no row, since the exchange before took too long."""
        self._begin(capacity, 0)

    def _begin(self, rows: int, first: int) -> None:
        """Take new columns into use; they begin with the rows from `first` on that are there."""
        data: Floats = np.empty((len(self.channels) + 3, rows))
        said: list[bytes] = []
        if self.n:
            data[:, : self.n - first] = self.block(first)
            said = self.said(first)
        self._page = _Page(data, first, said)
        self._rows: list[Any] = [memoryview(row) for row in data]  # twice as quick to write
        self._room = first + rows

    def push(
        self, t_before: float, t_after: float, values: Sequence[float], flag: float = GOOD
    ) -> None:
        """Append one sample: bench time before and after the exchange, one value per channel."""
        n = self.n
        if n == self._room:
            self._turn()
        at = n - self._page.first
        rows = self._rows
        rows[0][at] = t_before
        rows[1][at] = t_after
        i = 2
        for value in values:
            rows[i][at] = value
            i += 1
        rows[-1][at] = flag
        if self._adds and flag == GOOD:
            i = 0
            for value in values:
                self._adds[i](value)
                i += 1  # noqa: SIM113 - dearer by a third with enumerate
        if self.heard is not None:
            self._page.said.append(self.heard())
        self.n = n + 1

    def extend(self, t_before: Floats, t_after: Floats, values: Floats, flag: float = GOOD) -> None:
        """Append many samples: instants of shape (rows,), values of shape (channels, rows).

        What was heard for all of them stands with the first.
        """
        said = [] if self.heard is None else [self.heard()]
        if self.running and flag == GOOD:
            for running, column in zip(self.running, values, strict=True):
                running.extend(column)
        done, rows = 0, t_before.size
        while done < rows:
            if self.n == self._room:
                self._turn()
            page, n = self._page, self.n
            some = min(rows - done, self._room - n)
            these, there = slice(done, done + some), slice(n - page.first, n - page.first + some)
            page.data[0, there] = t_before[these]
            page.data[1, there] = t_after[these]
            page.data[2:-1, there] = values[:, these]
            page.data[-1, there] = flag
            if self.heard is not None:
                page.said.extend(said + [b""] * (some - len(said)))
                said = []
            self.n = n + some
            done += some

    def _turn(self) -> None:
        """Make room: as much again, or the same once more where rows may be forgotten."""
        if self._keep is None:
            self._begin(2 * self.n, 0)
            return
        if self._spill is not None:
            self._spill(self)
        self._begin(self._capacity + self._keep, self.n - self._keep)

    @property
    def kept(self) -> int:
        """Number of the first row that can still be looked at."""
        return self._page.first

    def block(self, first: int, last: int | None = None) -> Floats:
        """Return rows `first` to `last` (exclusive) of all columns, shape (channels + 3, rows).

        A view. What was forgotten is not among them.
        """
        page = self._page
        end = min(self.n if last is None else last, page.first + page.data.shape[1])
        return page.data[:, max(0, first - page.first) : max(0, end - page.first)]

    def said(self, first: int, last: int | None = None) -> list[bytes]:
        """Return what was heard for rows `first` to `last` (exclusive), [] if nobody listened."""
        page = self._page
        end = min(self.n if last is None else last, page.first + page.data.shape[1])
        return page.said[max(0, first - page.first) : max(0, end - page.first)]

    def readings(self, channel: int | str = 0, first: int = 0) -> tuple[Floats, Floats]:
        """Return midpoints in s and values of the samples that may be used, from row `first` on.

        Both are of one look: while the writer writes on, `t()`, `column()` and `good()` one after
        the other may differ in length.
        """
        index = self.channels.index(channel) if isinstance(channel, str) else channel
        block = self.block(first)
        good = block[-1] == GOOD
        return (block[0, good] + block[1, good]) / 2, block[2 + index, good]

    def t(self) -> Floats:
        """Return the midpoint of each exchange in s of bench time."""
        block = self.block(0)
        middle: Floats = (block[0] + block[1]) / 2
        return middle

    def column(self, channel: int | str = 0) -> Floats:
        """Return the values of a channel, by index or name."""
        index = self.channels.index(channel) if isinstance(channel, str) else channel
        column: Floats = self.block(0)[2 + index]
        return column

    def flags(self) -> Floats:
        """Return the flag of each sample."""
        flags: Floats = self.block(0)[-1]
        return flags

    def good(self) -> NDArray[np.bool_]:
        """Return which samples may be used."""
        good: NDArray[np.bool_] = self.flags() == GOOD
        return good
