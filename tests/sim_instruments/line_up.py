"""The water bench with all its drivers opened, for tests."""

from contextlib import contextmanager

from benchctl.core.places import search_path
from benchctl.drivers import Shelf
from benchctl.links import LinkFactory
from benchctl.simulation import uuts_from_rows

SENSORS = "modbus+rtu://sim.sensors?baud=9600&parity=N"
INSTRUMENTS = {
    "master": (
        "micromotion_2700",
        "modbus+rtu://sim.master?baud=38400&parity=N&unit=1&order=CDAB",
    ),
    "pump": ("abb_acs580", "modbus+tcp://sim.drive?unit=1"),
    "valves": ("relay_valve_16", "modbus+rtu+tcp://sim.relays?unit=1"),
    "selector": ("relay_valve_16", "modbus+rtu+tcp://sim.relays?unit=2"),
    "counter": ("keysight_53220a", "visa:sim.counter"),
    "thermometer": ("pt100_rtu", f"{SENSORS}&unit=1"),
    "pressure": ("pressure_rtu", f"{SENSORS}&unit=2"),
    "room": ("humidity_rtu", f"{SENSORS}&unit=3"),
    "barometer": ("pressure_rtu", f"{SENSORS}&unit=4"),
    "check": ("micromotion_2700", "modbus+rtu://sim.master?baud=38400&parity=N&unit=2&order=CDAB"),
    "pulses": ("pulse_counter_16", "modbus+rtu+tcp://sim.relays?unit=3"),
    "balance": ("mettler_mtsics", "serial://sim.balance?baud=9600&parity=N"),
}
METERS = "serial://sim.meters?baud=2400&parity=E&address={}"


class Line:
    """All instruments by name; the notes of their links."""

    def __init__(self, bench, links, shelf, notes):
        self.bench, self.clock, self.notes = bench, bench.clock, notes
        self.identities, self.instruments = {}, {}
        self._links, self._shelf = links, shelf

    def add(self, name, driver, at):
        link, options = self._links.open(at, name)
        cls = self._shelf.find(driver)
        instrument = cls(link, options, name=name, sink=self)
        self.identities[name] = instrument.connect()
        self.instruments[name] = instrument
        return instrument

    def __getattr__(self, name):
        return self.instruments[name]

    def emit(self, event):
        self.notes.append(event)

    def flow_at(self, speed):
        """Open the large line and start the pump at a speed in %."""
        for relay in ("k1", "k2", "k5"):
            self.valves.write(relay, True)
        self.pump.run = True
        self.pump.speed = speed

    def run(self, seconds, step=1.0):
        """Let bench time pass while the drive is kept alive."""
        end = self.clock.now() + seconds
        while self.clock.now() < end:
            self.clock.sleep(min(step, end - self.clock.now()))
            _ = self.pump.status


@contextmanager
def open_line(cls, clock, *, seed=7, meters=12, expose="process"):
    units = uuts_from_rows(cls.default_uuts(seed))
    with cls(clock, seed=seed, uuts=units, expose=expose) as bench:
        notes = []
        line = Line(bench, None, Shelf(search_path("drivers", None)), notes)
        links = LinkFactory(clock, line, visa_library=bench.visa_library, locations=bench.locations)
        line._links = links
        try:
            for name, (driver, at) in INSTRUMENTS.items():
                line.add(name, driver, at)
            line.meters = [
                line.add(f"meter {u.position}", "cjt188_meter", METERS.format(u.serial))
                for u in units[:meters]
            ]
            yield line
        finally:
            links.close()
