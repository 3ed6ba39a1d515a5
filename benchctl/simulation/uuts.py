"""Units under test as a simulated bench sees them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SimulatedUut:
    """One unit: what a run knows of it, before anything is measured.

    `address` is what the bench file's channel for units is given (often the serial number);
    `parameters` are the numbers of the procedure in its units (Q1, Q3, scale_interval ...), `texts`
    what is said of it in words. A plant has its own usual values for those that are missing.
    """

    serial: str
    position: int
    address: str = ""
    parameters: Mapping[str, float] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)


def uuts_from_rows(rows: Iterable[Mapping[str, str]]) -> tuple[SimulatedUut, ...]:
    """Return the units in rows of a batch; columns that hold a bare number are parameters.

    A row without `position` stands where it is listed, from 1.

    Raises:
        KeyError: a row has no `serial`.
        ValueError: a position is no whole number.
    """
    units = []
    for number, row in enumerate(rows, 1):
        parameters = {
            name: value
            for name, text in row.items()
            if name not in ("serial", "position") and (value := _number(text)) is not None
        }
        serial = row["serial"]
        position = int(row.get("position") or number)
        known = {"serial", "position", *parameters}
        texts = {name: text for name, text in row.items() if name not in known and text}
        units.append(SimulatedUut(serial, position, serial, parameters, texts))
    return tuple(units)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
