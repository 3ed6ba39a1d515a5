"""Who is on the bench: the units of a batch, of `--uut` or of a simulated bench, and their places.

What is wrong with a unit's place or bus address is said at its cell where it came from a batch,
together with everything else that is wrong there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from benchctl.bench import BenchFile, Wiring
from benchctl.core.clock import VirtualClock
from benchctl.core.errors import UsageError
from benchctl.core.messages import Message, msg
from benchctl.core.results import Uut
from benchctl.core.suggest import closest
from benchctl.engine.again import EarlierRun
from benchctl.engine.lineup import Place
from benchctl.engine.ordered import ordered_batch
from benchctl.engine.request import RunRequest
from benchctl.exchange import field_named
from benchctl.language import Batch, BatchRow, Diagnostics, read_batch
from benchctl.links import NoWire, parse_address
from benchctl.procedure import Procedure, check_batch
from benchctl.simulation import SimulatedBench


@dataclass(frozen=True, slots=True)
class GivenUnit:
    """What is said of one unit before the procedure's defaults; `row` is its row of a batch."""

    serial: str
    position: int
    parameters: Mapping[str, str]
    extra: Mapping[str, str]
    batch: Batch | None = None
    row: BatchRow | None = None


def units_of(
    request: RunRequest,
    procedure: Procedure,
    simulation: type[SimulatedBench] | None,
    seed: int | None,
    diagnostics: Diagnostics,
    earlier: EarlierRun | None = None,
) -> list[GivenUnit]:
    """Return the units that the request names, or those of an `earlier` run.

    What is wrong in a batch is in `diagnostics`.

    Raises:
        UsageError: none are named, or one twice.
    """
    if earlier is not None:
        return [GivenUnit(u.serial, u.position, u.parameters, u.extra) for u in earlier.units]
    ordered = ordered_batch(request, procedure, diagnostics)
    if request.batch is not None or ordered is not None:
        batch = ordered
        if request.batch is not None:
            batch = read_batch(request.batch, diagnostics, wrong_too=True)
        if batch is None:
            return []
        return [
            GivenUnit(u.serial, u.position, u.parameters, u.extra, batch, u.row)
            for u in check_batch(batch, procedure, diagnostics)
        ]
    if request.uuts:
        for serial in request.uuts:
            if request.uuts.count(serial) > 1:
                raise UsageError(msg("engine.serial-twice", serial=serial))
        return [GivenUnit(serial, n, {}, {}) for n, serial in enumerate(request.uuts, 1)]
    if simulation is not None:
        return [
            GivenUnit(
                row["serial"],
                int(row["position"]),
                {k: v for k, v in row.items() if k in procedure.parameters},
                {},
            )
            for row in simulation.default_uuts(seed or 0)
        ]
    raise UsageError(msg("engine.no-uuts"), hint=msg("engine.no-uuts-hint"))


def with_ways(
    units: Sequence[GivenUnit], bench: BenchFile, sets: Mapping[str, str]
) -> list[GivenUnit]:
    """Return the units, those without a way to be read of their own with the one of `--set`."""
    chosen = {name: text for name, text in sets.items() if name in bench.columns()}
    if not chosen:
        return list(units)
    return [
        replace(u, extra={**u.extra, **chosen, **{n: t for n, t in u.extra.items() if t.strip()}})
        for u in units
    ]


def in_their_places(units: Sequence[GivenUnit], places: Sequence[Place]) -> list[GivenUnit]:
    """Return the units that were scanned, where they were scanned.

    Raises:
        UsageError: one is not in the batch.
    """
    by_serial = {unit.serial: unit for unit in units}
    for _, serial in places:
        if serial not in by_serial:
            raise UsageError(msg("lineup.not-ordered", serial=serial))
    return [replace(by_serial[serial], position=position) for position, serial in places]


def check_places(units: Sequence[GivenUnit], wiring: Wiring, diagnostics: Diagnostics) -> None:
    """Find units beyond the end of the line, and such as cannot be addressed or told apart.

    Raises:
        UsageError: one that is not in a batch.
    """
    _check_columns(units, wiring.file, diagnostics)
    seen: dict[tuple[str, str], str] = {}
    for unit in units:
        if (beyond := _beyond(unit, wiring.file)) is not None:
            _report(unit, "position", beyond, None, diagnostics)
        if not unit.serial:
            continue  # told already
        uut = Uut(unit.serial, unit.position, dict(unit.parameters), dict(unit.extra))
        column = ""
        try:
            column = next(iter(wiring.file.columns()), "")
            each = wiring.file.each_of(uut)
            if each is None or each.address is None:
                continue
            column = "serial" if each.address == "position" else each.address
            address = bus_address(wiring, uut)
        except UsageError as error:
            _report(unit, column, error.message, error.hint, diagnostics)
            continue
        if address and seen.setdefault((each.at, address), unit.serial) != unit.serial:
            other = seen[each.at, address]
            twin = msg("bench.twin", one=other, other=unit.serial, address=address)
            _report(unit, column, twin, None, diagnostics)


def _check_columns(units: Sequence[GivenUnit], bench: BenchFile, diagnostics: Diagnostics) -> None:
    """Refuse a column that is nearly one by which the bench chooses: the default would be wrong."""
    told: set[str] = set()
    for unit in units:
        for header in unit.extra.keys() - bench.columns() - told:
            told.add(header)
            if field_named(header) is not None:
                continue  # what an order says: `client_address` is no misspelt `address`
            near = closest(header, bench.columns())
            if near is not None:
                what = msg("bench.column-near", header=header)
                _report(unit, header, what, msg("bench.did-you-mean", name=near), diagnostics)


def bus_address(wiring: Wiring, uut: Uut) -> str:
    """Return the address that a unit's instrument has on its line, "" where it has none.

    Raises:
        UsageError: nothing that is said of the unit can be an address.
    """
    each = wiring.file.each_of(uut)
    if each is None:
        return ""
    options = dict(parse_address(each.at).options)
    options["address"] = wiring.file.uut_address(uut)
    link = NoWire(each.at, uut.serial, VirtualClock())
    driver = wiring.driver(each.channel.instrument)
    return driver(link, options, name=uut.serial).bus_address


def _beyond(unit: GivenUnit, bench: BenchFile) -> Message | None:
    if bench.positions is None or unit.position <= bench.positions:
        return None
    place = {"position": unit.position, "positions": bench.positions}
    return msg("engine.no-position", serial=unit.serial, **place)


def _report(
    unit: GivenUnit, column: str, what: Message, hint: Message | None, diagnostics: Diagnostics
) -> None:
    """Report a mistake at the cell of a column, or at the row where there is no such cell."""
    if unit.batch is None or unit.row is None:
        raise UsageError(what, hint=hint)
    cells = unit.row.cells
    cell = cells.get(column) or cells.get("serial") or next(iter(cells.values()))
    code = "E404" if column == "position" else "E403"
    diagnostics.error(code, what, unit.batch.source, unit.batch.span(cell), hint=hint)
