"""After a wire was opened again: who answers is asked before anything else, by each instrument."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from benchctl.core.clock import RealClock
from benchctl.core.errors import DeviceError, NoReplyError
from benchctl.core.ports import NullSink
from benchctl.driver import Action, Instrument, Modbus, Reading, Setting, coil, holding
from benchctl.links import LinkFactory
from benchctl.simulation import (
    Held,
    ModbusBus,
    ServedInstrument,
    SimulatedInstrument,
    Wire,
    modbus_memory,
)


class Meter(Instrument):
    """A meter with a serial number, something to set and something to do."""

    protocol = Modbus(order="ABCD", identity=holding(0), serial=holding(1, "u32"))
    identity = "^172$"
    flow = Reading(holding(3, "f32"), unit="L/h")
    damping = Setting(holding(5), unit="s", low=0, high=60)
    reset = Action(coil(0))

    def make_safe(self) -> None:
        """Nothing to do."""


class Line:
    """Two meters behind one gateway."""

    def __init__(self, stack: ExitStack) -> None:
        clock = RealClock()
        self.served = stack.enter_context(ServedInstrument(self.gateway(11, 22), clock))
        factory = LinkFactory(clock, NullSink())
        stack.callback(factory.close)
        self.meters: list[Any] = []
        for unit in (1, 2):
            place = self.served.met_at(f"modbus+rtu+tcp://{{location}}?unit={unit}&timeout=0.2")
            link, options = factory.open(place, f"meter {unit}")
            self.meters.append(Meter(link, options, name=f"meter {unit}"))
            self.meters[-1].connect()

    def gateway(self, *serials: int) -> SimulatedInstrument:
        self.devices = [
            modbus_memory(
                holding={
                    "model": Held(0, "u16", 172),
                    "serial": Held(1, "u32", serial),
                    "flow": Held(3, "f32", serial + 0.5),
                    "damping": Held(5, "u16", 3),
                },
                coils={"reset": Held(0, "bit", False)},
            )
            for serial in serials
        ]
        units = {n: device.unit for n, device in enumerate(self.devices, 1)}
        bus = ModbusBus(Wire(), units, medium="tcp", rtu=True)
        return SimulatedInstrument(bus, "modbus+rtu+tcp://{location}", dict)


@pytest.fixture
def line() -> Iterator[Line]:
    with ExitStack() as stack:
        yield Line(stack)


def test_an_identity_that_is_not_told_in_time_is_asked_for_again(line: Line) -> None:
    first = line.meters[0]
    line.served.replace(line.gateway(99, 22))
    line.served.server.trouble.set("silent", count=1)
    with pytest.raises(NoReplyError):
        _ = first.flow
    for _ in range(3):
        with pytest.raises(DeviceError, match="another instrument answers"):
            _ = first.flow
    line.served.replace(line.gateway(11, 22))
    assert first.flow == 11.5


def test_the_neighbour_that_did_not_see_the_interruption_asks_too(line: Line) -> None:
    first, second = line.meters
    line.served.replace(line.gateway(11, 99))
    assert first.flow == 11.5  # opens the port again, for both
    for _ in range(2):
        with pytest.raises(DeviceError, match="another instrument answers"):
            _ = second.flow
        with pytest.raises(DeviceError, match="another instrument answers"):
            second.sample("flow")
    assert first.flow == 11.5


def test_nothing_is_set_or_done_at_another_instrument(line: Line) -> None:
    first, second = line.meters
    line.served.replace(line.gateway(11, 99))
    assert first.flow == 11.5
    with pytest.raises(DeviceError, match="another instrument answers"):
        second.damping = 7
    with pytest.raises(DeviceError, match="another instrument answers"):
        second.reset()
    assert (line.devices[1]["damping"], line.devices[1]["reset"]) == (3, False)


def test_the_same_neighbour_is_read_on(line: Line) -> None:
    first, second = line.meters
    line.served.replace(line.gateway(11, 22))
    assert (first.flow, second.flow) == (11.5, 22.5)
    second.damping = 7
    second.reset()
    assert (line.devices[1]["damping"], bool(line.devices[1]["reset"])) == (7, True)


def test_who_is_put_there_on_purpose_is_taken_when_connected_anew(line: Line) -> None:
    first = line.meters[0]
    line.served.replace(line.gateway(99, 22))
    with pytest.raises(DeviceError, match="another instrument answers"):
        _ = first.flow
    assert first.connect().serial == "99"
    assert first.flow == 99.5
