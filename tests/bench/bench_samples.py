"""A bench file to spoil, roles as a procedure would want them, and the simulated bench, opened."""

from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from benchctl.bench import Bench, Wiring, load_bench
from benchctl.core.clock import VirtualClock
from benchctl.core.places import search_path
from benchctl.core.results import Uut
from benchctl.drivers import Shelf
from benchctl.language import Diagnostics, Source
from benchctl.links import LinkFactory
from benchctl.simulation import find_bench, uuts_from_rows

DRIVERS = [path.stem for path in search_path("drivers", None)[0].glob("*.py")]


@dataclass(frozen=True)
class Role:
    """What a procedure wants of a role."""

    unit: str = ""
    settable: bool = False
    switch: bool = False
    constant: bool = False
    per_uut: bool = False
    optional: bool = False


NEEDS = {
    "reference_volume": Role("L"),
    "reference_flow": Role("m³/h"),
    "flow_setpoint": Role("m³/h", settable=True),
    "test_pressure": Role("MPa", settable=True),
    "line_pressure": Role("MPa"),
    "line_inlet": Role(settable=True, switch=True),
    "water_temperature": Role("°C"),
    "ambient_temperature": Role("°C"),
    "ambient_humidity": Role("%"),
    "meter_volume": Role("L", per_uut=True),
    "meter_pulse_rate": Role("Hz", per_uut=True, optional=True),
}


class Events:
    """Keeps what happens."""

    def __init__(self):
        self.all = []

    def emit(self, event):
        self.all.append(event)

    def of(self, kind):
        return [e for e in self.all if type(e).__name__ == kind]

    @property
    def writes(self):
        """`instrument.channel=value` of every setting written, in order."""
        return [f"{e.instrument}.{e.channel}={e.value:g}" for e in self.of("SettingWritten")]


class LoadedBench:
    """A bench file, or None, with what was found on the way."""

    def __init__(self, text, folder=Path(), drivers=DRIVERS):
        self.text = text
        self.diagnostics = Diagnostics()
        source = Source(str(folder / "bench.yaml"), text)
        self.file = load_bench(source, self.diagnostics, drivers=drivers)

    @property
    def mistakes(self):
        return [
            f"{d.span.line}:{d.span.column} {d.code} {d.message.id.rpartition('.')[2]}"
            for d in self.diagnostics.items
        ]


def wiring(file, needs=None, lab=None):
    return Wiring(file, Shelf(search_path("drivers", lab)), needs or NEEDS, {"pulse_value": "L"})


class OpenBench:
    """The simulated water bench with three meters, not yet opened."""

    def __init__(self, sim, file, needs, serials):
        self.sim = sim
        self.clock = sim.clock
        self.events = Events()
        self.links = LinkFactory(
            self.clock, self.events, visa_library=sim.visa_library, locations=sim.locations
        )
        uuts = [Uut(serial, n) for n, serial in enumerate(serials, 1)]
        self.serials = list(serials)
        self.bench = Bench(wiring(file, needs), self.links, self.events, self.clock, uuts)

    def open(self, only=None):
        for step in self.bench.opening(only):
            step()
        if only is None:
            for step in self.bench.opening_units(self.serials):
                step()
        return self.bench

    def relays(self):
        """Which relays of the valve module are on now, counted from 1."""
        valves = self.sim.plant.inputs(self.clock.now()).valves
        return [n for n, on in enumerate(valves, 1) if on]

    def selected(self):
        """Which positions the selector connects to the counter now."""
        return [n for n, on in enumerate(self.sim.plant.inputs(self.clock.now()).selector, 1) if on]

    def pump_runs(self):
        return self.sim.plant.at(self.clock.now() + 0.5).speed.at(self.clock.now() + 60) > 0


@contextmanager
def opened_rig(text=None, needs=None, serials=None, folder=None):
    """Give an `OpenBench` on the bundled bench file, or on another text of it."""
    cls = find_bench("water_bench")
    text = text or cls.bench_file.read_text("utf-8")
    loaded = LoadedBench(text, folder or cls.bench_file.parent)
    assert loaded.mistakes == []
    rows = cls.default_uuts(7)[:3]
    units = uuts_from_rows(rows)
    each = loaded.file.each()
    if each is not None and each.address == "position":
        units = tuple(replace(u, address=str(u.position)) for u in units)
    with cls(VirtualClock(), seed=7, uuts=units) as sim:
        rig = OpenBench(sim, loaded.file, needs, serials or [u.serial for u in units])
        try:
            yield rig
        finally:
            rig.links.close()
