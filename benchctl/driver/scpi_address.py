r"""What a SCPI channel's address may be, besides a header or (query?, command {value}).

item(":NUM:VAL?", 2, of=3)                   the second of three values in the answer
parsed("OUT?", pick)                         whatever `pick` finds among the values of the answer
listed("MEAS:VOLT? (@{list})", 2)            one channel of a list; several are asked together
part("SOUR:PHAS1:CURR:MHAR:HARM1", 2, of=2)  one of several values that are set together
remade("OUT?", pick, make)                   a command made of the present answer and a new value
commands("OPER?", {True: "OPER", False: "STBY"})     a command for each value
settled(address, by="ISR?", stable=bit(12))  an address, and what tells whether it is at rest
started("INIT", "FETC?")                     a command first, and its end awaited (`opc`, `srq`)

Whatever is asked by the same query is asked once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchctl.core.errors import GarbageReplyError
from benchctl.core.messages import msg

Pick = Callable[[Sequence[str]], str]
Make = Callable[[Sequence[str], str], str]
"""Returns the command for the values of the present answer and a new value, all as text."""
_FIELD = re.compile(r"""(?:[^,"']|"[^"]*"|'[^']*')+""")
_UNIT = re.compile(r"""(?:[^;"']|"[^"]*"|'[^']*')+""")


@dataclass(frozen=True, slots=True)
class Parsed:
    """A query, and what takes one value out of the list that answers it."""

    query: str
    pick: Pick
    told: str = ""

    def __str__(self) -> str:
        return f"{self.query}{self.told}"


@dataclass(frozen=True, slots=True)
class Listed:
    """One channel of a query whose channel list is filled in as `{list}`."""

    query: str
    member: int

    def __str__(self) -> str:
        return self.query.replace("{list}", str(self.member))


@dataclass(frozen=True, slots=True)
class Part:
    """One of `of` values that a header takes together."""

    header: str
    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.header} [{self.number} of {self.of}]"


@dataclass(frozen=True, slots=True)
class Remade:
    """A value in an answer, set by a command that `make` makes of the whole answer and it."""

    query: str
    pick: Pick
    make: Make

    def __str__(self) -> str:
        return f"{self.query}, changed"


@dataclass(frozen=True, slots=True)
class Commands:
    """A query, and a command for each value that can be set."""

    query: Any
    by_value: Mapping[Any, str]

    def __str__(self) -> str:
        return " / ".join([str(self.query), *self.by_value.values()])


@dataclass(frozen=True, slots=True)
class Settled:
    """An address, and the query that tells whether its value is at rest."""

    value: Any
    state: Any
    stable: Callable[[str], bool]

    def __str__(self) -> str:
        value = self.value
        said = " / ".join(map(str, value)) if isinstance(value, tuple) else str(value)
        return f"{said}, settled by {self.state}"


@dataclass(frozen=True, slots=True)
class Started:
    """A query whose answer is there when a command before it is complete."""

    command: str
    query: Any

    def __str__(self) -> str:
        return f"{self.command}, then {self.query}"


@dataclass(slots=True)
class Question:
    """One query, and what becomes of its answer: (place in the result, which value of it).

    `before` is a command that must be complete first, "" where there is none.
    """

    text: str
    targets: list[tuple[int, Pick | None]] = field(default_factory=list)
    before: str = ""


def item(query: str, number: int, of: int = 0) -> Parsed:
    """Return the address of a value in an answer of several; 1 is the first.

    With `of`, an answer of another number of values is refused: the setup is not what it was.
    """

    def pick(values: Sequence[str]) -> str:
        if of and len(values) != of:
            raise GarbageReplyError(msg("driver.items", got=len(values), wanted=of))
        return values[number - 1]

    return Parsed(query, pick, f" [{number}]")


def parsed(query: str, pick: Pick) -> Parsed:
    """Return the address of what `pick` makes of the values in an answer.

    A ValueError or an IndexError of `pick` means that the answer is garbage.
    """
    return Parsed(query, pick)


def listed(query: str, member: int) -> Listed:
    """Return the address of one channel of a query with `{list}` in it.

    Channels that are read together are asked in one query, in ascending order.
    """
    return Listed(query, member)


def part(header: str, number: int, of: int) -> Part:
    """Return the address of one of `of` values that are set together; 1 is the first.

    When it is set, the others are asked first and sent back as they are.
    """
    return Part(header, number, of)


def remade(query: str, pick: Pick, make: Make) -> Remade:
    """Return the address of one of several values that are set by one command of their own form.

    When it is set, `query` is asked first, and `make` returns the command for the values of its
    answer and the new one. A ValueError of either means that the answer is garbage.
    """
    return Remade(query, pick, make)


def commands(query: str | Parsed, by_value: Mapping[Any, str]) -> Commands:
    """Return the address of a setting that has a command of its own for each value."""
    return Commands(query, by_value)


def settled(address: Any, *, by: str | Parsed, stable: Callable[[str], bool]) -> Settled:
    """Return `address` with the query `by`, whose answer `stable` turns into True at rest.

    `Instrument.sample` asks it, before the value, and tells.
    """
    return Settled(address, by, stable)


def started(command: str, query: str | Parsed) -> Started:
    """Return the address of a value that `command` makes the instrument measure.

    The command is sent, its end awaited by `*OPC?` or a service request (`Scpi(opc=...)`,
    `Scpi(srq=...)`), then the value is asked for: for what takes longer than an answer may.
    Channels of one command and query are measured once.
    """
    return Started(command, query)


def questions(addresses: Sequence[Any]) -> list[Question]:
    """Return the fewest queries that answer all addresses."""
    found: dict[tuple[str, str], Question] = {}
    members: dict[str, set[int]] = {}
    for address in map(plain, addresses):
        if isinstance(address, Listed):
            members.setdefault(address.query, set()).add(address.member)
    for place, address in enumerate(addresses):
        text, pick = _asked(plain(address), members)
        before = begins(address)
        question = found.setdefault((before, text), Question(text, before=before))
        question.targets.append((place, pick))
    return list(found.values())


def plain(address: Any) -> Any:
    """Return what is asked for the value itself."""
    if isinstance(address, Settled):
        return plain(address.value)
    if isinstance(address, Started):
        return plain(address.query)
    if isinstance(address, tuple):
        return address[0]
    return plain(address.query) if isinstance(address, Commands) else address


def begins(address: Any) -> str:
    """Return the command that must be complete before an address is asked, "" if none."""
    if isinstance(address, Settled):
        return begins(address.value)
    return address.command if isinstance(address, Started) else ""


def _asked(address: Any, members: Mapping[str, set[int]]) -> tuple[str, Pick | None]:
    match address:
        case Parsed() | Remade():
            return address.query, address.pick
        case Part():
            return f"{address.header}?", item("", address.number, address.of).pick
        case Listed():
            all_of_it = sorted(members[address.query])
            text = address.query.replace("{list}", ",".join(map(str, all_of_it)))
            number = all_of_it.index(address.member) + 1
            return text, item("", number, len(all_of_it)).pick
    return (address if "?" in address else f"{address}?"), None


def fields(reply: str) -> list[str]:
    """Return the values of an answer that stand between commas, but not within quotes."""
    return [value.strip() for value in _FIELD.findall(reply)]


def units(reply: str) -> list[str]:
    """Return the answers to the queries of one message."""
    return [unit.strip() for unit in _UNIT.findall(reply)]


def bad_query(address: Any) -> str:
    """Return what is wrong with an address as something to be asked, "" if nothing."""
    asked = plain(address)
    if "?" in begins(address):
        return f"{begins(address)!r} asks; what begins a measurement is a command"
    text = asked.query if isinstance(asked, Parsed | Listed | Remade) else asked
    if isinstance(asked, Listed) and "{list}" not in asked.query:
        return f"{asked.query!r} has no place for a {{list}} of channels"
    if isinstance(asked, Part):
        return "" if 1 <= asked.number <= asked.of else f"{asked} does not exist"
    good = isinstance(text, str) and text and (isinstance(asked, str) or "?" in text)
    return "" if good else f"{address!r} is no SCPI header or query"


def bad_command(address: Any) -> str:
    """Return what is wrong with an address as something to be set, "" if nothing."""
    match address:
        case Settled():
            return bad_command(address.value)
        case (query, str() as command) if "{value}" in command:
            asks = not isinstance(query, str) or query.endswith((")", "?"))
            return "" if asks else f"{query!r} does not ask"
        case Part() | Remade():
            return ""
        case Commands():
            asking = [c for c in address.by_value.values() if "?" in c]
            return f"{asking[0]!r} asks" if asking else ""
        case str():
            asks = "?" in address
            said = "asks; a setting or an action is given without a question mark"
            return f"{address!r} {said}" if asks else ""
    return f"{address!r} is not (query?, command {{value}})"
