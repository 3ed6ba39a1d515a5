"""The outline of a procedure, read in passing: its names, without what they mean.

A shell that completes asks after every TAB, and reading a procedure properly costs more time than a
person notices nothing of. So only the names are taken, from a file that may be half written; one
that cannot be read has no outline.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchctl.core.places import find_file, search_path

SUFFIXES = (".yaml", ".yml")
LARGEST = 1_000_000
"""Bytes of a file that is looked into."""
MOST_CYCLES = 20


@dataclass(frozen=True, slots=True)
class ParameterOutline:
    """A parameter's unit and choices, as they are written."""

    unit: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outline:
    """Names in a procedure, in the order of the file; `titles` are by language."""

    titles: Mapping[str, str] = field(default_factory=dict)
    points: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    parameters: Mapping[str, ParameterOutline] = field(default_factory=dict)


def procedure_files(lab: Path | None, extra: list[Path]) -> dict[str, Path]:
    """Return the procedures that can be asked for by name, by the rule of `find_procedure`."""
    found: dict[str, Path] = {}
    for folder in search_path("procedures", lab, extra):
        for path in sorted(folder.iterdir()):
            if path.suffix in SUFFIXES and path.is_file():
                found.setdefault(path.stem, path)
    return dict(sorted(found.items()))


def procedure_file(name: str, lab: Path | None, extra: list[Path]) -> Path | None:
    """Return the file of a procedure that is given by path or name, by the same rule."""
    for suffix in ("", *SUFFIXES):
        path = Path(f"{name}{suffix}")
        if name and path.is_file():
            return path
    return find_file("procedures", name, SUFFIXES, lab, extra)


def read_outline(path: Path) -> Outline | None:
    """Return the outline of a procedure file, None where it cannot be read."""
    top = _pairs(_root(path))
    if "procedure" not in top:
        return None
    title = top.get("title")
    titles = {k: v.value for k, v in _pairs(title).items() if isinstance(v.value, str)}
    if not titles and title is not None and isinstance(title.value, str):
        titles = {"": title.value}
    return Outline(
        titles=titles,
        points=tuple(
            point
            for node in (top.get("points"), *(_pairs(v).get("points") for v in top.values()))
            for point in _points(node, path)
        ),
        stages=tuple(_pairs(top.get("stages"))),
        parameters={n: _parameter(v) for n, v in _pairs(top.get("parameters")).items()},
    )


def _points(node: Any, path: Path) -> Iterator[str]:
    """Yield the names of points, from a list or a table: of the file, or of one of its items."""
    table = _pairs(node)
    rows = list(_items(table.get("rows") if table else node))
    names = [str(p.value) for row in rows if (p := _pairs(row).get("point")) is not None]
    columns = [str(c.value) for c in _items(table.get("columns"))]
    if "point" in columns:
        cells = (list(_items(row)) for row in rows)
        at = columns.index("point")
        names += [str(row[at].value) for row in cells if len(row) > at]
    if "table" in table:
        names += _points_in(path.parent / Path(str(table["table"].value)).name)
    times = str(table["cycles"].value) if "cycles" in table else ""
    if times.isdecimal() and 1 < int(times) <= MOST_CYCLES:
        names = [f"{name}#{n}" for n in range(1, int(times) + 1) for name in names]
    yield from names


def _points_in(path: Path) -> list[str]:
    """Return the names in the column `point` of a CSV file."""
    import csv

    try:
        if path.stat().st_size > LARGEST:
            return []
        text = path.read_bytes().decode("utf-8-sig", "replace")
        return [name for row in csv.DictReader(text.splitlines()) if (name := row.get("point"))]
    except (OSError, csv.Error):
        return []


def _parameter(node: Any) -> ParameterOutline:
    parts = _pairs(node)
    unit = str(parts["unit"].value) if "unit" in parts else ""
    choices = (c.value for c in _items(parts.get("choices")))
    return ParameterOutline(unit, tuple(c for c in choices if isinstance(c, str)))


def _root(path: Path) -> Any:
    """Return the root node; only composed, so that no tag of the file makes anything."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        if path.stat().st_size > LARGEST:
            return None
        text = path.read_bytes().decode("utf-8-sig", "replace")
        return yaml.compose(text, Loader=loader)
    except (OSError, yaml.YAMLError):  # `check` tells what is wrong with it
        return None


def _pairs(node: Any) -> dict[str, Any]:
    if getattr(node, "id", "") != "mapping":
        return {}
    return {str(key.value): value for key, value in node.value}


def _items(node: Any) -> Iterator[Any]:
    return iter(node.value if getattr(node, "id", "") == "sequence" else ())
