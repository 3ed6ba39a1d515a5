"""How a plant gives a simulated instrument what it is to show: a function of bench time.

An instrument of `sim_instruments/` shows steady values by itself. A bench feeds some of its
channels, each from a source, and tells the instant before every exchange:

    inputs = Fed({"VOLT:DC": 1.2345678, "RES": 1000.123})
    inputs.feed("RES", lambda t: 100.0 + 0.001 * t)
    inputs.t = 12.5
    inputs["RES"]                        # 100.0125

What the instrument itself sets to another value (a total that is reset, a tare) goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any, Protocol

Source = Callable[[float], Any]
"""What is shown at an instant of bench time, in the unit of the instrument's manual."""


class Feedable(Protocol):
    """The values of an instrument, by the names that its driver's channels have."""

    t: float
    """Bench time of the exchange that is answered now."""

    def feed(self, channel: str, source: Source) -> None:
        """Let a channel show what `source` gives from now on.

        Raises:
            KeyError: there is no such channel, or it is not for a plant to say what it shows.
        """
        ...


class Fed(MutableMapping[Any, Any]):
    """Values by key, some of them fed; one that is a function is called for what it is itself."""

    def __init__(self, values: Mapping[Any, Any]) -> None:
        self.t = 0.0
        self._own = dict(values)
        self._sources: dict[Any, Source] = {}

    def feed(self, channel: Any, source: Source) -> None:
        """Let a key show what `source` gives from now on.

        Raises:
            KeyError: there is no such key.
        """
        if channel not in self._own:
            raise KeyError(channel)
        self._sources[channel] = source

    def __getitem__(self, key: Any) -> Any:
        """Return what is shown at the instant `t`."""
        source = self._sources.get(key)
        if source is not None:
            return source(self.t)
        own = self._own[key]
        return own() if callable(own) else own

    def __setitem__(self, key: Any, value: Any) -> None:
        """Let another value be shown; one that is fed goes on from this value."""
        before = self._sources.get(key)
        if before is not None:
            shift = value - before(self.t)
            self._sources[key] = lambda t: before(t) + shift
        self._own[key] = value

    def __delitem__(self, key: Any) -> None:
        """Forget a key."""
        del self._own[key]
        self._sources.pop(key, None)

    def __iter__(self) -> Iterator[Any]:
        """Iterate over the keys."""
        return iter(self._own)

    def __len__(self) -> int:
        """Return the number of keys."""
        return len(self._own)


class Renamed:
    """The values of an instrument that has other names for them than its driver."""

    def __init__(self, inside: Feedable, keys: Mapping[str, Any]) -> None:
        self._inside, self._keys = inside, dict(keys)

    @property
    def t(self) -> float:
        """Bench time of the exchange that is answered now."""
        return self._inside.t

    @t.setter
    def t(self, value: float) -> None:
        self._inside.t = value

    def feed(self, channel: str, source: Source) -> None:
        """Let a channel show what `source` gives from now on.

        Raises:
            KeyError: there is no such channel.
        """
        self._inside.feed(self._keys[channel], source)
