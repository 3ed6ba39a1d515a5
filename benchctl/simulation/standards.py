"""How far the reference standards of a simulated bench are off: as their certificates allow.

    standards = Standards.beside(self.bench_file, seed)
    standards.shown("reference.pressure", 101.2, "kPa")  # what it shows where that is true
    standards.given("calibrator.voltage", 10.0, "V")     # what a source gives that is set to that
    standards.constant("measure_volume")                 # what a figure of the bench truly is

For every channel that a certificate of the bench file names, and for every constant with U, one
number is drawn for each seed, normally distributed; the error is that many standard uncertainties
U/k at the value. A share of the value scales with it, an absolute U is an offset. What the
certificate says of corrections is kept: an instrument shows so much that, corrected, it is off by
just its draw.
"""

from __future__ import annotations

from pathlib import Path

from benchctl.bench import BenchFile, Certified, load_bench
from benchctl.bench.corrections import by_itself
from benchctl.bench.standards import corrected, standard_uncertainty, uncorrected
from benchctl.core.units import Unit, unit
from benchctl.language import Diagnostics, FileError
from benchctl.simulation.noise import Noise

NUMBER = unit("1")


class Standards:
    """The standards and constants of one bench and one seed; `exact`: none of them is off."""

    def __init__(self, bench: BenchFile, seed: int, *, exact: bool = False) -> None:
        self._constants = bench.constants
        self._exact = exact
        self._luck = Noise(seed, "standards")
        self._certified: dict[str, tuple[Certified, float]] = {}
        for name, entry in bench.instruments.items():
            if entry.standard is None:
                continue
            for channel, certified in bench.standards[entry.standard].channels.items():
                draw = self._draw(f"{entry.standard}/{channel}")
                self._certified[f"{name}.{channel}"] = certified, draw

    @classmethod
    def beside(cls, bench_file: Path, seed: int, *, exact: bool = False) -> Standards:
        """Return those of a bench file.

        Raises:
            FileError: it has mistakes.
        """
        diagnostics = Diagnostics()
        bench = load_bench(bench_file, diagnostics)
        if bench is None:
            raise FileError(diagnostics.items)
        return cls(bench, seed, exact=exact)

    def _draw(self, name: str) -> float:
        return 0.0 if self._exact else self._luck.gauss(name)

    def know(self, channel: str) -> bool:
        """Return whether a certificate names a channel, `instrument.channel`."""
        return channel in self._certified

    def shown(self, channel: str, true: float, symbol: str | None = None) -> float:
        """Return what a channel shows where a value in the unit `symbol` is true.

        One that no certificate names shows what is true.
        """
        if channel not in self._certified:
            return true
        certified, draw = self._certified[channel]
        of = unit(symbol) if symbol else NUMBER
        off = true + _error(certified, draw, true, of)
        return uncorrected(certified, off, of) if by_itself(certified, of) else off

    def given(self, channel: str, nominal: float, symbol: str | None = None) -> float:
        """Return what a source gives whose channel is set to a value in the unit `symbol`."""
        if channel not in self._certified:
            return nominal
        certified, draw = self._certified[channel]
        of = unit(symbol) if symbol else NUMBER
        true = corrected(certified, nominal, of) if by_itself(certified, of) else nominal
        return true + _error(certified, draw, nominal, of)

    def constant(self, name: str) -> float:
        """Return what a constant of the bench file truly is, in the unit that it has there.

        Raises:
            KeyError: there is no such constant.
        """
        constant = self._constants[name]
        return constant.value + self._draw(f"constant/{name}") * constant.u(constant.unit)


def _error(certified: Certified, draw: float, value: float, of: Unit) -> float:
    u, _ = standard_uncertainty(certified, value, of)
    return draw * (-u if certified.relative and value < 0.0 else u)
