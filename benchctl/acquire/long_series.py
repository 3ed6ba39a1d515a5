"""What a long series says: one pass over the readings, then statistics of blocks.

A million readings are looked at once, block by block while they are in the processor's cache. Every
block gives its mean, its sum of squares about that mean and its mean instant; the rest is found
from these. The variance of the overall mean is that of the block means over their number: it counts
whatever correlation there is within a block exactly, and what remains between the blocks goes in by
the autocorrelation of their means (batch means: Law, Simulation Modeling and Analysis, 5th ed.,
section 9.5.3, from memory: check).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from benchctl.core.series import Floats

LONG = 1 << 16
"""From so many readings on a series is looked at in blocks."""
BLOCKS = 1024
"""So many blocks of a whole number of readings; the few that are left over count in the whole."""
AT_ONCE = 64
"""Blocks that are worked on together: few enough for the processor's cache."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """A series in blocks: instants and means, shape (blocks,), and the whole's mean and spread.

    The means are counted from the first reading, so that no digit is lost beside a large offset.
    `size` is how many readings a block has, `s` the experimental standard deviation of a reading.
    """

    t: Floats
    means: Floats
    size: int
    mean: float
    s: float


def blocks_of(t: Floats, x: Floats) -> Blocks:
    """Return a series of at least `LONG` readings in blocks."""
    size = x.size // BLOCKS
    times, means, squares = np.empty(BLOCKS), np.empty(BLOCKS), np.empty(BLOCKS)
    scratch = np.empty((AT_ONCE, size))
    for first in range(0, BLOCKS, AT_ONCE):
        these = slice(first, first + AT_ONCE)
        span = slice(first * size, (first + AT_ONCE) * size)
        shift = float(x[span.start])
        np.subtract(x[span].reshape(AT_ONCE, size), shift, out=scratch)
        sums = scratch.sum(axis=1)
        squares[these] = np.einsum("ij,ij->i", scratch, scratch) - sums * sums / size
        means[these] = (shift - float(x[0])) + sums / size
        times[these] = t[span].reshape(AT_ONCE, size).mean(axis=1)
    blocks = Blocks(times, means, size, *_whole(means, squares, size))
    whole = _with_rest(blocks, x[BLOCKS * size :] - x[0])
    return replace(whole, mean=float(x[0]) + whole.mean)


def _whole(means: Floats, squares: Floats, size: int) -> tuple[float, float]:
    """Return mean and experimental standard deviation of all readings of the blocks."""
    mean = float(means[0] + np.mean(means - means[0]))
    total = float(squares.sum() + size * np.sum((means - mean) ** 2))
    return mean, float(np.sqrt(total / (means.size * size - 1)))


def _with_rest(blocks: Blocks, rest: Floats) -> Blocks:
    """Return the blocks with the few last readings, too few for a block, in mean and spread."""
    if not rest.size:
        return blocks
    n, m = blocks.means.size * blocks.size, rest.size
    of_rest = float(rest[0] + np.mean(rest - rest[0]))
    apart = of_rest - blocks.mean
    squares = blocks.s**2 * (n - 1) + float(np.sum((rest - of_rest) ** 2))
    squares += apart**2 * n * m / (n + m)
    mean = blocks.mean + apart * m / (n + m)
    return replace(blocks, mean=mean, s=float(np.sqrt(squares / (n + m - 1))))
