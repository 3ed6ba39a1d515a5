"""A line protocol out of patterns, for drivers that are written in YAML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from benchctl.core.errors import DeviceError, GarbageReplyError
from benchctl.core.messages import msg
from benchctl.driver.line import Line


@dataclass(frozen=True, slots=True)
class Patterns:
    """How replies look: by command, to settings and actions, to who, and to what is wrong."""

    replies: Mapping[str, re.Pattern[str]]
    commands: Mapping[str, str] = field(default_factory=dict)
    """Templates of the commands that set, by the command that asks."""
    said: re.Pattern[str] = re.compile("(.+)")
    done: re.Pattern[str] = re.compile(".*")
    error: re.Pattern[str] | None = None


class PatternLine(Line):
    """Lines whose replies are told by patterns; group 1 of a pattern is the value."""

    name = "line"

    def __init__(self, patterns: Patterns, **attributes: Any) -> None:
        self._patterns = patterns
        for name, value in attributes.items():
            setattr(self, name, value)

    def command(self, address: str, value: Any) -> str:
        """Return the command that sets what `address` asks for."""
        said = int(value) if isinstance(value, bool) else value
        text = said if isinstance(said, str) else f"{said:.12g}"
        return self._patterns.commands[address].replace("{value}", text)

    def parse(self, command: str, reply: str, unit: str) -> str:
        """Return the text that is the value."""
        del unit  # the pattern of the reply has it
        known = self._patterns
        if known.error is not None and known.error.fullmatch(reply):
            raise DeviceError(msg("driver.said", text=reply[:80]))
        if command in (self.who, self.serial):
            pattern = known.said
        else:
            pattern = known.replies.get(command, known.done)
        found = pattern.fullmatch(reply)
        if found is None:
            raise GarbageReplyError(msg("driver.no-reply-line", text=reply[:80]))
        return found[1] if pattern.groups else reply
