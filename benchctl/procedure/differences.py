"""What differs between two procedures: two editions, two files, two ways of one file.

    for found in differences(old, new):
        found.path, found.before, found.after      # ("points", "Q4"), None, {"flow": "Q4"}

The files' own data are compared, with the way laid over that was chosen and points as a list: what
two authors only wrote differently (1 and 1.0, blanks, a table and a list) is no difference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from benchctl.procedure.procedure import Procedure

ABSENT = object()
_TITLES = ("procedure", "title")
"""Keys that only name a procedure."""
_REMARK = "note"


@dataclass(frozen=True, slots=True)
class Difference:
    """A value that two procedures do not have alike; None where one has nothing there.

    `path` are the keys to it; a point is named by its name, another entry of a list by its number.
    """

    path: tuple[str, ...]
    before: Any
    after: Any

    @property
    def part(self) -> str:
        """The part of the file that it is in: `points`, `limits` ..."""
        return self.path[0]


def differences(before: Procedure, after: Procedure) -> list[Difference]:
    """Return what differs, in the order of the first file, then of the second."""
    left = {k: v for k, v in before.data.items() if k not in _TITLES}
    right = {k: v for k, v in after.data.items() if k not in _TITLES}
    return list(_compared((), left, right))


def _compared(path: tuple[str, ...], before: Any, after: Any) -> Iterator[Difference]:
    if _alike(before, after):
        return
    left, right = _entries(before), _entries(after)
    if left is None or right is None:
        yield Difference(path, _given(before), _given(after))
        return
    for key in dict.fromkeys([*left, *right]):
        yield from _compared((*path, key), left.get(key, ABSENT), right.get(key, ABSENT))
    moved = [k for k in left if k in right], [k for k in right if k in left]
    if moved[0] != moved[1] and isinstance(before, list):
        yield Difference((*path, "order"), moved[0], moved[1])


def _entries(value: Any) -> Mapping[str, Any] | None:
    """Return a collection by names; None of a single value, and of a list of single values."""
    if isinstance(value, Mapping):
        return {str(k): v for k, v in value.items() if k != _REMARK}
    if isinstance(value, list) and value and all(isinstance(v, Mapping) for v in value):
        return {str(v.get("point", n)): v for n, v in enumerate(value, 1)}
    return None


def _alike(before: Any, after: Any) -> bool:
    if isinstance(before, list) and isinstance(after, list):
        pairs = zip(before, after, strict=False)
        return len(before) == len(after) and all(_alike(a, b) for a, b in pairs)
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        same = list(before) == list(after)
        return same and all(_alike(before[key], after[key]) for key in before)
    if isinstance(before, Mapping | list) or isinstance(after, Mapping | list):
        return False
    return before is not ABSENT and after is not ABSENT and _plain(before) == _plain(after)


def _plain(value: Any) -> str:
    """Return a single value as a text in which 1 and 1.0, and blanks, do not differ."""
    text = re.sub(r"\s+", "", str(value))
    try:
        return repr(float(text))
    except ValueError:
        return text


def _given(value: Any) -> Any:
    return None if value is ABSENT else value
