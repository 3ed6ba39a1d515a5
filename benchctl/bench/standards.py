"""What a certificate is worth for a reading: U, drift, correction, dates, range."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Any

from benchctl.bench.certificate import Certified, Correction, Drift, Seen, Standard, Terms
from benchctl.bench.laws import law_from_json
from benchctl.core.messages import Message, msg
from benchctl.core.units import Unit, difference_factor, same_dimension, unit

JSON = dict[str, Any]


def standard_uncertainty(
    certified: Certified, value: float, of: Unit, seen: Seen = ()
) -> tuple[float, float]:
    """Return the standard uncertainty U/k of a value in its own unit, and the degrees of freedom.

    U is that at the value, or at what was `seen` with it. A certificate states k for a coverage;
    its degrees of freedom count as infinite unless stated.
    """
    U = certified.U_at(certified.entry(value, of, seen))  # noqa: N806
    return in_unit(U, certified.terms, value, of) / certified.k, certified.dof


def drift_half_width(certified: Certified, value: float, of: Unit) -> float:
    """Return how far the standard may have drifted since its certificate, in the value's unit."""
    drift = certified.drift
    return 0.0 if drift is None else in_unit(drift.half_width, drift.terms, value, of)


def in_unit(figure: float, terms: Terms, value: float, of: Unit) -> float:
    """Return a figure of a certificate at a value, in the value's unit."""
    if terms.relative:
        return abs(value) * figure / 100.0
    return figure * difference_factor(terms.unit, of)


def corrected(certified: Certified, value: float, of: Unit, seen: Seen = ()) -> float:
    """Return an indication with its correction, in its own unit.

    Raises:
        ValueError: the correction depends on a quantity that was not seen.
    """
    if certified.correction is None:
        return value
    found = certified.correction_at(certified.entry(value, of, seen))
    terms = certified.correction.terms
    if terms.relative:
        return value * (1.0 + found / 100.0)
    return value + found * difference_factor(terms.unit, of)


def uncorrected(certified: Certified, value: float, of: Unit, seen: Seen = ()) -> float:
    """Return the indication of which a value is the corrected one, in its own unit.

    Raises:
        ValueError: the correction depends on a quantity that was not seen.
    """
    indicated = value
    for _ in range(_ROUNDS):
        indicated += value - corrected(certified, indicated, of, seen)
    return indicated


_ROUNDS = 6
"""A correction is small against what it is entered with: each round gains some digits."""


def problems(standard: Standard, today: date) -> list[tuple[str, Message]]:
    """Return why a standard must not be used today, each with the name of the check."""
    found = []
    name = standard.name
    if standard.withdrawn:
        found.append(("withdrawn", msg("bench.withdrawn", standard=name, why=standard.withdrawn)))
    if today > standard.due:
        found.append(("overdue", msg("bench.overdue", standard=name, due=standard.due.isoformat())))
    if standard.issued is not None and today < standard.issued:
        issued = standard.issued.isoformat()
        found.append(("not-yet", msg("bench.not-yet", standard=name, issued=issued)))
    return found


def out_of_range(
    standard: Standard, channel: str, value: float, of: Unit, seen: Seen = ()
) -> Message | None:
    """Return why the certificate does not hold at a value, None where it does.

    A range that is stated for another quantity says nothing about this one.
    """
    certified = standard.channels.get(channel)
    if certified is None or certified.range_unit is None or certified.low is None:
        return None
    entered = certified.entry(value, of, seen)
    if entered is None or certified.holds_at(entered):
        return None
    symbol = certified.range_unit.symbol
    return msg(
        "bench.out-of-range",
        standard=standard.name,
        value=f"{entered:.4g} {symbol}",
        low=f"{certified.low:g}",
        high=f"{certified.high:g} {symbol}",
    )


def as_json(standard: Standard, channel: str) -> JSON:
    """Return the standard as the record keeps it: with all that was applied, for ever."""
    certified = standard.channels.get(channel)
    return {
        "name": standard.name,
        "model": standard.model,
        "serial": standard.serial,
        "certificate": standard.certificate,
        "issuer": standard.issuer,
        "issued": None if standard.issued is None else standard.issued.isoformat(),
        "due": standard.due.isoformat(),
        "channel": channel,
        **(_NOTHING if certified is None else _stated(certified)),
        "source": standard.source,
    }


_NOTHING: JSON = dict.fromkeys(
    ("U", "k", "unit", "relative", "range", "U_law", "dof", "corrections", "drift")
)


def _stated(certified: Certified) -> JSON:
    correction, drift = certified.correction, certified.drift
    return {
        "U": certified.U,
        "k": certified.k,
        "unit": certified.unit.symbol,
        "relative": certified.relative,
        "range": None
        if certified.range_unit is None
        else {"low": certified.low, "high": certified.high, "unit": certified.range_unit.symbol},
        "U_law": None if certified.U_law is None else certified.U_law.as_json(),
        "dof": None if math.isinf(certified.dof) else certified.dof,
        "corrections": None
        if correction is None
        else {**_terms(correction.terms), **correction.law.as_json()},
        "drift": None
        if drift is None
        else {
            **_terms(drift.terms),
            "half_width": drift.half_width,
            "per_year": drift.per_year,
            "source": drift.source,
        },
    }


def certified_from_json(data: Mapping[str, Any]) -> Certified | None:
    """Return what a record says that a certificate stated; None where it states no U."""
    if data.get("U") is None or data.get("unit") is None:
        return None
    ends, law = data.get("range"), data.get("U_law")
    corrections, drift = data.get("corrections"), data.get("drift")
    of = unit(data["unit"])
    relative = data.get("relative", same_dimension(of, unit("%")))
    return Certified(
        *(data["U"], data["k"], of, relative),
        low=None if ends is None else ends["low"],
        high=None if ends is None else ends["high"],
        range_unit=None if ends is None else unit(ends["unit"]),
        U_law=None if law is None else law_from_json(law),
        dof=math.inf if data.get("dof") is None else data["dof"],
        correction=None
        if corrections is None
        else Correction(law_from_json(corrections), _terms_of(corrections)),
        drift=None
        if drift is None
        else Drift(drift["half_width"], drift["per_year"], _terms_of(drift), drift["source"]),
    )


def _terms_of(data: Mapping[str, Any]) -> Terms:
    return Terms(unit(data["unit"]), data["relative"])


def _terms(terms: Terms) -> JSON:
    return {"unit": terms.unit.symbol, "relative": terms.relative}
