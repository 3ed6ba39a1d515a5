"""The gate of a bench by itself: a run without units, recorded and made safe as any other.

    report = run_gate(RunRequest("gate", bench=path, lab=lab), operator=person)

It is carried out like a procedure that has no points: only the plan's gate is left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchctl.acquire import Scheduler
from benchctl.bench import BenchFile, Wiring, load_bench
from benchctl.core.errors import UsageError
from benchctl.core.messages import msg
from benchctl.core.ports import Operator
from benchctl.drivers import driver_names
from benchctl.engine.one_run import RunReport
from benchctl.engine.prepare import DEFAULT_SEED, Files, extra_folders, shelf_for
from benchctl.engine.register import LabRegister
from benchctl.engine.request import RunRequest
from benchctl.engine.run import Listener, run
from benchctl.language import Diagnostics, Source, parse_expression
from benchctl.metrology import SIMPLE_ACCEPTANCE
from benchctl.procedure import (
    Decision,
    EachPoint,
    Measurand,
    Model,
    Need,
    Procedure,
    Settle,
    Standard,
    Totalise,
)
from benchctl.simulation import find_bench

NAME = "gate"
TITLE = {"en": "Gate of the bench", "zh": "装置开工核查"}


def run_gate(
    request: RunRequest,
    *,
    operator: Operator | None = None,
    listeners: Sequence[Listener] = (),
    on_scheduler: Callable[[Scheduler], None] | None = None,
    on_recovered: Callable[[str], None] | None = None,
) -> RunReport:
    """Make the checks of a bench, due or not, and return how that ended.

    The report's error is a `GateFailedError` where one failed.

    Raises:
        UsageError: the bench file has no gate.
        BenchctlError: as `run` does.
    """
    return run(
        request,
        operator=operator,
        listeners=listeners,
        on_scheduler=on_scheduler,
        on_recovered=on_recovered,
        read=gate_files,
    )


def gate_files(request: RunRequest) -> Files:
    """Return what a run of the gate alone needs; `request.bench` says which bench.

    Raises:
        FileError: the bench file has mistakes.
        UsageError: it has no gate.
    """
    assert request.bench is not None
    diagnostics = Diagnostics()
    shelf = shelf_for(request.lab, request.bench.parent)
    names = driver_names(shelf.folders)
    register = LabRegister(request.lab)
    bench = load_bench(request.bench, diagnostics, drivers=names, register=register)
    diagnostics.raise_if_failed()
    assert bench is not None
    if bench.gate is None:
        raise UsageError(msg("engine.no-gate", bench=bench.name))
    simulation, seed = None, request.seed
    if bench.simulated is not None:
        simulation = find_bench(bench.simulated.bench, lab=request.lab, extra=extra_folders())
        seeds = (request.seed, bench.simulated.seed, DEFAULT_SEED)
        seed = next(s for s in seeds if s is not None)
    served = bench.simulated is not None and bench.simulated.served
    procedure = _without_points(bench)
    wiring = Wiring(bench, shelf, procedure.needs)
    return Files(request, procedure, wiring, simulation, served, seed, (), ())


def _without_points(bench: BenchFile) -> Procedure:
    """Return a procedure that measures nothing; its text is what the bench file says."""
    nothing = parse_expression("0")
    return Procedure(
        name=NAME,
        title=TITLE,
        standard=Standard("—", ""),
        simulated_bench=None,
        source=Source(bench.source.name, ""),
        sha256="",
        parameters={},
        where=(),
        needs={NAME: Need(NAME, optional=True)},
        line=None,
        environment=(),
        measurand=Measurand(NAME, "1", Model(nothing), {}),
        limits=(),
        stages={"initial": nothing},
        decision=Decision(SIMPLE_ACCEPTANCE, None, {}),
        items=(),
        points=(),
        each_point=EachPoint(
            set={NAME: nothing},
            settle=Settle(NAME, 0.0, 0.0, 0.0),
            totalise=Totalise(NAME, "", nothing, "1", "flying"),
            runs=0,
            retest=None,
        ),
        field_units={},
    )
