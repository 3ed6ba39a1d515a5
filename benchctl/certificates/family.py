"""How a family of instruments wants its tables: data beside the code, or in the lab's folder.

A file `families/NAME.yaml` belongs to the procedure NAME; what none says is laid out as usual. A
lab's own takes its place: `tables: {water-meter: water-meter.tables.yaml}` in `certificates.yaml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from benchctl.core.errors import UsageError
from benchctl.core.messages import msg

if TYPE_CHECKING:
    from benchctl.certificates.settings import LabSettings

Said = Mapping[str, str]
"""Wordings by language."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The table of an item that is measured.

    `quantity`, `limits` and `nominal` are what its columns are called, empty where as usual.
    `columns` are the point's own quantities that are shown, `readings` what was read there, None
    where as usual. `curve` says whether errors are drawn, None where it depends on the points.
    """

    quantity: Said = field(default_factory=dict)
    limits: Said = field(default_factory=dict)
    nominal: Said = field(default_factory=dict)
    with_name: bool = True
    with_nominal: bool = True
    columns: tuple[str, ...] = ()
    readings: tuple[str, ...] | None = None
    is_error: bool = True
    curve: bool | None = None


@dataclass(frozen=True, slots=True)
class Family:
    """What a family of instruments has of its own on a certificate.

    Attributes:
        names: what readings, parameters and quantities of points are called.
        words: what values of parameters and of quantities of points are called, by name.
        parameters: those that are printed, in this order; None prints all.
        requirements: what is asked of an item over several points, in words.
        tables: by item, that of the file's own measurand by its name.
    """

    names: Mapping[str, Said] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, Said]] = field(default_factory=dict)
    parameters: tuple[str, ...] | None = None
    requirements: Mapping[str, Said] = field(default_factory=dict)
    tables: Mapping[str, Layout] = field(default_factory=dict)

    def layout(self, *keys: str | None) -> Layout:
        """Return the layout of the first key that has one."""
        found = (self.tables[key] for key in keys if key is not None and key in self.tables)
        return next(found, Layout())

    def word(self, name: str, value: str) -> Said | None:
        """Return what a value of a parameter or of a point's quantity is called."""
        return self.words.get(name, {}).get(value)


def family_of(procedure: str, lab: LabSettings) -> Family:
    """Return how certificates of a procedure are laid out.

    Raises:
        FileError: the lab's file has mistakes; each with its line and column.
        UsageError: the lab's file is missing.
    """
    given = lab.tables.get(procedure)
    if given is None:
        return _shipped(procedure)
    path = (lab.folder or Path()) / given
    if not path.is_file():
        raise UsageError(msg("certificates.no-file", path=str(path)))
    return _read_once(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _shipped(procedure: str) -> Family:
    for entry in resources.files("benchctl.certificates.families").iterdir():
        if entry.name == f"{procedure}.yaml":
            with resources.as_file(entry) as path:
                return _read(path)
    return Family()


@lru_cache(maxsize=64)
def _read_once(path: Path, _changed: int) -> Family:
    return _read(path)


def _read(path: Path) -> Family:
    from benchctl.certificates.family_file import read_family

    return read_family(path)
