"""How long values arrive: said by the driver or the address, proven where the instrument can."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from benchctl.core.clock import VirtualClock
from benchctl.core.errors import DeviceError
from benchctl.core.ports import NullSink
from benchctl.driver import (
    DriverError,
    Instrument,
    Modbus,
    Reading,
    holding,
    holds,
    input_register,
    tells,
    text,
)
from benchctl.driver.declared import load_declared
from benchctl.language import FileError
from benchctl.links import LinkFactory
from benchctl.simulation import (
    Held,
    ModbusBus,
    ServedInstrument,
    SimulatedInstrument,
    Wire,
    modbus_memory,
)
from benchctl.workshop.lint import lint

ORDERS = ("ABCD", "CDAB", "BADC", "DCBA")
KNOWN = 123456.7


class Proven(Instrument):
    """A meter with a register that always holds 123456.7."""

    protocol = Modbus(order="ABCD", proof=holds(input_register(90, "f32"), KNOWN))
    flow = Reading(input_register(0, "f32"), unit="L/h", doc="Flow.")
    total = Reading(input_register(2, "f64"), unit="L", doc="Total.")
    count = Reading(input_register(6, "u32"), unit="1", doc="Pulses.")
    wide = Reading(input_register(8, "i64"), unit="1", doc="Pulses since it was made.")


class Telling(Proven):
    """A meter with a register that tells the order by a code."""

    protocol = Modbus(order="CDAB", proof=tells(input_register(95), "ABCD", "CDAB", "BADC", "DCBA"))


@pytest.fixture
def meet() -> Iterator[Any]:
    """Return a function: a driver on a meter that sends in an order, connected."""
    with ExitStack() as stack:

        def open_(
            driver: type[Instrument], sends: str, *, options: str = "", known: float | None = KNOWN
        ) -> Any:
            inputs = {
                "flow": Held(0, "f32", 41.75, order=sends),
                "total": Held(2, "f64", 1234567.890625, order=sends),
                "count": Held(6, "u32", 305419896, order=sends),
                "wide": Held(8, "i64", -81985529216486896, order=sends),
                "code": Held(95, "u16", ORDERS.index(sends)),
            }
            if known is not None:
                inputs["known"] = Held(90, "f32", known, order=sends)
            device = modbus_memory(inputs=inputs)
            bus = ModbusBus(Wire(), {1: device.unit}, medium="tcp", rtu=False)
            simulated = SimulatedInstrument(bus, "modbus+tcp://{location}?unit=1", device.shows)
            clock = VirtualClock()
            served = stack.enter_context(ServedInstrument(simulated, clock))
            factory = LinkFactory(clock, NullSink())
            stack.callback(factory.close)
            link, given = factory.open(served.address + options, "meter")
            return driver(link, given, name="meter")

        yield open_


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("driver", [Proven, Telling])
def test_every_order_is_read_right_when_the_address_says_it(
    meet: Any, driver: type[Instrument], order: str
) -> None:
    meter = meet(driver, order, options=f"&order={order}")
    meter.connect()
    assert meter.read("flow", "total", "count", "wide") == (
        41.75,
        1234567.890625,
        305419896,
        -81985529216486896,
    )


@pytest.mark.parametrize("sends", ORDERS)
@pytest.mark.parametrize("says", ORDERS)
@pytest.mark.parametrize("driver", [Proven, Telling])
def test_an_address_that_says_another_order_is_refused_with_the_right_one(
    meet: Any, driver: type[Instrument], says: str, sends: str
) -> None:
    meter = meet(driver, sends, options=f"&order={says}")
    if says == sends:
        meter.connect()
        return
    with pytest.raises(DeviceError) as caught:
        meter.connect()
    assert f"order={sends}" in str(caught.value.hint)


def test_a_register_that_holds_something_else_proves_that_it_is_another_model(meet: Any) -> None:
    with pytest.raises(DeviceError, match="should hold 123457 in some order"):
        meet(Proven, "ABCD", known=17.0).connect()


def test_a_meter_without_that_register_is_taken_as_the_address_says(meet: Any) -> None:
    meter = meet(Proven, "DCBA", options="&order=DCBA", known=None)
    meter.connect()
    assert meter.flow == 41.75


@pytest.mark.parametrize(
    ("proof", "why"),
    [
        (holds(holding(0, "f32"), 0.0), "looks the same"),
        (holds(holding(0, "u32"), 0x12341234), "looks the same"),
        (holds(holding(0, "u16"), 5.0), "has no order"),
        (holds(holding(0, "u32"), -1.0), "cannot hold -1"),
        (tells(holding(0), "ABCD", "DABC"), "'DABC' is none of"),
        (tells(holding(0, "u32"), "ABCD", "CDAB"), "more than a code"),
    ],
)
def test_a_proof_that_proves_nothing_is_refused(proof: Any, why: str) -> None:
    with pytest.raises(DriverError, match=why):

        class Meter(Instrument):
            protocol = Modbus(order="ABCD", proof=proof)
            flow = Reading(holding(0, "f32"), unit="L/h")


def test_a_driver_that_says_no_order_is_told_by_the_check_unless_its_registers_do() -> None:
    class Silent(Instrument):
        """ACME S."""

        protocol = Modbus()
        flow = Reading(holding(0, "f32"), unit="L/h", doc="Flow.")
        own = Reading(holding(2, "f32", "CDAB"), unit="L/h", doc="Flow.")
        short = Reading(holding(4), unit="1", doc="State.")
        maker = Reading(holding(5, "text:4"), kind=text, doc="Maker.")

    silent = [s.channel for s in lint(Silent, None) if "order" in str(s.what)]
    assert silent == ["flow"]
    assert not [s for s in lint(Proven, None) if "order" in str(s.what)]


YAML = """summary: ACME F9, a flow meter.
bus: Modbus TCP.
reading: 5 ms.
safe: nothing to do, it only measures.
document: data sheet, p. 2.
protocol: {modbus: {order: CDAB, proof: {at: input 90 f32, holds: 123456.7}}}
readings:
  flow: {at: input 0 f32, unit: L/h, doc: Flow.}
"""


def test_a_yaml_driver_states_and_proves_the_order(meet: Any, tmp_path: Path) -> None:
    path = tmp_path / "acme_f9.yaml"
    path.write_text(YAML, encoding="utf-8")
    meter = meet(load_declared(path), "CDAB")
    meter.connect()
    assert meter.flow == 41.75
    with pytest.raises(DeviceError, match="byte order DCBA"):
        meet(load_declared(path), "DCBA").connect()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("holds: 123456.7", "holds: 0", "looks the same"),
        ("holds: 123456.7", "holds: 1, tells: [ABCD, CDAB]", "either `holds`"),
        ("input 90 f32", "inputs 90 f32", "did you mean `input`?"),
        ("order: CDAB", "order: CADB", "order"),
    ],
)
def test_a_mistake_in_a_yaml_proof_is_told(tmp_path: Path, old: str, new: str, says: str) -> None:
    path = tmp_path / "acme_f9.yaml"
    path.write_text(YAML.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(FileError) as caught:
        load_declared(path)
    assert says in caught.value.words()
