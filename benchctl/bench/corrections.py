"""Corrections of certificates on their way into a role: within the reading, or to a whole total.

A correction that is entered with the reading itself (a thermometer's, by temperature) is part of
every reading. One that is entered with another quantity (a volume's, by flow) is applied to the
total, once the mean of that quantity over the total is known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from benchctl.bench.certificate import Certified, Seen
from benchctl.bench.file import ChannelName
from benchctl.bench.standards import corrected, out_of_range
from benchctl.core.messages import Message, msg
from benchctl.core.units import Unit, same_dimension, unit

if TYPE_CHECKING:
    from benchctl.bench.wiring import Wiring

Correct = Callable[[float], float]
"""Makes an indication in the channel's unit a corrected one."""


def certified_channel(wiring: Wiring, name: ChannelName) -> Certified | None:
    """Return what the standard behind an instrument states for a channel."""
    entry = wiring.file.instruments.get(name.instrument)
    if entry is None or entry.standard is None:
        return None
    return wiring.file.standards[entry.standard].channels.get(name.channel)


def by_itself(certified: Certified, of: Unit) -> bool:
    """Return whether its correction needs nothing but the reading, which is in `of`."""
    correction = certified.correction
    if correction is None or correction.law.kind == "constant":
        return True
    return certified.range_unit is not None and same_dimension(certified.range_unit, of)


def in_reading(wiring: Wiring, name: ChannelName) -> Correct | None:
    """Return what corrects every reading of a channel, None where nothing does."""
    certified = certified_channel(wiring, name)
    declared = wiring.declared(name)
    if certified is None or certified.correction is None or declared is None:
        return None
    of = unit(declared.unit)
    if not by_itself(certified, of):
        return None
    return lambda value: corrected(certified, value, of)


def of_total(wiring: Wiring, role: str, total: float, seen: Seen) -> float:
    """Return a total of a role, in its unit, with the correction that depends on what was seen."""
    found = wiring.standard(role)
    if found is None:
        return total
    certified = found[0].channels.get(found[1])
    of = wiring.role_unit(role)
    part = wiring.behind(role, found[1])
    if certified is None or by_itself(certified, of) or part is None or part.via is not None:
        return total
    return corrected(certified, total, of, seen)


def beyond(wiring: Wiring, role: str, value: float, seen: Seen) -> Message | None:
    """Return why the certificate behind a role does not hold at a value in the role's unit."""
    found = wiring.standard(role)
    if found is None:
        return None
    of = wiring.role_unit(role)
    part = wiring.behind(role, found[1])
    if part is not None and part.via is not None:
        return wiring.beyond_certificate(role, value, of.symbol)
    return out_of_range(*found, value, of, seen)


def drift_of(wiring: Wiring, role: str, value: float) -> float:
    """Return how far the standard behind a role may have drifted, in the role's unit."""
    found = wiring.standard(role)
    certified = None if found is None else found[0].channels.get(found[1])
    if found is None or certified is None or certified.drift is None:
        return 0.0
    terms = certified.drift.terms
    as_u = replace(
        certified,
        U=certified.drift.half_width,
        k=1.0,
        unit=terms.unit,
        relative=terms.relative,
        U_law=None,
    )
    return wiring.u_behind(role, found[1], as_u, value)[0]


def unfit_correction(name: ChannelName, certified: Certified, of: Unit) -> Message | None:
    """Return why a channel in `of` cannot be corrected so."""
    correction = certified.correction
    if correction is None:
        return None
    terms = correction.terms
    if not terms.relative and not same_dimension(terms.unit, of):
        return msg(
            "bench.unit-misfit",
            role="correction",
            channel=str(name),
            has=of.symbol,
            wanted=terms.unit.symbol,
        )
    if not terms.relative and not by_itself(certified, of):
        assert certified.range_unit is not None
        return msg(
            "bench.correction-share",
            channel=str(name),
            has=of.symbol,
            entered=certified.range_unit.symbol,
        )
    return None
