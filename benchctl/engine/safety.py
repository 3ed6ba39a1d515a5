"""Making the bench safe on every way out, and after a run that was cut off.

Undos are data in the journal, committed before the bench is energised. On the way out they run in
reverse order, then every opened instrument's `make_safe`, each in its own try and against a
deadline in real time. A run that a power cut or a kill ended is found by the next command on its
bench, which makes the bench safe first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from benchctl.bench import Bench, Undo
from benchctl.core.clock import Clock
from benchctl.core.errors import BenchctlError, RecordError, UnsafeError
from benchctl.core.events import Event, MadeSafe, RunClosed, RunRecovered
from benchctl.core.messages import Message, msg
from benchctl.core.ports import EventSink
from benchctl.core.verdicts import Outcome, Verdict
from benchctl.records import Journal, Lab, open_undos


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
        self._patient = False

    @contextmanager
    def patient(self) -> Iterator[None]:
        """Let nothing that happens to the record be raised."""
        self._patient = True
        try:
            yield
        finally:
            self._patient = False

    def emit(self, event: Event) -> None:
        """Keep an event.

        Raises:
            RecordError: it could not be kept, and the sink is not patient just now.
        """
        try:
            self._journal.emit(event)
        except RecordError:
            if not self._patient:
                raise


def recover(lab: Lab, run: str, bench: Bench, clock: Clock, by: str) -> MadeSafe:
    """Make the bench of a run that was cut off safe, and note it; the run can go on afterwards.

    What the run energised must come to rest; every other instrument that acts and answers is made
    safe too.

    Raises:
        UnsafeError: something could not be made safe; the run stays open.
        RecordError: the record could not be written.
    """
    undos = undos_left(lab, [run])
    failure: BenchctlError | None = None
    for step in bench.opening(only={u.instrument for u in undos} | bench.acting()):
        try:
            step()
        except BenchctlError as error:  # the instrument is named again by make_safe below
            failure = failure or error
    made = bench.make_safe(undos, "recovered")
    note_safe(lab, run, made, clock, by, failure)
    return made


def undos_left(lab: Lab, runs: Iterable[str]) -> list[Undo]:
    """Return what these runs left energised, in the order in which it was, each once."""
    left = (e for run in runs for e in open_undos(lab.events(run)))
    return list(dict.fromkeys(Undo(e.instrument, e.channel, e.safe) for e in left))


def note_safe(
    lab: Lab,
    run: str,
    made: MadeSafe,
    clock: Clock,
    by: str,
    failure: BenchctlError | None = None,
) -> None:
    """Note in the record of a run that was cut off that its bench was made safe, by whom.

    `failure` is what went wrong before, if anything.

    Raises:
        UnsafeError: something could not be made safe; the run stays open.
        RecordError: the record could not be written.
    """
    journal: Journal = lab.resume_journal(run, clock)
    journal.emit(made)
    if (unsafe := unsafe_error(made, failure)) is not None:
        raise unsafe
    journal.emit(RunRecovered(by=by, at=clock.utc().isoformat()))


def is_over(lab: Lab, run: str) -> bool:
    """Return whether a run has its last word, be its bench safe or not."""
    return next(iter(lab.events(run, kind=RunClosed.KIND)), None) is not None


def close_record(lab: Lab, run: str, clock: Clock, reason: Message) -> None:
    """Close the record of a run that was cut off and does not go on.

    Raises:
        RecordError: the record could not be written.
    """
    lab.resume_journal(run, clock).emit(
        RunClosed(
            outcome=Outcome.ERROR,
            verdict=Verdict.NOT_MEASURED,
            reason=reason.as_json(),
            finished=clock.utc().isoformat(),
        )
    )
