"""What expressions of a procedure may call: arithmetic, and physics with the units it is in.

    water_density(20.1 °C, 0.08 MPa)        kg/m³; the pressure is above 101.325 kPa
    air_density(1013 hPa, 50 %, 20.5 °C)    kg/m³
    buoyancy_factor(998.2, 1.2)             mass of water / reading of a balance
    iec60751_temperature(138.5 Ω, 100 Ω)    °C of a platinum sensor with 100 Ω at 0 °C
    iec60751_resistance(100 °C, 100 Ω)      Ω

The units are those of the values that are passed: a role in kPa does not fit where hPa stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from benchctl.core.messages import msg
from benchctl.core.units import unit
from benchctl.language import FUNCTIONS as ARITHMETIC
from benchctl.language import Function
from benchctl.metrology import (
    air_density,
    buoyancy_factor,
    iec60751_resistance,
    iec60751_temperature,
    water_density,
)
from benchctl.procedure.dimensions import Dim, DimError, dim_of, either, quantity_of


def _physical(call: Callable[..., Any], units: tuple[str, ...], gives: str) -> Function:
    """Return a function of quantities in `units`, checked when an expression is explored."""

    def explore(*values: object) -> Dim:
        for value, symbol in zip(values, units, strict=True):
            _require(dim_of(value), symbol)
        return quantity_of(unit(gives))

    return Function(call, len(units), len(units), explore)


def _require(dim: Dim, symbol: str) -> None:
    """Check that a value may be in a unit; a difference of temperatures is no temperature.

    Raises:
        DimError: it cannot.
    """
    wanted = quantity_of(unit(symbol))
    if dim.kind in {"text", "truth"}:
        raise DimError(msg("procedure.no-number"))
    if dim.kind != "quantity":
        return
    either(dim, wanted, "procedure.wants-unit")
    if bool(dim.offset) != bool(wanted.offset):
        raise DimError(msg("procedure.wants-unit", a=dim.symbol, b=wanted.symbol))


FUNCTIONS: Mapping[str, Function] = {
    **ARITHMETIC,
    "water_density": _physical(water_density, ("°C", "MPa"), "kg/m³"),
    "air_density": _physical(air_density, ("hPa", "%", "°C"), "kg/m³"),
    "iec60751_temperature": _physical(iec60751_temperature, ("Ω", "Ω"), "°C"),
    "iec60751_resistance": _physical(iec60751_resistance, ("°C", "Ω"), "Ω"),
    "buoyancy_factor": _physical(buoyancy_factor, ("kg/m³", "kg/m³"), "1"),
}
"""What expressions of a procedure call."""
