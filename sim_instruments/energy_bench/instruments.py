"""What hangs on the wires: source, reference meter, comparator, room sensors, the meters."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from benchctl.simulation import (
    Cell,
    Coil,
    Dlt645Meter,
    ModbusUnit,
    Noise,
    ZeraMeter,
    bcd_register,
    digits_register,
)

from .load import PHASES, Load
from .meters import Meter
from .plant import Plant

MODEL, SERIAL = 4703, 7001
POSITIONS = 48
_RANGES = {
    "UB": ["480", "240", "120", "60"],
    "IB": [
        *("200", "100", "50", "20", "10", "5", "2", "1"),
        *("0.5", "0.2", "0.1", "50m", "20m", "10m", "5m"),
    ],
}


def source(plant: Plant) -> ModbusUnit:
    """Return the source: a set-point of each phase, and those of all that are wired."""

    def of_load(get: Callable[[Load], float]) -> Callable[[float], float]:
        return lambda t: get(plant.state(t).load)

    def together(name: str, address: int, kind: str, low: float, high: float) -> Cell:
        def put(t: float, value: float) -> None:
            if not low <= value <= high:
                raise ValueError(value)
            whole = kind == "u16"
            plant.set(t, lambda load: load.together(**{name: int(value) if whole else value}))

        return Cell(address, kind, of_load(lambda load: getattr(load, name)), put)

    def alone(name: str, address: int, low: float, high: float, kind: str = "f32") -> Cell:
        def put(t: float, value: float) -> None:
            if not low <= value <= high:
                raise ValueError(value)
            plant.set(t, lambda load: load.alone(name, value))

        return Cell(address, kind, of_load(lambda load: getattr(load, name)), put)

    def of_phase(name: str, address: int, n: int, low: float, high: float) -> Cell:
        def put(t: float, value: float) -> None:
            if not low <= value <= high:
                raise ValueError(value)
            plant.set(t, lambda load: load.of_phase(name, n, value))

        return Cell(address, "f32", of_load(lambda load: getattr(load, name)[n]), put)

    def switch(t: float, on: bool) -> None:
        plant.set(t, lambda load: replace(load, on=on))

    return ModbusUnit(
        holding=[
            *(of_phase("voltages", 2 * n, n, 0, 300) for n in PHASES),
            *(of_phase("currents", 6 + 2 * n, n, 0, 120) for n in PHASES),
            *(of_phase("angles", 12 + 2 * n, n, -180, 180) for n in PHASES),
            alone("frequency", 18, 45, 65),
            alone("constant", 20, 1, 1e6),
            alone("pulses", 22, 1, 9999, "u16"),
            together("voltage", 24, "f32", 0, 300),
            together("current", 26, "f32", 0, 120),
            together("phase", 28, "f32", -180, 180),
            together("wiring", 30, "u16", 1, 3),
            together("element", 31, "u16", 0, 3),
            Cell(1000, "u16", lambda _: MODEL),
            Cell(1001, "u32", lambda _: SERIAL),
        ],
        inputs=[
            Cell(0, "f32", plant.power),
            Cell(2, "f32", of_load(lambda load: load.carried)),
        ],
        coils=[
            Coil(0, lambda t: plant.state(t).load.on, switch),
            Coil(1, lambda _: False, lambda _t, _on: None),
        ],
    )


def reference(plant: Plant, seed: int) -> ZeraMeter:
    """Return the reference meter, which shows what is there, to a few parts in 10⁵."""
    noise = Noise(seed, "reference meter")

    def values(t: float) -> dict[str, str]:
        load = plant.state(t).load
        share = plant.reference_share + noise.gauss(t, 1e-5)
        there = {f"U{n + 1}": load.volts(n) * share for n in PHASES}
        there |= {f"I{n + 1}": load.amperes(n) * share for n in PHASES}
        there |= {f"P{n + 1}": load.watts(n) * share for n in PHASES}
        there["P"] = plant.power(t) * share
        volt_amperes = [load.volts(n) * load.amperes(n) for n in PHASES]
        there["S"] = sum(volt_amperes) * share
        reactive = (
            va * math.sin(math.radians(load.angles[n])) for n, va in enumerate(volt_amperes)
        )
        there["Q"] = sum(reactive) * share
        there["F"] = load.frequency
        return {name: f"{value:.6g}" for name, value in there.items()}

    return ZeraMeter(values, _RANGES)


def comparator(plant: Plant) -> ModbusUnit:
    """Return the comparator: at each position pulses, the reference's at the last, the clock."""

    def cells(position: int) -> list[Cell]:
        at, clock = 6 * (position - 1), 1000 + 4 * (position - 1)
        return [
            Cell(at, "u32", lambda t: plant.pulses(position, t)),
            Cell(at + 2, "u64", lambda t: plant.latch(position, t)),
            Cell(clock, "f64", lambda t: plant.clock_period(position, t)),
        ]

    whole = [
        Cell(1400, "u64", plant.reference_count),
        Cell(1404, "f64", lambda _: 1.0),
    ]
    return ModbusUnit(inputs=[c for n in range(1, POSITIONS + 1) for c in cells(n)] + whole)


def room(plant: Plant) -> ModbusUnit:
    """Return the probe of the room."""
    return ModbusUnit(
        inputs=[
            Cell(1, "i16", lambda _: plant.room[0], scale=0.1),
            Cell(2, "i16", lambda _: plant.room[1], scale=0.1),
        ]
    )


def on_the_line(plant: Plant, meter: Meter) -> Dlt645Meter:
    """Return the DL/T 645 port of a meter, answered under its serial number."""
    position = meter.unit.position

    def shown(t: float) -> float:
        return math.floor(100.0 * plant.kilowatt_hours(position, t) + 1e-9) / 100.0

    def there(t: float) -> bool:
        return position not in plant.state(t).dead  # its battery keeps it awake

    return Dlt645Meter(
        meter.unit.address or meter.unit.serial,
        {
            "00010000": bcd_register(shown, 4, 2),
            "04000409": digits_register(f"{meter.unit.parameters['meter_constant']:06.0f}"),
            "04000402": digits_register(
                "".join(c for c in meter.unit.serial if c.isdigit())[-12:].zfill(12)
            ),
        },
        there=there,
    )
