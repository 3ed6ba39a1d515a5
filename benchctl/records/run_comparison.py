"""Two runs of the same units compared point by point: En (ISO 13528, 9.7).

En wants two independent results. Two runs against one standard share its error: what they differ by
says nothing of it. For those the uncertainty without the reference's share counts, and the
comparison says so; it shows whether the bench repeats, not whether it is right.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

JSON = dict[str, Any]


def compare_runs(one: Mapping[str, Any], other: Mapping[str, Any]) -> JSON:
    """Return the comparison of two result documents as plain data.

    Of units and points that both have; `en` is None where a result or its U is missing.
    """
    shared = sorted(_standards(one) & _standards(other))
    rows = []
    others = {u["serial"]: u for u in other["uuts"]}
    for uut in one["uuts"]:
        if uut["serial"] in others:
            theirs = _points(others[uut["serial"]])
            for name, point in _points(uut).items():
                if name in theirs and point["unit"] == theirs[name]["unit"]:
                    rows.append(_row(uut["serial"], point, theirs[name], bool(shared)))
    values = [abs(row["en"]) for row in rows if row["en"] is not None]
    return {
        "runs": [one["run"], other["run"]],
        "shared_standards": shared,
        "simulated": bool(one["simulated"] or other["simulated"]),
        "points": rows,
        "largest": max(values, default=None),
        "satisfactory": bool(values) and max(values) <= 1.0,
    }


def _standards(document: Mapping[str, Any]) -> set[str]:
    """Return the standards of a run by serial number."""
    return {str(s["serial"]) for s in document["standards"] if s.get("serial")}


def _points(uut: Mapping[str, Any]) -> dict[tuple[str, str], Mapping[str, Any]]:
    return {(p["point"], p["occasion"]): p for p in uut["points"] if p["point"]}


def _row(serial: str, one: Mapping[str, Any], other: Mapping[str, Any], shared: bool) -> JSON:
    from benchctl.metrology import normalized_error

    row: JSON = {
        "uut": serial,
        "point": one["point"],
        "occasion": one["occasion"],
        "unit": one["unit"],
        "values": [one["error"], other["error"]],
        "U": [one["U"], other["U"]],
        "difference": None,
        "en": None,
    }
    if None in (*row["values"], *row["U"]):
        return row
    own = [_own(p) if shared else float(p["U"]) for p in (one, other)]
    row["U"], row["difference"] = own, row["values"][1] - row["values"][0]
    if any(own):
        row["en"] = normalized_error(row["values"][1], own[1], row["values"][0], own[0]).value
    return row


def _own(point: Mapping[str, Any]) -> float:
    """Return U without the share of the reference."""
    U, of_reference = float(point["U"]), float(point["U_reference"] or 0.0)  # noqa: N806
    return math.sqrt(max(0.0, U**2 - of_reference**2))
