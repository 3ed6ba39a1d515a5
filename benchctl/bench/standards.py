"""What a certificate is worth for a reading: U and degrees of freedom, dates, range."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

from benchctl.bench.file import Certified, Standard
from benchctl.core.messages import Message, msg
from benchctl.core.units import Unit, difference_factor, same_dimension


def standard_uncertainty(certified: Certified, value: float, of: Unit) -> tuple[float, float]:
    """Return the standard uncertainty U/k of a value in its own unit, and the degrees of freedom.

    A certificate states k for a coverage; its degrees of freedom count as infinite unless stated.
    """
    if certified.relative:
        return abs(value) * certified.U / 100.0 / certified.k, math.inf
    return certified.U * difference_factor(certified.unit, of) / certified.k, math.inf


def problems(standard: Standard, today: date) -> list[Message]:
    """Return why a standard must not be used today."""
    found = []
    if today > standard.due:
        found.append(msg("bench.overdue", standard=standard.name, due=standard.due.isoformat()))
    if standard.issued is not None and today < standard.issued:
        found.append(
            msg("bench.not-yet", standard=standard.name, issued=standard.issued.isoformat())
        )
    return found


def out_of_range(standard: Standard, channel: str, value: float, of: Unit) -> Message | None:
    """Return why the certificate does not hold at a value, None where it does.

    A range that is stated for another quantity says nothing about this one.
    """
    certified = standard.channels.get(channel)
    if certified is None or certified.range_unit is None or certified.low is None:
        return None
    if certified.high is None or not same_dimension(certified.range_unit, of):
        return None
    in_range = value * of.factor / certified.range_unit.factor
    if certified.low <= in_range <= certified.high:
        return None
    return msg(
        "bench.out-of-range",
        standard=standard.name,
        value=f"{value:.4g} {of.symbol}",
        low=f"{certified.low:g}",
        high=f"{certified.high:g} {certified.range_unit.symbol}",
    )


def as_json(standard: Standard, channel: str) -> dict[str, Any]:
    """Return the standard as the record keeps it."""
    certified = standard.channels.get(channel)
    return {
        "name": standard.name,
        "model": standard.model,
        "serial": standard.serial,
        "certificate": standard.certificate,
        "issued": None if standard.issued is None else standard.issued.isoformat(),
        "due": standard.due.isoformat(),
        "U": None if certified is None else certified.U,
        "k": None if certified is None else certified.k,
        "unit": None if certified is None else certified.unit.symbol,
    }
