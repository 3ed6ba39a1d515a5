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


def unsafe_error(made: MadeSafe, cause: BenchctlError | None = None) -> UnsafeError | None:
    """Return the error that names what could not be made safe, None when all was done.

    `cause` is what ended the run before.
    """
    if not made.failed:
        return None
    names = ", ".join(
        f"{f['instrument']}.{f['channel']}" if f["channel"] else str(f["instrument"])
        for f in made.failed
    )
    message = msg("engine.unsafe", names=names)
    if cause is not None:
        message = msg("engine.unsafe-after", names=names, cause=cause.message)
    return UnsafeError(message, hint=msg("engine.unsafe-hint"))


class PatientSink:
    """Gives events to the journal; a record that cannot be written never holds up the safe state.

    The journal takes nothing more after it failed, so that the failure is met again at the next
    event.
    """

    def __init__(self, journal: EventSink) -> None:
        self._journal = journal
        self.making_safe = False

    def emit(self, event: Event) -> None:
        """Keep an event.

        Raises:
            RecordError: it could not be kept, and the bench is not just being made safe.
        """
        try:
            self._journal.emit(event)
        except RecordError:
            if not self.making_safe:
                raise


def recover(lab: Lab, run: str, bench: Bench, clock: Clock, by: str) -> MadeSafe:
    """Make the bench of a run that was cut off safe, and close the run's record.

    Raises:
        UnsafeError: something could not be made safe; the run stays open.
        RecordError: the record could not be written.
    """
    undos = undos_left(lab, [run])
    failures: list[BenchctlError] = []
    for step in bench.opening(only={u.instrument for u in undos}):
        try:
            step()
        except RecordError:
            raise
        except BenchctlError as error:  # the instrument is named again by make_safe below
            failures.append(error)
    made = bench.make_safe(undos, "recovered")
    close_cut_off(lab, run, made, clock, by)
    return made


def undos_left(lab: Lab, runs: Iterable[str]) -> list[Undo]:
    """Return what these runs left energised, in the order in which it was, each once."""
    left = (e for run in runs for e in open_undos(lab.events(run)))
    return list(dict.fromkeys(Undo(e.instrument, e.channel, e.safe) for e in left))


def close_cut_off(lab: Lab, run: str, made: MadeSafe, clock: Clock, by: str) -> None:
    """Note in the record of a run that was cut off that its bench was made safe, and close it.

    Raises:
        UnsafeError: something could not be made safe; the run stays open.
        RecordError: the record could not be written.
    """
    journal: Journal = lab.resume_journal(run, clock)
    journal.emit(made)
    journal.emit(RunRecovered(by=by, at=clock.utc().isoformat()))
    if (unsafe := unsafe_error(made)) is not None:
        raise unsafe
    journal.emit(
        RunClosed(
            outcome=Outcome.ERROR,
            verdict=Verdict.NOT_MEASURED,
            reason=msg("engine.cut-off").as_json(),
            finished=clock.utc().isoformat(),
        )
    )
