"""What takes its time: `*OPC?`, service requests by serial poll or `*STB?`, measurements begun."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from benchctl.core.clock import RealClock, VirtualClock, monotonic
from benchctl.core.errors import DeviceError, NoReplyError, StoppedError
from benchctl.core.messages import msg
from benchctl.core.ports import NullSink
from benchctl.driver import Action, Instrument, Reading, Scpi, Setting, started
from benchctl.links import LinkFactory
from benchctl.simulation import (
    Overlapped,
    ScpiBus,
    ScpiInstrument,
    ServedInstrument,
    SimulatedInstrument,
    Wire,
)
from benchctl.simulation.visa import SimulatedVisa, VisaDevice


class WithoutEvents(SimulatedVisa):
    """A library that knows no events, as pyvisa-py."""

    def enable_event(self, *_: Any) -> Any:
        raise NotImplementedError


RAMP = 12.0
"""Seconds of bench time that the source needs for a new level."""


class Source:
    """A source that goes to its level while it takes other commands."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.level = 0.0
        self.there_at = 0.0
        self.instrument = ScpiInstrument(
            "ACME,SRC,17,1.0",
            {
                "SOURce:LEVel": self._set,
                "SOURce:LEVel?": lambda _: f"{self.level:g}",
                "CALibrate": lambda _: Overlapped(RAMP),
                "INITiate": self._begin,
                "FETCh?": lambda call: f"{self.level:g}" if call.t >= self.there_at else "9.91E37",
            },
        )
        self.execute = self.instrument.execute
        self.instrument.execute = self._heard  # type: ignore[method-assign]

    def _heard(self, message: str, t: float) -> tuple[str | None, float]:
        self.heard.append(message)
        return self.execute(message, t)

    def _set(self, call: Any) -> Overlapped:
        self.level = call.number()
        return Overlapped(RAMP)

    def _begin(self, call: Any) -> Overlapped:
        self.there_at = call.t + RAMP
        return Overlapped(RAMP)


class Requesting(Instrument):
    """Tells the end of what it does by a service request."""

    protocol = Scpi(srq=30.0)
    identity = "^ACME,SRC"
    level = Setting("SOUR:LEV", unit="V", low=0, high=10)
    measured = Reading(started("INIT", "FETC?"), unit="V")
    calibrate = Action("CAL")

    def make_safe(self) -> None:
        """Go to zero."""
        self.level = 0


class Impatient(Requesting):
    """Allows less time than the source needs."""

    protocol = Scpi(srq=RAMP / 2)


class Asking(Requesting):
    """Asks `*OPC?` and waits for the answer."""

    protocol = Scpi(opc=True, patience={"*OPC?": 20.0})


Open = Callable[[type[Instrument]], Any]


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture(params=["service request", "serial poll", "socket"])
def meet(
    request: pytest.FixtureRequest, source: Source, clock: VirtualClock
) -> Iterator[tuple[Open, LinkFactory, str]]:
    """Open a driver on the source: on buses with a serial poll, and on a plain socket."""
    with ExitStack() as stack:
        library = None
        if request.param == "socket":
            bus = ScpiBus(Wire(), source.instrument)
            at = "TCPIP::{host}::{port}::SOCKET"
            served = ServedInstrument(SimulatedInstrument(bus, at, dict), clock)
            address = stack.enter_context(served).address
        else:
            address = "GPIB0::5::INSTR"
            device = VisaDevice(clock, Wire(), source.instrument)
            kind = SimulatedVisa if request.param == "service request" else WithoutEvents
            library = kind.of({address: device})
        factory = LinkFactory(clock, NullSink(), visa_library=library)
        stack.callback(factory.close)

        def open_(driver: type[Instrument]) -> Instrument:
            link, options = factory.open(address, "source")
            instrument = driver(link, options, name="source")
            instrument.connect()
            return instrument

        yield open_, factory, request.param


def test_a_service_request_is_noticed_at_once(
    meet: tuple[Open, LinkFactory, str], clock: VirtualClock
) -> None:
    instrument = meet[0](Requesting)
    began = clock.now()
    instrument.calibrate()
    late = clock.now() - began - RAMP
    assert 0 <= late < (0.02 if meet[2] == "service request" else 0.15)


@pytest.mark.parametrize("driver", [Requesting, Asking])
def test_a_setting_is_over_when_the_instrument_is_there(
    meet: tuple[Open, LinkFactory, str], clock: VirtualClock, driver: type[Instrument]
) -> None:
    source = meet[0](driver)
    began = clock.now()
    source.level = 5.0
    assert RAMP <= clock.now() - began < RAMP + 0.5
    assert source.level == 5.0


def test_a_serial_poll_asks_nothing_of_the_instrument_and_a_socket_asks_stb(
    meet: tuple[Open, LinkFactory, str], source: Source
) -> None:
    instrument = meet[0](Requesting)
    instrument.calibrate()
    assert ("*STB?" in source.heard) == (meet[2] == "socket")
    assert source.heard.count("*OPC") == 1
    assert "*OPC?" not in source.heard


def test_a_reading_that_was_begun_is_fetched_when_it_is_there(
    meet: tuple[Open, LinkFactory, str], clock: VirtualClock, source: Source
) -> None:
    instrument = meet[0](Requesting)
    source.level = 2.5
    began = clock.now()
    assert instrument.measured == 2.5
    assert RAMP <= clock.now() - began < RAMP + 0.5
    assert instrument.read("measured", "level") == (2.5, 2.5)
    assert source.heard.count("INIT") == 2


def test_what_takes_longer_than_allowed_is_an_error_and_its_end_is_not_taken_for_the_next(
    meet: tuple[Open, LinkFactory, str], clock: VirtualClock
) -> None:
    instrument = meet[0](Impatient)
    with pytest.raises(DeviceError, match="SOUR:LEV 5 is not complete after 6 s"):
        instrument.level = 5.0
    clock.sleep(RAMP)  # now it is complete, and the event stands in the register
    began = clock.now()
    with pytest.raises(DeviceError, match="SOUR:LEV 6 is not complete"):
        instrument.level = 6.0
    assert clock.now() - began >= RAMP / 2


def test_a_wait_for_service_ends_when_the_run_is_stopped(
    meet: tuple[Open, LinkFactory, str],
) -> None:
    instrument = meet[0](Requesting)

    def look() -> None:
        raise StoppedError(msg("engine.stopped", source="test"))

    meet[1].watch(look)
    with pytest.raises(StoppedError):
        instrument.calibrate()


def test_an_instrument_that_falls_silent_while_it_is_waited_for_is_an_error(
    source: Source,
) -> None:
    clock = RealClock()
    bus = ScpiBus(Wire(), source.instrument)
    simulated = SimulatedInstrument(bus, "TCPIP::{host}::{port}::SOCKET", dict)
    with ServedInstrument(simulated, clock) as served:
        factory = LinkFactory(clock, NullSink())
        link, options = factory.open(served.address, "source")
        instrument = Requesting(link, {**options, "timeout": "0.1"}, name="source")
        link.timeout = 0.1
        instrument.connect()
        served.server.trouble.set("silent")
        began = monotonic()
        with pytest.raises(NoReplyError):
            instrument.calibrate()
        assert monotonic() - began < 5.0
        factory.close()


def test_what_begins_a_measurement_must_be_a_command() -> None:
    assert "asks" in Scpi().problem(Reading[float](started("INIT?", "FETC?"), unit="V"))
    assert Scpi().problem(Reading[float](started("INIT", "FETC?"), unit="V")) == ""
