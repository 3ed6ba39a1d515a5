"""Canonical bytes of an event, and the hashes that chain the events of a bench.

The algorithm (`sha256/json-1` or `sm3/json-1`) is stored with every run. What is hashed, and how,
says `benchctl.verifier.hashing`; this is what becomes of an event before:

- canonical JSON is UTF-8 with sorted keys, no spaces, shortest decimal numbers that read back as
  the same float, and no NaN or infinity: such a number is written as null, and its place and name
  stand under `not_finite`, so that reading restores it;
- the origin of a run is the hash of the run's row (run, bench, UTC, algorithm, and the record of
  the bench's previous run that it follows), so that the runs of a bench form one chain.

    text, hashed = canonical({"u": 0.1}, kind="x"), chain(previous, entry)
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import astuple
from typing import Any

from benchctl.core.errors import RecordError
from benchctl.core.messages import msg
from benchctl.records.rows import RecordRow, RunRow
from benchctl.verifier import hashing
from benchctl.verifier.hashing import canonical_json, chained, digest_of, hash_name, header

ALGORITHM = "sha256/json-1"
NOT_FINITE = "not_finite"
"""Key under which a body names its numbers that are NaN or infinite: [[path, name], ...]."""

Path = tuple[str | int, ...]


def canonical(data: Mapping[str, Any], kind: str = "") -> str:
    """Return plain data as canonical JSON; encode it as UTF-8 to get the bytes that are hashed.

    Tuples become lists, numpy scalars become numbers.

    Raises:
        RecordError: something in it is not plain data; names the place within an event of `kind`.
    """
    special: list[tuple[Path, str]] = []
    plain = {key: _plain(value, (key,), special, kind) for key, value in data.items()}
    if special:
        in_order = sorted(special, key=lambda found: json.dumps(found[0]))
        plain[NOT_FINITE] = [[list(path), name] for path, name in in_order]
    return canonical_json(plain)


def read(text: str) -> dict[str, Any]:
    """Return the data that `canonical` wrote, NaN and infinities included.

    Raises:
        ValueError: it is not a JSON object.
    """
    data = json.loads(text)
    if not isinstance(data, dict):
        raise ValueError(f"expected an object, found {type(data).__name__}")  # noqa: TRY004
    for path, name in data.pop(NOT_FINITE, ()):
        holder: Any = data
        for step in path[:-1]:
            holder = holder[step]
        holder[path[-1]] = float(name)
    return data


def origin(row: RunRow) -> str:
    """Return the hash (hex) that the first record of a run follows."""
    digest = digest_of(hash_name(row.algorithm))
    return hashing.origin(digest, astuple(row)).hex()


def chain(previous: str, row: RecordRow, algorithm: str = ALGORITHM) -> str:
    """Return the hash (hex) of a record that follows the hash `previous` (hex)."""
    head = header(row.run, row.seq, row.kind, row.version, row.utc, row.t)
    digest = digest_of(hash_name(algorithm))
    return chained(digest, bytes.fromhex(previous), head, row.body).hex()


def _plain(value: Any, path: Path, special: list[tuple[Path, str]], kind: str) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        number = float(value)
        if math.isfinite(number):
            return number
        special.append((path, repr(number)))
        return None
    if isinstance(value, Mapping):
        if all(isinstance(key, str) for key in value):
            return {k: _plain(v, (*path, k), special, kind) for k, v in value.items()}
    elif isinstance(value, list | tuple):
        return [_plain(v, (*path, i), special, kind) for i, v in enumerate(value)]
    elif type(value).__module__ == "numpy" and getattr(value, "ndim", 1) == 0:
        return _plain(value.item(), path, special, kind)
    place = ".".join(str(step) for step in path)
    raise RecordError(msg("records.not-data", kind=kind, place=place, type=type(value).__name__))
