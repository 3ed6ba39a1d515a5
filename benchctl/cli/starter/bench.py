"""The bench file of a new lab, made from the simulated bench of a procedure.

As an example its addresses are placeholders, and its standards are out of date: no run starts on it
before somebody has written down real certificates. As a simulated bench it is a copy.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from benchctl.cli.starter.yaml_text import (
    Alterations,
    commented,
    with_comments,
    with_schema,
    without_comments,
)
from benchctl.language import Diagnostics, load_document

if TYPE_CHECKING:
    from benchctl.procedure import Need

SCHEMA = "./.benchctl/bench.schema.json"
CURVES = "curves"
SERIAL = "00000000"
LONG_AGO = "2000-01-01"
"""Date of certificates that nobody has written down yet: a run is refused."""

Words = Callable[..., str]
"""The sentence of an id of the room `init`; "" where there is none."""

_SIMULATED = re.compile(r"^(?:(?P<scheme>[a-z+]+)://|visa:)(?P<bus>sim\.\w+)(?P<query>\?.*)?$")
_SERIAL_LINES = ("modbus+rtu", "serial")


@dataclass(slots=True)
class BenchText:
    """A bench file and the curves that it names, by their path beside it."""

    text: str
    curves: dict[str, bytes] = field(default_factory=dict)


def example_bench(file: Path, procedure: str, words: Words) -> BenchText:
    """Return the bench file of a simulated bench with placeholders for what a lab must say."""
    made = _altered(file)
    places = _Places()
    made.drop("simulated")
    made.put(("bench",), words("bench-name"))
    for place, text in made.scalars("instruments", "standards", "roles"):
        if place[-1] == "at":
            made.put(place, places.real(text))
        elif place[0] == "roles" and place[-1] == "address":
            made.put(place, "serial")  # real meters come with an address of their own
        elif place[-1] == "serial" and place[0] != "roles":
            made.put(place, SERIAL)
        elif place[0] == "standards" and place[-1] in ("issued", "due"):
            made.put(place, LONG_AGO)
        elif place[0] == "standards" and place[-1] == "certificate":
            made.put(place, words("certificate"))
    return _finished(made, file, words("head-example", procedure=procedure), words, "example")


def simulated_bench(file: Path, procedure: str, words: Words) -> BenchText:
    """Return a copy of the bench file of a simulated bench."""
    made = _altered(file)
    head = words("head-simulated", procedure=procedure)
    return _finished(made, file, head, words, "simulated")


def bare_bench(needs: Iterable[Need], procedure: str, words: Words) -> BenchText:
    """Return a bench file that binds nothing, with the roles of a procedure as comments."""
    roles = [f"  {need.role}: INSTRUMENT.CHANNEL  # {need.unit}".rstrip(" #") for need in needs]
    example = '  thermometer: {driver: manual, at: "manual:"}'
    parts = [
        commented(words("head-bare", procedure=procedure)),
        f'bench: "{words("bench-name")}"\n',
        commented(words("bench-instruments")),
        f"instruments: {{}}\n{commented(example)}\n",
        commented(words("bench-roles")),
        "roles: {}",
        commented("\n".join(roles)),
    ]
    return BenchText(with_schema("\n".join(parts) + "\n", SCHEMA))


def _altered(file: Path) -> Alterations:
    diagnostics = Diagnostics()
    document = load_document(file, diagnostics)
    diagnostics.raise_if_failed()
    assert document is not None
    return Alterations(document)


def _finished(made: Alterations, file: Path, head: str, words: Words, flavour: str) -> BenchText:
    """Return the text with its own comments, and the curves in a folder of theirs."""
    curves = {}
    for place, name in made.scalars("roles"):
        if place[-1] == "via":
            curves[f"{CURVES}/{Path(name).name}"] = (file.parent / name).read_bytes()
            made.put(place, f"{CURVES}/{Path(name).name}")
    text = with_comments(
        without_comments(made.text()).lstrip("\n"),
        lambda part: words(f"{flavour}-{part}") or words(f"bench-{part}"),
    )
    return BenchText(with_schema(f"{commented(head)}\n{text}", SCHEMA), curves)


class _Places:
    """A placeholder for each bus of a simulated bench, the same wherever the bus is named."""

    def __init__(self) -> None:
        self._lines: dict[str, str] = {}
        self._hosts: dict[str, str] = {}

    def real(self, address: str) -> str:
        """Return an address of the same kind; hosts are of the block for documents (RFC 5737)."""
        found = _SIMULATED.match(address)
        if found is None:
            return address
        scheme, bus, query = found["scheme"], found["bus"], found["query"] or ""
        if scheme in _SERIAL_LINES:
            line = self._lines.setdefault(bus, f"/dev/ttyUSB{len(self._lines)}")
            return f"{scheme}://{line}{query}"
        host = self._hosts.setdefault(bus, f"192.0.2.{11 + len(self._hosts)}")
        if scheme is None:
            return f"TCPIP::{host}::5025::SOCKET{query}"
        port = "" if scheme == "modbus+tcp" else ":4001"
        return f"{scheme}://{host}{port}{query}"
