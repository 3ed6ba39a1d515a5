"""What takes up the amount of a run from rest to rest: a weigh tank, a can.

It is watched all the time by a quick reading and read at rest by a slow one, which may wait for
stability itself. Everything it is told to do has its way back in the journal first.
"""

from __future__ import annotations

from collections.abc import Sequence

from benchctl.acquire import Job, SettleState, Task, Until, round_robin, sample, settle
from benchctl.core.errors import InstrumentError
from benchctl.core.events import Settled
from benchctl.core.messages import Message, msg
from benchctl.engine.dials import Witness
from benchctl.engine.meters import Meter, ask_all, by_bus, stations_of
from benchctl.engine.session import Session, VisitVoidError
from benchctl.engine.settling import one, patient
from benchctl.procedure import Standing
from benchctl.procedure.plan import Action

EVERY = 0.5
"""Bench seconds between two quick readings, but for the time while it fills."""
AGAIN = 2.0
"""Bench seconds before a reading at rest that failed is tried again."""
PATIENCE = 3
"""So many failed readings are too many."""
EMPTYING = 900.0
"""Bench seconds that emptying may take."""


class Vessel:
    """The vessel of one run."""

    def __init__(
        self, session: Session, action: Action, how: Standing, filling_every: float
    ) -> None:
        self.session = session
        self.action = action
        self.how = how
        self.role = how.read
        self._slow = session.bench.channel(how.read)
        self._quick = session.bench.channel(how.follow)
        self.at_rest = session.series(how.read, [self._slow])
        self._now = session.series(how.follow, [self._quick], capacity=8192)
        self._holds = session.facts.constants[how.holds] if how.holds else None
        self._filling_every = filling_every
        self._resting = True
        self._job: Job | None = None
        self._refused: list[Message] = []

    # readings -------------------------------------------------------------------------------

    def watch(self) -> None:
        """Begin to read it all the time."""
        self._job = self.session.scheduler.spawn(
            sample(
                one(self._quick.reader()),
                self._now,
                self.session.clock,
                period=lambda: EVERY if self._resting else self._filling_every,
                on_error=patient(PATIENCE),
            ),
            bus=self._quick.bus,
            name=self.how.follow,
        )

    def leave(self) -> None:
        """Read it no more; what was read is committed."""
        if self._job is not None:
            self._job.cancel()
        for series in (self._now, self.at_rest):
            self.session.spill(series, self.action)

    @property
    def level(self) -> float | None:
        """The last quick reading."""
        good = self._now.readings()[1]
        return float(good[-1]) if good.size else None

    @property
    def risen(self) -> float:
        """What came in since the first reading at rest, by the last quick reading."""
        first = self.at_rest.readings()[1]
        return (self.level or 0.0) - float(first[0]) if first.size else 0.0

    @property
    def difference(self) -> float:
        """What came in, by the readings at rest."""
        read = self.at_rest.readings()[1]
        return float(read[-1] - read[0])

    @property
    def seconds(self) -> float:
        """Bench seconds since the first reading at rest, to the last where there are two."""
        t = self.at_rest.readings()[0]
        if not t.size:
            return 0.0
        return float((t[-1] if t.size > 1 else self.session.clock.now()) - t[0])

    # what it does ---------------------------------------------------------------------------

    def towards(self) -> None:
        """Turn what flows into the vessel."""
        self._divert(True)

    def away(self) -> None:
        """Let what flows go past the vessel."""
        self._divert(False)

    def _divert(self, into: bool) -> None:
        if self.how.divert is not None:
            self.session.energise(self.session.bench.channel(self.how.divert), into)

    def check(self) -> None:
        """See that it is not full.

        Raises:
            VisitVoidError: it is.
        """
        level = self.level or 0.0
        if self._holds is not None and level > self._holds:
            raise VisitVoidError(msg("engine.vessel-full", level=f"{level:.4g} {self.how.unit}"))

    def make_room(self, wanted: float) -> Task[None]:
        """Empty it where it could not hold `wanted` more.

        Raises:
            VisitVoidError: it never could, or it does not empty.
        """
        if self._holds is None:
            return
        if wanted > self._holds:
            raise VisitVoidError(
                msg(
                    "engine.vessel-small",
                    wanted=f"{wanted:.4g} {self.how.unit}",
                    holds=f"{self._holds:.4g} {self.how.unit}",
                )
            )
        if (self.level or 0.0) + wanted <= self._holds or self.how.drain is None:
            return
        drain = self.session.bench.channel(self.how.drain)
        self.session.energise(drain, True)
        yield from self._rest(EMPTYING)
        self.session.energise(drain, False)
        if (self.level or 0.0) + wanted > self._holds:
            raise VisitVoidError(msg("engine.not-emptied", role=self.how.drain))

    def read_at_rest(self, meters: Sequence[Meter], witness: Witness) -> Task[None]:
        """Wait until it rests, then read it and every meter once; last those that a person reads.

        Raises:
            VisitVoidError: it does not come to rest, or cannot be read.
        """
        self._resting = True
        yield from self._rest(self.how.timeout)
        session = self.session
        marks = {m.member.serial: int(m.series.good().sum()) for m in meters}
        mark = int(self.at_rest.good().sum())
        self._refused.clear()
        jobs = [
            session.scheduler.spawn(
                sample(
                    one(self._slow.reader()),
                    self.at_rest,
                    session.clock,
                    period=AGAIN,
                    on_error=self._note,
                ),
                bus=self._slow.bus,
                name=self.role,
            ),
            *(
                session.scheduler.spawn(
                    round_robin(stations_of(session, of_bus), session.clock, period=AGAIN),
                    bus=bus,
                    name=f"meters on {bus}",
                )
                for bus, of_bus in by_bus(meters).items()
            ),
        ]
        try:
            while self.at_rest.good().sum() == mark or any(_unread(m, marks) for m in meters):
                if len(self._refused) >= PATIENCE:
                    raise VisitVoidError(self._refused[-1])
                yield Until(session.clock.now() + 0.1)
        finally:
            for job in jobs:
                job.cancel()
        yield from ask_all(session, meters, witness)
        self._resting = False

    def _note(self, error: InstrumentError) -> bool:
        self._refused.append(error.message)
        return True

    def _rest(self, timeout: float) -> Task[None]:
        """Wait until it rests, emptied or not.

        Raises:
            VisitVoidError: it does not.
        """
        how, session = self.how, self.session
        outcome = yield from settle(
            self._now,
            0,
            session.clock,
            target=None,
            tolerance=None,
            limit=how.within,
            dwell=how.dwell,
            timeout=timeout,
            seen=self._show,
        )
        session.sink.emit(
            Settled(
                self.action.id,
                how.follow,
                outcome.settled,
                outcome.mean,
                outcome.drift,
                how.unit,
                outcome.waited,
                session.clock.now(),
            )
        )
        if not outcome.settled:
            raise VisitVoidError(
                msg("engine.no-rest", role=how.follow, waited=f"{outcome.waited:.0f}")
            )

    def _show(self, state: SettleState) -> None:
        self.session.watch(
            self.action, 0.0, state.remaining or 0.0, **{self.how.follow: state.mean}
        )


def _unread(meter: Meter, marks: dict[str, int]) -> bool:
    waits = meter.gone or meter.channel.asks
    return not waits and int(meter.series.good().sum()) == marks[meter.member.serial]
