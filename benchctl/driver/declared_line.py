"""A line protocol out of patterns, for drivers that are written in YAML.

The pattern of a reply says by its groups what it tells: `value` (or group 1), `stable` (matched at
rest), `unstable` (matched in motion), `unit`, `status`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from benchctl.core.errors import DeviceError, GarbageReplyError
from benchctl.core.messages import msg
from benchctl.core.units import UnitError, unit
from benchctl.driver.line import Line
from benchctl.driver.protocol import Told

GROUPS = {"value", "stable", "unstable", "unit", "status"}
"""Names that the groups of a pattern may have."""


@dataclass(frozen=True, slots=True)
class Patterns:
    """How replies look: by command and channel, to settings and actions, to who, and to errors."""

    replies: Mapping[str, Mapping[str, re.Pattern[str]]]
    said: re.Pattern[str] = re.compile("(.+)")
    done: re.Pattern[str] = re.compile(".*")
    error: re.Pattern[str] | None = None
    units: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """The unit of each channel of a command, which a reply that tells one must agree with."""


class PatternLine(Line):
    """Lines whose replies are told by patterns."""

    name = "line"

    def __init__(self, patterns: Patterns, **attributes: Any) -> None:
        self._patterns = patterns
        for name, value in attributes.items():
            setattr(self, name, value)

    def parse(self, command: str, reply: str, unit: str) -> Any:
        """Return what the reply says; where several channels share it, each by its name."""
        del unit  # each channel of the reply has one of its own
        known = self._patterns
        if known.error is not None and known.error.fullmatch(reply):
            raise DeviceError(msg("driver.said", text=reply[:80]))
        patterns = known.replies.get(command)
        if command in (self.who, self.serial) or patterns is None:
            pattern = known.said if command in (self.who, self.serial) else known.done
            return _value(_matched(pattern, reply))
        units = known.units.get(command, {})
        told = {
            name: _told(_matched(pattern, reply), units.get(name, ""))
            for name, pattern in patterns.items()
        }
        return told if len(told) > 1 else next(iter(told.values()))


def _matched(pattern: re.Pattern[str], reply: str) -> re.Match[str]:
    found = pattern.fullmatch(reply)
    if found is None:
        raise GarbageReplyError(msg("driver.no-reply-line", text=reply[:80]))
    return found


def _value(found: re.Match[str]) -> str:
    names = found.re.groupindex
    if "value" in names:
        value = found["value"]
    else:
        unnamed = [n for n in range(1, found.re.groups + 1) if n not in names.values()]
        value = found[unnamed[0]] if unnamed else found[0]
    if value is None:
        raise GarbageReplyError(msg("driver.no-reply-line", text=found[0][:80]))
    return str(value)


def _same_unit(told: str, wanted: str) -> bool:
    try:
        return told == wanted or unit(told).symbol == unit(wanted).symbol
    except UnitError:
        return False


def _told(found: re.Match[str], wanted: str) -> Told:
    """Return a value with what its pattern says of it.

    Raises:
        DeviceError: the instrument is set to another unit.
    """
    said = {name: found[name] for name in found.re.groupindex}
    shown = said.get("unit")
    if shown is not None and not _same_unit(shown, wanted):
        raise DeviceError(
            msg("driver.other-unit", told=shown, wanted=wanted),
            hint=msg("driver.hint-other-unit", wanted=wanted),
        )
    stable: bool | None = None
    if "stable" in said:
        stable = said["stable"] is not None
    elif "unstable" in said:
        stable = said["unstable"] is None
    return Told(_value(found), stable, said.get("status") or "")
