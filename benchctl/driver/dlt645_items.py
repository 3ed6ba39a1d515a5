"""What DL/T 645 meters can be asked for: the data identifications and how their values are written.

From memory of the standards' annexes, checked where tests/driver/protocol_vectors.json has a frame
(energy, voltage, active power, frequency, demand; 1997: voltage). A block is asked with FF in the
place of the running number: 0001FF00 is the total and every tariff, 0201FF00 the three voltages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

STAMP = 5
"""Bytes of the instant behind a demand: minute, hour, day, month, year."""


@dataclass(frozen=True, slots=True)
class Item:
    """A value of `size` BCD bytes with that many decimals, in `unit`.

    `signed`: its highest bit is the sign; `stamp`: an instant follows; `decimals` None: its digits
    are a text (an address, a date), not a number.
    """

    size: int
    decimals: int | None
    unit: str = ""
    signed: bool = False
    stamp: bool = False

    @property
    def length(self) -> int:
        """Bytes in the frame."""
        return self.size + STAMP * self.stamp

    @property
    def step(self) -> float | None:
        """One step of the indication in `unit`, None for a text."""
        return None if self.decimals is None else 1 / 10**self.decimals


_TARIFFS = range(64)
_PHASES = (1, 2, 3)


def _energies() -> dict[str, Item]:
    kinds = {"00": ("kWh", True), "01": ("kWh", False), "02": ("kWh", False)}
    kinds |= {"03": ("kvar·h", True), "04": ("kvar·h", True)}
    kinds |= {f"{quadrant:02X}": ("kvar·h", False) for quadrant in range(5, 9)}
    return {
        f"00{kind}{tariff:02X}00": Item(4, 2, unit, signed)
        for kind, (unit, signed) in kinds.items()
        for tariff in _TARIFFS
    }


def _instantaneous() -> dict[str, Item]:
    totals = {"03": Item(3, 4, "kW", True), "04": Item(3, 4, "kvar", True)}
    totals |= {"05": Item(3, 4, "kVA", True), "06": Item(2, 3, "1", True)}
    phases = {"01": Item(2, 1, "V"), "02": Item(3, 3, "A", True), "07": Item(2, 1, "°")}
    items = {f"02{kind}{p:02X}00": item for kind, item in phases.items() for p in _PHASES}
    return items | {
        f"02{kind}{p:02X}00": item for kind, item in totals.items() for p in (0, *_PHASES)
    }


def _demands() -> dict[str, Item]:
    return {
        f"01{kind}{tariff:02X}00": Item(3, 4, unit, signed, stamp=True)
        for kind, unit, signed in (("01", "kW", False), ("02", "kW", False), ("03", "kvar", True))
        for tariff in _TARIFFS
    }


ITEMS_2007: Mapping[str, Item] = {
    **_energies(),
    **_instantaneous(),
    **_demands(),
    "02800001": Item(3, 3, "A", True),
    "02800002": Item(2, 2, "Hz"),
    "02800007": Item(2, 1, "°C", True),
    "02800008": Item(2, 2, "V"),
    "04000101": Item(4, None),
    "04000102": Item(3, None),
    "04000401": Item(6, None),
    "04000402": Item(6, None),
    "04000409": Item(3, 0, "imp/kWh"),
    "0400040A": Item(3, 0, "imp/(kvar·h)"),
}
ITEMS_1997: Mapping[str, Item] = {
    **{f"90{kind}{tariff:X}": Item(4, 2, "kWh") for kind in "12" for tariff in range(15)},
    **{f"91{kind}{tariff:X}": Item(4, 2, "kvar·h") for kind in "12" for tariff in range(15)},
    **{f"A0{kind}0": Item(3, 4, "kW") for kind in "12"},
    **{f"B61{p}": Item(2, 0, "V") for p in _PHASES},
    **{f"B62{p}": Item(2, 2, "A") for p in _PHASES},
    **{f"B63{p}": Item(3, 4, "kW") for p in (0, *_PHASES)},
    **{f"B64{p}": Item(2, 2, "kvar") for p in (0, *_PHASES)},
    **{f"B65{p}": Item(2, 3, "1") for p in (0, *_PHASES)},
    "C010": Item(4, None),
    "C011": Item(3, None),
    "C030": Item(3, 0, "imp/kWh"),
    "C031": Item(3, 0, "imp/(kvar·h)"),
    "C032": Item(6, None),
}
ITEMS = {2007: ITEMS_2007, 1997: ITEMS_1997}


def item_of(di: str, edition: int) -> Item | None:
    """Return how the value of a data identification, or one element of a block, is written."""
    items = ITEMS[edition]
    if di in items:
        return items[di]
    wild = "FF" if edition == 2007 else "F"
    first = ("00", "01") if edition == 2007 else ("0", "1")
    place = di.rfind(wild)
    if place < 0 or (edition == 2007 and place % 2):
        return None
    for number in first:
        single = di[:place] + number + di[place + len(wild) :]
        if single in items:
            return items[single]
    return None
