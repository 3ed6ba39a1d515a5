"""Chance without a generator: every number is a function of (seed, channel, instant).

A shared stream of random numbers would give other values as soon as threads come in another order.
Here a reading's noise depends on nothing but the seed, the name of its channel and bench time, so
the same seed gives the same run, and a reading can be made again.

    white = Noise(7, "master.flow")
    white.gauss(12.5)                                # of mean 0 and standard deviation 1
    ripple = Ripple(7, "flow", rms=0.003, periods=(8.0, 40.0))
    ripple.at(t), ripple.integral(t0, t1)            # smooth, and integrable in closed form
"""

from __future__ import annotations

import math
import struct
from hashlib import blake2b

_TURN = 2.0 * math.pi


class Noise:
    """Draws that belong to one channel of one seed; `key` is an instant, an index or a name."""

    __slots__ = ("_hash",)

    def __init__(self, seed: int, channel: str) -> None:
        self._hash = blake2b(f"{seed}/{channel}/".encode(), digest_size=16)

    def _words(self, key: float | str) -> tuple[int, int]:
        digest = self._hash.copy()
        digest.update(key.encode() if isinstance(key, str) else struct.pack("<d", key))
        first, second = struct.unpack("<QQ", digest.digest())
        return first, second

    def uniform(self, key: float | str, low: float = 0.0, high: float = 1.0) -> float:
        """Return a number that is evenly distributed over `low`..`high`."""
        return low + (high - low) * self._words(key)[0] / 2.0**64

    def gauss(self, key: float | str, sigma: float = 1.0) -> float:
        """Return a normally distributed number of mean 0 (method: Box and Muller, 1958)."""
        first, second = self._words(key)
        radius = math.sqrt(-2.0 * math.log((first + 1) / 2.0**64))
        return sigma * radius * math.cos(_TURN * second / 2.0**64)


class Ripple:
    """A smooth wander of mean about 0: a few sinusoids with phases drawn from the seed.

    `rms` is its root mean square over long times, `periods` the shortest and the longest period in
    s.
    """

    __slots__ = ("_waves",)

    def __init__(
        self, seed: int, channel: str, *, rms: float, periods: tuple[float, float], waves: int = 3
    ) -> None:
        noise = Noise(seed, f"ripple/{channel}")
        short, long = periods
        amplitude = rms * math.sqrt(2.0 / waves)
        found = []
        for n in range(waves):
            omega = _TURN / (short * (long / short) ** ((n + noise.uniform(f"p{n}")) / waves))
            phase = noise.uniform(f"phase{n}", 0.0, _TURN)
            found.append((amplitude, omega, phase, amplitude / omega))
        self._waves = tuple(found)

    def at(self, t: float) -> float:
        """Return the value at instant `t` in s."""
        total = 0.0
        for amplitude, omega, phase, _ in self._waves:
            total += amplitude * math.sin(omega * t + phase)
        return total

    def integral(self, t_from: float, t_to: float) -> float:
        """Return the integral over time from `t_from` to `t_to`, exact."""
        total = 0.0
        for _, omega, phase, travel in self._waves:
            total += travel * (math.cos(omega * t_from + phase) - math.cos(omega * t_to + phase))
        return total
