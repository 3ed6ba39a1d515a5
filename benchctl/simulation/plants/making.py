"""The instruments of a declared plant: the simulator of each driver that its bench file names.

A unit under test that has an instrument of its own (`{each: hp_34401a.dc_voltage, at: ...}`) is
the instrument `uut`; it is alone on the bench.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchctl.bench import BenchFile
from benchctl.bench.file import InstrumentEntry
from benchctl.core.messages import msg
from benchctl.links import parse_address
from benchctl.simulation.instrument import MakesInstrument, SimulatedInstrument
from benchctl.simulation.plants.formulas import Scribe

Simulators = Callable[[str], MakesInstrument | None]
"""Gives the simulated instrument for a driver."""
UUT = "uut"


@dataclass(frozen=True, slots=True)
class Instruments:
    """Makes the instruments of a bench file; `entries` by name, the unit's own among them."""

    entries: Mapping[str, InstrumentEntry]
    makers: Mapping[str, MakesInstrument]

    def made(self) -> dict[str, SimulatedInstrument]:
        """Return a new instrument for each entry, at rest."""
        found = {}
        for name, make in self.makers.items():
            serial = self.entries[name].serial
            known = {} if serial is None else {"serial": serial}
            taken = inspect.signature(make).parameters
            instrument = make(**{k: v for k, v in known.items() if k in taken})
            if instrument.rest is not None:
                instrument.rest()
            found[name] = instrument
        return found


def instruments_of(bench: BenchFile, simulators: Simulators, scribe: Scribe) -> Instruments | None:
    """Return what makes each instrument, a person being none; mistakes are reported."""
    entries = {n: e for n, e in bench.instruments.items() if not e.at.startswith("manual:")}
    each = bench.each()
    if each is not None and parse_address(each.at).simulated:
        if (bench.positions or 1) > 1:
            scribe.wrong("E106", msg("simulation.plant-one-uut"), ("uuts",))
            return None
        entries[UUT] = InstrumentEntry(UUT, each.channel.instrument, each.at)
    makers: dict[str, MakesInstrument] = {}
    for name, entry in entries.items():
        maker = simulators(entry.driver)
        if maker is None:
            what = msg("simulation.plant-no-simulator", name=name, driver=entry.driver)
            scribe.wrong("E301", what, ("plant",))
        else:
            makers[name] = maker
    return Instruments(entries, makers) if len(makers) == len(entries) else None
