"""Making the bench safe on every way out, and after a run that was cut off.

Undos are data in the journal, committed before the bench is energised. On the way out they run in
reverse order, then every opened instrument's `make_safe`, each in its own try and against a
deadline in real time. A run that a power cut or a kill ended is found by the next command on its
bench, which makes the bench safe first.
"""

from __future__ import annotations

from collections.abc import Sequence

from benchctl.bench import Bench, Undo
from benchctl.core.clock import Clock
from benchctl.core.errors import BenchctlError, RecordError, UnsafeError
from benchctl.core.events import MadeSafe, RunClosed, RunRecovered
from benchctl.core.messages import msg
from benchctl.core.ports import EventSink
from benchctl.core.verdicts import Outcome, Verdict
from benchctl.records import Journal, Lab, open_undos


def make_safe(bench: Bench, undos: Sequence[Undo], reason: str, sink: EventSink) -> MadeSafe:
    """Bring the bench to its safe state; whatever happens, try every step and report each.

    Raises:
        RecordError: the outcome could not be kept; the bench was made safe as far as possible.
    """
    made = bench.make_safe(undos, reason)
    sink.emit(made)
    return made


def unsafe_error(made: MadeSafe) -> UnsafeError | None:
    """Return the error that names what could not be made safe, None when all was done."""
    if not made.failed:
        return None
    names = ", ".join(
        f"{f['instrument']}.{f['channel']}" if f["channel"] else str(f["instrument"])
        for f in made.failed
    )
    return UnsafeError(msg("engine.unsafe", names=names), hint=msg("engine.unsafe-hint"))


def recover(lab: Lab, run: str, bench: Bench, clock: Clock, by: str) -> MadeSafe:
    """Make the bench of a run that was cut off safe, and close the run's record.

    Raises:
        UnsafeError: something could not be made safe; the run stays open.
        RecordError: the record could not be written.
    """
    undos = [Undo(e.instrument, e.channel, e.safe) for e in open_undos(lab.events(run))]
    journal: Journal = lab.resume_journal(run, clock)
    failures: list[BenchctlError] = []
    for step in bench.opening(only={u.instrument for u in undos}):
        try:
            step()
        except RecordError:
            raise
        except BenchctlError as error:  # the instrument is named again by make_safe below
            failures.append(error)
    made = make_safe(bench, undos, "recovered", journal)
    journal.emit(RunRecovered(by=by, at=clock.utc().isoformat()))
    if (unsafe := unsafe_error(made)) is not None:
        raise unsafe from (failures[0] if failures else None)
    journal.emit(
        RunClosed(
            outcome=Outcome.ERROR,
            verdict=Verdict.NOT_MEASURED,
            reason=msg("engine.cut-off").as_json(),
            finished=clock.utc().isoformat(),
        )
    )
    return made
