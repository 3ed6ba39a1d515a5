"""The shelf: where driver files lie and how one is loaded.

    shelf = Shelf(search_path("drivers", lab))
    Meter = shelf.find("micromotion_2700")

A driver file is a module with one `Instrument`, or with `DRIVER = TheClass`; a simple driver may be
a YAML file instead (`benchctl.driver.declared`). Each shelf loads its
own copies under a private package of its own, so that two labs in one process do not see each
other's drivers; files of one shelf may import each other (`from .mettler_ms import MtSics`).
"""

from __future__ import annotations

import sys
import traceback
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module, invalidate_caches
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType

from benchctl.core.errors import BenchctlError, UsageError
from benchctl.core.messages import msg
from benchctl.core.places import bundled
from benchctl.core.suggest import closest
from benchctl.driver import DriverError, Instrument, summary
from benchctl.driver.declared import SUFFIXES as DECLARED
from benchctl.driver.declared import load_declared
from benchctl.language import FileError

SUFFIXES = (".py", *DECLARED)
"""What driver files end with."""
GROUP = "benchctl.drivers"
"""Entry points of installed packages that bring drivers: name = "module:Class"."""


@dataclass(frozen=True, slots=True)
class DriverInfo:
    """A driver on the shelf; `error` is one line where its file is broken.

    `origin` is "bundled", "lab" or the name of an installed package; `shadows` tells where another
    driver of the same name lies that is not reached.
    """

    name: str
    path: str
    origin: str
    summary: str
    error: str = ""
    shadows: tuple[str, ...] = ()


def driver_names(folders: Sequence[Path]) -> list[str]:
    """Return the names that drivers can be found by, sorted; none of them is imported."""
    files = {path.stem for folder in folders for path in driver_files(folder)}
    return sorted(files | {point.name for point in _entry_points()})


def driver_files(folder: Path) -> list[Path]:
    """Return the driver files of a folder, Python before YAML where both have a name."""
    order = {suffix: n for n, suffix in enumerate(SUFFIXES)}
    files = [p for p in folder.glob("[!_.]*") if p.suffix in order and p.is_file()]
    return sorted(files, key=lambda path: (path.stem, order[path.suffix]))


class Shelf:
    """The drivers of one lab, in the order of `folders`; installed packages come last."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders = [Path(folder).resolve() for folder in folders]
        self._package = f"{__name__}._shelf_{id(self):x}"
        package = ModuleType(self._package, "The drivers of one shelf.")
        package.__path__ = [str(folder) for folder in self.folders]
        sys.modules[self._package] = package
        weakref.finalize(self, _forget, self._package)
        self._classes: dict[str, type[Instrument]] = {}

    def find(self, name: str) -> type[Instrument]:
        """Return the driver class called `name`, loaded once per shelf.

        Raises:
            UsageError: there is none; the hint says which is probably meant.
            DriverError: its file cannot be loaded, or declares no driver.
            FileError: its YAML file is wrong.
        """
        if name not in self._classes:
            self._classes[name] = self._load(name)
        return self._classes[name]

    def list(self) -> list[DriverInfo]:
        """Return all drivers by name; a broken file is one entry with its error."""
        found: dict[str, list[tuple[str, str]]] = {}
        for folder in self.folders:
            for path in driver_files(folder):
                found.setdefault(path.stem, []).append((str(path), _origin(folder)))
        for point in _entry_points():
            origin = point.dist.name if point.dist else point.value
            found.setdefault(point.name, []).append((point.value, origin))
        return [self._info(name, places) for name, places in sorted(found.items())]

    def _info(self, name: str, places: Sequence[tuple[str, str]]) -> DriverInfo:
        path, origin = places[0]
        shadows = tuple(other for other, _ in places[1:])
        try:
            told = summary(self.find(name))
        except (DriverError, FileError) as error:
            return DriverInfo(name, path, origin, "", _in_a_line(error), shadows)
        return DriverInfo(name, path, origin, told, "", shadows)

    def path(self, name: str) -> Path | None:
        """Return the file of a driver, None where an installed package brings it, or nobody."""
        if not name.isidentifier() or name.startswith("_"):
            return None
        paths = (folder / f"{name}{suffix}" for folder in self.folders for suffix in SUFFIXES)
        return next((path for path in paths if path.is_file()), None)

    def _load(self, name: str) -> type[Instrument]:
        path = self.path(name)
        if path is not None and path.suffix != ".py":
            return load_declared(path)
        if path is not None:
            return _driver_of(name, str(path), self._module(name, path))
        for point in _entry_points():
            if point.name == name:
                return _installed(point)
        raise self._unknown(name)

    def _module(self, name: str, path: Path) -> ModuleType:
        invalidate_caches()
        try:
            return import_module(f"{self._package}.{name}")
        except DriverError as error:
            raise DriverError(
                msg("drivers.wrong", name=name, path=str(path), what=error.message), hint=error.hint
            ) from error
        except (Exception, SystemExit) as error:
            raise DriverError(
                msg("drivers.broken", name=name, place=_place(error, path), what=_what(error)),
                hint=msg("drivers.hint-broken"),
            ) from error

    def _unknown(self, name: str) -> UsageError:
        near = closest(name, driver_names(self.folders))
        hint = (
            msg("drivers.did-you-mean", word=near)
            if near
            else msg("drivers.hint-unknown", folders=", ".join(map(str, self.folders)))
        )
        return UsageError(msg("drivers.unknown", name=name), hint=hint)


def _driver_of(name: str, path: str, module: ModuleType) -> type[Instrument]:
    """Return the module's `DRIVER`, else the only public instrument that it defines."""
    named = getattr(module, "DRIVER", None)
    own = [
        item
        for word, item in vars(module).items()
        if isinstance(item, type)
        and issubclass(item, Instrument)
        and item.__module__ == module.__name__
        and not word.startswith("_")
    ]
    found = [named] if named is not None else own
    if len(found) != 1:
        names = ", ".join(cls.__name__ for cls in own) or "-"
        raise DriverError(
            msg("drivers.not-one", name=name, path=path, found=names),
            hint=msg("drivers.hint-not-one"),
        )
    driver = found[0]
    if not (isinstance(driver, type) and issubclass(driver, Instrument)):
        raise DriverError(msg("drivers.no-driver", name=name, path=path))
    return driver


def _installed(point: EntryPoint) -> type[Instrument]:
    try:
        driver = point.load()
    except (Exception, SystemExit) as error:
        raise DriverError(
            msg("drivers.broken", name=point.name, place=point.value, what=_what(error))
        ) from error
    if not (isinstance(driver, type) and issubclass(driver, Instrument)):
        raise DriverError(msg("drivers.no-driver", name=point.name, path=point.value))
    return driver


def _entry_points() -> list[EntryPoint]:
    return sorted(entry_points(group=GROUP), key=lambda point: point.name)


def _origin(folder: Path) -> str:
    return "bundled" if folder == bundled("drivers").resolve() else "lab"


def _place(error: BaseException, path: Path) -> str:
    """Return file:line of the mistake: the last line of a driver file that was being run."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno or 1}"
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if Path(f.filename).parent == path.parent]
    return f"{own[-1].filename}:{own[-1].lineno}" if own else str(path)


def _what(error: BaseException) -> str:
    said = error.msg if isinstance(error, SyntaxError) else str(error).split("\n")[0]
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def _in_a_line(error: BenchctlError) -> str:
    """Return what is wrong first, in one line with its place."""
    if isinstance(error, FileError) and error.diagnostics:
        first = error.diagnostics[0]
        return f"{first.source.name}:{first.span.line}:{first.span.column}: {first.message}"
    return error.words().splitlines()[0]


def _forget(package: str) -> None:
    for name in [n for n in sys.modules if n == package or n.startswith(f"{package}.")]:
        del sys.modules[name]


__all__ = ["GROUP", "SUFFIXES", "DriverInfo", "Shelf", "driver_files", "driver_names"]
