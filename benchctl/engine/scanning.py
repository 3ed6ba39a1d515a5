"""The line-up that a request begins with: the positions of its bench, the units of its order.

lineup = lineup_for(request)                    # nothing scanned yet
request = placed(request, lineup.scan("W-1"))   # the units stand where they were scanned
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from benchctl.bench import Wiring, load_bench
from benchctl.core.results import Uut
from benchctl.drivers import driver_names
from benchctl.engine.lineup import Lineup
from benchctl.engine.prepare import bench_of, extra_folders, shelf_for
from benchctl.engine.register import LabRegister
from benchctl.engine.request import RunRequest
from benchctl.engine.units import bus_address
from benchctl.language import Diagnostics, read_batch
from benchctl.procedure import Procedure, check_batch, find_procedure, load_procedure


def lineup_for(request: RunRequest) -> Lineup:
    """Return the empty line of a request; nothing is touched.

    The order is the batch: without one any serial number may come.

    Raises:
        FileError: a file has mistakes.
        UsageError: the request does not fit the files.
    """
    diagnostics = Diagnostics()
    found = find_procedure(request.procedure, lab=request.lab, extra=extra_folders())
    procedure = load_procedure(found, diagnostics)
    diagnostics.raise_if_failed()
    assert procedure is not None
    path, _ = bench_of(request, procedure)
    shelf = shelf_for(request.lab, path.parent)
    names = driver_names(shelf.folders)
    register = LabRegister(request.lab)
    bench = load_bench(path, diagnostics, drivers=names, register=register)
    diagnostics.raise_if_failed()
    assert bench is not None
    order = _order(request, procedure, diagnostics)
    diagnostics.raise_if_failed()
    wiring = Wiring(bench, shelf, {})

    def address(serial: str, position: int) -> str:
        extra = order.get(serial, {}) if order is not None else {}
        return bus_address(wiring, Uut(serial, position, {}, dict(extra)))

    return Lineup(bench.positions, None if order is None else tuple(order), address)


def placed(request: RunRequest, lineup: Lineup) -> RunRequest:
    """Return the request for the units that were scanned, where they were scanned."""
    serials = () if request.batch is not None else tuple(serial for _, serial in lineup.places)
    return replace(request, uuts=serials, places=lineup.places)


def _order(
    request: RunRequest, procedure: Procedure, diagnostics: Diagnostics
) -> dict[str, Mapping[str, str]] | None:
    """Return the serial numbers of the batch with its further columns, None without a batch."""
    if request.batch is None:
        return None
    batch = read_batch(request.batch, diagnostics)
    rows = check_batch(batch, procedure, diagnostics) if batch is not None else []
    return {row.serial: row.extra for row in rows}
