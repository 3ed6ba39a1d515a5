"""Whether two runs of the same units say the same, as far as both say anything."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

JSON = Mapping[str, Any]
COVERAGE = 2.0
"""Two errors may differ by so many of their common expanded uncertainty (k = 2 each): 4 u."""


def differences(one: JSON, usual: JSON, truths: Sequence[JSON]) -> Iterator[str]:
    """Give what `one` says otherwise than the usual document, where it measured at all.

    Verdicts must agree where the true error is further than 2 U from the limits.
    """
    true = {(t["serial"], t["item"], t["point"]): t.get("error") for t in truths}
    expected = {(u["serial"], *_key(p)): p for u in usual["uuts"] for p in u["points"]}
    for uut in one["uuts"]:
        for point in uut["points"]:
            other = expected.get((uut["serial"], *_key(point)))
            if other is None:
                yield f"{uut['serial']} {point['point']}: not in the unspoilt run"
                continue
            if "not_measured" in (point["verdict"], other["verdict"]):
                continue
            yield from _of_point(uut["serial"], point, other, true)


def _key(point: JSON) -> tuple[Any, ...]:
    return point["item"], point["point"], point["occasion"]


def _of_point(
    serial: str, point: JSON, other: JSON, true: Mapping[tuple[Any, ...], Any]
) -> Iterator[str]:
    name = f"{serial} {point['item']} {point['point'] or ''}".strip()
    if point["error"] is not None and other["error"] is not None:
        u = math.hypot(point["U"] or 0.0, other["U"] or 0.0)
        if abs(point["error"] - other["error"]) > COVERAGE * u:
            yield f"{name}: {point['error']:.4g}, unspoilt {other['error']:.4g}"
    if point["verdict"] == other["verdict"]:
        return
    error = true.get((serial, point["item"], point["point"]))
    if error is None or point["mpe"] is None:
        yield f"{name}: {point['verdict']}, unspoilt {other['verdict']}"
        return
    margin = min(abs(error - limit) for limit in point["mpe"])
    if margin > 2.0 * (point["U"] or 0.0):
        yield f"{name}: {point['verdict']}, unspoilt {other['verdict']}, clear by {margin:.3g}"
