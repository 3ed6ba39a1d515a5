"""A series of readings: preallocated columns, one writer, readers without a lock.

series = Series("master", ("volume",), ("L",))
series.push(t_before, t_after, (12.5,))
t, volume = series.t(), series.column(0)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

GOOD = 0.0
"""Flag of a sample that may be used; any other flag is a reason not to."""
FAILED = 1.0
"""The exchange failed; the values are NaN."""
UNSTABLE = 2.0
"""The instrument itself says that the value is not stable."""


class Series:
    """Columns t_before, t_after, one per channel, flag; rows are samples in order of time.

    The writer fills a row and then raises `n`; a reader takes `n` once and looks no further.
    """

    def __init__(
        self, name: str, channels: Sequence[str], units: Sequence[str], capacity: int = 1024
    ) -> None:
        if len(channels) != len(units):
            raise ValueError(f"series {name}: {len(channels)} channels, {len(units)} units")
        self.name = name
        self.channels = tuple(channels)
        self.units = tuple(units)
        self._data: Floats = np.empty((len(channels) + 3, capacity))
        self._rows: list[Any] = [memoryview(row) for row in self._data]  # twice as quick to write
        self.n = 0

    def push(
        self, t_before: float, t_after: float, values: Sequence[float], flag: float = GOOD
    ) -> None:
        """Append one sample: bench time before and after the exchange, one value per channel."""
        n = self.n
        rows = self._rows
        if n == rows[0].shape[0]:
            rows = self._grown()
        rows[0][n] = t_before
        rows[1][n] = t_after
        i = 2
        for value in values:
            rows[i][n] = value
            i += 1
        rows[-1][n] = flag
        self.n = n + 1

    def _grown(self) -> list[Any]:
        """Make room for as much again; who looks at the old columns still sees them."""
        grown: Floats = np.empty((self._data.shape[0], 2 * self.n))
        grown[:, : self.n] = self._data
        self._data = grown
        self._rows = [memoryview(row) for row in grown]
        return self._rows

    def block(self, first: int, last: int | None = None) -> Floats:
        """Return rows `first` to `last` (exclusive) of all columns, shape (channels + 3, rows).

        A view.
        """
        return self._data[:, first : self.n if last is None else last]

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
