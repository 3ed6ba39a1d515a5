"""Whether the checks of a gate fit the instruments of the bench."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchctl.bench.file import ChannelName, Gate, GateCheck
from benchctl.bench.needs import Need
from benchctl.core.messages import Message, msg
from benchctl.core.units import same_dimension, unit

if TYPE_CHECKING:
    from benchctl.bench.wiring import Wiring


@dataclass(frozen=True, slots=True)
class Settable:
    """What the gate wants of a role that it sets; without a unit it is a switch."""

    unit: str
    settable: bool = True
    per_uut: bool = False
    optional: bool = False
    constant: bool = False

    @property
    def switch(self) -> bool:
        """Whether it is on or off."""
        return not self.unit


def gate_needs(gate: Gate | None) -> Mapping[str, Need]:
    """Return what the checks want of the roles that they set."""
    checks = () if gate is None else gate.checks
    return {
        to.role: Settable("" if isinstance(to.value, bool) else to.value.unit.symbol)
        for check in checks
        for to in check.sets
    }


def unfit_gate(wiring: Wiring) -> Iterator[Message]:
    """Yield what keeps the checks of the gate from being made."""
    gate = wiring.file.gate
    for check in () if gate is None else gate.checks:
        name = f"gate {check.name}"
        yield from _unfit_reading(wiring, check, name)
        for to in check.sets:
            need = wiring.needs[to.role]
            if need.switch is not isinstance(to.value, bool) or not need.settable:
                yield msg("bench.gate-set", check=check.name, role=to.role)
            elif not isinstance(to.value, bool) and not same_dimension(
                to.value.unit, unit(need.unit)
            ):
                yield _misfit(name, to.role, to.value.unit.symbol, need.unit)


def _unfit_reading(wiring: Wiring, check: GateCheck, name: str) -> Iterator[Message]:
    """Yield channels that are not there, or are in another unit than what they must be."""
    read = _unit(wiring, check.read)
    if read is None:
        yield wiring.no_channel(name, check.read)
        return
    if check.against is None:
        if not same_dimension(unit(read), check.within.unit):
            yield _misfit(name, str(check.read), unit(read).symbol, check.within.unit.symbol)
        return
    other = _unit(wiring, check.against)
    if other is None:
        yield wiring.no_channel(name, check.against)
    elif not same_dimension(unit(read), unit(other)):
        yield _misfit(name, str(check.against), unit(other).symbol, unit(read).symbol)


def _unit(wiring: Wiring, name: ChannelName) -> str | None:
    declared = wiring.declared(name)
    return None if declared is None else declared.unit


def _misfit(role: str, channel: str, has: str, wanted: str) -> Message:
    return msg("bench.unit-misfit", role=role, channel=channel, has=has, wanted=wanted)
