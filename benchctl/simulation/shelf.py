"""Where simulated benches and instruments are found, and how one is loaded.

A bench is a file `sim_instruments/<name>.py` or a folder `sim_instruments/<name>/` with `bench.py`;
the folder's modules import each other relatively (`from .plant import Plant`). It is loaded under a
private name, so that two labs in one process do not see each other's benches. A folder with
`plant.yaml` is a bench that is declared (`benchctl.simulation.plants`).

    bench = find_bench("water_bench", lab=Path("lab"))
    with bench(clock, seed=7, uuts=uuts) as running: ...

A simulated instrument is a file `sim_instruments/<name>.py` with a function `simulator`; it is no
bench, and is called like the driver that it is for. Files of one folder may share what lies in
others beside them (`from ._counters import ...`).

    simulator = find_simulator("keysight_34465a", lab=Path("lab"))

Installed packages bring them by entry points: name = "module:simulator".
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING
from uuid import uuid4

from benchctl.core.errors import UsageError
from benchctl.core.messages import msg, words
from benchctl.core.places import bundled, search_path
from benchctl.core.suggest import closest
from benchctl.language import Diagnostics, FileError
from benchctl.simulation.bench import SimulatedBench
from benchctl.simulation.instrument import MakesInstrument

if TYPE_CHECKING:
    from benchctl.simulation.plants.plant import Plant

KIND = "sim_instruments"
GROUP = "benchctl.simulators"
"""Entry points of installed packages that bring simulated instruments."""
PLANT = "plant.yaml"
_SUMMARY = re.compile(rb"^plant:[ \t]+(\S.*)$", re.MULTILINE)
_SIMULATOR = re.compile(rb"^def simulator\(", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class BenchInfo:
    """A simulated bench on the shelf, known without running its code.

    `origin` is bundled, or the folder it was found in; `problem` says why it cannot be used.
    """

    name: str
    path: Path
    origin: str
    summary: str
    problem: str = ""


def find_bench(
    name: str, lab: Path | None = None, extra: Sequence[Path] = ()
) -> type[SimulatedBench]:
    """Return the class of the simulated bench `name`.

    Raises:
        UsageError: there is none of this name, or its file cannot be loaded or holds no bench.
        FileError: its plant file, or the bench file beside it, has mistakes.
    """
    known = list(_files(lab, extra))
    for found, path in known:
        if found == name and path.name == PLANT:
            return _declared(path, lab, extra)
        if found == name and not _is_simulator(path):
            return _bench_in(_load(path, name), path)
    names = sorted({found for found, path in known if not _is_simulator(path)})
    near = closest(name, names)
    raise UsageError(
        msg("simulation.no-bench", name=name, known=", ".join(names) or "-"),
        hint=msg("simulation.did-you-mean", word=near) if near else None,
    )


def _declared(path: Path, lab: Path | None, extra: Sequence[Path]) -> type[SimulatedBench]:
    from benchctl.simulation.plants import declared  # with all that files need

    diagnostics = Diagnostics()
    plant = check_plant(path, diagnostics, lab, extra)
    if plant is None:
        raise FileError(diagnostics.items)
    return declared(plant)


def check_plant(
    path: Path, diagnostics: Diagnostics, lab: Path | None = None, extra: Sequence[Path] = ()
) -> Plant | None:
    """Return the plant in a plant file; None where it has mistakes, which are in `diagnostics`."""
    from benchctl.simulation.plants import load_plant

    return load_plant(path, lambda driver: find_simulator(driver, lab, extra), diagnostics)


def list_benches(lab: Path | None = None, extra: Sequence[Path] = ()) -> list[BenchInfo]:
    """Return the simulated benches that can be found, each name once; none of them is run."""
    listed: dict[str, BenchInfo] = {}
    for name, path in _files(lab, extra):
        if name not in listed and not _is_simulator(path):
            listed[name] = _info(name, path)
    return sorted(listed.values(), key=lambda info: info.name)


def find_simulator(
    name: str, lab: Path | None = None, extra: Sequence[Path] = ()
) -> MakesInstrument | None:
    """Return the `simulator` function of the simulated instrument `name`, None if there is none.

    Raises:
        UsageError: its file, or the package that brings it, cannot be loaded.
    """
    for found, path in _files(lab, extra):
        if found == name and _is_simulator(path):
            return load_simulator(path)
    for point in entry_points(group=GROUP, name=name):
        try:
            made: MakesInstrument = point.load()
        except Exception as error:
            problem = f"{type(error).__name__}: {error}"
            raise UsageError(
                msg("simulation.bad-bench", path=point.value, problem=problem)
            ) from error
        return made
    return None


def load_simulator(path: Path) -> MakesInstrument:
    """Return the `simulator` function of a file.

    Raises:
        UsageError: the file cannot be loaded, or has no such function.
    """
    made: MakesInstrument | None = getattr(_load(path, path.stem), "simulator", None)
    if made is None:
        raise UsageError(msg("simulation.no-simulator", path=str(path)))
    return made


def _is_simulator(path: Path) -> bool:
    """Return whether a file declares a simulated instrument; it is read, not run."""
    return path.name not in ("bench.py", PLANT) and _SIMULATOR.search(path.read_bytes()) is not None


def _files(lab: Path | None, extra: Sequence[Path]) -> Iterator[tuple[str, Path]]:
    for folder in search_path(KIND, lab, extra):
        for entry in sorted(folder.iterdir()):
            if entry.name.startswith(("_", ".")):
                continue
            if (entry / "bench.py").is_file():
                yield entry.name, entry / "bench.py"
            elif (entry / PLANT).is_file():
                yield entry.name, entry / PLANT
            elif entry.suffix == ".py":
                yield entry.stem, entry


def _info(name: str, path: Path) -> BenchInfo:
    origin = "bundled" if path.is_relative_to(bundled(KIND)) else str(path.parent)
    if path.name == PLANT:
        return _declared_info(name, path, origin)
    try:
        text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    except (SyntaxError, UnicodeDecodeError) as error:
        return BenchInfo(name, path, origin, "", str(error))
    return BenchInfo(name, path, origin, text.partition("\n")[0])


def _declared_info(name: str, path: Path, origin: str) -> BenchInfo:
    """Return what the first lines of a plant file tell; only where they do not, it is parsed."""
    told = _SUMMARY.search(path.read_bytes())
    if told:
        summary = told[1].decode("utf-8", "replace").strip().strip("\"'")
        return BenchInfo(name, path, origin, summary)
    diagnostics = Diagnostics()
    check_plant(path, diagnostics)
    problem = words(diagnostics.items[0].message) if diagnostics.failed else ""
    return BenchInfo(name, path, origin, "", problem)


def _load(path: Path, name: str) -> ModuleType:
    """Load a module of the folder, which becomes a package of a private name."""
    package = f"_benchctl_sim_{name}_{uuid4().hex[:12]}"
    parent = ModuleType(package)
    parent.__path__ = [str(path.parent)]
    sys.modules[package] = parent
    full = f"{package}.{path.stem}"
    spec = spec_from_file_location(full, path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[full] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        for loaded in [m for m in sys.modules if m == package or m.startswith(f"{package}.")]:
            del sys.modules[loaded]
        raise UsageError(
            msg("simulation.bad-bench", path=str(path), problem=f"{type(error).__name__}: {error}")
        ) from error
    return module


def _bench_in(module: ModuleType, path: Path) -> type[SimulatedBench]:
    found = [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, SimulatedBench)
        and value.__module__ == module.__name__
    ]
    if len(found) != 1:
        raise UsageError(msg("simulation.not-one-bench", path=str(path), count=len(found)))
    return found[0]
