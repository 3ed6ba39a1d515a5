"""A driver on its simulated instrument, over the real wire, with a tap on it.

    with Rig(driver, find_simulator("keysight_34465a"), "keysight_34465a") as rig:
        rig.instrument.connect()
        rig.instrument.read("voltage"), rig.shows()["voltage"]

Bench time is virtual: what a device takes its time for costs none here. Deadlines are real, and
short where an answer is not to come.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import Any, Self

from benchctl.core.clock import Deadline, VirtualClock
from benchctl.core.errors import BenchctlError
from benchctl.core.messages import msg
from benchctl.core.ports import NullSink
from benchctl.core.units import converter, unit
from benchctl.driver import Instrument
from benchctl.links import LinkFactory
from benchctl.simulation import MakesInstrument, ScpiBus, ServedInstrument, SimulatedInstrument
from benchctl.workshop.tap import Tap

PATIENCE = 5.0
"""Seconds of real time that an answer may take which is to come; the machine may be slow."""
SHORT = 0.1
"""Seconds of real time to wait for an answer that is not to come."""
LONGEST = 30.0
"""Seconds of real time after which a step is given up as hung."""


class HungError(BenchctlError):
    """A driver waits without end."""


class NotShownError(BenchctlError):
    """A simulated instrument does not tell what it shows."""


def shown(driver: type[Instrument], instrument: SimulatedInstrument, channel: str) -> Any:
    """Return what a simulated instrument truly shows or holds, in the driver's unit.

    Raises:
        NotShownError: it does not say, or says it in a unit of another kind.
    """
    told = instrument.shows()
    if channel not in told:
        raise NotShownError(msg("workshop.not-shown", channel=channel))
    value = told[channel]
    wanted, its = driver.channels[channel].unit, instrument.units.get(channel, "")
    if isinstance(value, bool | str | bytes) or not (wanted or its):
        return value
    if not its:
        raise NotShownError(msg("workshop.no-unit", channel=channel, unit=wanted))
    own, asked = unit(its), unit(wanted)
    if own.dimension != asked.dimension:
        raise NotShownError(
            msg("workshop.other-unit", channel=channel, own=own.symbol, unit=asked.symbol)
        )
    factor, offset = converter(own, asked)
    return value * factor + offset if (factor, offset) != (1.0, 0.0) else value


class Rig:
    """One driver and one simulated instrument, connected when the rig is entered."""

    instrument: Any
    """The driver; its channels are known at run time only."""
    tap: Tap
    served: ServedInstrument
    factory: LinkFactory

    def __init__(self, driver: type[Instrument], make: MakesInstrument, name: str) -> None:
        self.driver = driver
        self._make = make
        self._name = name
        self._stack = ExitStack()
        self._given_up = Deadline(LONGEST)

    def __enter__(self) -> Self:
        clock = VirtualClock()
        with ExitStack() as stack:
            self.served = stack.enter_context(ServedInstrument(self._make(), clock))
            self.factory = LinkFactory(clock, NullSink())
            stack.callback(self.factory.close)
            self.factory.watch(self._look)
            link, options = self.factory.open(self.served.address, self._name)
            self.tap = Tap(link, PATIENCE)
            self.instrument = self.driver(self.tap, options, name=self._name)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def _look(self) -> None:
        if self._given_up.over:
            raise HungError(msg("workshop.hangs", seconds=LONGEST))

    def shows(self, channel: str) -> Any:
        """Return what the simulated instrument truly shows or holds, in the driver's unit.

        Raises:
            NotShownError: it does not say, or says it in a unit of another kind.
        """
        return shown(self.driver, self.served.instrument, channel)

    @property
    def errors_queued(self) -> bool:
        """Whether an error lies unread in the instrument's queue."""
        bus = self.served.instrument.bus
        return isinstance(bus, ScpiBus) and bool(bus.instrument.status() & 0x04)

    @contextmanager
    def trouble(self, fault: str, *, delay: float = 0.0) -> Iterator[None]:
        """Let all replies meet a fault, and the driver wait for them a short time only."""
        trouble = self.served.server.trouble
        trouble.set(fault, delay=delay)
        self.tap.most = SHORT
        try:
            yield
        finally:
            self.tap.late = None
            self.tap.most = PATIENCE
            trouble.set("")

    def takes(self, argument: str) -> bool:
        """Return whether the simulator can be another instrument in this respect."""
        return argument in inspect.signature(self._make).parameters

    def usual(self, argument: str) -> str:
        """Return what the simulator is in this respect."""
        return str(inspect.signature(self._make).parameters[argument].default)

    def other(self, **arguments: str) -> SimulatedInstrument:
        """Return another simulated instrument of the kind."""
        return self._make(**arguments)
