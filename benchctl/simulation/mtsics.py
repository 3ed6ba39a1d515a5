"""A balance that speaks MT-SICS, over whatever rests on it; independent of our driver.

    balance = MtSicsBalance("KCC150", "B1234", capacity=150.0, step=0.001, load=tank_weight)
    balance.answer("SI", t)                  # "S D     12.345 kg"

`load(t)` is what the balance feels at bench time t in kg, all its errors included but for the noise
of single readings. The display is the mean over the last `SPAN` s; it is stable where the load
moved by no more than a step in that time. S, T and Z wait for that, at most `patience` s.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from benchctl.simulation.scpi import Timed

SPAN, SAMPLES = 0.7, 8
"""Seconds that the display averages over, and how often the load is looked at in them."""
LOOK_EVERY = 0.1
"""Seconds between two looks of a command that waits for stability."""
_ZERO_RANGE = 0.02
_BEYOND = 9.0
"""Steps above the capacity at which a balance shows overload (OIML R 76-1)."""
_PLAIN = {"S", "SI", "SIR", "T", "TI", "TA", "TAC", "Z", "ZI", "I1", "I2", "I3", "I4", "@"}


@dataclass(frozen=True, slots=True)
class Shown:
    """The display at bench time `t`: gross load in kg, and whether it is at rest."""

    t: float
    gross: float
    stable: bool

    @property
    def status(self) -> str:
        """The letter of MT-SICS."""
        return "S" if self.stable else "D"


class MtSicsBalance:
    """One balance: levels 0 and 1 of MT-SICS but for what concerns its display and keys.

    Args:
        model: Name that I2 tells.
        serial: Serial number that I4 tells.
        capacity: Largest load in kg; 9 steps above it begins overload.
        step: Scale interval in kg.
        load: What it feels, kg.
        noise: Deviation of a single reading, kg.
        unit: "kg" or "g", in which it answers.
        patience: Seconds that it waits for rest.
    """

    def __init__(
        self,
        model: str,
        serial: str,
        *,
        capacity: float,
        step: float,
        load: Callable[[float], float],
        noise: Callable[[float], float] = lambda _: 0.0,
        unit: str = "kg",
        patience: float = 10.0,
    ) -> None:
        self._model, self._serial = model, serial
        self._capacity, self._step = capacity, step
        self._load, self._noise = load, noise
        self._unit, self._patience = unit, patience
        self._zero = self._tare = 0.0
        self._streams = False

    def answer(self, line: str, t: float) -> str | Timed | None:
        """Return what the balance says to a command.

        While it streams (SIR), two of its readings slip in before the answer.
        """
        reading = f"{self._weight('S', self._shown(t))}\r\n" if self._streams else ""
        said = self._obeyed(line, t)
        if isinstance(said, Timed):
            return Timed(f"{2 * reading}{said.text}", said.seconds)
        return f"{2 * reading}{said}"

    def _obeyed(self, line: str, t: float) -> str | Timed:
        word, *parameters = line.split() or [""]
        if word not in _PLAIN:
            return "ES"
        if parameters:
            return f"{word} L"
        told = self._told()
        if word in told:
            self._streams = self._streams and word != "@"
            return told[word]
        match word:
            case "SI" | "SIR":
                self._streams = self._streams or word == "SIR"
                return self._weight("S", self._shown(t))
            case "TI" | "ZI":
                return self._set(word, self._shown(t))
            case "TA":
                return f"TA A {self._number(self._tare)}"
            case "TAC":
                self._tare = 0.0
                return "TAC A"
        return self._patiently(word, t)

    def _told(self) -> dict[str, str]:
        unit = 1000.0 if self._unit == "g" else 1.0
        name = f"{self._model} {self._capacity * unit:.{self._decimals()}f} {self._unit}"
        return {
            "I1": 'I1 A "01" "2.30" "2.20" "" ""',
            "I2": f'I2 A "{name}"',
            "I3": 'I3 A "1.00 sim"',
            "I4": f'I4 A "{self._serial}"',
            "@": f'I4 A "{self._serial}"',
        }

    # the display ----------------------------------------------------------------------------

    def _shown(self, t: float) -> Shown:
        felt = [self._load(t - n * SPAN / (SAMPLES - 1)) for n in range(SAMPLES)]
        stable = max(felt) - min(felt) <= self._step
        return Shown(t, sum(felt) / SAMPLES + self._noise(t), stable)

    def _patiently(self, word: str, t: float) -> Timed:
        """Carry S, T or Z out once the display is at rest."""
        for n in range(round(self._patience / LOOK_EVERY) + 1):
            shown = self._shown(t + n * LOOK_EVERY)
            if shown.stable or self._range(shown):
                break
        else:
            return Timed(f"{word} I", self._patience)
        said = self._weight("S", shown) if word == "S" else self._set(word, shown)
        return Timed(said, shown.t - t)

    def _set(self, word: str, shown: Shown) -> str:
        """Set zero or tare to what is shown."""
        most = _ZERO_RANGE * self._capacity if word[0] == "Z" else math.inf
        least = -most if word[0] == "Z" else self._zero
        beyond = self._range(shown) or ("+" if shown.gross > most else "")
        beyond = beyond or ("-" if shown.gross < least - self._step else "")
        if beyond:
            return f"{word} {beyond}"
        if word[0] == "Z":
            self._zero, self._tare = shown.gross, 0.0
            return "Z A" if word == "Z" else f"ZI {shown.status}"
        self._tare = shown.gross - self._zero
        return f"{word} {shown.status} {self._number(self._tare)}"

    def _weight(self, word: str, shown: Shown) -> str:
        beyond = self._range(shown)
        if beyond:
            return f"{word} {beyond}"
        return f"{word} {shown.status} {self._number(shown.gross - self._zero - self._tare)}"

    def _range(self, shown: Shown) -> str:
        if shown.gross > self._capacity + _BEYOND * self._step:
            return "+"
        return "-" if shown.gross < -_ZERO_RANGE * self._capacity - _BEYOND * self._step else ""

    def _decimals(self) -> int:
        step = self._step * (1000.0 if self._unit == "g" else 1.0)
        return max(0, -math.floor(math.log10(step) + 1e-9))

    def _number(self, kilograms: float) -> str:
        """Return a weight in whole steps, in ten characters, with its unit."""
        unit = 1000.0 if self._unit == "g" else 1.0
        value = round(kilograms / self._step) * self._step * unit + 0.0
        return f"{value:>10.{self._decimals()}f} {self._unit}"
