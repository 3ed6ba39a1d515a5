"""Which declared channel plays which role of a procedure: checked without opening anything.

`Wiring` brings the bench file, the drivers' declarations and the procedure's needs together. Plan
and bench both start from it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from benchctl.bench.certificate import Certified, Seen, Standard
from benchctl.bench.corrections import unfit_correction
from benchctl.bench.file import (
    BenchFile,
    Binding,
    ByUnit,
    ChannelName,
    EachPosition,
    EachUnit,
    InstrumentEntry,
    MeanOf,
    OneChannel,
    Ranges,
)
from benchctl.bench.gate_fit import gate_needs, unfit_gate
from benchctl.bench.needs import Need
from benchctl.bench.positions import count_worth, unfit_positions
from benchctl.bench.standards import as_json, out_of_range, standard_uncertainty
from benchctl.bench.through import misfit, out_of_range_through, through_misfit, u_through
from benchctl.core.messages import Message, msg
from benchctl.core.results import Uut
from benchctl.core.suggest import closest
from benchctl.core.units import Unit, converter, difference_factor, same_dimension, unit
from benchctl.driver import Instrument, Reading, Setting
from benchctl.drivers import Shelf

Place = tuple[str | int, ...]
"""Keys and numbers that lead to a value of the bench file."""


class Wiring:
    """A bench file seen through the needs of a procedure."""

    def __init__(
        self,
        file: BenchFile,
        shelf: Shelf,
        needs: Mapping[str, Need],
        parameters: Mapping[str, str] | None = None,
    ) -> None:
        self.file = file
        self.shelf = shelf
        self.needs: Mapping[str, Need] = {**gate_needs(file.gate), **needs}
        """What the procedure wants, and the gate besides."""
        self.parameters = parameters or {}
        """Units of the procedure's parameters by name."""
        self._classes: dict[str, type[Instrument]] = {}

    def driver_of(self, instrument: str) -> type[Instrument]:
        """Return the driver class of an instrument of the file.

        Raises:
            UsageError: no such driver, or its file is broken.
        """
        return self.driver(self.file.instruments[instrument].driver)

    def driver(self, name: str) -> type[Instrument]:
        """Return a driver class by the driver's name."""
        if name not in self._classes:
            self._classes[name] = self.shelf.find(name)
        return self._classes[name]

    def declared(self, name: ChannelName, *, of_driver: bool = False) -> Reading[Any] | None:
        """Return the declaration of a channel, None where the driver has none of that name."""
        cls = self.driver(name.instrument) if of_driver else self.driver_of(name.instrument)
        return cls.channels.get(name.channel)

    def role_unit(self, role: str) -> Unit:
        """Return the unit in which the procedure has a role."""
        return unit(self.needs[role].unit)

    # what does not fit

    def problems(self) -> list[Message]:
        """Return everything that keeps the procedure from running on this bench."""
        return [message for _, message in self.misfits()]

    def misfits(self) -> list[tuple[Place, Message]]:
        """Return the same with the place in the bench file that each belongs to."""
        found: list[tuple[Place, Message]] = []
        for role, need in self.needs.items():
            if need.constant:
                found += [(("constants", role), m) for m in self._unfit_constant(role, need)]
                continue
            binding = self.file.roles.get(role)
            if binding is None:
                if not need.optional:
                    unbound = msg("bench.unbound", role=role, bench=self.file.name)
                    found.append((("roles",), unbound))
                continue
            found += [(("roles", role), m) for m in self._unfit(role, need, binding)]
        found += self._unfit_certificates()
        for n, name in enumerate(self.file.prepare):
            if name.channel not in self.driver_of(name.instrument).actions:
                found.append((("prepare", n), msg("bench.no-such-action", action=str(name))))
        found += [(("gate",), message) for message in unfit_gate(self)]
        for n, alive in enumerate(self.file.keep_alive):
            if self.declared(alive.channel) is None:
                missing = self.no_channel("keep_alive", alive.channel, of_driver=False)
                found.append((("keep_alive", n, "read"), missing))
        return found

    def _unfit_constant(self, role: str, need: Need) -> list[Message]:
        constant = self.file.constants.get(role)
        if constant is None:
            return [msg("bench.no-constant", role=role, bench=self.file.name)]
        if same_dimension(constant.unit, self.role_unit(role)):
            return []
        return [
            msg(
                "bench.unit-misfit",
                role=role,
                channel=f"constants {role}",
                has=constant.unit.symbol,
                wanted=need.unit,
            )
        ]

    def _unfit_certificates(self) -> list[tuple[Place, Message]]:
        """Return certificates that state a channel which is not there, or in another unit.

        A bare U in % of a channel whose own unit is % may mean two things, and is refused.
        """
        found: list[tuple[Place, Message]] = []
        for entry in self.file.instruments.values():
            if entry.standard is None:
                continue
            for channel, certified in self.file.standards[entry.standard].channels.items():
                name = ChannelName(entry.name, channel)
                declared = self.declared(name)
                place = self._place_of(entry, channel)
                if declared is None:
                    missing = self.no_channel(entry.standard, name, of_driver=False)
                    found.append((place, missing))
                elif certified.relative and not certified.explicit and declared.unit == "%":
                    unclear = msg("bench.percent-unclear", channel=str(name), U=f"{certified.U:g}")
                    found.append(((*place, "U"), unclear))
                elif not certified.relative and not same_dimension(
                    certified.unit, unit(declared.unit)
                ):
                    misfit = msg(
                        "bench.unit-misfit",
                        role=f"U ({entry.standard})",
                        channel=str(name),
                        has=unit(declared.unit).symbol,
                        wanted=certified.unit.symbol,
                    )
                    found.append(((*place, "U"), misfit))
                elif (wrong := unfit_correction(name, certified, unit(declared.unit))) is not None:
                    found.append((place, wrong))
        return found

    def _place_of(self, entry: InstrumentEntry, channel: str) -> Place:
        """Return where the bench file says what a channel's certificate states, or names it."""
        standard = self.file.standards[entry.standard or ""]
        if standard.source == "bench":
            return ("standards", standard.name, "channels", channel)
        return ("instruments", entry.name, "standard")

    def _unfit(self, role: str, need: Need, binding: Binding) -> list[Message]:
        if isinstance(binding, ByUnit):
            return [m for way in binding.ways.values() for m in self._unfit(role, need, way)]
        if isinstance(binding, EachPosition):
            return unfit_positions(self, role, binding)
        of_driver = isinstance(binding, EachUnit)
        found: list[Message] = []
        per_uut = of_driver or (isinstance(binding, OneChannel) and bool(binding.select))
        if need.per_uut and not per_uut:
            found.append(msg("bench.not-per-uut", role=role))
        for part in parts(binding):
            for name in (part.channel, *(n for n, _ in part.with_), *part.select):
                if self.declared(name, of_driver=of_driver) is None:
                    found.append(self.no_channel(role, name, of_driver=of_driver))
            declared = self.declared(part.channel, of_driver=of_driver)
            if declared is not None:
                found += self._unfit_channel(role, need, part, declared)
        return found

    def no_channel(self, role: str, name: ChannelName, *, of_driver: bool = False) -> Message:
        """Return that a driver has no such channel, with those it has."""
        cls = self.driver(name.instrument) if of_driver else self.driver_of(name.instrument)
        near = closest(name.channel, cls.channels)
        known = near or ", ".join(cls.channels)
        return msg("bench.no-such-channel", role=role, channel=str(name), known=known)

    def _unfit_channel(
        self, role: str, need: Need, part: OneChannel, declared: Reading[Any]
    ) -> list[Message]:
        found: list[Message] = []
        if need.settable and not isinstance(declared, Setting):
            found.append(msg("bench.not-settable", role=role, channel=str(part.channel)))
        if need.switch:
            return found
        wanted, own = self.role_unit(role), unit(declared.unit)
        has = part.via.role_unit if part.via else own
        if not same_dimension(has, wanted):
            found.append(misfit(role, part.channel, has, wanted))
        return found + through_misfit(role, part, own)

    # what stands behind a role

    def standard(self, role: str) -> tuple[Standard, str] | None:
        """Return the reference standard behind a role and the name of its channel.

        Behind the mean of channels of one standard, or behind channels of it for every position,
        stands that standard, with the channel whose U is largest: errors of one calibration are
        taken as common to its channels.
        """
        binding = self.file.roles.get(role)
        if isinstance(binding, OneChannel):
            names: tuple[ChannelName, ...] = (binding.channel,)
        elif isinstance(binding, MeanOf | EachPosition):
            names = binding.channels
        else:
            return None
        behind = {self.file.instruments[n.instrument].standard for n in names}
        (first, *others) = behind
        if others or first is None:
            return None
        standard = self.file.standards[first]
        stated = [n.channel for n in names if n.channel in standard.channels]
        if isinstance(binding, EachPosition) and not stated:
            return None  # units hang on an instrument that is a standard for something else
        worst = max(stated, key=lambda c: standard.channels[c].U, default=names[0].channel)
        return standard, worst

    def stands_behind(self, role: str) -> tuple[Standard, str] | None:
        """Return the standard behind a role, be it read or a constant, and what it states there."""
        constant = self.file.constants.get(role)
        if constant is None or not constant.standard:
            return self.standard(role)
        return self.file.standards[constant.standard], role

    def standard_json(self, role: str) -> dict[str, Any] | None:
        """Return the standard behind a role as the record keeps it."""
        found, constant = self.stands_behind(role), self.file.constants.get(role)
        if found is None:
            return None
        return as_json(*found) | ({} if constant is None else constant.stated())

    def reference_u(self, role: str, value: float, seen: Seen = ()) -> tuple[float, float] | None:
        """Return u and degrees of freedom of the standard at a value in the role's unit.

        `seen` are values of other quantities, by which its certificate may be entered.
        Those of a figure of the bench are what the bench file states, None where it is exact.
        """
        if self.needs[role].constant:
            u = self.file.constants[role].u(self.role_unit(role))
            return (u, math.inf) if u > 0 else None
        found = self.standard(role)
        if found is None or found[1] not in found[0].channels:
            return None
        return self.u_behind(role, found[1], found[0].channels[found[1]], value, seen)

    def u_behind(
        self, role: str, channel: str, certified: Certified, value: float, seen: Seen = ()
    ) -> tuple[float, float]:
        """Return what figures of a channel's certificate come to at a value of its role."""
        part = self.behind(role, channel)
        if part is None or part.via is None:
            return standard_uncertainty(certified, value, self.role_unit(role), seen)
        declared = self.declared(part.channel)
        own = part.via.channel_unit if declared is None else unit(declared.unit)
        return u_through(part.via, certified, value, self.role_unit(role), own)

    def behind(self, role: str, channel: str) -> OneChannel | None:
        """Return the channel of a role that the standard stands behind, as it is bound."""
        binding = self.file.roles.get(role)
        of_role = iter(()) if binding is None else _each_part(binding)  # one of 48 positions
        return next((part for part in of_role if part.channel.channel == channel), None)

    def constants(self) -> dict[str, float]:
        """Return the figures that the procedure asks for, each in its role's unit."""
        needed = (role for role, need in self.needs.items() if need.constant)
        return {
            role: self.file.constants[role].to(self.role_unit(role))
            for role in needed
            if role in self.file.constants
        }

    def beyond_certificate(self, role: str, value: float, of: str) -> Message | None:
        """Return why the standard behind `role` does not hold at `value` of the unit `of`."""
        found = self.standard(role)
        if found is None:
            return None
        part = self.behind(role, found[1])
        if part is None or part.via is None or not same_dimension(unit(of), part.via.role_unit):
            return out_of_range(found[0], found[1], value, unit(of))
        return out_of_range_through(part.via, *found, value, unit(of))

    def resolutions(self, uut: Uut | None = None) -> dict[str, float]:
        """Return the resolution of each role that has one, in the role's unit, as a unit sees it.

        Raises:
            UsageError: what is said of the unit names no way to read it.
        """
        found = {}
        for role in self.needs:
            binding = self.file.binding(role, uut)
            if binding is None or self.needs[role].switch:
                continue
            step = self._resolution(role, binding, uut)
            if step is not None:
                found[role] = step
        return found

    def _resolution(self, role: str, binding: Binding, uut: Uut | None) -> float | None:
        part = next(_each_part(binding))
        if part.resolution is not None:
            return part.resolution.to(self.role_unit(role), difference=True)
        declared = self.declared(part.channel, of_driver=isinstance(binding, EachUnit))
        if isinstance(binding, EachPosition) and binding.scale is not None:
            worth = count_worth(self, role, binding, uut)
            step = 1.0 if declared is None else declared.resolution or 1.0
            return None if worth is None else worth * step
        if declared is None or declared.resolution is None:
            return None
        own, of = unit(declared.unit), self.role_unit(role)
        if part.via is None:
            return declared.resolution * difference_factor(own, of)
        step = declared.resolution * difference_factor(own, part.via.channel_unit)
        return step * part.via.steepest * difference_factor(part.via.role_unit, of)

    def conversion(self, role: str, declared: Reading[Any]) -> tuple[float, float]:
        """Return (factor, offset) from the channel's unit to the role's."""
        if self.needs[role].switch:
            return 1.0, 0.0
        return converter(unit(declared.unit), self.role_unit(role))


def parts(binding: Binding) -> tuple[OneChannel, ...]:
    """Return every channel that a binding has, as one that stands alone."""
    return tuple(_each_part(binding))


def _each_part(binding: Binding) -> Iterator[OneChannel]:
    """Give every channel that a binding has, one by one."""
    if isinstance(binding, OneChannel):
        yield binding
    elif isinstance(binding, Ranges):
        yield from binding.ranges
    elif isinstance(binding, MeanOf | EachPosition):
        vias = binding.vias or (None,) * len(binding.channels)
        for channel, via in zip(binding.channels, vias, strict=True):
            yield OneChannel(channel, via)
    elif isinstance(binding, ByUnit):
        for way in binding.ways.values():
            yield from _each_part(way)
    else:
        yield OneChannel(binding.channel)
