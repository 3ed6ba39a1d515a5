"""A lab for what is looked at for a time and what a person does: a vessel, counters, scales.

The vessel is brought to a pressure; shut in, it leaks; released, it empties. Each unit gives
pulses, and is a scale on which a person puts weights. What is true is in `setup`.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path

from benchctl.engine import RunRequest, run

BENCH = '''
"""A vessel, counters and scales."""

import json
import math
from pathlib import Path

from benchctl.simulation import Cell, Coil, ModbusBus, ModbusUnit, Noise, SimulatedBench, Wire

HERE = Path(__file__).parent
SETUP = json.loads((HERE / "setup.json").read_text())


class WaysBench(SimulatedBench):
    name = "ways_bench"
    bench_file = HERE / "bench.yaml"
    slips = SETUP["slips"]

    def __init__(self, clock, *, seed, uuts, expose="process"):
        super().__init__(clock, seed=seed, uuts=uuts, expose=expose)
        self.since, self.beginning, self.tau, self.fall = 0.0, 0.0, 0.0, 0.0
        self.open = False
        self.noise = Noise(seed, "vessel")
        self.load = {}
        self.places = []

    @classmethod
    def default_uuts(cls, seed):
        return [{"serial": f"U-{n}", "position": str(n)} for n in range(1, SETUP["units"] + 1)]

    def pressure(self, t):
        x = t - self.since
        there = self.beginning - self.fall * x
        if self.open:
            there = self.beginning * math.exp(-x / SETUP["empties"])
        return there

    def seen(self, t):
        return self.pressure(t) + self.noise.gauss(t, SETUP["noise"])

    def set(self, t, value):
        self.since, self.beginning, self.fall = t, value, SETUP["leak"]

    def release(self, t, on):
        self.beginning, self.since, self.open = self.pressure(t), t, on

    def pulses(self, n, t):
        every = SETUP["pulse_every"].get(str(n), 0)
        return 100 + (math.floor(t / every) if every else 0)

    def buses(self):
        def count(n):
            return lambda t: self.pulses(n, t)

        unit = ModbusUnit(
            holding=[Cell(0, "f64", lambda t: self.beginning, self.set)],
            inputs=[Cell(0, "f64", self.seen)]
            + [Cell(10 + 2 * n, "u32", count(n)) for n in range(1, 9)]
            + [Cell(40 + 4 * n, "f64", lambda t, n=n: 20.0 + n) for n in range(1, 9)],
            coils=[Coil(0, lambda t: self.open, self.release)],
        )
        return {"sim.vessel": ModbusBus(Wire(turnaround=0.002), {1: unit}, medium="tcp", rtu=False)}

    def by_hand(self, serials, point):
        for serial in serials:
            self.load[serial] = point["load"]
            self.places.append((serial, point.get("place", "")))
        return [serials, point["name"]] not in SETUP["refused"]

    def indication(self, prompt):
        role, serial = prompt.about["role"], prompt.uut
        true = self.load.get(serial, 0.0) + SETUP["errors"].get(serial, 0.0)
        shown = math.floor(true + 0.5)
        if role == "added":
            return round(shown + 0.5 - true, 1)
        return float(shown)

    def truth(self, serial, item, quantity, point):
        return 0.0

    def state(self):
        return {"places": self.places}
'''
DRIVER = '''
"""A vessel with counters."""

from benchctl.driver import (
    Instrument, Modbus, Reading, Setting, coil, flag, holding, input_register, whole,
)


class VesselBox(Instrument):
    """A vessel with counters."""

    protocol = Modbus()
    pressure = Reading(input_register(0, "f64"), unit="kPa", doc="Pressure.")
    setpoint = Setting(holding(0, "f64"), unit="kPa", low=0, high=1000, safe=0.0, doc="Asked.")
    release = Setting(coil(0), kind=flag, safe=True, doc="Opens it.")
    for n in range(1, 9):
        locals()[f"count_{n}"] = Reading(
            input_register(10 + 2 * n, "u32"), unit="imp", kind=whole, resolution=1.0, doc="Count.")
        locals()[f"warmth_{n}"] = Reading(
            input_register(40 + 4 * n, "f64"), unit="°C", doc="Temperature of a unit.")

    def make_safe(self):
        self.release = True
        self.setpoint = 0.0
'''
BENCH_YAML = """
bench: Ways
simulated: {bench: ways_bench}
positions: 4
instruments:
  box: {driver: vessel_box, at: "modbus+tcp://sim.vessel?unit=1"}
roles:
  pressure_setpoint: box.setpoint
  line_pressure: box.pressure
  release: box.release
  pulses: {positions: [box.count_1, box.count_2, box.count_3, box.count_4]}
  warmth: {positions: [box.warmth_1, box.warmth_2, box.warmth_3, box.warmth_4]}
  indication: {each: manual.mass}
  added: {each: manual.mass}
"""
HEAD = """
procedure: ways
title: {en: Ways, zh: 方法}
standard: {name: X}
simulated_bench: ways_bench
services: [test]
"""
NEEDS = {
    "pressure_setpoint": "{unit: kPa, settable: true}",
    "line_pressure": "{unit: kPa, usual: 100}",
    "release": "{switch: true, settable: true}",
    "pulses": "{unit: imp, per: uut}",
    "warmth": "{unit: °C, per: uut, usual: 20}",
    "indication": """
    unit: g
    per: uut
    usual: 1000
    person: {ask: {en: indication, zh: 示值}}""",
    "added": """
    unit: g
    per: uut
    usual: 0.5
    person:
      ask: {en: weights added until the indication changes, zh: 附加砝码}
      step: 0.1
      picture: added.svg""",
}
SETUP = {
    "units": 2, "leak": 0.0, "empties": 2.0, "noise": 0.0, "pulse_every": {}, "errors": {},
    "slips": 0.0, "refused": [],
}  # fmt: skip


@dataclass
class WaysLab:
    """The folder of the lab; `setup` is what its plant is like."""

    path: Path
    setup: dict = field(default_factory=dict)

    def write(self, body, *needs):
        folder = self.path / "sim_instruments" / "ways_bench"
        (folder / "drivers").mkdir(parents=True, exist_ok=True)
        (self.path / "procedures").mkdir(exist_ok=True)
        roles = "".join(f"  {role}: {NEEDS[role]}\n" for role in needs)
        texts = {
            folder / "bench.py": BENCH,
            folder / "bench.yaml": BENCH_YAML,
            folder / "setup.json": json.dumps(SETUP | self.setup),
            folder / "drivers" / "vessel_box.py": DRIVER,
            self.path / "procedures" / "added.svg": "<svg/>",
            self.procedure: f"{HEAD}needs:\n{roles}{body}",
        }
        for path, text in texts.items():
            path.write_text(text.lstrip(), encoding="utf-8")
        return self

    @property
    def procedure(self):
        return self.path / "procedures" / "ways.yaml"

    def request(self, **more):
        named = {"seed": 3, "operator": "T", "service": "test"} | more
        return RunRequest("ways", lab=self.path, **named)

    def run(self, **more):
        listeners = more.pop("listeners", [])
        return run(self.request(**more), listeners=listeners)


def point(report, serial, name):
    """Return what the document says of a unit's point."""
    uut = next(u for u in report.document["uuts"] if u["serial"] == serial)
    return next(p for p in uut["points"] if p["point"] == name)
