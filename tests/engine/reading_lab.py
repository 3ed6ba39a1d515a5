"""A lab that compares gauges with a reference on one manifold: a plant, a driver, a procedure.

A controller brings the manifold to a pressure; a reference and up to eight gauges see it. Each
gauge has an error of its own that a test knows, and noise; the manifold ripples for all alike.
"""

import json
import textwrap
from dataclasses import dataclass, field
from pathlib import Path

from benchctl.engine import RunRequest, run

BENCH = '''
"""A manifold with a controller, a reference and gauges, on Modbus TCP."""

import json
import math
from pathlib import Path

from benchctl.simulation import (
    Cell, Coil, ModbusBus, ModbusUnit, Noise, Response, Ripple, SimulatedBench, Timeline, Wire,
)

HERE = Path(__file__).parent
SETUP = json.loads((HERE / "setup.json").read_text())


class Manifold(SimulatedBench):
    name = "manifold"
    bench_file = HERE / "bench.yaml"

    def __init__(self, clock, *, seed, uuts, expose="process"):
        super().__init__(clock, seed=seed, uuts=uuts, expose=expose)
        self.response = Response(0.0, 0.0, 0.0, SETUP["tau"])
        self.asked = 0.0
        self.ripple = Ripple(seed, "manifold", rms=SETUP["ripple"], periods=(5.0, 30.0))
        self.noise = [Noise(seed, f"gauge {n}") for n in range(9)]
        self.selected = [False] * 8
        self.since = [-math.inf] * 8

    @classmethod
    def default_uuts(cls, seed):
        return [{"serial": f"G-{n}", "position": str(n)} for n in range(1, SETUP["units"] + 1)]

    def pressure(self, t):
        ramp = SETUP["ramp"] * max(0.0, t - self.response.t0)
        return self.response.at(t) + ramp + self.ripple.at(t)

    def set(self, t, value):
        self.asked = value
        self.response = Response(t, self.response.at(t), value, SETUP["tau"])

    def error(self, position, pressure):
        offset, slope = SETUP["errors"].get(str(position), (0.0, 0.0))
        return offset + slope * pressure

    def shown(self, position, t):
        seen = self.pressure(t - SETUP["lag"]) if SETUP["lag"] else self.pressure(t)
        if position in SETUP["dead"] and t > SETUP["dies"]:
            return math.nan
        drift = SETUP["drift"] * t
        noise = self.noise[position].gauss(t, SETUP["sigma"])
        value = seen + self.error(position, seen) + drift + noise
        step = SETUP["step"]
        return round(value / step) * step if step else value

    def scanned(self, t):
        on = [n for n in range(8) if self.selected[n]]
        if len(on) != 1:
            return math.nan
        settled = 1.0 - math.exp(-(t - self.since[on[0]]) / 0.05)
        return settled * self.shown(on[0] + 1, t)

    def select(self, n):
        def switch(t, on):
            self.selected[n], self.since[n] = on, t
        return switch

    def buses(self):
        def shown(n):
            return lambda t: self.shown(n, t)

        def selected(n):
            return lambda t: self.selected[n]

        reference = lambda t: self.pressure(t) + self.noise[0].gauss(t, SETUP["reference"])
        controller = ModbusUnit(holding=[Cell(0, "f64", lambda t: self.asked, self.set)],
                                inputs=[Cell(0, "f64", reference)])
        gauges = ModbusUnit(inputs=[Cell(4 * n, "f64", shown(n)) for n in range(1, 9)])
        scanner = ModbusUnit(inputs=[Cell(0, "f64", self.scanned)],
                             coils=[Coil(n, selected(n), self.select(n)) for n in range(8)])
        wire = Wire(turnaround=0.002)
        return {
            "sim.controller": ModbusBus(wire, {1: controller}, medium="tcp", rtu=False),
            "sim.gauges": ModbusBus(wire, {1: gauges}, medium="tcp", rtu=False),
            "sim.scanner": ModbusBus(wire, {1: scanner}, medium="tcp", rtu=False),
        }

    def truth(self, serial, item, quantity, point):
        return self.error(self.uut(serial).position, point.get("pressure", 0.0))

    def state(self):
        return {"selected": list(self.selected), "asked": self.asked}

    def indication(self, prompt):
        shown = self.shown(prompt.position, self.clock.now() + self.answer_after)
        return shown * {"kPa": 1.0, "MPa": 1e-3, "Pa": 1e3}[prompt.unit]
'''
DRIVERS = {
    "manifold_controller": '''
"""A pressure controller."""

from benchctl.driver import Instrument, Modbus, Reading, Setting, holding, input_register


class ManifoldController(Instrument):
    """Controller with its reference."""

    protocol = Modbus()
    pressure = Reading(input_register(0, "f64"), unit="kPa", doc="Pressure.")
    setpoint = Setting(holding(0, "f64"), unit="kPa", low=-100, high=1000, safe=0.0, doc="Asked.")

    def make_safe(self):
        self.setpoint = 0.0
''',
    "gauge_box": '''
"""Eight gauges on one box."""

from benchctl.driver import Instrument, Modbus, Reading, input_register


class GaugeBox(Instrument):
    """Gauges 1 to 8."""

    protocol = Modbus()
    p1, p2, p3, p4, p5, p6, p7, p8 = (
        Reading(input_register(4 * n, "f64"), unit="kPa", doc="Gauge.") for n in range(1, 9)
    )
''',
    "gauge_scanner": '''
"""One reader behind eight switches."""

from benchctl.driver import Instrument, Modbus, Reading, Setting, coil, flag, input_register


class GaugeScanner(Instrument):
    """Reader and switches."""

    protocol = Modbus()
    value = Reading(input_register(0, "f64"), unit="kPa", doc="Gauge that is selected.")
    k1, k2, k3, k4, k5, k6, k7, k8 = (
        Setting(coil(n), kind=flag, safe=False, doc="Selects a gauge.") for n in range(8)
    )

    def make_safe(self):
        for n in range(1, 9):
            setattr(self, f"k{n}", False)
''',
}
BENCH_YAML = """
bench: Manifold
simulated: {bench: manifold}
positions: 8
instruments:
  controller:
    {driver: manifold_controller, at: "modbus+tcp://sim.controller?unit=1", serial: "77",
     standard: PC-1}
  box: {driver: gauge_box, at: "modbus+tcp://sim.gauges?unit=1"}
  scanner: {driver: gauge_scanner, at: "modbus+tcp://sim.scanner?unit=1"}
standards:
  PC-1:
    model: PC
    serial: "77"
    certificate: C-77
    due: in 100 d
    channels:
      pressure: {U: 0.02 kPa, k: 2, range: -100 .. 1000 kPa}
roles:
  reference_pressure: controller.pressure
  pressure_setpoint: controller.setpoint
  gauge_pressure: %s
"""
WAYS = {
    "box": "{positions: [box.p1, box.p2, box.p3, box.p4, box.p5, box.p6, box.p7, box.p8]}",
    "scanner": "{channel: scanner.value, select: [scanner.k1, scanner.k2, scanner.k3, scanner.k4,"
    " scanner.k5, scanner.k6, scanner.k7, scanner.k8]}",
    "person": "{each: manual.pressure}",
}
PROCEDURE = """
procedure: gauges
title: {en: Pressure gauges, zh: 压力表}
standard: {name: JJG 52, edition: 2013}
simulated_bench: manifold
%(services)s
parameters:
  span: {unit: kPa, default: 600, at_least: 1, at_most: 10000}
  accuracy_class: {choices: [0.1, 1.0, 1.6], default: 1.6}
needs:
  reference_pressure: {unit: kPa}
  pressure_setpoint: {unit: kPa, settable: true}
  gauge_pressure: {unit: kPa, per: uut%(shared)s}
measurand:
  error: {unit: "%%", model: 100 * (gauge_pressure - reference_pressure) / span, report_to: 0.01}
  uncertainty:
    gauge_pressure: [{resolution: gauge_pressure.resolution}%(repeatability)s]
    reference_pressure: [{certificate: true}]
limits:
  - {mpe: ±(accuracy_class) %%}
stages: {initial: mpe, in_service: mpe}
decision:
  rule: %(rule)s
  requires: U_reference <= mpe_initial * standard_ratio
  standard_ratio: {initial: 1/4, in_service: 1/4}
items: [error]
points:
%(points)s
each_point:
  set: {pressure_setpoint: pressure}
  settle: {reference_pressure: within %(within)s for 10 s, timeout: 200 s%(settle)s}
  read:
    reference: reference_pressure
    every: %(every)s
    how_many: %(how_many)s
%(read)s
%(more)s
"""
SETUP = {
    "units": 4, "tau": 3.0, "ripple": 0.02, "ramp": 0.0, "sigma": 0.05, "reference": 0.005,
    "errors": {"1": [1.2, 0.0], "2": [-3.0, 0.001], "3": [0.0, 0.02], "4": [0.3, 0.0]},
    "lag": 0.0, "drift": 0.0, "dead": [], "dies": 0.0, "step": 0.0,
}  # fmt: skip
POINTS = ({"point": "zero", "pressure": 0}, {"point": "mid", "pressure": 300})


@dataclass
class ReadingLab:
    """The folder of the lab; `setup` is what its plant is like."""

    path: Path
    setup: dict = field(default_factory=dict)

    def write(self, how_many="20 readings", *, points=POINTS, within="0.5 kPa", every="1 s",
              settle="", read="", more="", repeatability="", way="box",
              rule="simple acceptance", services=""):  # fmt: skip
        shared = ", shared: reader" if way == "scanner" else ""
        folder = self.path / "sim_instruments" / "manifold"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "bench.py").write_text(textwrap.dedent(BENCH).lstrip(), encoding="utf-8")
        (folder / "bench.yaml").write_text(BENCH_YAML.lstrip() % WAYS[way], encoding="utf-8")
        (folder / "setup.json").write_text(json.dumps(SETUP | self.setup), encoding="utf-8")
        (self.path / "drivers").mkdir(exist_ok=True)
        (folder.parent.parent / "procedures").mkdir(exist_ok=True)
        for name, text in DRIVERS.items():
            (folder / "drivers").mkdir(exist_ok=True)
            (folder / "drivers" / f"{name}.py").write_text(text.lstrip(), encoding="utf-8")
        lines = ["  - {" + ", ".join(f"{k}: {v}" for k, v in p.items()) + "}" for p in points]
        text = PROCEDURE % {
            "how_many": how_many, "points": "\n".join(lines), "within": within, "every": every,
            "settle": settle, "read": textwrap.indent(read, "    "), "more": more,
            "shared": shared, "repeatability": repeatability, "rule": rule, "services": services,
        }  # fmt: skip
        self.procedure.write_text(text.lstrip(), encoding="utf-8")
        return self

    @property
    def procedure(self):
        return self.path / "procedures" / "gauges.yaml"

    def request(self, **more):
        named = {"seed": 3, "operator": "T"} | more
        return RunRequest("gauges", lab=self.path, **named)

    def run(self, **more):
        listeners = more.pop("listeners", [])
        return run(self.request(**more), listeners=listeners)


def point(report, serial, name):
    """Return what the document says of a unit's point."""
    uut = next(u for u in report.document["uuts"] if u["serial"] == serial)
    return next(p for p in uut["points"] if p["point"] == name)
