"""How the units of a run are read: those on one instrument in one exchange, the others in turn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from benchctl.acquire import Block, Station, Task, blocks, rounds
from benchctl.bench import Channel
from benchctl.engine.meters import Meter, part_of, station_of
from benchctl.engine.session import Session


def reading_tasks(
    session: Session,
    meters: Sequence[Meter],
    beside: Mapping[str, Channel],
    *,
    period: float,
) -> Iterator[tuple[str, Task[None]]]:
    """Give what reads every unit, and beside it another role of it: bus and task.

    `beside` has that role's channel by serial number. Both values of a unit come in one exchange;
    positions of one instrument are read together, in as few exchanges as it allows.
    """
    together: dict[int, list[Meter]] = {}
    in_turn: dict[str, list[Station]] = {}
    for meter in meters:
        channels = (meter.channel, beside[meter.member.serial])
        if all(type(c) is Channel and len(c.sources) == 1 and not c.asks for c in channels):
            instruments = {id(c.sources[0][0]) for c in channels}
            if len(instruments) == 1:
                together.setdefault(instruments.pop(), []).append(meter)
                continue
        of_bus = in_turn.setdefault(meter.channel.bus, [])
        station = station_of(session, meter, of_bus, pause=0.0)
        station.reader = session.bench.joint_reader(channels)
        of_bus.append(station)
    for bus, stations in in_turn.items():
        yield bus, rounds(stations, session.clock, period=period)
    for of_one in together.values():
        groups = [(m.channel, beside[m.member.serial]) for m in of_one]
        heard = session.bench.listen([channel for group in groups for channel in group])
        block = Block(
            session.bench.block_reader(groups), [part_of(session, m) for m in of_one], heard
        )
        yield of_one[0].channel.bus, blocks(block, session.clock, period=period)
