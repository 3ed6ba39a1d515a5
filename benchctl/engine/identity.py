"""Which software made a record: name, version, and a hash over every file of the program."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

import benchctl


@lru_cache(maxsize=1)
def software() -> dict[str, Any]:
    """Return name, version and id: sha256 over the names and bytes of all Python files, sorted."""
    root = Path(benchctl.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(b"\0")
        digest.update(path.read_bytes())
        digest.update(b"\0")
    return {
        "name": "benchctl",
        "version": benchctl.__version__,
        "id": f"sha256:{digest.hexdigest()}",
    }
