"""The field's units as a table; `benchctl.core.units` reads it.

Factors are exact where the definition is; mmHg and mmH2O are the conventional
values of ISO 80000-4.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import NamedTuple

Dimension = tuple[int, ...]
"""Exponents of (m, kg, s, A, K, mol, cd, imp)."""

BASE = ("m", "kg", "s", "A", "K", "mol", "cd", "imp")


class Row(NamedTuple):
    """One symbol: value in SI base units = value * scale + zero; may it take a prefix?"""

    symbol: str
    dimension: Dimension
    scale: Fraction
    prefixed: bool = False
    zero: Fraction = Fraction(0)


def _row(
    symbol: str,
    powers: str,
    scale: str | int | Fraction = 1,
    *,
    prefixed: bool = False,
    zero: str = "0",
) -> Row:
    return Row(symbol, _dimension(powers), Fraction(scale), prefixed, Fraction(zero))


def _dimension(powers: str) -> Dimension:
    """Return the exponents that e.g. "m3 s-1" spells."""
    exponents = dict.fromkeys(BASE, 0)
    for power in powers.split():
        base = power.rstrip("-0123456789")
        exponents[base] = int(power[len(base) :] or 1)
    return tuple(exponents.values())


_DEGREE = Fraction(math.pi) / 180
_VOLT = "kg m2 s-3 A-1"
_WATT = "kg m2 s-3"
_JOULE = "kg m2 s-2"
_PASCAL = "kg m-1 s-2"

SYMBOLS: tuple[Row, ...] = (
    # plain numbers
    _row("1", ""),
    _row("%", "", "0.01"),
    _row("‰", "", "0.001"),
    _row("ppm", "", "1e-6"),
    _row("ppb", "", "1e-9"),
    _row("rad", "", prefixed=True),
    _row("sr", ""),
    _row("r", ""),
    _row("°", "", _DEGREE),
    _row("′", "", _DEGREE / 60),
    _row("″", "", _DEGREE / 3600),
    _row("imp", "imp"),
    # SI base units, and time
    _row("m", "m", prefixed=True),
    _row("g", "kg", "0.001", prefixed=True),
    _row("t", "kg", 1000),
    _row("s", "s", prefixed=True),
    _row("min", "s", 60),
    _row("h", "s", 3600),
    _row("d", "s", 86400),
    _row("A", "A", prefixed=True),
    _row("K", "K", prefixed=True),
    _row("°C", "K", zero="273.15"),
    _row("°F", "K", Fraction(5, 9), zero="45967/180"),
    _row("mol", "mol", prefixed=True),
    _row("cd", "cd", prefixed=True),
    # volume, force, pressure, viscosity
    _row("L", "m3", "0.001", prefixed=True),
    _row("N", "kg m s-2", prefixed=True),
    _row("kgf", "kg m s-2", "9.80665"),
    _row("Pa", _PASCAL, prefixed=True),
    _row("bar", _PASCAL, 100000, prefixed=True),
    _row("atm", _PASCAL, 101325),
    _row("Torr", _PASCAL, Fraction(101325, 760)),
    _row("mmHg", _PASCAL, "133.322387415"),
    _row("inHg", _PASCAL, "3386.388640341"),
    _row("mmH2O", _PASCAL, "9.80665"),
    _row("cmH2O", _PASCAL, "98.0665"),
    _row("psi", _PASCAL, Fraction("4.4482216152605") / Fraction("0.0254") ** 2),
    _row("St", "m2 s-1", "0.0001", prefixed=True),
    # energy and power
    _row("J", _JOULE, prefixed=True),
    _row("W", _WATT, prefixed=True),
    _row("VA", _WATT, prefixed=True),
    _row("var", _WATT, prefixed=True),
    _row("Wh", _JOULE, 3600, prefixed=True),
    _row("VAh", _JOULE, 3600, prefixed=True),
    _row("varh", _JOULE, 3600, prefixed=True),
    # electricity
    _row("V", _VOLT, prefixed=True),
    _row("Ω", "kg m2 s-3 A-2", prefixed=True),
    _row("S", "kg-1 m-2 s3 A2", prefixed=True),
    _row("C", "s A", prefixed=True),
    _row("Ah", "s A", 3600, prefixed=True),
    _row("F", "kg-1 m-2 s4 A2", prefixed=True),
    _row("H", "kg m2 s-2 A-2", prefixed=True),
    _row("Wb", "kg m2 s-2 A-1", prefixed=True),
    _row("T", "kg s-2 A-1", prefixed=True),
    # frequency, light, radiation
    _row("Hz", "s-1", prefixed=True),
    _row("Bq", "s-1", prefixed=True),
    _row("Gy", "m2 s-2", prefixed=True),
    _row("Sv", "m2 s-2", prefixed=True),
    _row("lm", "cd", prefixed=True),
    _row("lx", "m-2 cd", prefixed=True),
)

PREFIXES: dict[str, tuple[str, Fraction]] = {
    spelt: (shown, Fraction(10) ** power)
    for spelt, shown, power in (
        ("p", "p", -12),
        ("n", "n", -9),
        ("µ", "µ", -6),
        ("u", "µ", -6),
        ("m", "m", -3),
        ("c", "c", -2),
        ("da", "da", 1),
        ("d", "d", -1),
        ("h", "h", 2),
        ("k", "k", 3),
        ("M", "M", 6),
        ("G", "G", 9),
        ("T", "T", 12),
    )
}

SPELLINGS: dict[str, str] = {
    "l": "L",
    "litre": "L",
    "liter": "L",
    "litres": "L",
    "liters": "L",
    "sec": "s",
    "hr": "h",
    "degC": "°C",
    "deg_C": "°C",
    "degF": "°F",
    "deg": "°",
    "ohm": "Ω",
    "Ohm": "Ω",
    "ohms": "Ω",
    "pulse": "imp",
    "pulses": "imp",
    "impulse": "imp",
    "impulses": "imp",
    "rev": "r",
    "rpm": "r/min",
    "percent": "%",
    "%RH": "%",
    "%rh": "%",
    "% RH": "%",
    "torr": "Torr",
    "升": "L",
    "毫升": "mL",
    "立方米": "m3",
    "秒": "s",
    "分钟": "min",
    "分": "min",
    "小时": "h",
    "时": "h",
    "千克": "kg",
    "克": "g",
    "摄氏度": "°C",
    "帕": "Pa",
    "千帕": "kPa",
    "兆帕": "MPa",
    "伏": "V",
    "安": "A",
    "欧": "Ω",
    "瓦": "W",
    "千瓦": "kW",
    "千瓦时": "kWh",
    "脉冲": "imp",
}
"""Other ways to write a symbol, or a whole unit."""

_COMMON = """
m³/h L/h L/min L/s m³ L mL µL kg/h kg/min kg/s t/h kg/m³ g/L kg g mg µg t imp/L imp/m³ imp/kWh
kWh/imp L/imp m³/imp imp imp/s s ms µs min h d m cm mm µm nm m² cm² mm² m/s °C °F K %/K ppm/K Pa
kPa MPa hPa bar mbar mmHg mmH2O psi N kN N·m V mV µV kV A mA µA kA Ω mΩ kΩ MΩ W kW MW VA kVA var
kvar Wh kWh MWh varh kvarh VAh J kJ MJ GJ F µF nF pF H mH T mT S µS/cm mS/cm Hz kHz MHz GHz
r/min % ‰ ppm 1 ° rad kJ/(kg·K) W/m² lx lm cd mol/L mg/L mg/m³ Pa·s mPa·s mm²/s µSv/h mSv/h mGy
"""
COMMON: tuple[str, ...] = tuple(_COMMON.split())
"""What suggestions are taken from."""

DIMENSION_NAMES: dict[Dimension, str] = {
    _dimension(powers): name
    for powers, name in (
        ("", "number"),
        ("m", "length"),
        ("m2", "area"),
        ("m3", "volume"),
        ("kg", "mass"),
        ("s", "time"),
        ("A", "current"),
        ("K", "temperature"),
        ("mol", "amount-of-substance"),
        ("imp", "impulses"),
        ("m s-1", "speed"),
        ("s-1", "frequency"),
        ("kg m s-2", "force"),
        (_PASCAL, "pressure"),
        (_JOULE, "energy"),
        (_WATT, "power"),
        (_VOLT, "voltage"),
        ("kg m2 s-3 A-2", "resistance"),
        ("kg-1 m-2 s3 A2", "conductance"),
        ("kg-1 m-3 s3 A2", "conductivity"),
        ("s A", "charge"),
        ("kg-1 m-2 s4 A2", "capacitance"),
        ("kg m2 s-2 A-2", "inductance"),
        ("m3 s-1", "volume-flow"),
        ("kg s-1", "mass-flow"),
        ("kg m-3", "density"),
        ("imp m-3", "impulses-per-volume"),
        ("m3 imp-1", "volume-per-impulse"),
        ("imp kg-1 m-2 s2", "impulses-per-energy"),
        ("kg m2 s-2 imp-1", "energy-per-impulse"),
        ("imp s-1", "impulse-rate"),
    )
}
"""Dimension -> message id `units.<name>`."""
