"""From what a person asked for to a plan: find and read every file, touch nothing."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchctl.bench import BenchFile, Wiring, load_bench, standard_problems
from benchctl.core.clock import VirtualClock, utc_now
from benchctl.core.errors import RefusedError, UsageError
from benchctl.core.messages import Message, msg
from benchctl.core.places import search_path
from benchctl.core.results import Uut
from benchctl.drivers import Shelf, driver_names
from benchctl.engine.again import EarlierRun, earlier_run
from benchctl.engine.compile import Setting, Subject, compile_plan
from benchctl.engine.lineup import Place
from benchctl.engine.method import of_method
from benchctl.engine.references import Facts
from benchctl.engine.request import SERVICES, STAGES, RunRequest
from benchctl.language import Diagnostics, read_batch
from benchctl.links import NoWire, parse_address
from benchctl.procedure import Procedure, check_batch, find_procedure, load_procedure
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
        RefusedError: a run would be refused: overload, an inadequate standard.
    """
    files = read_files(request)
    return Prepared(files, plan_of(files))


def plan_of(files: Files) -> Plan:
    """Compile the plan.

    Raises:
        RefusedError: a run would be refused.
    """
    request, wiring = files.request, files.wiring
    problems = wiring.problems() + _standards_out_of_date(files)
    if problems:
        raise RefusedError(problems[0])
    setting = Setting(
        service=request.service,
        stage=request.stage,
        bench=files.bench.name,
        simulated=files.simulated,
        points=request.points,
        facts=Facts(wiring.reference_u, wiring.constants(), wiring.resolutions()),
        roles=frozenset(wiring.file.roles),
    )
    plan = compile_plan(files.procedure, files.subjects, setting)
    for visit in plan.visits:
        for role in files.procedure.needs:
            beyond = wiring.beyond_certificate(role, visit.setpoint, visit.unit)
            if beyond is not None and request.service != "test":
                raise RefusedError(beyond)
    return plan


def _standards_out_of_date(files: Files) -> list[Message]:
    """Return why standards behind the procedure's roles must not be used today."""
    today = utc_now().date()
    behind = {
        found[0].name: found[0]
        for role in files.procedure.needs
        if (found := files.wiring.standard(role)) is not None
    }
    return [p for standard in behind.values() for p in standard_problems(standard, today)]


def read_files(request: RunRequest) -> Files:
    """Find and read procedure, bench and units.

    Raises:
        FileError: a file has mistakes.
        UsageError: the request does not fit the files.
    """
    diagnostics = Diagnostics()
    lab = request.lab
    procedure = load_procedure(
        find_procedure(request.procedure, lab=lab, extra=extra_folders()), diagnostics
    )
    diagnostics.raise_if_failed()
    assert procedure is not None
    _check_request(request, procedure)
    bench_path, own = bench_of(request, procedure)
    warnings = () if own is None else (msg("engine.simulated", bench=own.name),)
    shelf = shelf_for(lab, bench_path.parent)
    names = driver_names(shelf.folders)
    bench = load_bench(bench_path, diagnostics, drivers=names)
    diagnostics.raise_if_failed()
    assert bench is not None
    earlier = earlier_run(lab, request.failed_of) if request.failed_of else None
    simulation, served, seed = None, False, request.seed
    if bench.simulated is not None:
        simulation = own
        if own is None or own.name != bench.simulated.bench:
            simulation = find_bench(bench.simulated.bench, lab=lab, extra=extra_folders())
        served = bench.simulated.served
        asked = (request.seed, earlier.seed if earlier else None, bench.simulated.seed)
        seed = next((s for s in asked if s is not None), DEFAULT_SEED)
    rows = _rows(request, procedure, simulation, seed, diagnostics, earlier)
    diagnostics.raise_if_failed()
    if request.places:
        rows = _in_their_places(rows, request.places)
    procedure = of_method(procedure, {r.serial: {**request.sets, **r.parameters} for r in rows})
    wiring = Wiring(bench, shelf, procedure.needs)
    _check_positions(bench, rows)
    subjects = _subjects(request, procedure, wiring, rows)
    _check_addresses(wiring, subjects)
    files = Files(request, procedure, wiring, simulation, served, seed, subjects, warnings)
    if earlier is None:
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


@dataclass(frozen=True, slots=True)
class _Row:
    """What is said of one unit before the procedure's defaults."""

    serial: str
    position: int
    parameters: Mapping[str, str]
    extra: Mapping[str, str]


def _rows(
    request: RunRequest,
    procedure: Procedure,
    simulation: type[SimulatedBench] | None,
    seed: int | None,
    diagnostics: Diagnostics,
    earlier: EarlierRun | None,
) -> list[_Row]:
    if earlier is not None:
        return [_Row(u.serial, u.position, u.parameters, u.extra) for u in earlier.units]
    if request.batch is not None:
        batch = read_batch(request.batch, diagnostics)
        if batch is None:
            return []
        rows = check_batch(batch, procedure, diagnostics)
        return [_Row(r.serial, r.position, r.parameters, r.extra) for r in rows]
    if request.uuts:
        _refuse_twice(request.uuts)
        return [_Row(serial, n, {}, {}) for n, serial in enumerate(request.uuts, 1)]
    if simulation is not None:
        return [
            _Row(
                row["serial"],
                int(row["position"]),
                {k: v for k, v in row.items() if k in procedure.parameters},
                {},
            )
            for row in simulation.default_uuts(seed or 0)
        ]
    raise UsageError(msg("engine.no-uuts"), hint=msg("engine.no-uuts-hint"))


def _in_their_places(rows: Sequence[_Row], places: Sequence[Place]) -> list[_Row]:
    """Return the units that were scanned, where they were scanned.

    Raises:
        UsageError: one is not in the batch.
    """
    by_serial = {row.serial: row for row in rows}
    for _, serial in places:
        if serial not in by_serial:
            raise UsageError(msg("lineup.not-ordered", serial=serial))
    return [replace(by_serial[serial], position=position) for position, serial in places]


def _refuse_twice(serials: Sequence[str]) -> None:
    for serial in serials:
        if serials.count(serial) > 1:
            raise UsageError(msg("engine.serial-twice", serial=serial))


def _check_addresses(wiring: Wiring, subjects: Sequence[Subject]) -> None:
    """Refuse units whose instruments cannot be told apart, or not be addressed, on their line."""
    each = wiring.file.each()
    if each is None or each.address is None:
        return
    driver = wiring.driver(each.channel.instrument)
    options = dict(parse_address(each.at).options)
    seen: dict[str, str] = {}
    for subject in subjects:
        serial = subject.uut.serial
        options["address"] = wiring.file.uut_address(subject.uut)
        link = NoWire(each.at, serial, VirtualClock())
        address = driver(link, options, name=serial).bus_address
        if address and address in seen:
            raise UsageError(msg("bench.twin", one=seen[address], other=serial, address=address))
        seen[address] = serial


def _check_positions(bench: BenchFile, rows: Sequence[_Row]) -> None:
    """Refuse units beyond the end of the line."""
    for row in rows:
        if bench.positions is not None and row.position > bench.positions:
            raise UsageError(
                msg(
                    "engine.no-position",
                    serial=row.serial,
                    position=row.position,
                    positions=bench.positions,
                )
            )


def _subjects(
    request: RunRequest, procedure: Procedure, wiring: Wiring, rows: Sequence[_Row]
) -> tuple[Subject, ...]:
    """Resolve every unit: its column, else `--set`, else the procedure's default."""
    resolution = wiring.resolutions()
    subjects = []
    for row in sorted(rows, key=lambda r: r.position):
        texts = {**request.sets, **row.parameters}
        parameters, problems = procedure.parameters_from(texts)
        if problems:
            name, problem = problems[0]
            raise UsageError(msg("engine.bad-parameter", name=name, problem=problem))
        resolved = procedure.resolve(parameters, stage=request.stage, resolution=resolution)
        shown = {
            name: f"{value:g} {unit}".strip() if isinstance(value, float | int) else str(value)
            for name, value in parameters.items()
            for unit in (procedure.parameters[name].unit,)
        }
        uut = Uut(row.serial, row.position, dict(parameters), dict(row.extra))
        subjects.append(Subject(uut, resolved, shown))
    return tuple(subjects)


def default_operator() -> str:
    """Return the name of the person at the keyboard, as the system knows it."""
    return os.environ.get("USER") or os.environ.get("USERNAME") or ""
