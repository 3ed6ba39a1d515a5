"""No run shopping: which runs of a unit there were in an order, and which of them stands.

The first valid run of a unit in an order, by one procedure at one stage, stands. It is valid once a
verdict was stated (in a calibration: once everything was measured), also where the run was stopped
afterwards. It stands until it is annulled: for a cause, by one person and a second one, as an event
at the end of its own record. Whatever was tried counts and is told: tests, runs that were stopped,
runs that were annulled.

    earlier = attempts_of(lab, "WO-2026-118", "W-0001")
    stands = standing(earlier, "water-meter", "initial", simulated=False)
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from benchctl.core.clock import Clock
from benchctl.core.errors import RefusedError, UsageError
from benchctl.core.events import OrderTaken, RunClosed, RunOpened, UutAnnulled, UutJudged
from benchctl.core.messages import msg
from benchctl.core.verdicts import Verdict

if TYPE_CHECKING:
    from benchctl.records.lab import Lab

TEST = "test"
"""The service whose runs never stand."""


@dataclass(frozen=True, slots=True)
class Annulment:
    """Why a unit's run does not stand, who says so, who agreed, and when."""

    because: str
    by: str
    second: str
    at: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One run of a unit in an order; `verdict` is None where none was stated.

    `outcome` is "" while the run is open, or was cut off.
    """

    run: str
    started: str
    procedure: str
    service: str
    stage: str
    simulated: bool
    outcome: str
    verdict: str | None
    annulled: Annulment | None = None

    @property
    def valid(self) -> bool:
        """Whether it counts: everything was measured or a fail was found, and it was no test."""
        measured = self.verdict is not None and self.verdict != Verdict.NOT_MEASURED
        return measured and self.service != TEST and self.annulled is None

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {**asdict(self), "valid": self.valid}


def attempts_of(lab: Lab, order: str, serial: str) -> list[Attempt]:
    """Return the runs of a unit in an order, in the order in which they began.

    Raises:
        RecordError: the database cannot be read.
    """
    return [a for a in (_attempt(lab, run, serial) for run in _runs(lab, order, serial)) if a]


def orders(lab: Lab) -> dict[str, dict[str, list[Attempt]]]:
    """Return every order with its units and their runs.

    Raises:
        RecordError: the database cannot be read.
    """
    found: dict[str, dict[str, list[Attempt]]] = {}
    with lab.store.reading() as reader:
        rows = reader.of_kind(OrderTaken.KIND)
    for row in rows:
        for serial, order in json.loads(row.body)["orders"].items():
            attempt = _attempt(lab, row.run, serial)
            if attempt is not None:
                found.setdefault(order, {}).setdefault(serial, []).append(attempt)
    return found


def standing(
    attempts: Iterable[Attempt], procedure: str, stage: str, *, simulated: bool
) -> Attempt | None:
    """Return the attempt that stands for a procedure at a stage, None where there is none yet."""
    wanted = (procedure, stage, simulated)
    for attempt in attempts:
        if attempt.valid and (attempt.procedure, attempt.stage, attempt.simulated) == wanted:
            return attempt
    return None


def annul(lab: Lab, run: str, annulled: UutAnnulled, clock: Clock) -> None:
    """Add to the record of a run that what it found of a unit does not stand.

    Raises:
        UsageError: no cause or person is named, the two are one, or the run has no such unit.
        RefusedError: it was annulled already, or has nothing that could stand.
        RecordError: the record cannot be written.
    """
    if not annulled.because.strip():
        raise UsageError(msg("records.annul-cause"))
    people = [" ".join(name.split()).casefold() for name in (annulled.by, annulled.second)]
    if not all(people) or people[0] == people[1]:
        raise UsageError(msg("records.annul-two"))
    attempt = _attempt(lab, run, annulled.uut)
    if attempt is None:
        raise UsageError(msg("records.no-unit", run=run, serial=annulled.uut))
    if attempt.annulled is not None:
        at, by = attempt.annulled.at, attempt.annulled.by
        raise RefusedError(msg("records.annulled-already", serial=annulled.uut, by=by, at=at))
    if not attempt.valid:
        raise RefusedError(msg("records.nothing-stands", run=run, serial=annulled.uut))
    lab.resume_journal(run, clock, after_end=True).emit(annulled)


def _runs(lab: Lab, order: str, serial: str) -> list[str]:
    with lab.store.reading() as reader:
        rows = reader.of_kind(OrderTaken.KIND)
    return [row.run for row in rows if json.loads(row.body)["orders"].get(serial) == order]


def _attempt(lab: Lab, run: str, serial: str) -> Attempt | None:
    """Return what a run was to a unit, None where it had no such unit or was never opened."""
    opened: RunOpened | None = None
    closed: RunClosed | None = None
    verdict: str | None = None
    annulled: Annulment | None = None
    for kind in (RunOpened.KIND, RunClosed.KIND, UutJudged.KIND, UutAnnulled.KIND):
        for stored in lab.events(run, kind=kind):
            match stored.event:
                case RunOpened() as event:
                    opened = event
                case RunClosed() as event:
                    closed = event
                case UutJudged(uut=uut) as event if uut == serial:
                    verdict = event.verdict
                case UutAnnulled(uut=uut) as event if uut == serial:
                    annulled = Annulment(event.because, event.by, event.second, stored.utc)
    if opened is None:
        return None
    return Attempt(
        run=run,
        started=opened.started,
        procedure=str(opened.procedure.get("name", "")),
        service=opened.service,
        stage=opened.stage,
        simulated=opened.simulated,
        outcome=closed.outcome if closed else "",
        verdict=verdict,
        annulled=annulled,
    )
