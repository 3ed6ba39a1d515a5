"""Whether a driver does what it declares: `benchctl drivers check`.

    report = check_driver(Subject("acme_x100", driver, simulator, path))
    report.ok, report.failed

First the declaration is looked at, then the driver talks to its simulated instrument over the real
wire, sound and spoilt, then it is held against what was recorded of real instruments. Every step
has an instrument of its own, so that one mistake is told once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchctl.core.clock import monotonic
from benchctl.core.errors import BenchctlError
from benchctl.core.messages import Message, msg
from benchctl.driver import Instrument
from benchctl.language import FileError
from benchctl.simulation import MakesInstrument
from benchctl.workshop import talking, wiring
from benchctl.workshop.lint import lint
from benchctl.workshop.replay import replayed
from benchctl.workshop.report import FAILED, Report, Step, failed, skipped
from benchctl.workshop.rig import Rig

Check = Callable[[Rig], Iterator[Step]]

CHECKS: dict[str, Check] = {
    "identify": talking.identifies,
    "read": talking.reads,
    "set": talking.sets,
    "refuse": talking.refuses,
    "act": talking.acts,
    "make-safe": talking.makes_safe,
    **{
        fault: partial(wiring.stands, fault=fault)
        for fault in ("silent", "garbage", "garbled", "checksum", "truncated")
    },
    "foreign": wiring.knows_its_own,
    "dribbled": wiring.puts_together,
    "twice": wiring.hears_twice,
    "late": wiring.hears_late,
    "unplug": wiring.comes_back,
    "other-serial": wiring.knows_itself,
    "stop": wiring.stops,
}
"""Checks on the simulated instrument, by the step that tells where one breaks off."""
_TELLING = {"workshop.differs", "workshop.bad-sample"}
"""What is wrong with a channel that can be read all the same."""
AT_ONCE = 6
"""Drivers that are checked side by side; most of a check is waiting for what does not come."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A driver that is to be checked, with what belongs to it.

    `broken` is what is wrong where it cannot be loaded; `transcripts` were recorded of it.
    """

    name: str
    driver: type[Instrument] | None
    simulator: MakesInstrument | None = None
    path: Path | None = None
    transcripts: tuple[Path, ...] = ()
    broken: BenchctlError | None = None


def check_driver(subject: Subject) -> Report:
    """Return what the check of a driver found; never raises for what is wrong with it."""
    began = monotonic()
    driver = subject.driver
    steps: list[Step] = []
    seen: list[str] = []
    if subject.broken is not None:
        steps += [failed("declaration", what) for what in _mistakes(subject.broken)]
    elif driver is not None:
        steps += lint(driver, subject.path)
        steps += _on_the_bench(subject, driver)
        for path in subject.transcripts:
            found, channels = replayed(driver, path, subject.name)
            steps += found
            seen += channels
    return Report(
        subject.name,
        "" if subject.path is None else str(subject.path),
        tuple(steps),
        monotonic() - began,
        0 if driver is None else len(driver.channels),
        tuple(dict.fromkeys(seen)),
        tuple(str(path) for path in subject.transcripts),
    )


def _mistakes(broken: BenchctlError) -> list[Message]:
    """Return what is wrong with a file, every mistake with its place."""
    if not isinstance(broken, FileError):
        return [broken.message]
    return [
        msg(
            "workshop.at-line" if d.hint is None else "workshop.at-line-hint",
            path=d.source.name,
            line=d.span.line,
            column=d.span.column,
            what=d.message,
            hint=d.hint or "",
        )
        for d in broken.diagnostics
    ]


def check_drivers(subjects: list[Subject]) -> Iterator[Report]:
    """Yield the report of each driver, in order; several are checked side by side."""
    with ThreadPoolExecutor(AT_ONCE, "check") as pool:
        yield from pool.map(check_driver, subjects)


def _on_the_bench(subject: Subject, driver: type[Instrument]) -> Iterator[Step]:
    if driver.asks:
        yield skipped("identify", msg("workshop.asks-a-person"))
        return
    make = subject.simulator
    if make is None:
        if subject.path is None:  # of an installed package: not ours to write
            yield skipped("identify", msg("workshop.brings-no-simulator"))
        else:
            yield failed("identify", msg("workshop.no-simulator", name=subject.name))
        return
    for name, check in CHECKS.items():
        steps = list(_tried(name, check, driver, make, subject.name))
        yield from steps
        if any(step.outcome == FAILED for step in steps) and _hopeless(steps):
            return


def _hopeless(steps: list[Step]) -> bool:
    """Return whether nothing further can be told: it does not get through, or nobody says what is.

    What cannot be compared would be told again by every further check.
    """
    mute = {"workshop.not-shown", "workshop.no-unit", "workshop.other-unit"}
    silent = [s for s in steps if s.name in ("identify", "read") and s.outcome == FAILED]
    return any(s.what is not None and s.what.id not in _TELLING for s in silent) or any(
        s.what is not None and s.what.id in mute for s in steps
    )


def _tried(
    name: str, check: Check, driver: type[Instrument], make: MakesInstrument, called: str
) -> Iterator[Step]:
    """Carry a check out; what breaks it off is a failed step."""
    try:
        with Rig(driver, make, called) as rig:
            rig.instrument.connect()
            yield from check(rig)
    except BenchctlError as error:
        yield failed(name, error.message)
    except Exception as error:  # noqa: BLE001 - a mistake in a driver or simulator, told as such
        yield failed(name, msg("workshop.raised", kind=type(error).__name__, text=str(error)))
