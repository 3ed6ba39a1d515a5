"""From what a person asked for to a plan: find and read every file, touch nothing."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchctl.bench import BenchFile, Wiring, load_bench
from benchctl.bench.scheme import Scheme
from benchctl.core.errors import UsageError
from benchctl.core.messages import Message, msg
from benchctl.core.people import name_of_user
from benchctl.core.places import search_path
from benchctl.core.results import Uut
from benchctl.drivers import Shelf, driver_names
from benchctl.engine.again import cut_off_run, earlier_run
from benchctl.engine.alike import require_alike
from benchctl.engine.compile import Setting, Subject, compile_plan
from benchctl.engine.fit import check_wiring
from benchctl.engine.orders import recorded_runs_that_stand
from benchctl.engine.references import facts_of
from benchctl.engine.refusals import PlanRefusedError
from benchctl.engine.register import LabRegister
from benchctl.engine.request import SERVICES, STAGES, RunRequest
from benchctl.engine.scheme import outside_scheme, scheme_of
from benchctl.engine.standards import (
    beyond_certificates,
    require_overridable,
    soon_due,
    standards_unfit,
)
from benchctl.engine.units import GivenUnit, check_places, in_their_places, units_of, with_ways
from benchctl.engine.variant import of_variant
from benchctl.language import Diagnostics
from benchctl.procedure import Procedure, find_procedure, load_procedure
from benchctl.procedure.plan import Plan
from benchctl.simulation import SimulatedBench, SimulatedUut, find_bench

DEFAULT_SEED = 1


@dataclass(frozen=True, slots=True)
class Files:
    """Everything that a request names, read and checked."""

    request: RunRequest
    procedure: Procedure
    wiring: Wiring
    simulation: type[SimulatedBench] | None
    """The simulated bench behind the bench file, None on a real bench."""
    served: bool
    """Whether the simulated bench runs in another process (`sim serve`)."""
    seed: int | None
    subjects: tuple[Subject, ...]
    warnings: tuple[Message, ...]
    follows: str = ""
    """The run of which the units that did not pass are run again."""
    scheme: Scheme | None = None
    """The lab's verification scheme, None where it has none."""
    others: tuple[Subject, ...] = ()
    """Those of its units that are not: a simulated bench draws the same meters only with them."""

    @property
    def bench(self) -> BenchFile:
        """The bench file."""
        return self.wiring.file

    @property
    def simulated(self) -> bool:
        """Whether no real instrument is behind this bench."""
        return self.bench.simulated is not None

    def simulated_uuts(self) -> tuple[SimulatedUut, ...]:
        """Return the units as the simulated bench wants them."""
        return tuple(
            SimulatedUut(
                serial=s.uut.serial,
                position=s.uut.position,
                address=self.bench.uut_address(s.uut),
                parameters={
                    k: float(v) for k, v in s.resolved.env.items() if isinstance(v, int | float)
                },
                texts={
                    **{k: v for k, v in s.uut.extra.items() if v},
                    **{k: v for k, v in s.resolved.env.items() if isinstance(v, str)},
                },
            )
            for s in (*self.subjects, *self.others)
        )


@dataclass(frozen=True, slots=True)
class Prepared:
    """A run that could start."""

    files: Files
    plan: Plan

    @property
    def procedure(self) -> Procedure:
        """The procedure."""
        return self.files.procedure

    @property
    def bench(self) -> BenchFile:
        """The bench file."""
        return self.files.bench

    @property
    def simulated(self) -> bool:
        """Whether no real instrument is behind this run."""
        return self.files.simulated

    @property
    def warnings(self) -> tuple[Message, ...]:
        """What a person should know before the run starts."""
        return self.files.warnings


def prepare(request: RunRequest) -> Prepared:
    """Read the files and compile the plan; nothing is opened or written.

    Raises:
        FileError: a file has mistakes.
        UsageError: the request does not fit the files.
        RefusedError: a run would be refused: overload, an inadequate standard, a run of a unit that
            stands in its order.
    """
    files = read_files(request)
    plan = plan_of(files)
    if refusals := recorded_runs_that_stand(files):
        raise PlanRefusedError(refusals, plan)
    return Prepared(files, plan)


def plan_of(files: Files) -> Plan:
    """Compile the plan.

    Raises:
        PlanRefusedError: a run would be refused; it names every reason.
    """
    request, wiring = files.request, files.wiring
    refusals = outside_scheme(files, request.operator or default_operator())
    refusals += standards_unfit(files)
    setting = Setting(
        service=request.service,
        stage=request.stage,
        bench=files.bench.name,
        simulated=files.simulated,
        points=request.points,
        facts=facts_of(wiring),
        roles=frozenset(wiring.file.roles),
        gate=wiring.file.gate,
    )
    plan, of_units = compile_plan(files.procedure, files.subjects, setting)
    refusals += of_units
    refusals += beyond_certificates(files, plan)
    if request.service == "test":
        refusals = [r for r in refusals if r.check not in request.overrides]
    if refusals:
        raise PlanRefusedError(refusals, plan)
    return plan


def read_files(request: RunRequest) -> Files:
    """Find and read procedure, bench and units.

    Raises:
        FileError: a file has mistakes.
        UsageError: the request does not fit the files.
    """
    diagnostics = Diagnostics()
    lab = request.lab
    procedure = load_procedure(
        find_procedure(request.procedure, lab=lab, extra=extra_folders()),
        diagnostics,
        tried=False,
    )
    diagnostics.raise_if_failed()
    assert procedure is not None
    if not procedure.variants:  # else what it can be asked for is seen once one is chosen
        _check_request(request, procedure)
    bench_path, own = bench_of(request, procedure)
    warnings = () if own is None else (msg("engine.simulated", bench=own.name),)
    shelf = shelf_for(lab, bench_path.parent)
    names = driver_names(shelf.folders)
    bench = load_bench(bench_path, diagnostics, drivers=names, register=LabRegister(lab))
    diagnostics.raise_if_failed()
    assert bench is not None
    earlier = None
    if request.failed_of:
        earlier = earlier_run(lab, request.failed_of)
    elif request.resumes:
        earlier = cut_off_run(lab, request.resumes)
    simulation, served, seed = None, False, request.seed
    if bench.simulated is not None:
        simulation = own
        if own is None or own.name != bench.simulated.bench:
            simulation = find_bench(bench.simulated.bench, lab=lab, extra=extra_folders())
        served = bench.simulated.served
        asked = (request.seed, earlier.seed if earlier else None, bench.simulated.seed)
        seed = next((s for s in asked if s is not None), DEFAULT_SEED)
    units = with_ways(
        units_of(request, procedure, simulation, seed, diagnostics, earlier), bench, request.sets
    )
    if request.places:
        units = in_their_places(units, request.places)
    check_places(units, Wiring(bench, shelf, {}), diagnostics)
    diagnostics.raise_if_failed()
    procedure = of_variant(procedure, {u.serial: {**request.sets, **u.parameters} for u in units})
    _check_request(request, procedure)
    columns = {name: parameter.unit for name, parameter in procedure.parameters.items()}
    wiring = Wiring(bench, shelf, procedure.needs, columns)
    check_wiring(wiring, diagnostics)
    diagnostics.raise_if_failed()
    subjects = _subjects(request, procedure, wiring, units)
    files = Files(request, procedure, wiring, simulation, served, seed, subjects, warnings)
    scheme = scheme_of(lab, diagnostics)
    diagnostics.raise_if_failed()
    files = replace(files, warnings=(*warnings, *soon_due(files)), scheme=scheme)
    if earlier is None or not request.failed_of:
        return files
    passed = {u.serial for u in earlier.units if not u.again}
    return replace(
        files,
        follows=earlier.run,
        subjects=tuple(s for s in subjects if s.uut.serial not in passed),
        others=tuple(s for s in subjects if s.uut.serial in passed),
    )


def shelf_for(lab: Path | None, folder: Path | None) -> Shelf:
    """Return the drivers a lab sees: beside its bench file, its folder, the bundled ones."""
    folders = [folder / "drivers"] if folder is not None else []
    return Shelf([*folders, *search_path("drivers", lab, extra_folders())])


def extra_folders() -> list[Path]:
    """Return the folders that `BENCHCTL_PATH` names."""
    return [Path(p) for p in os.environ.get("BENCHCTL_PATH", "").split(os.pathsep) if p]


def _check_request(request: RunRequest, procedure: Procedure) -> None:
    require_overridable(request)
    if request.service not in SERVICES:
        raise UsageError(msg("engine.unknown-service", name=request.service))
    if request.stage not in STAGES or request.stage not in procedure.stages:
        known = ", ".join(procedure.stages)
        raise UsageError(msg("engine.unknown-stage", name=request.stage, known=known))
    if (problem := procedure.not_for(request.service)) is not None:
        raise UsageError(problem)
    names = [p.name for p in procedure.points]
    for point in request.points:
        if point not in names:
            raise UsageError(msg("engine.unknown-point", name=point, known=", ".join(names)))


def bench_of(request: RunRequest, procedure: Procedure) -> tuple[Path, type[SimulatedBench] | None]:
    """Return the bench file: as asked, the lab's, or that of the procedure's simulated bench.

    The simulated bench is given only where nobody asked for a bench.
    """
    if request.bench is not None and not request.simulate:
        return request.bench, None
    if not request.simulate:
        folders = [f for f in (request.lab, Path.cwd()) if f is not None]
        for folder in folders:
            if (folder / "bench.yaml").is_file():
                return folder / "bench.yaml", None
    if procedure.simulated_bench is None:
        raise UsageError(msg("engine.no-bench"), hint=msg("engine.no-bench-hint"))
    bench = find_bench(procedure.simulated_bench, lab=request.lab, extra=extra_folders())
    return bench.bench_file, bench


def _subjects(
    request: RunRequest, procedure: Procedure, wiring: Wiring, units: Sequence[GivenUnit]
) -> tuple[Subject, ...]:
    """Resolve every unit: its column, else `--set`, else the procedure's default."""
    ways = wiring.file.columns() - procedure.parameters.keys()
    sets = {name: text for name, text in request.sets.items() if name not in ways}
    subjects = []
    for row in sorted(units, key=lambda u: u.position):
        texts = {**sets, **row.parameters}
        parameters, problems = procedure.parameters_from(texts)
        if problems:
            raise UsageError(problems[0][1])
        uut = Uut(row.serial, row.position, dict(parameters), dict(row.extra))
        resolution = wiring.resolutions(uut)
        resolved = procedure.resolve(parameters, stage=request.stage, resolution=resolution)
        shown = {
            name: f"{value:.12g} {unit}".strip() if isinstance(value, float | int) else str(value)
            for name, value in parameters.items()
            for unit in (procedure.parameters[name].unit,)
        }
        subjects.append(Subject(uut, resolved, shown))
    require_alike(procedure, subjects)
    return tuple(subjects)


def default_operator() -> str:
    """Return the name of the person at the keyboard, as the system knows it."""
    return name_of_user(os.environ)
