r"""What went over the wire between a driver and an instrument, as a file that people can read.

    # benchctl transcript 1
    # driver: keysight_34465a
    # identity: Keysight Technologies,34465A,MY54500001,A.03.01
    # hardware: yes
    = connect
    > 0.000 "*IDN?\n"
    < 0.012 "Keysight Technologies,34465A,MY54500001,A.03.01\n"
    = read voltage 1.25
    > 0.031 "READ?\n"
    < 0.058 "+1.25000000E+00\n"

`>` was sent, `<` came, `x` came and was thrown away; the number is s since the beginning. Bytes are
quoted text where they are text, hexadecimal otherwise. `= read CHANNEL VALUE` is what the driver
made of the bytes that follow, `= read CHANNEL ! words` how it failed.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchctl.core.errors import UsageError
from benchctl.core.messages import msg
from benchctl.workshop.tap import Wire

HEAD = "# benchctl transcript 1"
FOLDER = "transcripts"
"""Folder beside the driver files in which they lie, `<driver>.txt` or `<driver>.<what>.txt`."""
_LINE = re.compile(r"([<>x]) (\d+\.\d+) (.+)")
_OPERATION = re.compile(r"= (\w+)(?: (\w+))?(?: (! )?(.*))?")


@dataclass(slots=True)
class Operation:
    """What the driver was asked to do and what went over the wire for it.

    `value` is what came of a reading; `error` the words of what failed.
    """

    name: str
    channel: str = ""
    value: Any = None
    error: str = ""
    wires: list[Wire] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Transcript:
    """A recorded conversation."""

    facts: Mapping[str, str]
    operations: tuple[Operation, ...]

    @property
    def hardware(self) -> bool:
        """Whether a real instrument was at the other end."""
        return self.facts.get("hardware") == "yes"


def transcripts_of(name: str, folders: list[Path]) -> tuple[Path, ...]:
    """Return the transcripts of a driver in the folders of drivers."""
    found = [
        path
        for folder in folders
        for path in sorted((folder / FOLDER).glob("*.txt"))
        if path.name.split(".")[0] == name
    ]
    return tuple(dict.fromkeys(found))


def written(transcript: Transcript) -> str:
    """Return the text of a transcript."""
    lines = [HEAD, *(f"# {name}: {value}" for name, value in transcript.facts.items())]
    for operation in transcript.operations:
        lines.append(_head_of(operation))
        lines += [f"{w.way} {w.t:.3f} {_bytes_out(w.data)}" for w in operation.wires]
    return "\n".join(lines) + "\n"


def _head_of(operation: Operation) -> str:
    head = " ".join(filter(None, ("=", operation.name, operation.channel)))
    if operation.error:
        return f"{head} ! {' '.join(operation.error.split())}"
    if operation.value is None:
        return head
    return f"{head} {json.dumps(operation.value, ensure_ascii=False)}"


def _bytes_out(data: bytes) -> str:
    if all(32 <= byte < 127 or byte in (9, 10, 13) for byte in data):
        return '"' + repr(data)[2:-1].replace('"', '\\"').replace("\\'", "'") + '"'
    return data.hex(" ").upper()


def parsed(text: str, name: str) -> Transcript:
    """Return the transcript that a text is; `name` is its file.

    Raises:
        UsageError: it is none; the line is told.
    """
    lines = text.splitlines()
    if not lines or lines[0].strip() != HEAD:
        raise _wrong(name, 1, lines[0] if lines else "")
    facts: dict[str, str] = {}
    operations: list[Operation] = []
    for number, line in enumerate(lines[1:], 2):
        if line.startswith("#"):
            key, _, value = line[1:].partition(":")
            facts[key.strip()] = value.strip()
        elif line.startswith("="):
            operations.append(_operation(line, name, number))
        elif line.strip():
            if not operations:
                raise _wrong(name, number, line)
            operations[-1].wires.append(_wire(line, name, number))
    return Transcript(facts, tuple(operations))


def _operation(line: str, name: str, number: int) -> Operation:
    found = _OPERATION.fullmatch(line.rstrip())
    if found is None:
        raise _wrong(name, number, line)
    if found[3]:
        return Operation(found[1], found[2] or "", error=found[4])
    try:
        value = json.loads(found[4]) if found[4] else None
    except ValueError as error:
        raise _wrong(name, number, line) from error
    return Operation(found[1], found[2] or "", value)


def _wire(line: str, name: str, number: int) -> Wire:
    found = _LINE.fullmatch(line.rstrip())
    if found is None:
        raise _wrong(name, number, line)
    try:
        return Wire(float(found[2]), found[1], _bytes_in(found[3]))
    except (ValueError, SyntaxError) as error:
        raise _wrong(name, number, line) from error


def _bytes_in(text: str) -> bytes:
    if text.startswith('"'):
        data = ast.literal_eval("b" + text)
        if not isinstance(data, bytes):
            raise ValueError(text)
        return data
    return bytes.fromhex(text)


def _wrong(name: str, line: int, text: str) -> UsageError:
    return UsageError(msg("workshop.bad-transcript", path=name, line=line, text=text[:60]))


def wires_of(operations: tuple[Operation, ...]) -> Iterator[Wire]:
    """Yield all that went over the wire, in order."""
    for operation in operations:
        yield from operation.wires


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a transcript shows of a real instrument: which, when, and the channels it answered."""

    path: str
    identity: str
    recorded: str
    channels: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "path": self.path,
            "identity": self.identity,
            "recorded": self.recorded,
            "channels": list(self.channels),
        }


def sightings(paths: Iterable[Path]) -> list[Sighting]:
    """Return what transcripts show of real instruments; one that cannot be read shows nothing."""
    found = []
    for path in paths:
        try:
            transcript = parsed(path.read_text(encoding="utf-8"), str(path))
        except (OSError, UnicodeDecodeError, UsageError):  # `drivers check` tells what is wrong
            continue
        read = [o.channel for o in transcript.operations if o.name == "read" and not o.error]
        if transcript.hardware and read:
            facts = transcript.facts
            told = (facts.get("identity", ""), facts.get("recorded", ""))
            found.append(Sighting(str(path), *told, tuple(dict.fromkeys(read))))
    return found
