"""Which software made a record: name, version, and a hash over every file of the program."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import benchctl
from benchctl.bench.file import ByUnit, EachUnit

if TYPE_CHECKING:
    from benchctl.engine.prepare import Files


@lru_cache(maxsize=1)
def software() -> dict[str, Any]:
    """Return name, version, id and rooms of the program.

    The id is the SHA-256 over the names and bytes of all Python files, sorted; `rooms` has the same
    over the files of each room, so that two ids that differ say where.
    """
    root = Path(benchctl.__file__).parent
    whole, rooms = hashlib.sha256(), dict[str, Any]()
    for path in sorted(root.rglob("*.py")):
        name = path.relative_to(root)
        room = rooms.setdefault(name.parts[0] if len(name.parts) > 1 else "", hashlib.sha256())
        for part in (name.as_posix().encode(), b"\0", path.read_bytes(), b"\0"):
            whole.update(part)
            room.update(part)
    return {
        "name": "benchctl",
        "version": benchctl.__version__,
        "id": f"sha256:{whole.hexdigest()}",
        "rooms": {room: digest.hexdigest() for room, digest in rooms.items()},
    }


def software_of(files: Files) -> dict[str, Any]:
    """Return `software()` with the SHA-256 of every driver file of the bench."""
    shelf, bench = files.wiring.shelf, files.bench
    names = {entry.driver for entry in bench.instruments.values()}
    for binding in bench.roles.values():
        ways = binding.ways.values() if isinstance(binding, ByUnit) else (binding,)
        names.update(way.channel.instrument for way in ways if isinstance(way, EachUnit))
    paths = {name: path for name in sorted(names) if (path := shelf.path(name)) is not None}
    drivers = {n: hashlib.sha256(path.read_bytes()).hexdigest() for n, path in paths.items()}
    return {**software(), "drivers": drivers}
