"""What a measurement model takes besides the totals: temperatures, pressures, figures of the bench.

Roles that the environment's monitors do not read already are read while a run totalises; an input
is the mean over the time between its gates.
"""

from __future__ import annotations

import numpy as np

from benchctl.acquire import Job, Total, sample
from benchctl.core.errors import NotMeasuredError
from benchctl.core.messages import msg
from benchctl.core.series import Series
from benchctl.engine.carrying import carried_values
from benchctl.engine.meters import Meter
from benchctl.engine.own_values import OwnValues
from benchctl.engine.references import counted_role
from benchctl.engine.session import Session
from benchctl.engine.settling import one, patient
from benchctl.procedure import CONTEXT
from benchctl.procedure.plan import Action

EVERY = (1.0, 10.0)
"""Shortest and longest time between two readings of a condition, in s of bench time."""
READINGS = 200
"""So often a condition is read in a run, as far as those times allow."""
PATIENCE = 3
"""So many failed readings of a condition end the run."""


class Conditions:
    """The conditions of one run of a visit."""

    def __init__(
        self,
        session: Session,
        action: Action,
        expected_s: float,
        *,
        beside: frozenset[str] | None = None,
    ) -> None:
        """Take the roles of the model but those that are read `beside` the units, or counted."""
        self._session = session
        self._action = action
        procedure = session.part_of(session.plan.visit(action.visit))
        known = frozenset((counted_role(procedure),)) if beside is None else beside
        names = procedure.measurand.model.names - CONTEXT.keys() - known
        needs = (procedure.needs[name] for name in sorted(names & procedure.needs.keys()))
        self.roles = [n.role for n in needs if not (n.per_uut or n.constant)]
        self._members = session.plan.visit(action.visit).members
        self.own = OwnValues(session, action, self._members)
        self._every = min(max(expected_s / READINGS, EVERY[0]), EVERY[1])
        self._series: dict[str, Series] = {}
        self._jobs: list[Job] = []

    def start(self) -> None:
        """Read every condition once, and go on reading those that no monitor reads."""
        session = self._session
        for role in self.roles:
            if role in session.monitors:
                continue
            channel = session.bench.channel(role)
            series = session.series(f"condition/{role}", [channel])
            self._series[role] = series
            self._jobs.append(
                session.scheduler.spawn(
                    sample(
                        one(channel.reader()),
                        series,
                        session.clock,
                        period=self._every,
                        on_error=patient(PATIENCE),
                    ),
                    bus=channel.bus,
                    name=series.name,
                )
            )
        self.own.start(self._every)

    @property
    def ready(self) -> bool:
        """Whether every condition was read once."""
        read = self._session.monitors | self._series
        there = all(role in read and read[role].good().any() for role in self.roles)
        return there and self.own.ready

    def stop(self) -> None:
        """Read no more; what was read is committed."""
        for job in self._jobs:
            job.cancel()
        for series in self._series.values():
            self._session.spill(series, self._action)
        self.own.stop()

    def means(self, t_from: float, t_to: float) -> dict[str, float]:
        """Return the mean of each condition between two instants, or its nearest reading.

        Raises:
            NotMeasuredError: one was never read.
        """
        read = self._session.monitors | self._series
        return {role: _mean(role, read[role], t_from, t_to) for role in self.roles}

    def values(self, meter: Meter, total: Total) -> dict[str, float]:
        """Return what the model of a unit takes besides its totals."""
        return self.around(meter.member.position, total.t_start, total.t_stop)

    def around(self, position: int, t_from: float, t_to: float) -> dict[str, float]:
        """Return what the model takes besides totals at a place between two instants.

        Raises:
            NotMeasuredError: something was not read, or the point that it is carried from not made.
        """
        own: dict[str, float] = {}
        for member in self._members:
            if member.position == position:
                own |= self.own.values(member.serial, t_from, t_to)
                own |= carried_values(self._session, member.serial, member.point)
        return {
            "uut.position": float(position),
            "run.duration": t_to - t_from,
            **self._session.facts.constants,
            **self.means(t_from, t_to),
            **own,
        }


def _mean(role: str, series: Series, t_from: float, t_to: float) -> float:
    t, x = series.readings()
    if not t.size:
        raise NotMeasuredError(msg("engine.never-read", role=role))
    inside = (t >= t_from) & (t <= t_to)
    chosen = x[inside] if inside.any() else x[[int(np.abs(t - t_from).argmin())]]
    return float(chosen[0] + np.mean(chosen - chosen[0]))
