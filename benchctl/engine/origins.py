"""Which channels of which instruments a role is read from, as a record keeps it with every result.

A result can so be traced without the bench file: role, instrument, channel, and the factor and
offset that take the channel's unit to the role's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchctl.bench import Bench
    from benchctl.procedure import Need

JSON = dict[str, Any]


@dataclass(slots=True)
class Origins:
    """The channels behind roles, looked up once in a run."""

    _known: dict[tuple[str, str], list[JSON]] = field(default_factory=dict)

    def of(
        self, bench: Bench, needs: Mapping[str, Need], names: Iterable[str], serial: str
    ) -> dict[str, list[JSON]]:
        """Return by role the channels that it is the mean of; figures of the bench have none."""
        roles = sorted(n for n in names if n in needs and not needs[n].constant)
        return {role: self._channels(bench, needs[role], serial) for role in roles}

    def _channels(self, bench: Bench, need: Need, serial: str) -> list[JSON]:
        key = (need.role, serial if need.per_uut else "")
        if key not in self._known:
            channel = bench.channel(need.role, serial=serial if need.per_uut else None)
            self._known[key] = [
                {
                    "instrument": instrument.name,
                    "channel": name,
                    "unit": instrument.channels[name].unit,
                    "factor": factor,
                    "offset": offset,
                }
                for instrument, name, factor, offset in channel.sources
            ]
        return self._known[key]
