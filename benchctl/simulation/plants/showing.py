"""Reads what the instruments of a plant show, and what a person at it reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from benchctl.bench import BenchFile
from benchctl.bench.file import EachPosition, OneChannel
from benchctl.core.messages import msg
from benchctl.core.units import Unit, UnitError, converter, unit
from benchctl.language import report_error
from benchctl.simulation.instrument import SimulatedInstrument
from benchctl.simulation.plants.blocks import Block
from benchctl.simulation.plants.formulas import Place, Scribe
from benchctl.simulation.plants.making import UUT
from benchctl.simulation.plants.model import PlantPart, ShowPart
from benchctl.simulation.plants.plant import Show

HERE = "{position}"


class Showing:
    """The parts `shows` and `reads`; `sample` is an instrument of each entry of the bench file."""

    def __init__(
        self,
        scribe: Scribe,
        part: PlantPart,
        bench: BenchFile,
        blocks: Mapping[str, Block],
        sample: Mapping[str, SimulatedInstrument],
    ) -> None:
        self.scribe, self.part, self.bench = scribe, part, bench
        self.blocks, self.sample = blocks, sample
        self.channels = {
            f"{name}.{channel}": instrument.units.get(channel)
            for name, instrument in sample.items()
            for channel in instrument.shows()
        }

    def shows(self) -> Iterator[Show]:
        """Yield what each channel shows; a name with `{position}`, or a role, may be of many."""
        for name, given in self.part.shows.items():
            place: Place = ("shows", name)
            show = self.show(given, place)
            if show is None:
                continue
            each = show.quantity in self.part.each and not show.select
            found = self.named(name, each)
            if found is None:
                self.scribe.wrong("E106", msg("simulation.plant-position", name=name), place)
                continue
            for position, channel in found:
                if channel not in self.channels:
                    what = msg("simulation.plant-no-channel", name=channel)
                    self.scribe.unknown(what, channel, self.channels, place)
                    break
                self.fits(show.quantity, channel, place)
                self.fed(channel, place)
                yield replace(show, channel=channel, position=position)

    def named(self, name: str, each: bool) -> list[tuple[int, str]] | None:
        """Return the channels that a name means, with their positions; None where it cannot be."""
        binding = self.bench.roles.get(name)
        if isinstance(binding, EachPosition):
            return [(n, str(c)) for n, c in enumerate(binding.channels, 1)] if each else None
        if isinstance(binding, OneChannel):
            return None if each else [(0, str(binding.channel))]
        if each and name.partition(".")[0] == UUT:
            return [(1, name)]
        if each != (HERE in name):
            return None
        positions = range(1, (self.bench.positions or 1) + 1) if each else (0,)
        return [(n, name.replace(HERE, str(n))) for n in positions]

    def show(self, given: str | ShowPart, place: Place) -> Show | None:
        """Return what is shown, None where it is no quantity."""
        part = ShowPart.model_validate({"quantity": given}) if isinstance(given, str) else given
        if part.quantity not in self.blocks:
            what = msg("simulation.plant-no-quantity", name=part.quantity)
            at = place if isinstance(given, str) else (*place, "quantity")
            self.scribe.unknown(what, part.quantity, self.blocks, at)
            return None
        return Show(
            "",
            0,
            part.quantity,
            part.noise,
            float(part.empty),
            () if part.select is None else self.switches(part.select, (*place, "select")),
            self.scribe.seconds(part.settling, (*place, "settling")),
            part.open,
        )

    def switches(self, role: str, place: Place) -> tuple[str, ...]:
        """Return the switches that select a position for a role of the bench file."""
        binding = self.bench.roles.get(role)
        if isinstance(binding, OneChannel) and binding.select:
            return tuple(str(name) for name in binding.select)
        what = msg("simulation.plant-no-select", role=role)
        self.scribe.unknown(what, role, self.bench.roles, place)
        return ()

    def fits(self, quantity: str, channel: str, place: Place) -> None:
        """Refuse a quantity whose unit is no unit of the channel."""
        of, symbol = self.blocks[quantity].unit, self.channels[channel]
        if of is None or symbol is None:
            return
        try:
            converter(of, unit(symbol))
        except UnitError as error:
            report_error(error, self.scribe.document, place, self.scribe.diagnostics)

    def fed(self, channel: str, place: Place) -> None:
        """Refuse a channel whose simulator shows what it likes."""
        name, _, own = channel.partition(".")
        inputs = self.sample[name].inputs
        try:
            if inputs is None:
                raise KeyError(own)
            inputs.feed(own, lambda _: 0.0)
        except KeyError:
            self.scribe.wrong("E106", msg("simulation.plant-not-fed", name=channel), place)

    def reads(self) -> Iterator[tuple[str, tuple[str, Unit | None]]]:
        """Yield what a person reads, by role or channel."""
        for name, quantity in self.part.reads.items():
            if quantity not in self.blocks:
                what = msg("simulation.plant-no-quantity", name=quantity)
                self.scribe.unknown(what, quantity, self.blocks, ("reads", name))
                continue
            yield name, (quantity, self.blocks[quantity].unit)
