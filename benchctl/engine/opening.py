"""The first and the last word of a run: what its record opens with, and how it ended."""

from __future__ import annotations

from pathlib import Path

from benchctl.core.clock import Clock, utc_now
from benchctl.core.errors import (
    BenchctlError,
    NotMeasuredError,
    RefusedError,
    StoppedError,
    UsageError,
)
from benchctl.core.events import RunOpened, RunResumed
from benchctl.core.verdicts import Outcome, Verdict, worst
from benchctl.engine.gate_state import GateFailedError
from benchctl.engine.identity import software_of
from benchctl.engine.prepare import Files, default_operator
from benchctl.engine.rejoining import Resumption
from benchctl.engine.session import Session
from benchctl.procedure import pictures_of


def opening_event(files: Files, run: str, clock: Clock) -> RunOpened:
    """Return the first event of a run: who, what, with which files, asked how."""
    request, procedure, bench = files.request, files.procedure, files.bench
    pictures = pictures_of(procedure)
    return RunOpened(
        run=run,
        started=iso(clock),
        procedure={
            "name": procedure.name,
            "title": procedure.title,
            "standard": procedure.standard.title,
            "edition": procedure.standard.edition,
            "sha256": procedure.sha256,
            "text": procedure.source.text,
            **({"tables": dict(procedure.tables)} if procedure.tables else {}),
            **({"pictures": list(pictures)} if pictures else {}),
        },
        bench={"name": bench.name, "sha256": bench.sha256, "text": bench.source.text},
        software=software_of(files),
        service=request.service,
        stage=request.stage,
        operator=request.operator or default_operator(),
        simulated=files.simulated,
        seed=files.seed,
        request={
            "procedure": _place(request.procedure),
            "bench": None if request.bench is None else str(request.bench.resolve()),
            "simulate": request.simulate,
            "sets": dict(request.sets),
            "points": list(request.points),
            "speed": request.speed,
            "batch": None if request.batch is None else request.batch.name,
            "overrides": list(request.overrides),
            "because": request.because,
            "scanned": [list(place) for place in request.places],
        }
        | ({"follows": files.follows} if files.follows else {}),
    )


def _place(procedure: str) -> str:
    """Return a procedure as it was asked for; a file with its whole path."""
    path = Path(procedure)
    return str(path.resolve()) if path.is_file() else procedure


def resuming_event(resumed: Resumption, clock: Clock) -> RunResumed:
    """Return the event with which a run goes on that was cut off."""
    left = resumed.so_far.left()
    return RunResumed(
        by=resumed.by,
        at=utc_now().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        gap=resumed.gap,
        action=left[0] if left else "",
        changes=tuple(change.as_json() for change in resumed.changes),
        because=resumed.because,
        t=clock.now(),
    )


def outcome_of(error: BenchctlError | None, *, started: bool) -> Outcome:
    """Return what a run came to; `started` says whether anything was energised."""
    if error is None:
        return Outcome.FINISHED
    if isinstance(error, StoppedError):
        return Outcome.ABORTED
    if isinstance(error, GateFailedError):
        return Outcome.REFUSED
    if isinstance(error, RefusedError | UsageError | NotMeasuredError) and not started:
        return Outcome.REFUSED
    return Outcome.ERROR


def uut_verdicts(session: Session) -> list[tuple[str, Verdict]]:
    """Return the verdict of each unit: the most severe of its items and points, all counted.

    A unit that a person took out of the run never passes, whatever was measured of it before.
    """
    verdicts: list[tuple[str, Verdict]] = []
    for planned in session.plan.uuts:
        parts = [session.state(planned.serial, p.point).verdict for p in planned.points]
        parts += [
            session.items.get((planned.serial, name), Verdict.NOT_MEASURED)
            for name, _ in planned.items
        ]
        if planned.serial in session.taken_out:
            parts.append(Verdict.NOT_MEASURED)
        if not session.judges and Verdict.NOT_MEASURED not in parts:
            parts = [Verdict.PASS]  # everything was measured, and nothing is judged
        verdicts.append((planned.serial, worst(parts)))
    return verdicts


def iso(clock: Clock) -> str:
    """Return the present date and time, UTC, to the millisecond."""
    return clock.utc().isoformat(timespec="milliseconds").replace("+00:00", "Z")
