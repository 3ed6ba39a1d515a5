"""A unit under test while it totalises: its indication, and the interval in which that moves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from benchctl.acquire import OnError, Part, Reader, Task, Total
from benchctl.acquire import Station as RoundStation
from benchctl.bench import Channel
from benchctl.core.errors import InstrumentError, NotMeasuredError
from benchctl.core.messages import Message
from benchctl.core.series import Series
from benchctl.engine.dials import Witness, read_dial
from benchctl.engine.person import Entry
from benchctl.engine.session import Session
from benchctl.engine.settling import one
from benchctl.procedure.plan import Member

PATIENCE = 3
"""So many failed readings drop a unit."""
COUNTS = 0.8
"""A unit that shows less than this share of what passes is not waited for: it is far outside any
limit, or stands still."""

Station = tuple[Reader, Series, OnError | None]


@dataclass(slots=True)
class Meter:
    """A unit while it totalises; `interval` is its scale interval in the indication's unit."""

    member: Member
    channel: Channel
    series: Series
    interval: float
    failures: int = 0
    gone: bool = False
    problem: Message | None = None
    """Why its run is not measured, though it stays in the line."""
    entries: list[Entry] = field(default_factory=list)
    """Readings of a person that count, from the first of the run on."""
    typed_once: bool = False
    """Whether the first of them rests on one entry."""

    def refuse(self, problem: Message) -> None:
        """Take no further part in this run."""
        self.problem = problem
        self.gone = True

    def require(self, session: Session) -> None:
        """See that it still takes part.

        Raises:
            NotMeasuredError: it does not.
        """
        if self.gone:
            raise NotMeasuredError(self.problem or session.dropped[self.member.serial])


def meters_of(session: Session, members: Sequence[Member], *, role: str = "") -> list[Meter]:
    """Return the members of a visit that still take part, each with an empty series.

    `role` is what is read of them, by default the first that the model names.
    """
    meters = []
    for member in members:
        if member.serial in session.dropped:
            continue
        procedure = session.part(member.point)
        role = role or next(
            r
            for r in procedure.needs
            if r in procedure.measurand.model.names and procedure.needs[r].per_uut
        )
        channel = session.bench.channel(role, serial=member.serial)
        series = session.series(f"meter/{member.serial}", [channel])
        meters.append(Meter(member, channel, series, _interval(session, member, channel)))
    return meters


def _interval(session: Session, member: Member, channel: Channel) -> float:
    """Return the interval that the procedure declares, else the resolution of the channel.

    What counts pulses steps by what a pulse is worth.
    """
    if channel.counted:
        return channel.resolution
    env = session.point(member.serial, member.point).env
    for component in session.part(member.point).measurand.inputs.get(channel.role, ()):
        if component.kind == "resolution" and component.value is not None:
            return float(component.value(env))
    return channel.resolution


def by_bus(meters: Sequence[Meter]) -> dict[str, list[Meter]]:
    """Return the units that have a wire, by the bus that they are read on."""
    found: dict[str, list[Meter]] = {}
    for meter in meters:
        if not (meter.channel.asks or meter.gone):
            found.setdefault(meter.channel.bus, []).append(meter)
    return found


def stations_of(session: Session, meters: Sequence[Meter]) -> list[Station]:
    """Return what is read in a round; a unit that drops out leaves the list."""
    stations: list[Station] = []
    for meter in meters:
        read = one(meter.channel.reader())
        stations.append((read, meter.series, _failed(session, meter, stations)))
    return stations


def station_of(
    session: Session, meter: Meter, stations: list[RoundStation], *, pause: float
) -> RoundStation:
    """Return what is read of a unit in rounds; one that drops out leaves the list.

    A reader that units share is switched to it first, and left alone for `pause` s.
    """

    def leave() -> None:
        stations[:] = [s for s in stations if s.series is not meter.series]

    return RoundStation(
        one(meter.channel.reader()),
        meter.series,
        _on_error(session, meter, leave),
        meter.channel.select,
        pause,
    )


def part_of(session: Session, meter: Meter) -> Part:
    """Return what a unit has of a block that is read in one exchange; one may drop out of it."""

    def leave() -> None:
        part.left = True

    part = Part(meter.series, _on_error(session, meter, leave))
    return part


def _failed(session: Session, meter: Meter, stations: list[Station]) -> OnError:
    def leave() -> None:
        stations[:] = [s for s in stations if s[1] is not meter.series]

    return _on_error(session, meter, leave)


def _on_error(session: Session, meter: Meter, leave: Callable[[], None]) -> OnError:
    def on_error(error: InstrumentError) -> bool:
        meter.failures += 1
        if meter.failures >= PATIENCE and not meter.gone:
            meter.gone = True
            leave()
            session.drop(meter.member.serial, error.message)
        return True

    return on_error


def ask_all(session: Session, meters: Sequence[Meter], witness: Witness) -> Task[None]:
    """Have a person read every unit that has no wire, one position after the other."""
    for meter in meters:
        if meter.channel.asks and not meter.gone:
            yield from read_dial(session, meter, witness)


def still_missing(
    meters: Sequence[Meter], total_of: Callable[[Meter], Total], *, alike: bool = True
) -> float:
    """Return what must pass yet until every unit's own amount lies between its gates.

    The amount is asked of the reference and of the indication: a unit that shows too little would
    else be judged on fewer scale intervals than the regulation wants. Where they are not `alike`
    (the reference is a time) it is asked of the reference alone.
    """
    missing = 0.0
    for meter in meters:
        try:
            total = total_of(meter)
        except NotMeasuredError:
            continue
        amount, share = meter.member.amount, total.indication / total.reference
        missing = max(missing, amount - total.reference)
        if alike and share >= COUNTS:
            missing = max(missing, (amount - total.indication) / share)
    return missing
