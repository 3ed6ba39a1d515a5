r"""Units as the D-SI writes them: `m³/h` is `\metre\tothe{3}\per\hour`."""

from __future__ import annotations

import re

from benchctl.core.errors import RefusedError
from benchctl.core.messages import msg

NAMES: dict[str, str] = {
    "1": r"\one",
    "%": r"\percent",
    "ppm": r"\ppm",
    "imp": r"\one",
    "r": r"\one",
    "rad": r"\radian",
    "sr": r"\steradian",
    "°": r"\degree",
    "′": r"\arcminute",
    "″": r"\arcsecond",
    "m": r"\metre",
    "g": r"\gram",
    "t": r"\tonne",
    "s": r"\second",
    "min": r"\minute",
    "h": r"\hour",
    "d": r"\day",
    "A": r"\ampere",
    "K": r"\kelvin",
    "°C": r"\degreecelsius",
    "mol": r"\mole",
    "cd": r"\candela",
    "L": r"\litre",
    "N": r"\newton",
    "Pa": r"\pascal",
    "bar": r"\bar",
    "mmHg": r"\mmHg",
    "J": r"\joule",
    "W": r"\watt",
    "VA": r"\volt\ampere",
    "Wh": r"\watt\hour",
    "Ah": r"\ampere\hour",
    "V": r"\volt",
    "Ω": r"\ohm",
    "S": r"\siemens",
    "C": r"\coulomb",
    "F": r"\farad",
    "H": r"\henry",
    "Wb": r"\weber",
    "T": r"\tesla",
    "Hz": r"\hertz",
    "Bq": r"\becquerel",
    "Gy": r"\gray",
    "Sv": r"\sievert",
    "lm": r"\lumen",
    "lx": r"\lux",
}
"""Unit symbols of this program and their names in the D-SI."""
PREFIXES: dict[str, str] = {
    "p": r"\pico",
    "n": r"\nano",
    "µ": r"\micro",
    "m": r"\milli",
    "c": r"\centi",
    "d": r"\deci",
    "h": r"\hecto",
    "k": r"\kilo",
    "M": r"\mega",
    "G": r"\giga",
    "T": r"\tera",
}
_BARE = ("1", "%", "ppm", "imp", "r", "°", "′", "″", "min", "h", "d", "°C", "mmHg")
"""What takes no prefix."""
_RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_FACTOR = re.compile(r"([^\d⁰¹²³⁴⁵⁶⁷⁸⁹⁻^-]+|1)\^?([-⁻]?[\d⁰¹²³⁴⁵⁶⁷⁸⁹]+)?")
_READ_NAMES = (
    *("kilogram", "katal", "henry", "decibel", "bel", "neper", "bit", "byte", "knot", "hectare"),
    *("electronvolt", "dalton", "angstrom", "astronomicalunit", "atomicmassunit", "nauticalmile"),
    *("barn", "bohr", "atomicunittime"),
)
_READ_PREFIXES = (
    *("deca", "atto", "femto", "zepto", "yocto", "ronto", "quecto"),
    *("peta", "exa", "zetta", "yotta", "ronna", "quetta"),
    *("kibi", "mebi", "gibi", "tebi", "pebi", "exbi", "zebi", "yobi"),
)
"""What other laboratories write and this program never does (names as PTB's dsiUnits 3.1.3)."""
_NAME = "|".join(
    sorted(
        {re.escape(n[1:]) for text in NAMES.values() for n in re.findall(r"\\\w+", text)}.union(
            _READ_NAMES
        )
    )
)
_PREFIX = "|".join((*(re.escape(text[1:]) for text in PREFIXES.values()), *_READ_PREFIXES))
WRITTEN = re.compile(
    rf"(?:(?:\\per)?(?:\\(?:{_PREFIX}))?\\(?:{_NAME})(?:\\tothe\{{-?[0-9]+(?:\.[0-9]+)?\}})?)+"
)
"""What a unit of the D-SI looks like."""


def dsi_unit(unit: str | None) -> str:
    r"""Return a unit as the D-SI writes it; no unit is `\one`.

    Raises:
        RefusedError: the D-SI has no name for it.
    """
    if not unit:
        return r"\one"
    above, *below = re.split(r"\s*/\s*", unit.strip().replace("μ", "µ"))
    parts = [_factor(f, unit) for f in _factors(above) if f != "1"]
    parts += [r"\per" + _factor(f, unit) for text in below for f in _factors(text)]
    known = [part for part in parts if part != r"\one"]
    return "".join(known) or r"\one"


def _factors(text: str) -> list[str]:
    return [f for f in re.split(r"[·*\s()]+", text) if f]


def _factor(text: str, unit: str) -> str:
    found = _FACTOR.fullmatch(text)
    name = None if found is None else _name(found[1])
    if found is None or name is None:
        raise RefusedError(msg("certificates.no-dsi-unit", unit=unit))
    power = (found[2] or "1").translate(_RAISED)
    return name if power == "1" else f"{name}\\tothe{{{power}}}"


def _name(symbol: str) -> str | None:
    if symbol in NAMES:
        return NAMES[symbol]
    prefix, rest = symbol[:1], symbol[1:]
    if prefix in PREFIXES and rest in NAMES and rest not in _BARE:
        return PREFIXES[prefix] + NAMES[rest]
    return None
