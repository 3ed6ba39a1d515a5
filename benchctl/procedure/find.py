"""Finds procedures by name: a path, `./`, the lab's `procedures/`, the bundled ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchctl.core.errors import UsageError
from benchctl.core.messages import msg
from benchctl.core.places import find_file, search_path
from benchctl.core.suggest import closest

SUFFIXES = (".yaml", ".yml")
LONGEST = 1000
"""Characters of a path; what is longer is none."""


@dataclass(frozen=True, slots=True)
class FoundProcedure:
    """A procedure on the shelf; its file has not been looked into."""

    name: str
    path: Path


def find_procedure(name: str, lab: Path | None = None, extra: Sequence[Path] = ()) -> Path:
    """Return the file of a procedure that is given by path or by name.

    Args:
        name: A path, or a name with or without `.yaml`.
        lab: The lab's folder.
        extra: Further folders that may hold a folder `procedures`.

    Raises:
        UsageError: there is none; the hint says which name was probably meant.
    """
    if 0 < len(name) < LONGEST:
        for suffix in ("", *SUFFIXES):
            path = Path(f"{name}{suffix}")
            if path.is_file():
                return path
        found = find_file("procedures", name, SUFFIXES, lab, extra)
        if found is not None:
            return found
    names = [procedure.name for procedure in list_procedures(lab, extra)]
    near = closest(Path(name).stem, names)
    one_of = msg("procedure.one-of", names=", ".join(names)) if names else None
    hint = msg("procedure.did-you-mean", name=near) if near else one_of
    raise UsageError(msg("procedure.not-found", name=name[:100]), hint=hint)


def list_procedures(lab: Path | None = None, extra: Sequence[Path] = ()) -> list[FoundProcedure]:
    """Return the procedures that can be asked for by name, first found first served."""
    found: dict[str, FoundProcedure] = {}
    for folder in search_path("procedures", lab, extra):
        for path in sorted(folder.iterdir()):
            if path.suffix in SUFFIXES and path.is_file():
                found.setdefault(path.stem, FoundProcedure(path.stem, path))
    return sorted(found.values(), key=lambda procedure: procedure.name)
