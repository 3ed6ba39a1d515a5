"""The buses of a declared plant: the instruments of its bench file behind their real protocols.

An instrument is the simulator of its driver. Before each exchange it is told the instant, so that
it shows what the plant gives it; behind each exchange the plant looks what was set.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from benchctl.bench.file import InstrumentEntry
from benchctl.core.clock import Clock
from benchctl.links import Address, parse_address
from benchctl.simulation.buses import Bus, Cjt188Bus, CustomBus, ModbusBus, ScpiBus, TextBus
from benchctl.simulation.instrument import SimulatedInstrument
from benchctl.simulation.lines import TextDevice
from benchctl.simulation.ports import Port
from benchctl.simulation.registers import ModbusUnit
from benchctl.simulation.scpi import ScpiInstrument, ScpiServer, Timed
from benchctl.simulation.server import LineServer, Wire

Watch = Callable[[float], None]
"""Called with the instant before or behind an exchange."""


def buses_of(
    entries: Mapping[str, InstrumentEntry],
    instruments: Mapping[str, SimulatedInstrument],
    watched: Callable[[str], tuple[Watch, Watch]],
) -> dict[str, Bus]:
    """Return what hangs on each location; `watched` gives what to do around an exchange."""
    found: dict[str, Bus] = {}
    for name, instrument in instruments.items():
        address = parse_address(entries[name].at)
        bus = _moved(instrument.bus, address)
        bus = _watched(bus, *watched(name))
        there = found.get(address.location)
        if isinstance(there, ModbusBus) and isinstance(bus, ModbusBus):
            bus = replace(there, units={**there.units, **bus.units})
        found[address.location] = bus
    return found


def _moved(bus: Bus, address: Address) -> Bus:
    """Return the bus as the bench file's address has it: framing, medium, speed, unit."""
    wire = _wire(bus, address)
    tcp = address.scheme in ("modbus+tcp", "modbus+rtu+tcp", "serial+tcp")
    if isinstance(bus, ModbusBus):
        units = {int(address.options.get("unit", n)): unit for n, unit in bus.units.items()}
        rtu = address.scheme != "modbus+tcp"
        return ModbusBus(wire, units, medium="tcp" if tcp else "pty", rtu=rtu)
    if isinstance(bus, ScpiBus):
        if address.scheme == "visa":
            return replace(bus, wire=wire, medium="tcp")
        return CustomBus(
            partial(_on_a_line, wire, bus.instrument, bus.end), "tcp" if tcp else "pty"
        )
    if isinstance(bus, TextBus):
        return replace(bus, wire=wire, medium="tcp" if tcp else "pty")
    return bus


def _wire(bus: Bus, address: Address) -> Wire:
    wire = Wire() if isinstance(bus, CustomBus) else bus.wire
    if address.line is None:
        return replace(wire, baud=0) if address.scheme == "modbus+tcp" else wire
    line = address.line
    bits = round(1 + line.bits + (line.parity != "N") + line.stop)
    return replace(wire, baud=line.baud, bits=bits)


def _on_a_line(
    wire: Wire, instrument: ScpiInstrument, end: bytes, clock: Clock, port: Port
) -> LineServer:
    return ScpiServer(clock, port, wire, instrument, end=end)


def _watched(bus: Bus, before: Watch, after: Watch) -> Bus:
    """Return the bus with something done around every exchange."""
    if isinstance(bus, ModbusBus):
        units = {n: _WatchedUnit(unit, before, after) for n, unit in bus.units.items()}
        return replace(bus, units=units)
    if isinstance(bus, TextBus):
        return replace(bus, device=_WatchedDevice(bus.device, before, after))
    if isinstance(bus, ScpiBus):
        return replace(bus, instrument=_WatchedScpi(bus.instrument, before, after))
    if isinstance(bus, Cjt188Bus):
        return bus
    made = bus.make

    def make(clock: Clock, port: Port) -> LineServer:
        server = made(clock, port)
        respond = server.respond

        def watched(request: bytes, t: float) -> bytes | None:
            before(t)
            try:
                return respond(request, t)
            finally:
                after(t)

        server.respond = watched  # type: ignore[method-assign]  # one server, not its class
        return server

    return replace(bus, make=make)


class _WatchedUnit(ModbusUnit):
    def __init__(self, inside: ModbusUnit, before: Watch, after: Watch) -> None:
        self._inside, self._before, self._after = inside, before, after

    def answer(self, t: float, request: Any) -> Any:
        self._before(t)
        try:
            return self._inside.answer(t, request)
        finally:
            self._after(t)


class _WatchedScpi(ScpiInstrument):
    def __init__(self, inside: ScpiInstrument, before: Watch, after: Watch) -> None:
        self._inside, self._before, self._after = inside, before, after

    def execute(self, message: str, t: float) -> tuple[str | None, float]:
        self._before(t)
        try:
            return self._inside.execute(message, t)
        finally:
            self._after(t)

    def fail(self, code: int, text: str = "") -> None:
        self._inside.fail(code, text)

    def status(self, message_available: bool = False, t: float = float("inf")) -> int:
        return self._inside.status(message_available, t)


class _WatchedDevice:
    def __init__(self, inside: TextDevice, before: Watch, after: Watch) -> None:
        self._inside, self._before, self._after = inside, before, after

    def answer(self, line: str, t: float) -> str | Timed | None:
        self._before(t)
        try:
            return self._inside.answer(line, t)
        finally:
            self._after(t)
