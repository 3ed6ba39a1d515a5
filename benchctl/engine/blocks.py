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
    beside: Mapping[str, Channel] | None = None,
    *,
    period: float,
) -> Iterator[tuple[str, Task[None]]]:
    """Give what reads every unit, perhaps with another role of it beside: bus and task.

    `beside` has that role's channel by serial number. Both values of a unit come in one exchange;
    positions of one instrument are read together, in as few exchanges as it allows.
    """

    def channels_of(meter: Meter) -> tuple[Channel, ...]:
        return (meter.channel, *([] if beside is None else [beside[meter.member.serial]]))

    positions: dict[int, list[Meter]] = {}
    for meter in meters:
        instruments = {id(c.sources[0][0]) for c in channels_of(meter) if _is_plain(c)}
        alone = len(instruments) != 1 or not all(map(_is_plain, channels_of(meter)))
        positions.setdefault(-len(positions) - 1 if alone else instruments.pop(), []).append(meter)
    in_turn: dict[str, list[Station]] = {}
    for meter in (m for group in positions.values() if len(group) == 1 for m in group):
        of_bus = in_turn.setdefault(meter.channel.bus, [])
        station = station_of(session, meter, of_bus, pause=0.0)
        station.reader = session.bench.joint_reader(channels_of(meter))
        of_bus.append(station)
    for bus, stations in in_turn.items():
        yield bus, rounds(stations, session.clock, period=period)
    for together in (group for group in positions.values() if len(group) > 1):
        groups = [channels_of(m) for m in together]
        heard = session.bench.listen([channel for group in groups for channel in group])
        block = Block(
            session.bench.block_reader(groups), [part_of(session, m) for m in together], heard
        )
        yield together[0].channel.bus, blocks(block, session.clock, period=period)


def _is_plain(channel: Channel) -> bool:
    """Return whether a role is one channel of one instrument, neither selected nor asked for."""
    return type(channel) is Channel and len(channel.sources) == 1 and not channel.asks
