'''A simulated instrument: what a driver is checked against, one file per model.

    # sim_instruments/acme_x100.py
    """A simulated ACME X100: what its manual says, independent of our driver."""
    from benchctl.simulation import ScpiBus, SimulatedInstrument, Wire, scpi_memory

    def simulator(serial: str = "X100-0001") -> SimulatedInstrument:
        device = scpi_memory(f"ACME,X100,{serial},1.0", {"VOLTage:RANGe": 10.0}, {"READ?": 1.25})
        return SimulatedInstrument(
            ScpiBus(Wire(), device.instrument),
            at="TCPIP::{host}::{port}::SOCKET",
            shows=lambda: {"voltage": device["READ?"], "range": device["VOLT:RANG"]},
            units={"voltage": "V", "range": "V"},
        )

`simulator` takes no argument that it must be given. Where it takes `serial`, that is the serial
number of the instrument that it makes; where it takes `model`, what the instrument says it is: so
another instrument can be put behind the same address. It never imports a driver or the driver kit,
so that a mistake in one of them is seen in the other.
'''

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Protocol, Self

from benchctl.core.clock import Clock
from benchctl.simulation.buses import Bus, port_for, server_on
from benchctl.simulation.feeding import Feedable
from benchctl.simulation.ports import Port
from benchctl.simulation.server import LineServer


@dataclass(frozen=True, slots=True)
class SimulatedInstrument:
    """One instrument behind its real protocol.

    Args:
        bus: What is served; one instrument is on it.
        at: Its address as a bench file writes it, with `{location}` for the path or host:port
            where it is met (or `{host}` and `{port}`): "modbus+rtu://{location}?baud=9600&unit=1".
        shows: Returns what every channel of the driver truly shows or holds now, out of the
            simulator's own state: flags, texts, plain numbers, and numbers in `units`.
        units: The unit in which `shows` gives a channel, as the instrument's manual has it; every
            channel that has a unit is named here.
        rest: Brings it into the state in which a bench finds it: stopped, everything off. As it is
            made it may well run, so that a driver is checked on more than zeros.
        inputs: Its values by channel, for a plant that tells what they are; None where it cannot.
    """

    bus: Bus
    at: str
    shows: Callable[[], Mapping[str, Any]]
    units: Mapping[str, str] = field(default_factory=dict)
    inputs: Feedable | None = None
    rest: Callable[[], None] | None = None


class MakesInstrument(Protocol):
    """`simulator` of a file in `sim_instruments/`; see there for the arguments it may take."""

    def __call__(self, **known: Any) -> SimulatedInstrument:
        """Return a new instrument in the state in which it is switched on."""
        ...


class ServedInstrument:
    """A simulated instrument on a real terminal or socket.

    with ServedInstrument(find_simulator("keysight_34465a")(), clock) as served:
        factory.open(served.address, "dmm")
    """

    def __init__(
        self,
        instrument: SimulatedInstrument,
        clock: Clock,
        through: Callable[[Port], Port] | None = None,
    ) -> None:
        """Make the server; `through` may put something between the wire and the instrument."""
        self.instrument = instrument
        self._clock = clock
        port = port_for(instrument.bus)
        self._port = port if through is None else through(port)
        self.server: LineServer = server_on(clock, self._port, instrument.bus)
        """Its bus: `trouble`, `plug`, `unplug`."""

    @property
    def address(self) -> str:
        """The address at which it is met, with the options of `at`."""
        return self.met_at(self.instrument.at)

    def met_at(self, pattern: str) -> str:
        """Return an address of the form of `at`, with the place where the instrument is met."""
        location = self._port.location
        host, _, port = location.rpartition(":")
        return pattern.format(location=location, host=host, port=port)

    def replace(self, instrument: SimulatedInstrument) -> None:
        """Put another instrument in its place, behind the same address."""
        self.server.unplug()
        self.instrument = instrument
        self.server = server_on(self._clock, self._port, instrument.bus)
        self.server.plug()

    def __enter__(self) -> Self:
        self.server.plug()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.server.close()
