"""Where a channel is found in a protocol of lines: a command, and a place in its answer.

Reading("SI", unit="kg")                                  the whole answer is the value
Reading(ask("1RS", 1), unit="1/min")                      one of several in the answer
Setting(ask("in_sp_00", write="out_sp_00 {value:.2f}"))   asked and set with other words
Setting(ask("1RS", 3, words={True: "1GO", False: "1ST"})) a command per value
Reading(ask("PRR?", "pressure", wait=60.0))               asked until the answer is stable

Channels with the same command are read in one exchange.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Ask:
    """A command with what is wanted of its answer; made by `ask`."""

    query: str
    field: int | str | None = None
    write: str = ""
    words: tuple[tuple[Any, str], ...] = ()
    wait: float = 0.0

    def command(self, value: Any) -> str:
        """Return the command that sets `value`."""
        said = int(value) if isinstance(value, bool) else value
        return dict(self.words)[value] if self.words else self.write.format(value=said)

    def __str__(self) -> str:
        place = "" if self.field is None else f"[{self.field}]"
        sets = self.write or ", ".join(command for _, command in self.words)
        return f"{self.query}{place}{' ← ' if sets else ''}{sets}"


def ask(
    query: str,
    field: int | str | None = None,
    *,
    write: str = "",
    words: Mapping[Any, str] | None = None,
    wait: float = 0.0,
) -> Ask:
    """Return the address of a channel.

    Args:
        query: The command that is answered with the value.
        field: Which of the answer's values, where it has several.
        write: The command that sets it, with `{value}` or `{value:.2f}`; without it and without
            `words` the protocol's `command` makes it of the query.
        words: The command that sets it, by value.
        wait: Seconds of bench time over which it is asked again until the answer is stable.
    """
    return Ask(query, field, write, tuple((words or {}).items()), wait)


def asked(address: str | Ask) -> Ask:
    """Return an address in its full form."""
    return address if isinstance(address, Ask) else Ask(address)


def problem(address: object, *, action: bool) -> str:
    """Return what is wrong with an address, "" if nothing."""
    if action and isinstance(address, Ask):
        return f"{address} asks; an action is a command"
    if not isinstance(address, str | Ask):
        return f"{address!r} is no command"
    full = asked(address)
    commands = [full.query, full.write, *(command for _, command in full.words)]
    if not full.query or not all(command.isascii() for command in commands):
        return f"{address!r} is no command"
    if full.write and "{value" not in full.write:
        return f"{full.write!r} has no {{value}}"
    return ""
