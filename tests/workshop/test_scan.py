"""`bench scan`: what is there, which of it is known, and that nothing is ever set."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from benchctl.core.clock import RealClock, VirtualClock
from benchctl.core.ports import NullSink
from benchctl.drivers import Shelf
from benchctl.links import LinkFactory
from benchctl.simulation import (
    Held,
    ModbusBus,
    ServedInstrument,
    SimulatedInstrument,
    Wire,
    find_simulator,
    modbus_memory,
)
from benchctl.workshop import scan

sys.path.insert(0, str(Path(__file__).parents[1] / "drivers"))

from planted import DRIVER, SIMULATOR, lab_with

Call = Callable[..., Any]


@pytest.fixture
def supply_lab(tmp_path: Path) -> Path:
    """A lab whose driver `acme_x100` knows its instrument by register 0."""
    lab_with(tmp_path, "acme_x100", DRIVER, SIMULATOR)
    return tmp_path


@pytest.fixture
def written() -> list[str]:
    """Names of registers that anybody wrote."""
    return []


@pytest.fixture(params=["rtu", "tcp"])
def line(request: pytest.FixtureRequest, written: list[str]) -> Iterator[str]:
    """A line with an ACME X100 as unit 2 and a stranger as unit 5."""

    def changed(name: str, _value: object) -> None:
        written.append(name)

    supply = modbus_memory(
        holding={"model": Held(0, "u16", 300), "serial": Held(1, "u32", 70001)}, changed=changed
    )
    stranger = modbus_memory(coils={"on": Held(0, "bit", True)}, changed=changed)
    rtu = request.param == "rtu"
    bus = ModbusBus(
        Wire(), {2: supply.unit, 5: stranger.unit}, medium="pty" if rtu else "tcp", rtu=rtu
    )
    at = "modbus+rtu://{location}?baud=19200" if rtu else "modbus+tcp://{location}"
    with ServedInstrument(SimulatedInstrument(bus, at, dict), VirtualClock()) as served:
        yield served.address


def test_units_are_found_and_known_ones_named(
    told: Call, supply_lab: Path, line: str, written: list[str]
) -> None:
    units = "2,5" if line.startswith("modbus+tcp") else "1-6"
    found = told("bench", "scan", line, "--units", units, "--lab", supply_lab)
    assert [one["name"] for one in found] == ["unit 2", "unit 5"]
    known, stranger = found
    assert known["drivers"] == ["acme_x100"]
    assert (known["identity"], known["serial"]) == ("300", "70001")
    assert known["address"].endswith("unit=2")
    assert stranger["drivers"] == []
    assert written == []


def test_a_scpi_instrument_is_identified(told: Call, tmp_path: Path) -> None:
    make = find_simulator("keysight_53220a")
    assert make is not None
    with ServedInstrument(make(), VirtualClock()) as served:
        at = served.met_at("TCPIP::{host}::{port}::SOCKET")
        (found,) = told("bench", "scan", at, "--lab", tmp_path)
    assert found["drivers"] == ["keysight_53220a"]
    assert found["serial"] == "MY50001234"
    assert "53220A" in found["identity"]


@pytest.mark.parametrize("dead", ["TCPIP::127.0.0.1::9::SOCKET", "modbus+tcp://127.0.0.1:9"])
def test_of_several_places_one_that_is_dead_does_not_hide_the_others(
    dead: str, told: Call, call: Call, tmp_path: Path
) -> None:
    make = find_simulator("keysight_53220a")
    assert make is not None
    with ServedInstrument(make(), VirtualClock()) as served:
        at = served.met_at("TCPIP::{host}::{port}::SOCKET")
        gone, found = told("bench", "scan", dead, at, "--lab", tmp_path)
        assert call("bench", "scan", at, "nonsense", "--lab", tmp_path).exit_code == 2
    assert found["drivers"] == ["keysight_53220a"]
    assert (gone["address"], gone["drivers"]) == (dead, [])
    assert "refuses a connection" in gone["summary"]


def test_a_scpi_instrument_is_asked_for_nothing_but_its_identification(shelf_lab: Shelf) -> None:
    asked: list[str] = []
    make = find_simulator("keysight_53220a")
    assert make is not None
    instrument = make()
    with ServedInstrument(instrument, VirtualClock()) as served:
        device = instrument.bus.instrument  # type: ignore[union-attr]
        execute = device.execute

        def spied(message: str, t: float) -> tuple[str | None, float]:
            asked.append(message)
            return execute(message, t)

        device.execute = spied  # type: ignore[method-assign]
        factory = LinkFactory(RealClock(), NullSink())
        at = served.met_at("TCPIP::{host}::{port}::SOCKET")
        assert len(list(scan(shelf_lab, factory, [at], ()))) == 1
        factory.close()
    assert asked == ["*IDN?"]


@pytest.fixture
def shelf_lab(supply_lab: Path) -> Shelf:
    from benchctl.core.places import search_path

    return Shelf(search_path("drivers", supply_lab))


def test_what_does_not_answer_is_told_and_no_library_speaks_up(call: Call, tmp_path: Path) -> None:
    done = call("bench", "scan", "--lab", tmp_path)
    assert (done.exit_code, done.stderr) == (0, "")
    assert call("bench", "scan", "modbus+tcp://127.0.0.1:9", "--lab", tmp_path).exit_code == 3
    assert call("bench", "scan", "nonsense", "--lab", tmp_path).exit_code == 2


@pytest.mark.parametrize("units", ["0", "5-1", "1-300", "a", ""])
def test_units_that_are_none_are_refused(call: Call, units: str) -> None:
    done = call("bench", "scan", "modbus+tcp://127.0.0.1:9", "--units", units)
    assert done.exit_code == 2
    assert "1-16" in done.stderr
