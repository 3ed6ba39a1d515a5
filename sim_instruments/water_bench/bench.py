"""A water line for meters of DN 15 to DN 20: 12 in series, or 40, and three regulating lines.

Pump with frequency converter, valves on relays, a Coriolis master, a counter behind a pulse
selector, Pt100, pressure and room sensors, a diverter into a weigh tank on a balance, meters on
CJ/T 188.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchctl.core.clock import Clock
from benchctl.core.ports import Prompt
from benchctl.simulation import (
    Bus,
    Cjt188Bus,
    Cjt188Meter,
    Exposure,
    ModbusBus,
    ScpiBus,
    SimulatedBench,
    SimulatedUut,
    TextBus,
    Wire,
)

from . import instruments
from .balance import Balance
from .counter import Counter
from .inputs import DRAIN, INLET, OUTLET, Inputs
from .meters import ADJUSTED
from .plant import Plant

POSITIONS = 12
RELIEF = 4.0
"""Seconds for which the vent cock is held open: less than the person takes to answer."""
OF_A_METER = ("leak", "stuck_meter", "dead_meter", "wrong_pulse", "bad_marks")
"""Faults that one meter has: it leaks, does not turn, does not answer, gives two pulses for one,
bears a wrong nameplate.
"""
_M3H = 3.6


class WaterBench(SimulatedBench):
    """The bench; a verification of twelve meters at three flows takes it about an hour."""

    name = "water_bench"
    bench_file = Path(__file__).with_name("bench.yaml")
    master_order = "CDAB"
    """Order of float32 bytes that the master is configured to."""

    def __init__(
        self,
        clock: Clock,
        *,
        seed: int,
        uuts: Sequence[SimulatedUut],
        expose: Exposure = "process",
    ) -> None:
        super().__init__(clock, seed=seed, uuts=uuts, expose=expose)
        self.plant = Plant(seed, self.uuts)

    @classmethod
    def default_uuts(cls, seed: int) -> list[dict[str, str]]:
        """Return twelve meters with numbers of 14 digits, as CJ/T 188 addresses them."""
        return [
            {"serial": f"2611{seed % 10**6:06d}{n:04d}", "position": str(n)}
            for n in range(1, POSITIONS + 1)
        ]

    def buses(self) -> Mapping[str, Bus]:
        """Return the wires of the bench."""
        plant = self.plant
        return {
            "sim.master": ModbusBus(
                Wire(38400),
                {
                    1: instruments.coriolis(plant, self.master_order),
                    2: instruments.check_meter(plant),
                },
            ),
            "sim.drive": ModbusBus(
                Wire(turnaround=0.004),
                {1: instruments.frequency_converter(plant)},
                medium="tcp",
                rtu=False,
            ),
            "sim.relays": ModbusBus(
                Wire(9600, turnaround=0.003),
                {
                    1: instruments.valve_module(plant),
                    2: instruments.selector_module(plant),
                    3: instruments.pulse_counter(plant),
                    4: instruments.selector_module(plant, 16),
                    5: instruments.pulse_counter(plant, 16),
                    6: instruments.selector_module(plant, 32),
                    7: instruments.pulse_counter(plant, 32),
                },
                medium="tcp",
            ),
            "sim.sensors": ModbusBus(
                Wire(9600, turnaround=0.005),
                {
                    1: instruments.thermometer(plant),
                    2: instruments.pressure_transmitter(plant),
                    3: instruments.humidity_probe(plant),
                    4: instruments.barometer(plant),
                },
            ),
            "sim.balance": TextBus(
                Wire(9600, turnaround=0.005), Balance(plant, self.seed).instrument
            ),
            "sim.counter": ScpiBus(Wire(turnaround=0.001), Counter(plant).instrument),
            "sim.meters": Cjt188Bus(
                Wire(2400, bits=11, turnaround=0.04),
                [self._on_the_line(n) for n in range(len(plant.meters))],
            ),
        }

    def _on_the_line(self, n: int) -> Cjt188Meter:
        plant = self.plant
        meter = plant.meters[n]

        def there(t: float) -> bool:
            inputs = plant.inputs(t)
            return (
                meter.position in inputs.mounted
                and ("dead_meter", meter.position) not in inputs.ill
            )

        return Cjt188Meter(
            meter.unit.address or meter.unit.serial, lambda t: plant.indication(n, t), there
        )

    # what is true ---------------------------------------------------------------------------

    def truth(
        self, serial: str, item: str, quantity: str, point: Mapping[str, float]
    ) -> float | bool:
        """Return a meter's error in % at `point["flow"]` m³/h, or whether an item must pass."""
        position = self.uut(serial).position
        meter = self.plant.meters[self.plant.index(position)]
        inputs = self.plant.inputs(self.clock.now())
        stuck = ("stuck_meter", position) in inputs.ill
        if quantity == "error" or item in ("error", "error of indication"):
            share = ADJUSTED if position in inputs.adjusted else 1.0
            return -100.0 if stuck else share * meter.error(point["flow"])
        if item == "tightness":
            return ("leak", position) not in inputs.ill
        if item == "function":
            return not stuck and ("wrong_pulse", position) not in inputs.ill
        return item != "appearance" or ("bad_marks", position) not in inputs.ill

    def in_line(self) -> list[str]:
        """Return the serial numbers of the meters that are mounted."""
        mounted = self.plant.inputs(self.clock.now()).mounted
        return [u.serial for u in self.uuts if u.position in mounted]

    def indication(self, prompt: Prompt) -> float | str | None:
        """Return what a person reads off the meter at the prompt's position, in L or m³."""
        units = {"L": 1.0, "m³": 1e-3, "m3": 1e-3}
        if prompt.kind != "number" or prompt.unit not in units or not prompt.position:
            return None
        t = self.clock.now() + self.answer_after
        return self.plant.indication(self.plant.index(prompt.position), t) * units[prompt.unit]

    def adjust(self, position: int) -> bool:
        """Adjust the meter at a position: a tenth of its errors is left."""
        self._set(lambda i: replace(i, adjusted=i.adjusted | {position}))
        return True

    def mount(self, positions: Sequence[int]) -> None:
        """Put the meters of these positions, and no others, into the line."""
        here = frozenset(positions)
        self.plant.change(self.clock.now(), lambda i: replace(i, mounted=here))

    def spool(self, positions: Sequence[int]) -> None:
        """Take the meters of these positions out; a spool piece stands in each place."""
        gone = frozenset(positions)
        self.plant.change(self.clock.now(), lambda i: replace(i, mounted=i.mounted - gone))

    def depressurise(self) -> None:
        """Hold the vent cock of the line open for a moment."""
        t = self.clock.now()
        self.plant.change(t, lambda i: replace(i, relieved=True))
        self.plant.change(t + RELIEF, lambda i: replace(i, relieved=False))

    def choice(self, prompt: Prompt) -> str:
        """Return what a person chooses: a wrong nameplate is named so."""
        codes = [code for code, _ in prompt.choices]
        return "nameplate" if "nameplate" in codes else codes[0]

    def at_gate(self, check: str, on: bool) -> None:
        """Put the check weight on the balance, or take it off."""
        if check == "check_weight":
            self._set(lambda i: replace(i, weight=on))

    def state(self) -> dict[str, Any]:
        """Return flow in m³/h, volume in L, pressure in MPa, temperatures in °C, and what is on.

        Masses in kg: `mass` of what has passed, those of the tank as they truly are.
        """
        t = self.clock.now()
        plant = self.plant
        inputs = plant.inputs(t)
        return {
            "t": t,
            "flow": plant.flow(t) * _M3H,
            "volume": plant.passed(t),
            "mass": plant.weighed(t),
            "pressure": plant.pressure(t),
            "water_temperature": plant.inlet_temperature(t),
            "ambient_temperature": plant.ambient_temperature(t),
            "drive": {
                "running": inputs.drive.running,
                "tripped": inputs.drive.tripped,
                "reference": inputs.drive.reference,
                "speed": plant.at(t).speed.at(t),
            },
            "valves": {
                "inlet": inputs.valves[INLET],
                "outlet": inputs.valves[OUTLET],
                "lines": [n + 1 for n in inputs.open_lines()],
            },
            "tank": {
                "mass": plant.tank_mass(t),
                "spilt": plant.spilt(t),
                "diverted": inputs.diverted,
                "draining": inputs.valves[DRAIN],
            },
            "check_weight": inputs.weight,
            "selected": [n + 1 for n, on in enumerate(inputs.selector) if on],
            "mounted": sorted(inputs.mounted),
            "faults": self._active(inputs),
        }

    # what can go wrong ----------------------------------------------------------------------

    def faults(self) -> Mapping[str, Callable[..., None]]:
        """Return the faults of this bench."""
        return {
            "air": self._air,
            "drifting_master": self._drifting_master,
            "warm_room": self._warm_room,
            "leaking_valve": self._leaking_valve,
            "leaking_drain": self._leaking_drain,
            "restless_balance": self._restless_balance,
            "drifting_zero": self._drifting_zero,
            "fouled_check_meter": self._fouled_check_meter,
            "maladjusted_balance": self._maladjusted_balance,
            **{name: self._of_a_meter(name) for name in OF_A_METER},
        }

    def _active(self, inputs: Inputs) -> dict[str, Any]:
        """Return the faults that are switched on, with what they are set to.

        `tank_overflow` is one that the bench makes itself, until the tank is drained.
        """
        found = {
            "air": inputs.air,
            "drifting_master": inputs.drifting,
            "warm_room": inputs.warm,
            "leaking_valve": inputs.leaking_valve,
            "leaking_drain": inputs.leaking_drain,
            "restless_balance": inputs.restless,
            "drifting_zero": inputs.zero * _M3H,
            "fouled_check_meter": inputs.fouled,
            "maladjusted_balance": inputs.maladjusted,
            "tank_overflow": inputs.overflowed,
            **{n: sorted(p for ill, p in inputs.ill if ill == n) for n in OF_A_METER},
        }
        return {name: value for name, value in found.items() if value}

    def _set(self, change: Callable[[Inputs], Inputs]) -> None:
        self.plant.change(self.clock.now(), change)

    def _air(self, on: bool, *, share: float = 1.0) -> None:
        """Entrained air: the master reads high and restless."""
        self._set(lambda i: replace(i, air=float(share) if on else 0.0))

    def _drifting_master(self, on: bool, *, per_litre: float = 5e-5) -> None:
        """A deposit grows in the master: its relative error grows with what passes."""
        self._set(lambda i: replace(i, drifting=float(per_litre) if on else 0.0))

    def _warm_room(self, on: bool, *, kelvin: float = 9.0) -> None:
        """The air conditioning fails."""
        self._set(lambda i: replace(i, warm=float(kelvin) if on else 0.0))

    def _leaking_valve(self, on: bool) -> None:
        """A shut valve lets water through: the pressure falls, and no meter is to blame."""
        self._set(lambda i: replace(i, leaking_valve=on))

    def _leaking_drain(self, on: bool, *, kg_per_s: float = 2e-3) -> None:
        """The shut drain valve of the weigh tank lets water through."""
        self._set(lambda i: replace(i, leaking_drain=float(kg_per_s) if on else 0.0))

    def _restless_balance(self, on: bool, *, kg: float = 0.02) -> None:
        """A draught keeps the balance from coming to rest."""
        self._set(lambda i: replace(i, restless=float(kg) if on else 0.0))

    def _drifting_zero(self, on: bool, *, m3_per_h: float = 0.0005) -> None:
        """The master shows a flow, and counts, while nothing flows."""
        self._set(lambda i: replace(i, zero=float(m3_per_h) / _M3H if on else 0.0))

    def _fouled_check_meter(self, on: bool, *, share: float = 0.01) -> None:
        """The check meter reads low: it does not agree with the master any more."""
        self._set(lambda i: replace(i, fouled=float(share) if on else 0.0))

    def _maladjusted_balance(self, on: bool, *, share: float = 0.001) -> None:
        """The balance reads high by a share of the load."""
        self._set(lambda i: replace(i, maladjusted=float(share) if on else 0.0))

    def _of_a_meter(self, name: str) -> Callable[..., None]:
        """Return the switch of a fault that one meter has."""

        def switch(on: bool, *, position: int) -> None:
            if int(position) not in {meter.position for meter in self.plant.meters}:
                raise ValueError(f"position {position}")
            ill = {(name, int(position))}
            self._set(lambda i: replace(i, ill=i.ill | ill if on else i.ill - ill))

        return switch
