"""What the model takes of each unit beside its indication: a temperature of its own, a second dial.

What an instrument reads is read along while a run goes on, and is the mean between its first and
last instant. What a person reads is asked for after the indication, once for each run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from benchctl.acquire import Job, sample
from benchctl.core.errors import NotMeasuredError
from benchctl.core.messages import msg
from benchctl.engine.references import indication_roles
from benchctl.engine.settling import one, patient

if TYPE_CHECKING:
    from benchctl.bench import Channel
    from benchctl.core.series import Series
    from benchctl.engine.session import Session
    from benchctl.procedure import Procedure
    from benchctl.procedure.plan import Action, Member

PATIENCE = 3
"""So many failed readings in a row end the run."""


def further_roles(procedure: Procedure) -> list[str]:
    """Return the roles of each unit that the model names beside those, in the file's order."""
    names = procedure.measurand.model.names - indication_roles(procedure)
    return [r for r, n in procedure.needs.items() if r in names and n.per_uut and not n.constant]


class OwnValues:
    """The further values of the units of one run of a visit."""

    def __init__(self, session: Session, action: Action, members: Sequence[Member]) -> None:
        self._session = session
        self._action = action
        self._series: dict[tuple[str, str], Series] = {}
        self._typed: dict[tuple[str, str], float] = {}
        self._channels: dict[tuple[str, str], Channel] = {}
        self._jobs: list[Job] = []
        for role in further_roles(session.part_of(session.plan.visit(action.visit))):
            for member in members:
                channel = session.bench.channel(role, serial=member.serial)
                self._channels[role, member.serial] = channel

    def asked(self, serial: str) -> list[Channel]:
        """Return what a person reads of a unit."""
        return [c for (_, s), c in self._channels.items() if s == serial and c.asks]

    def missing(self, serial: str) -> list[Channel]:
        """Return what a person has yet to read of a unit."""
        return [c for c in self.asked(serial) if (c.role, serial) not in self._typed]

    def awaits(self, serial: str) -> bool:
        """Return whether a person has yet to read something of a unit."""
        return bool(self.missing(serial))

    def start(self, every: float) -> None:
        """Read everything that an instrument reads, again and again."""
        session = self._session
        for key, channel in self._channels.items():
            if channel.asks or key[1] in session.dropped:
                continue
            series = session.series("condition/" + "/".join(key), [channel])
            self._series[key] = series
            self._jobs.append(
                session.scheduler.spawn(
                    sample(
                        one(channel.reader()),
                        series,
                        session.clock,
                        period=every,
                        on_error=patient(PATIENCE),
                    ),
                    bus=channel.bus,
                    name=series.name,
                )
            )

    def stop(self) -> None:
        """Read no more; what was read is committed."""
        for job in self._jobs:
            job.cancel()
        for series in self._series.values():
            self._session.spill(series, self._action)

    @property
    def ready(self) -> bool:
        """Whether everything that an instrument reads was read once."""
        gone = self._session.dropped
        return all(s.good().any() for (_, serial), s in self._series.items() if serial not in gone)

    def suppose(self, role: str, serial: str, value: float) -> None:
        """Take a value that a person typed; a later one replaces it."""
        self._typed[role, serial] = value

    def keep(self, role: str, serial: str, before: float, after: float) -> None:
        """Commit a value that counts, typed between two instants."""
        channel = self._channels[role, serial]
        series = self._session.series(f"condition/{role}/{serial}", [channel])
        series.push(before, after, (self._typed[role, serial],))
        self._session.spill(series, self._action)

    def values(self, serial: str, t_from: float, t_to: float) -> Mapping[str, float]:
        """Return the values of a unit between two instants.

        Raises:
            NotMeasuredError: one was never read.
        """
        found = {}
        for (role, of), channel in self._channels.items():
            if of != serial:
                continue
            if channel.asks:
                if (role, of) not in self._typed:
                    raise NotMeasuredError(msg("engine.never-read", role=role))
                found[role] = self._typed[role, of]
            else:
                found[role] = _mean(role, self._series[role, of], t_from, t_to)
        return found


def _mean(role: str, series: Series, t_from: float, t_to: float) -> float:
    t, x = series.readings()
    if not t.size:
        raise NotMeasuredError(msg("engine.never-read", role=role))
    inside = (t >= t_from) & (t <= t_to)
    chosen = x[inside] if inside.any() else x[[int(np.abs(t - t_from).argmin())]]
    return float(chosen[0] + np.mean(chosen - chosen[0]))
