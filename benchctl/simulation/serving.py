"""A simulated bench in a process of its own, on real sockets and terminals, in real time.

`benchctl sim serve BENCH` calls `serve`. It says in one line of JSON where everything is, then
obeys commands, one per line on its standard input, and answers each with one line of JSON:

    state
    fault NAME on|off [KEY=VALUE ...]
    unplug BUS          plug BUS            the bus goes away, and comes back at the same address
    mount POSITION ...                      put these units, and no others, into the line
    gate CHECK on|off                       do by hand what a check of the gate asks for, or undo it
    quit

A test can so kill the program that controls the bench and look at what the bench does.
"""

from __future__ import annotations

import json
import os
import re
import select
import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

from benchctl.core.clock import RealClock
from benchctl.core.errors import BenchctlError, UsageError
from benchctl.core.messages import msg
from benchctl.core.results import Uut
from benchctl.language import Diagnostics
from benchctl.simulation.bench import SimulatedBench
from benchctl.simulation.hands import HandsServer
from benchctl.simulation.shelf import find_bench
from benchctl.simulation.uuts import SimulatedUut, uuts_from_rows

LOOK_EVERY = 0.2
"""Seconds between two looks at whether to stop."""
_HEAD = re.compile(r"^simulated:.*(?:\n[ \t]+.*)*", re.MULTILINE)
_VIA = re.compile(r"(\bvia:?\s+[\"']?)([^\s\"',}]+\.csv)")


def serve(
    bench_name: str,
    *,
    seed: int,
    uuts: Sequence[SimulatedUut] | None = None,
    stdin: TextIO | None,
    stdout: TextIO,
    stop: threading.Event | None = None,
    bench_file: Path | None = None,
    batch_file: Path | None = None,
    lab: Path | None = None,
    extra: Sequence[Path] = (),
    rate: float = 1.0,
) -> None:
    """Serve a bench until `quit`, SIGINT, SIGTERM or `stop`.

    `uuts` are by default the bench's own units of this seed. The ready-to-use bench file and the
    list of units are written to `bench_file` and `batch_file`. Without `stop`, the signals are
    handled here; that works in the main thread only. The end of a terminal's input ends it, the end
    of another input does not.

    Raises:
        UsageError: there is no such bench.
        OSError: a file cannot be written.
    """
    found = find_bench(bench_name, lab, extra)
    rows = found.default_uuts(seed) if uuts is None else [_row(unit) for unit in uuts]
    units = _addressed(found, uuts_from_rows(rows)) if uuts is None else tuple(uuts)
    with ExitStack() as stack:
        ended = stop or stack.enter_context(_signals())
        bench = stack.enter_context(found(RealClock(rate), seed=seed, uuts=units, expose="sockets"))
        hands = stack.enter_context(HandsServer(bench)).address
        texts = {bench_file: served_bench_file(bench, hands), batch_file: _batch(rows)}
        for path, text in texts.items():
            if path is not None:
                path.write_text(text, encoding="utf-8")
        hello = {
            "bench": bench.name,
            "seed": seed,
            "locations": bench.locations,
            "hands": hands,
            "uuts": rows,
        }
        files = {"bench_file": bench_file, "batch_file": batch_file}
        _say(stdout, hello | {n: None if p is None else str(p) for n, p in files.items()})
        for line in _lines(stdin, ended):
            if line.split() == ["quit"]:
                _say(stdout, {"ok": True})
                return
            if line.strip():
                _say(stdout, _obeyed(bench, line))


def _addressed(
    found: type[SimulatedBench], units: Sequence[SimulatedUut]
) -> tuple[SimulatedUut, ...]:
    """Return the units with the bus addresses under which the bench's own file asks for them."""
    from benchctl.bench import load_bench  # with all that a bench file needs

    file = load_bench(found.bench_file, Diagnostics())
    if file is None:
        return tuple(units)
    return tuple(
        replace(unit, address=file.uut_address(Uut(unit.serial, unit.position))) for unit in units
    )


def served_bench_file(bench: SimulatedBench, hands: str = "") -> str:
    """Return the text of the bench file with the addresses at which the bench is really met.

    `hands` is where what is done there by hand is taken.
    """
    text = bench.bench_file.read_text(encoding="utf-8")
    for name, location in bench.locations.items():
        plain = location.replace("\\", r"\\")
        text = re.sub(rf"(?:visa:)?\b{re.escape(name)}\b", plain, text)
    folder = bench.bench_file.parent

    def absolute(match: re.Match[str]) -> str:
        beside = folder / match[2]
        return match[1] + (str(beside) if beside.is_file() else match[2])

    met = f', hands: "{hands}"' if hands else ""
    simulated = f"simulated: {{bench: {bench.name}, seed: {bench.seed}, served: true{met}}}"
    return _VIA.sub(absolute, _HEAD.sub(simulated, text, count=1))


def _obeyed(bench: SimulatedBench, line: str) -> dict[str, Any]:
    """Carry out one command and return what is to be said."""
    try:
        return {"ok": True, **_obey(bench, line)}
    except BenchctlError as error:
        return {"ok": False, "error": error.words()}


def _obey(bench: SimulatedBench, line: str) -> dict[str, Any]:
    match line.split():
        case ["state"]:
            return {"state": bench.state()}
        case ["fault", name, "on" | "off" as switch, *args]:
            bench.fault(name, switch == "on", **_arguments(line, args))
        case ["unplug", bus]:
            bench.unplug(bus)
        case ["plug", bus]:
            bench.plug(bus)
        case ["gate", check, "on" | "off" as switch]:
            bench.at_gate(check, switch == "on")
        case ["mount", *positions] if all(p.isdecimal() for p in positions):
            bench.mount([int(p) for p in positions])
        case _:
            raise _misunderstood(line)
    return {}


def _arguments(line: str, texts: Sequence[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or not key.isidentifier():
            raise _misunderstood(line)
        try:
            values[key] = float(value) if "." in value else int(value)
        except ValueError:
            values[key] = value
    return values


def _misunderstood(line: str) -> UsageError:
    return UsageError(
        msg("simulation.bad-command", line=line.strip()), hint=msg("simulation.command-hint")
    )


def _lines(stdin: TextIO | None, ended: threading.Event) -> Iterator[str]:
    """Yield what is typed, line by line, until `ended`."""
    typed, is_open = b"", stdin is not None
    while not ended.is_set():
        if stdin is None or not is_open:
            ended.wait(LOOK_EVERY)
            continue
        if not select.select([stdin], [], [], LOOK_EVERY)[0]:
            continue
        chunk = os.read(stdin.fileno(), 4096)
        if not chunk:
            if stdin.isatty():
                return
            is_open = False
        typed += chunk
        *lines, typed = typed.split(b"\n")
        for line in lines:
            yield line.decode("utf-8", "replace")


def _say(stdout: TextIO, what: Mapping[str, Any]) -> None:
    stdout.write(json.dumps(what, ensure_ascii=False) + "\n")
    stdout.flush()


def _row(unit: SimulatedUut) -> dict[str, str]:
    numbers = {name: f"{value:g}" for name, value in unit.parameters.items()}
    return {"serial": unit.serial, "position": str(unit.position), **numbers, **unit.texts}


def _batch(rows: Sequence[Mapping[str, str]]) -> str:
    """Return the units as CSV; none of these texts holds a comma."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    lines = [columns, *([row.get(name, "") for name in columns] for row in rows)]
    return "".join(",".join(line) + "\n" for line in lines)


@contextmanager
def _signals() -> Iterator[threading.Event]:
    """Give an event that SIGINT and SIGTERM set, in place of what they did before."""
    ended = threading.Event()
    kinds = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(kind, lambda _number, _frame: ended.set()) for kind in kinds]
    try:
        yield ended
    finally:
        for kind, handler in zip(kinds, before, strict=True):
            signal.signal(kind, handler)
