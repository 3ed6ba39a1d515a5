"""A lab with a mass comparator: a person, or a turntable, puts standard and weights on in turn."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from benchctl.engine import RunRequest, run

BENCH = '''
"""A mass comparator that drifts."""

import json
import math
from pathlib import Path

from benchctl.simulation import Cell, Coil, ModbusBus, ModbusUnit, Noise, SimulatedBench, Wire

HERE = Path(__file__).parent
SETUP = json.loads((HERE / "setup.json").read_text())


class MassBench(SimulatedBench):
    name = "mass_bench"
    bench_file = HERE / "bench.yaml"

    def __init__(self, clock, *, seed, uuts, expose="process"):
        super().__init__(clock, seed=seed, uuts=uuts, expose=expose)
        self.noise = Noise(seed, "comparator")
        self.on, self.since = "A", 0.0
        self.asked = []

    @classmethod
    def default_uuts(cls, seed):
        return [{"serial": f"M-{n}", "position": str(n)} for n in (1, 2)]

    def put(self, t, what):
        self.on, self.since = what, t

    def load(self):
        return 0.0 if self.on == "A" else SETUP["weights"][self.on]

    def shown(self, t):
        swing = SETUP["swing"] * math.exp(-(t - self.since) / 2.0)
        drift = SETUP["drift"] * t + SETUP["curve"] * t * t
        return 5.0 + self.load() + drift + swing + self.noise.gauss(t, SETUP["sigma"])

    def answer(self, prompt):
        about = prompt.about or {}
        if "compare" in about:
            self.asked.append(about["compare"])
            on = "A" if about["compare"] == "A" else about["serial"]
            (HERE / "asked.json").write_text(json.dumps(self.asked))
            self.put(self.clock.now() + 4.0, on)
        return super().answer(prompt)

    def buses(self):
        def turn(t, on):
            self.put(t, "M-1" if on else "A")

        unit = ModbusUnit(inputs=[Cell(0, "f64", self.shown)],
                          coils=[Coil(0, lambda t: self.on != "A", turn)])
        return {"sim.comparator": ModbusBus(Wire(), {1: unit}, medium="tcp", rtu=False)}

    def truth(self, serial, item, quantity, point):
        return SETUP["weights"][serial] + 0.2  # the standard is 0.2 mg above its nominal mass

    def state(self):
        return {"on": self.on}
'''
DRIVER = '''
"""A mass comparator."""

from benchctl.driver import Instrument, Modbus, Reading, Setting, coil, flag, input_register


class MassComparator(Instrument):
    """Comparator with a turntable."""

    protocol = Modbus()
    mass = Reading(input_register(0, "f64"), unit="mg", resolution=0.001, doc="Indication.")
    turntable = Setting(coil(0), kind=flag, safe=False, doc="Unit on.")

    def make_safe(self):
        self.turntable = False
'''
BENCH_YAML = """
bench: Mass bench
simulated: {bench: mass_bench}
positions: 2
instruments:
  comparator: {driver: mass_comparator, at: "modbus+tcp://sim.comparator?unit=1"}
roles:
  comparator: comparator.mass
  comparator_now: comparator.mass
  turntable: comparator.turntable
constants:
  standard_error: {value: 0.2 mg, U: 0.05 mg, k: 2}
"""
PROCEDURE = """
procedure: weights
title: {en: Weights, zh: 砝码}
standard: {name: JJG 99, edition: 2022}
simulated_bench: mass_bench
needs:
  comparator: {unit: mg}
  comparator_now: {unit: mg}
  turntable: {switch: true, settable: true}
  standard_error: {unit: mg, constant: true}
measurand:
  error: {unit: mg, model: standard_error + comparator, report_to: 0.01}
  uncertainty:
    comparator: [{resolution: comparator.resolution}%(repeatability)s]
limits: [{mpe: ±1.6 mg}]
stages: {initial: mpe}
decision:
  rule: simple acceptance
  requires: U_reference <= mpe_initial * standard_ratio
  standard_ratio: {initial: 1/3}
items: [error]
points:
  - {point: 100g, mass: 100}
each_point:
  compare:
    read: comparator
%(compare)s
"""
SETUP = {
    "weights": {"M-1": 0.75, "M-2": -2.4}, "drift": 0.002, "curve": 0.0, "sigma": 0.004,
    "swing": 3.0,
}  # fmt: skip
BY_PERSON = """    sequence: A B B A
    cycles: 3
    wait: 5 s
    rest: {comparator_now: within 0.1 mg for 5 s, timeout: 60 s}
"""


@dataclass
class MassLab:
    """The folder of the lab; `setup` is what its comparator is like."""

    path: Path
    setup: dict = field(default_factory=dict)

    def write(self, compare=BY_PERSON, *, repeatability=""):
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "drivers").mkdir(exist_ok=True)
        (self.path / "procedures").mkdir(exist_ok=True)
        texts = {
            self.folder / "bench.py": BENCH,
            self.folder / "bench.yaml": BENCH_YAML,
            self.folder / "setup.json": json.dumps(SETUP | self.setup),
            self.folder / "drivers" / "mass_comparator.py": DRIVER,
            self.procedure: PROCEDURE % {"compare": compare, "repeatability": repeatability},
        }
        for path, text in texts.items():
            path.write_text(text.lstrip(), encoding="utf-8")
        return self

    @property
    def folder(self):
        return self.path / "sim_instruments" / "mass_bench"

    @property
    def procedure(self):
        return self.path / "procedures" / "weights.yaml"

    @property
    def asked(self):
        return json.loads((self.folder / "asked.json").read_text())

    def request(self, **more):
        return RunRequest("weights", lab=self.path, **({"seed": 3, "operator": "T"} | more))

    def run(self, **more):
        listeners = more.pop("listeners", [])
        return run(self.request(**more), listeners=listeners)
