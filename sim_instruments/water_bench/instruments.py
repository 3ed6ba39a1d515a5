"""The register maps of the bench's Modbus instruments, each a table over the plant.

Wire addresses count from 0. Micro Motion's map counts from 1 (volume flow "253" is 252), ABB's
drives profile from 40001 (the control word is 0).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from benchctl.simulation import Cell, Coil, ModbusUnit

from .drive import FULL
from .inputs import Inputs
from .plant import Plant

ORDERS = ("ABCD", "CDAB", "BADC", "DCBA")
"""Orders of a float32's bytes by their code in register 521: 1-2-3-4, 3-4-1-2, 2-1-4-3, 4-3-2-1
(Micro Motion 20002273 Rev AA, table 4-3; MMI-20025166, p. 172)."""
MASTER_SERIAL, CHECK_SERIAL = 14077123, 14081377
_M3H = 3.6


def coriolis(plant: Plant, order: str = "CDAB") -> ModbusUnit:
    """Return a Micro Motion 2700: float32 values in a byte `order`, its code, totaliser coils.

    Mass flow kg/h, density kg/m³, volume flow m³/h, mass total kg, volume total L, pressure bar.
    """

    def mass(total: Callable[[float], float]) -> Callable[[float], float]:
        return lambda t: total(t) * plant.master_density(t) / 1000.0

    values: dict[int, Callable[[float], float]] = {
        246: lambda t: plant.master_flow(t) * _M3H * plant.master_density(t),
        248: plant.master_density,
        250: plant.master_temperature,
        252: lambda t: plant.master_flow(t) * _M3H,
        254: lambda _: 1.0,
        256: lambda _: 0.0,
        258: mass(plant.master_total),
        260: plant.master_total,
        262: mass(plant.master_inventory),
        264: plant.master_inventory,
    }
    cells = [Cell(at, "f32", get, order=order) for at, get in values.items()]

    def count(t: float, on: bool) -> None:
        plant.change(t, lambda i: replace(i, counting=on))

    def reset(t: float, on: bool) -> None:
        if on:
            plant.change(t, lambda i: replace(i, resets=i.resets + 1))

    cells += [
        Cell(47, "u32", lambda _: MASTER_SERIAL),
        Cell(520, "u16", lambda _: ORDERS.index(order)),
    ]
    coils = [
        Coil(1, lambda t: plant.inputs(t).counting, count),
        Coil(2, lambda _: False, reset),
    ]
    return ModbusUnit(holding=cells, inputs=cells, coils=coils)


def check_meter(plant: Plant) -> ModbusUnit:
    """Return the transmitter of the check meter, of the master's kind; its totals always count."""
    values: dict[int, Callable[[float], float]] = {
        246: lambda t: plant.check_flow(t) * _M3H * plant.master_density(t),
        248: plant.master_density,
        250: plant.master_temperature,
        252: lambda t: plant.check_flow(t) * _M3H,
        258: lambda t: plant.check_total(t) * plant.master_density(t) / 1000.0,
        260: plant.check_total,
    }
    cells = [
        *(Cell(at, "f32", get, order="CDAB") for at, get in values.items()),
        Cell(254, "f32", lambda _: 1.0, order="CDAB"),
        Cell(256, "f32", lambda _: 0.0, order="CDAB"),
        Cell(47, "u32", lambda _: CHECK_SERIAL),
        Cell(520, "u16", lambda _: float(ORDERS.index("CDAB"))),
    ]
    return ModbusUnit(holding=cells, inputs=cells)


def frequency_converter(plant: Plant) -> ModbusUnit:
    """Return an ABB drive: control word, two references, status word, two actual values."""

    def speed(t: float) -> float:
        return plant.at(t).speed.at(t)

    def referred(t: float, counts: float) -> None:
        if not -FULL <= counts <= FULL:
            raise ValueError(counts)
        plant.drive(t, lambda drive: drive.referred(counts))

    cells = [
        Cell(
            0,
            "u16",
            lambda t: float(plant.inputs(t).drive.control),
            lambda t, word: plant.drive(t, lambda drive: drive.commanded(int(word))),
        ),
        Cell(1, "i16", lambda t: plant.inputs(t).drive.reference * FULL, referred),
        Cell(2, "i16", lambda _: 0.0, lambda _t, _value: None),
        Cell(3, "u16", lambda t: float(plant.inputs(t).drive.status(speed(t)))),
        Cell(4, "i16", lambda t: speed(t) * FULL),
        Cell(5, "i16", lambda _: 0.0),
    ]
    return ModbusUnit(holding=cells, heard=plant.heard)


def relays(
    plant: Plant,
    get: Callable[[Inputs], Sequence[bool]],
    put: Callable[[Inputs, tuple[bool, ...]], Inputs],
    first: int = 0,
) -> ModbusUnit:
    """Return a module of 16 relays, coils 0 to 15, the first of them number `first`."""

    def coil(n: int) -> Coil:
        own = first + n

        def switch(t: float, on: bool) -> None:
            def switched(inputs: Inputs) -> Inputs:
                now = list(get(inputs))
                now[own] = on
                return put(inputs, tuple(now))

            plant.change(t, switched)

        return Coil(n, lambda t: get(plant.inputs(t))[own], switch)

    return ModbusUnit(coils=[coil(n) for n in range(16)])


def valve_module(plant: Plant) -> ModbusUnit:
    """Return the relays of the valves: inlet, outlet, three regulating lines, diverter, drain."""
    return relays(plant, lambda i: i.valves, lambda i, now: replace(i, valves=now))


def selector_module(plant: Plant, first: int = 0) -> ModbusUnit:
    """Return 16 relays that connect the pulse output of a position to the counter."""
    return relays(plant, lambda i: i.selector, lambda i, now: replace(i, selector=now), first)


def pulse_counter(plant: Plant, first: int = 0) -> ModbusUnit:
    """Return a counter of 16 inputs, each on the pulse output of one position after `first`.

    Input n has an unsigned 32-bit count in input registers 2 (n - 1) and 2 n - 1. It began
    somewhere when it was switched on.
    """

    def count(position: int) -> Callable[[float], float]:
        return lambda t: (plant.pulses(position, t) + 1009 * position) % 2**32

    return ModbusUnit(inputs=[Cell(2 * n, "u32", count(first + n + 1)) for n in range(16)])


def thermometer(plant: Plant) -> ModbusUnit:
    """Return a Pt100 module of two channels, inlet and outlet, in 0.1 °C."""
    cells = [
        Cell(0, "i16", plant.inlet_temperature, scale=0.1),
        Cell(1, "i16", plant.master_temperature, scale=0.1),
    ]
    return ModbusUnit(holding=cells, inputs=cells)


def pressure_transmitter(plant: Plant) -> ModbusUnit:
    """Return a pressure transmitter: float32 in MPa."""
    cells = [Cell(0, "f32", plant.shown_pressure)]
    return ModbusUnit(holding=cells, inputs=cells)


def barometer(plant: Plant) -> ModbusUnit:
    """Return a transmitter of the absolute pressure of the air: float32 in MPa."""
    cells = [Cell(0, "f32", lambda t: plant.air_pressure(t) / 1000.0)]
    return ModbusUnit(holding=cells, inputs=cells)


def humidity_probe(plant: Plant) -> ModbusUnit:
    """Return an XY-MD02: input registers 1 and 2, 0.1 °C and 0.1 %."""
    return ModbusUnit(
        inputs=[
            Cell(1, "i16", plant.ambient_temperature, scale=0.1),
            Cell(2, "i16", plant.humidity, scale=0.1),
        ]
    )
