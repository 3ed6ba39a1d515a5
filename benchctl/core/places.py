"""Where files that labs extend are found: drivers, procedures, simulated benches.

The same order everywhere: the lab's folder, the extra folders (`BENCHCTL_PATH`, read by the command
line), what is bundled with the program.

    find_file("procedures", "water-meter", (".yaml", ".yml"), lab, extra)
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def bundled(kind: str) -> Path:
    """Return the folder of bundled files of `kind` (drivers, procedures, sim_instruments).

    In a wheel that is `benchctl/_bundled/<kind>`, in a checkout `<root>/<kind>`.
    """
    installed = _PACKAGE / "_bundled" / kind
    return installed if installed.is_dir() else _PACKAGE.parent / kind


def search_path(kind: str, lab: Path | None, extra: Sequence[Path] = ()) -> list[Path]:
    """Return the folders of `kind` that exist, first come first served.

    `lab` and each of `extra` are folders that may hold a folder called `kind`.
    """
    wanted = [folder / kind for folder in ([lab] if lab else [])]
    wanted += [folder / kind for folder in extra]
    wanted.append(bundled(kind))
    found: list[Path] = []
    for folder in wanted:
        if folder.is_dir() and not any(folder.samefile(other) for other in found):
            found.append(folder)
    return found


def find_file(
    kind: str, name: str, suffixes: Sequence[str], lab: Path | None, extra: Sequence[Path] = ()
) -> Path | None:
    """Return the first file `name` of `kind`, with or without one of `suffixes`, or None.

    `name` may name a file in a sub-folder, never one outside the search path.
    """
    if not name or Path(name).is_absolute() or ".." in Path(name).parts:
        return None
    for folder in search_path(kind, lab, extra):
        for suffix in ("", *suffixes):
            path = folder / f"{name}{suffix}"
            if path.is_file():
                return path
    return None
