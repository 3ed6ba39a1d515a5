"""A lab with a bench for energy meters: a source, a reference, and an error box of 48 positions.

For each position the box counts the meter's pulses and latches the reference's count at the last.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path

from benchctl.engine import RunRequest, run

POSITIONS = 48
BENCH = '''
"""A source, a reference, and meters that give pulses."""

import json
import math
from pathlib import Path

from benchctl.simulation import (
    Cell, ModbusBus, ModbusUnit, Noise, Response, SimulatedBench, Wire,
)

HERE = Path(__file__).parent
SETUP = json.loads((HERE / "setup.json").read_text())
JOULES = 3.6e6


class EnergyBench(SimulatedBench):
    name = "energy_bench"
    bench_file = HERE / "bench.yaml"

    def __init__(self, clock, *, seed, uuts, expose="process"):
        super().__init__(clock, seed=seed, uuts=uuts, expose=expose)
        self.asked, self.before = 0.0, 0.0
        self.response = Response(0.0, 0.0, 0.0, 1.0)
        self.noise = Noise(seed, "errors")

    @classmethod
    def default_uuts(cls, seed):
        return [{"serial": f"E-{n}", "position": str(n)} for n in range(1, SETUP["units"] + 1)]

    def set(self, t, value):
        self.before += self.response.integral(t)
        self.response = Response(t, self.response.at(t), value, 1.0)
        self.asked = value

    def power(self, t):
        return self.response.at(t) + SETUP["ramp"] * (t - self.response.t0)

    def energy(self, t):
        x = max(0.0, t - self.response.t0)
        return self.before + self.response.integral(t) + SETUP["ramp"] * x * x / 2

    def error(self, n):
        return SETUP["errors"].get(str(n), self.noise.uniform(f"meter {n}", -0.8, 0.8))

    def pulses(self, n, t):
        per_joule = SETUP["constant"] * (1 + self.error(n) / 100) / JOULES
        phase = self.noise.uniform(f"phase {n}")
        if n in SETUP["dead"]:
            return 0
        return math.floor(self.energy(t) * per_joule + phase)

    def latched(self, n, t):
        per_joule = SETUP["constant"] * (1 + self.error(n) / 100) / JOULES
        phase = self.noise.uniform(f"phase {n}")
        at_last = max(0.0, (self.pulses(n, t) - phase) / per_joule)
        return math.floor(at_last * SETUP["reference_constant"] / JOULES)

    def buses(self):
        def count(n):
            return lambda t: self.pulses(n, t)

        def latch(n):
            return lambda t: self.latched(n, t)

        box = [Cell(4 * n, "u32", count(n)) for n in range(1, 49)]
        box += [Cell(4 * n + 2, "u32", latch(n)) for n in range(1, 49)]
        source = ModbusUnit(holding=[Cell(0, "f64", lambda t: self.asked, self.set)],
                            inputs=[Cell(0, "f64", self.power)])
        wire = Wire(turnaround=0.002)
        return {
            "sim.source": ModbusBus(wire, {1: source}, medium="tcp", rtu=False),
            "sim.box": ModbusBus(wire, {1: ModbusUnit(inputs=box)}, medium="tcp", rtu=False),
        }

    def truth(self, serial, item, quantity, point):
        return self.error(self.uut(serial).position)

    def state(self):
        return {"asked": self.asked}
'''
SOURCE = '''
"""A source of power."""

from benchctl.driver import Instrument, Modbus, Reading, Setting, holding, input_register


class PowerSource(Instrument):
    """Source with a reference meter."""

    protocol = Modbus()
    power = Reading(input_register(0, "f64"), unit="W", doc="Power.")
    setpoint = Setting(holding(0, "f64"), unit="W", low=0, high=50000, safe=0.0, doc="Asked.")

    def make_safe(self):
        self.setpoint = 0.0
'''
BOX = '''
"""An error box."""

from benchctl.driver import Instrument, Modbus, Reading, input_register, whole


class ErrorBox(Instrument):
    """Counts of 48 positions."""

    protocol = Modbus()
    for n in range(1, 49):
        locals()[f"count_{n}"] = Reading(
            input_register(4 * n, "u32"), unit="imp", kind=whole, resolution=1.0, doc="Meter.")
        locals()[f"latch_{n}"] = Reading(
            input_register(4 * n + 2, "u32"), unit="imp", kind=whole, resolution=1.0, doc="Latch.")
'''
BENCH_YAML = f"""
bench: Energy bench
simulated: {{bench: energy_bench}}
positions: {POSITIONS}
instruments:
  source: {{driver: power_source, at: "modbus+tcp://sim.source?unit=1"}}
  box: {{driver: error_box, at: "modbus+tcp://sim.box?unit=1"}}
roles:
  source_power: source.setpoint
  reference_power: source.power
  meter_pulses: {{positions: [{", ".join(f"box.count_{n}" for n in range(1, POSITIONS + 1))}]}}
  reference_pulses: {{positions: [{", ".join(f"box.latch_{n}" for n in range(1, POSITIONS + 1))}]}}
constants:
  reference_constant: {{value: 1e7 imp/kWh, U: 5000 imp/kWh, k: 2}}
"""
PROCEDURE = """
procedure: energy
title: {en: Energy meters, zh: 电能表}
standard: {name: JJG 596, edition: 2012}
simulated_bench: energy_bench
parameters:
  meter_constant: {unit: imp/kWh, default: 1200, at_least: 1, at_most: 100000}
needs:
  source_power: {unit: W, settable: true}
  reference_power: {unit: W}
  meter_pulses: {unit: imp, per: uut}
  reference_pulses: {unit: imp, per: uut}
  reference_constant: {unit: imp/kWh, constant: true}
measurand:
  error:
    unit: "%%"
    model: 100 * (meter_pulses / meter_constant * reference_constant / reference_pulses - 1)
    report_to: 0.1
  uncertainty:
    meter_pulses: [{resolution: 1}]
    reference_pulses: [{resolution: 1}%(certificate)s]
limits: [{mpe: ±1 %%}]
stages: {initial: mpe}
decision:
  rule: simple acceptance
  requires: U_reference <= mpe_initial * standard_ratio
  standard_ratio: {initial: 1/5}
items: [error]
points:
  - {point: In, power: 2200}
  - {point: Itr, power: 220}
each_point:
  set: {source_power: power}
  settle: {reference_power: within 0.5 %% for 5 s, timeout: 60 s}
  runs: %(runs)d
  pulses:
    until: meter_pulses >= %(pulses)s
    reference: reference_pulses
    at_least: %(at_least)s
    rate: meter_constant * point.power / 3600000
"""
SETUP = {
    "units": 4, "constant": 1200.0, "reference_constant": 1e7, "errors": {}, "dead": [], "ramp": 0.0
}  # fmt: skip


def certified_bench():
    """Return the bench file with a certificate behind the latches instead of the constant."""
    text = BENCH_YAML.replace(", U: 5000 imp/kWh, k: 2", "")
    text = text.replace('sim.box?unit=1"}', 'sim.box?unit=1", serial: "9", standard: RM-1}')
    return (
        text
        + """
standards:
  RM-1:
    model: RM
    serial: "9"
    certificate: C-9
    due: in 90 d
    channels:
      latch_1: {U: 0.08 %, k: 2}
"""
    )


@dataclass
class EnergyLab:
    """The folder of the lab; `setup` is what its plant is like."""

    path: Path
    setup: dict = field(default_factory=dict)

    def write(self, *, pulses="10", at_least="10 s", runs=1, certified=False):
        folder = self.path / "sim_instruments" / "energy_bench"
        (folder / "drivers").mkdir(parents=True, exist_ok=True)
        (self.path / "procedures").mkdir(exist_ok=True)
        texts = {
            folder / "bench.py": BENCH,
            folder / "bench.yaml": certified_bench() if certified else BENCH_YAML,
            folder / "setup.json": json.dumps(SETUP | self.setup),
            folder / "drivers" / "power_source.py": SOURCE,
            folder / "drivers" / "error_box.py": BOX,
            self.procedure: PROCEDURE
            % {
                "pulses": pulses,
                "at_least": at_least,
                "runs": runs,
                "certificate": ", {certificate: true}" if certified else "",
            },
        }
        for path, text in texts.items():
            path.write_text(text.lstrip(), encoding="utf-8")
        return self

    @property
    def procedure(self):
        return self.path / "procedures" / "energy.yaml"

    def request(self, **more):
        return RunRequest("energy", lab=self.path, **({"seed": 3, "operator": "T"} | more))

    def run(self, **more):
        listeners = more.pop("listeners", [])
        return run(self.request(**more), listeners=listeners)
