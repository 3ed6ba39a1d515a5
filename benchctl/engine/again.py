"""The units of an earlier run that did not pass: all of their items and points are run again."""

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
    if not any(unit.again for unit in units):
        raise UsageError(msg("engine.none-failed", run=run))
    return EarlierRun(run, document["seed"], units)
