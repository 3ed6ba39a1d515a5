"""The units of an earlier run: those that did not pass are run again, or all of them go on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchctl.core.errors import UsageError
from benchctl.core.messages import msg
from benchctl.core.verdicts import Verdict
from benchctl.records import Lab

AGAIN = frozenset({Verdict.FAIL.value, Verdict.NOT_MEASURED.value})
"""Verdicts of units that are run again."""


@dataclass(frozen=True, slots=True)
class EarlierUnit:
    """A unit of an earlier run; `again` where it did not pass."""

    serial: str
    position: int
    parameters: Mapping[str, str]
    extra: Mapping[str, str]
    again: bool


@dataclass(frozen=True, slots=True)
class EarlierRun:
    """What a run that follows another one takes from it."""

    run: str
    seed: int | None
    units: tuple[EarlierUnit, ...]


def earlier_run(lab: Path | None, text: str) -> EarlierRun:
    """Return the run that `text` means, and its units with what the order said of them.

    Raises:
        UsageError: no run, or more than one, is meant, or every unit of it passed.
        RecordError: there are no records, or they cannot be read.
    """
    found = _recorded(lab, text)
    if not any(unit.again for unit in found.units):
        raise UsageError(msg("engine.none-failed", run=found.run))
    return found


def cut_off_run(lab: Path | None, run: str) -> EarlierRun:
    """Return a run that goes on, and all of its units.

    Raises:
        UsageError: there is no such run.
        RecordError: there are no records, or they cannot be read.
    """
    return _recorded(lab, run)


def _recorded(lab: Path | None, text: str) -> EarlierRun:
    with Lab.open(lab, create=False) as records:
        run = records.find_run(text)
        document = records.document(run)
    units = tuple(
        EarlierUnit(
            serial=str(uut["serial"]),
            position=int(uut["position"]),
            parameters=dict(uut["parameters"]),
            extra={name: str(value) for name, value in uut["extra"].items()},
            again=uut["verdict"] in AGAIN,
        )
        for uut in document["uuts"]
        if uut["position"] is not None
    )
    return EarlierRun(run, document["seed"], units)
