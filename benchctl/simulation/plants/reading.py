"""Reads a plant file with the bench file beside it; every mistake at its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchctl.bench import BenchFile, load_bench
from benchctl.core.messages import msg
from benchctl.core.units import Unit, unit
from benchctl.language import Diagnostics, Document, load_document, split_unit, validate
from benchctl.simulation.plants import blocks as kinds
from benchctl.simulation.plants.blocks import Block, Formula
from benchctl.simulation.plants.formulas import Place, Scribe
from benchctl.simulation.plants.making import Simulators, instruments_of
from benchctl.simulation.plants.model import PlantPart, given
from benchctl.simulation.plants.order import CycleError, Order
from benchctl.simulation.plants.plant import Plant, PlantFault, Show
from benchctl.simulation.plants.showing import Showing
from benchctl.simulation.plants.trial import try_out
from benchctl.simulation.plants.units_reading import UnitsReading
from benchctl.simulation.plants.view import SUMS
from benchctl.simulation.standards import Standards

FILE = "plant.yaml"


def load_plant(path: Path, simulators: Simulators, diagnostics: Diagnostics) -> Plant | None:
    """Read a plant file and the `bench.yaml` beside it; None where one has mistakes."""
    before = len(diagnostics)
    document = load_document(path, diagnostics)
    if document is None:
        return None
    part = validate(PlantPart, document, diagnostics)
    bench = load_bench(path.with_name("bench.yaml"), diagnostics)
    if part is None or bench is None:
        return None
    reading = _Reading(document, diagnostics, part, bench, path)
    plant = reading.plant(simulators)
    if plant is None or len(diagnostics) != before:
        return None
    try_out(plant, reading.scribe)
    return plant if len(diagnostics) == before else None


class _Reading:
    """One plant file while it is read."""

    def __init__(
        self,
        document: Document,
        diagnostics: Diagnostics,
        part: PlantPart,
        bench: BenchFile,
        path: Path,
    ) -> None:
        self.scribe = Scribe(document, diagnostics)
        self.part, self.bench, self.path = part, bench, path
        self.scribe.curves = frozenset(part.uuts.curves)
        self.channels: dict[str, str | None] = {}

    def plant(self, simulators: Simulators) -> Plant | None:
        part = self.part
        instruments = instruments_of(self.bench, simulators, self.scribe)
        if instruments is None:
            return None
        sample = instruments.made()
        for name, instrument in sample.items():
            for channel in instrument.shows():
                self.channels[f"{name}.{channel}"] = instrument.units.get(channel)
        units = UnitsReading(self.scribe, part.uuts, self.bench.positions).units()
        quantities, each = self.blocks()
        order = self.order(quantities, each, units.count)
        if order is None:
            return None
        showing = Showing(self.scribe, part, self.bench, quantities | each, sample)
        shows, truths = tuple(showing.shows()), dict(self.truths())
        return Plant(
            name=self.path.parent.name,
            summary=part.plant,
            path=self.path,
            bench=self.bench,
            answer_after=self.scribe.seconds(part.answer_after, ("answer_after",)),
            units=units,
            quantities=quantities,
            each=each,
            shows=shows,
            reads=dict(showing.reads()),
            truth=truths,
            faults={n: PlantFault(n, f.value, f.of == "unit") for n, f in part.faults.items()},
            hand=part.hand,
            order=order.stateful,
            touched=order.touched(),
            observed=self.observed(
                {
                    *order.settings(),
                    *(name for show in shows for name in show.select),
                    *(name for formula in truths.values() for name in formula.names),
                }
            ),
            sources=self.sources(shows),
            exact=part.standards == "exact",
            instruments=instruments,
        )

    def sources(self, shows: Sequence[Show]) -> dict[str, str | None]:
        """Return the channels by which standards give what they are set to, with their units."""
        standards = Standards(self.bench, 0, exact=True)
        fed = {show.channel for show in shows}
        return {
            name: symbol
            for name, symbol in self.channels.items()
            if standards.know(name) and name not in fed
        }

    # names ----------------------------------------------------------------------------------

    def known_of_bench(self) -> set[str]:
        """Return the names that a formula of the bench may have."""
        part = self.part
        checks = () if self.bench.gate is None else self.bench.gate.checks
        return {
            *part.quantities,
            *self.channels,
            *(f"all.{name}" for name in part.each),
            *(f"fault.{name}" for name, f in part.faults.items() if f.of == "bench"),
            *(f"gate.{check.name}" for check in checks),
            *(f"constant.{name}" for name in self.bench.constants),
            *(f"hand.{name}" for name in part.hand),
            *("t", "relieved"),
        }

    def known_of_unit(self) -> set[str]:
        """Return the names that a formula of a unit may have."""
        part = self.part
        return {
            *self.known_of_bench(),
            *part.each,
            *part.uuts.usual,
            *part.uuts.draw,
            *(f"{which}.{name}" for which in SUMS for name in part.each),
            *(f"fault.{name}" for name in part.faults),
            *("kind", "position", "mounted", "adjusted"),
        }

    # quantities -----------------------------------------------------------------------------

    def blocks(self) -> tuple[dict[str, Block], dict[str, Block]]:
        part, scribe = self.part, self.scribe
        units: dict[str, Unit] = {}
        for key, parts in (("quantities", part.quantities), ("each", part.each)):
            for name, one in parts.items():
                if isinstance(one, str):
                    symbol = split_unit(one)[1]
                    found = unit(symbol) if symbol else None
                else:
                    found = scribe.unit(one.unit, (key, name, "unit"))
                if found is not None:
                    units[name] = found
                if key == "each" and name in part.quantities:
                    scribe.wrong("E303", msg("simulation.plant-twice", name=name), (key, name))
        ofs: dict[str, dict[str, Block]] = {"quantities": {}, "each": {}}
        for key, parts in (("quantities", part.quantities), ("each", part.each)):
            known = self.known_of_bench() if key == "quantities" else self.known_of_unit()
            for name, one in parts.items():
                block = scribe.block(one, (key, name), known, units)
                if block is not None:
                    ofs[key][name] = block
                    self.check_others(block, (key, name), known)
        return ofs["quantities"], ofs["each"]

    def check_others(self, block: Block, place: Place, known: set[str]) -> None:
        """Refuse a block that names what is no quantity, or not of the kind that it needs."""
        quantities = {*self.part.quantities, *self.part.each} & known
        for name in block.others():
            if name not in quantities:
                what = msg("simulation.plant-no-quantity", name=name)
                self.scribe.unknown(what, name, quantities, place)
        if isinstance(block, kinds.SettingBlock | kinds.RoseBlock):
            for n in range(1, (self.bench.positions or 1) + 1):
                self.channel(block.channel.replace("{position}", str(n)), place)
        wanted = {
            kinds.PulsesBlock: ("total", getattr(block, "of", "")),
            kinds.StrokeBlock: ("tail", getattr(block, "of", "")),
            kinds.LatchedBlock: ("pulses", getattr(block, "at", "")),
        }.get(type(block))
        if wanted is None:
            return
        kind, name = wanted
        of = self.part.each.get(name, self.part.quantities.get(name))
        if of is not None and (isinstance(of, str) or kind not in given(of)):
            self.scribe.wrong("E106", msg("simulation.plant-wants", name=name, kind=kind), place)

    def channel(self, name: str, place: Place) -> None:
        """Refuse a channel that no instrument has."""
        if name not in self.channels:
            what = msg("simulation.plant-no-channel", name=name)
            self.scribe.unknown(what, name, self.channels, place)

    def order(
        self, quantities: Mapping[str, Block], each: Mapping[str, Block], count: int
    ) -> Order | None:
        try:
            return Order({**quantities, **each}, frozenset(each), count)
        except CycleError as error:
            name = error.names[0]
            key = "each" if name in each else "quantities"
            way = " → ".join(error.names)
            self.scribe.wrong("E304", msg("simulation.plant-cycle", way=way), (key, name))
            return None

    def observed(self, names: set[str]) -> dict[str, tuple[str, ...]]:
        """Return the channels among dotted names, by instrument."""
        found: dict[str, tuple[str, ...]] = {}
        for name in sorted(names & self.channels.keys()):
            instrument, _, channel = name.partition(".")
            found[instrument] = (*found.get(instrument, ()), channel)
        return found

    def truths(self) -> Iterator[tuple[str, Formula]]:
        """Yield what is true of each measurand and item; points have what names they like."""
        known = self.known_of_unit()
        for name, text in self.part.truth.items():
            place = ("truth", name)
            formula = self.scribe.formula(text, place, _Anything(known))
            if formula is not None:
                yield name, formula
            known.add(f"truth.{name}")


class _Anything(frozenset[str]):
    """Names that are known, those of points included."""

    def __contains__(self, name: object) -> bool:
        """Return whether a name may stand in a truth."""
        return super().__contains__(name) or str(name).startswith("point.") or name == "stage"
