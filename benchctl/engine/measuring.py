"""One run of a visit: totalise or read, then measure every member on its own point."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from benchctl.acquire import Task
from benchctl.bench import Channel
from benchctl.core.events import RunMeasured
from benchctl.core.messages import Message, msg
from benchctl.engine.ask_own import ask_own
from benchctl.engine.comparing import ComparingWay
from benchctl.engine.conditions import Conditions
from benchctl.engine.control import Interrupted
from benchctl.engine.counting import PulsesWay
from benchctl.engine.deciding import judge_point
from benchctl.engine.judging import measured, voided
from benchctl.engine.leaks import report_leak
from benchctl.engine.meters import Meter
from benchctl.engine.prompting import prompt_visit
from benchctl.engine.readings import ReadingsWay
from benchctl.engine.references import Line
from benchctl.engine.screening import is_screened
from benchctl.engine.separation import leave_out, reference_role, separated
from benchctl.engine.session import Session
from benchctl.engine.standing import StandingTotaliser
from benchctl.engine.suspending import confirm, keep_environment
from benchctl.engine.timed import TimedWay
from benchctl.engine.totalising import Totaliser
from benchctl.procedure.plan import Action, Member, Visit


class Found(Protocol):
    """What a run gives of one unit, whatever the way."""

    @property
    def indication(self) -> float:
        """What the unit showed."""

    @property
    def reference(self) -> float:
        """What it is compared with."""

    @property
    def t_start(self) -> float:
        """From when on, in s of bench time."""

    @property
    def t_stop(self) -> float:
        """Until when."""

    @property
    def n(self) -> int:
        """How many readings of the unit count."""

    @property
    def notes(self) -> tuple[Message, ...]:
        """What a person should see."""

    def sources(self, role: str, declared: Sequence[Line]) -> list[Line]:
        """Return all that makes an input uncertain, from what is declared for it."""

    def facts(self) -> dict[str, Any] | None:
        """Return what the record keeps of single readings."""


class Measuring(Protocol):
    """A way to measure: flying or from rest to rest, by readings side by side."""

    meters: list[Meter]
    seen: Conditions

    def run(self) -> Task[None]:
        """Measure."""

    def total_of(self, meter: Meter) -> Any:
        """Return what was `Found` of one unit, or raise NotMeasuredError."""

    def band_value(self, total: Any) -> tuple[Channel, float] | None:
        """Return what must have stayed within the point's band, and its mean in its unit."""

    def values(self, meter: Meter, total: Any) -> dict[str, float]:
        """Return the inputs of the model for one unit."""

    def alone(self, meter: Meter, total: Any) -> dict[str, float]:
        """Return the inputs at which the reference's own uncertainty is told."""

    def conditions(self, total: Any) -> dict[str, float]:
        """Return what else the record keeps of the run."""

    def covers(self, meter: Meter) -> bool:
        """Return whether what was read so far is a whole total of one unit."""


def way_of(session: Session, visit: Visit, action: Action, members: Sequence[Member]) -> Measuring:
    """Return the way in which the procedure measures a point."""
    each = session.part_of(visit).each_point
    if each.read is not None:
        return ReadingsWay(session, visit, action, members)
    if each.pulses is not None:
        return PulsesWay(session, visit, action, members)
    if each.compare is not None:
        return ComparingWay(session, visit, action, members)
    if each.timed is not None:
        return TimedWay(session, visit, action, members)
    way = Totaliser if each.total.standing is None else StandingTotaliser
    return way(session, visit, action, members)


def measure_visit(
    session: Session,
    visit: Visit,
    action: Action,
    members: Sequence[Member],
    *,
    run: int,
    retest: bool = False,
) -> Task[None]:
    """Make one run of a visit for those `members` of which none counts yet.

    What it gives is kept for the verdict. Interrupted, the record says of whom it counts yet.

    Raises:
        Interrupted: it was.
    """
    members = still_to_measure(session, action, members)
    if not members:
        return
    prompting = session.part_of(visit).each_point.prompt
    if prompting is None or not prompting.in_turn:
        yield from _measure(session, visit, action, members, run, retest)
        return
    for n, member in enumerate(members):
        if n:
            session.begin(action)  # readings of each unit are series of their own
        yield from _measure(session, visit, action, [member], run, retest)


def _measure(
    session: Session,
    visit: Visit,
    action: Action,
    members: Sequence[Member],
    run: int,
    retest: bool,
) -> Task[None]:
    """Measure units side by side, once a person has done what each run asks for."""
    prompting = session.part_of(visit).each_point.prompt
    if prompting is not None and prompting.each_run:
        yield from prompt_visit(session, visit, action, members)
    totaliser = way_of(session, visit, action, members)
    made = session.made.setdefault(action.id, set())
    for meter in totaliser.meters:
        if problem := session.undone.get(visit.id, {}).get(meter.member.serial):
            meter.refuse(problem)
    try:
        yield from totaliser.run()
        yield from ask_own(session, totaliser)
        confirm(session)
    except Interrupted:
        keep_environment(session)
        for meter, problem in _spoilt(session, totaliser):
            if problem is None:
                _note(
                    session,
                    meter.member,
                    measured(session, visit, action, totaliser, meter, run, retest),
                )
                made.add(meter.member.serial)
            else:
                session.sink.emit(voided(session, action, meter, run, retest, problem))
        raise
    keep_environment(session)
    leave_out(session, totaliser.meters)
    for meter in totaliser.meters:
        _note(
            session, meter.member, measured(session, visit, action, totaliser, meter, run, retest)
        )
        made.add(meter.member.serial)


def _note(session: Session, member: Member, event: RunMeasured) -> None:
    """Note a run; a verdict without a value follows at once, since it is all that is kept of it."""
    session.sink.emit(event)
    if event.valid and session.judges and is_screened(session.part(member.point)):
        judge_point(session, member.serial, member.point)


def still_to_measure(session: Session, action: Action, members: Sequence[Member]) -> list[Member]:
    """Return the members of which a totalisation has given nothing that counts."""
    made = session.made.get(action.id, set())
    left = [m for m in members if m.serial not in made and m.serial not in session.dropped]
    concerned = {m.serial for m in session.concerned(session.plan.visit(action.visit))}
    return [m for m in left if m.serial in concerned]


def _spoilt(session: Session, totaliser: Measuring) -> Iterator[tuple[Meter, Message | None]]:
    """Give each unit of a run that is interrupted, and why its total does not count, if so.

    A pause voids all of them, and so does an environment that left its limits. A leak voids those
    that it separates from the reference, and of the others those whose amount has not passed yet.
    """
    leave_out(session, totaliser.meters)
    leaks = session.control.leaks
    apart: dict[str, int] = {}
    for leak in leaks:
        places = separated(
            [m.member.position for m in totaliser.meters],
            leak.position,
            order=session.bench.file.flow_order,
            reference=reference_role(session.part(totaliser.meters[0].member.point)),
        )
        units = [m.member.serial for m in totaliser.meters if m.member.position in places]
        report_leak(session, leak, units)
        apart |= dict.fromkeys(units, leak.position)
    left = session.climate.left
    for meter in totaliser.meters:
        serial = meter.member.serial
        if meter.gone:
            yield meter, meter.problem or session.dropped[serial]
        elif left is not None and serial not in apart:
            yield meter, msg("engine.void-environment", **left.why.args)
        elif not leaks:
            yield meter, msg("engine.void-pause")
        elif serial in apart:
            yield meter, msg("engine.void-leak", position=apart[serial])
        else:
            yield meter, None if totaliser.covers(meter) else msg("engine.void-cut-short")
