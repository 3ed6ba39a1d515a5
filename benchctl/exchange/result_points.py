"""Items and points of a unit as rows: names, decimal texts, limits, single verdicts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from benchctl.certificates.numbers import fixed, input_decimals, limits, short
from benchctl.certificates.wording import Words

JSON = Mapping[str, Any]

PASS, FAIL = "合格", "不合格"
VERDICTS = {"pass": PASS, "fail": FAIL, "indeterminate": "无法判定", "not_measured": "未检"}
OCCASIONS = {"as_found": "调修前", "as_left": "调修后"}
_WORST = ("pass", "indeterminate", "not_measured", "fail")


def points_of(document: JSON, unit: JSON, words: Words) -> list[dict[str, Any]]:
    """Return the measured points of a unit, those before an adjustment among them."""
    measured = [p for p in unit["points"] if p["point"] is not None]
    return [
        _point(number, point, document, unit, words) for number, point in enumerate(measured, 1)
    ]


def items_of(document: JSON, unit: JSON, words: Words) -> list[dict[str, str]]:
    """Return the items of a unit, measured or observed, each with its verdict."""
    groups: dict[tuple[str, str], list[JSON]] = {}
    for point in unit["points"]:
        key = (str(point["item"] or point["point"]), _occasion(point, unit))
        groups.setdefault(key, []).append(point)
    return [
        _item(code, occasion, points, name_of(document, points[0], words))
        for (code, occasion), points in groups.items()
    ]


def name_of(document: JSON, point: JSON, words: Words) -> str:
    """Return what the item of a point is called."""
    named = words.item(str(point["item"] or point["point"]), document["titles"])
    return next(iter(named), "")


def _occasion(point: JSON, unit: JSON) -> str:
    """Return whether it was found before or after an adjustment; "" where there was none."""
    adjusted = any(p["occasion"] == "as_left" for p in unit["points"])
    return OCCASIONS.get(str(point["occasion"]), "") if adjusted else ""


def _point(number: int, point: JSON, document: JSON, unit: JSON, words: Words) -> dict[str, Any]:
    nominal = point["nominal"] or {}
    runs = [run for run in point["runs"] if run["valid"]]
    low, high = point["mpe"] or (None, None)
    return {
        "no": number,
        "point": str(point["point"]),
        "item": name_of(document, point, words),
        "occasion": _occasion(point, unit),
        "nominal": short(nominal["value"]) if nominal else "",
        "nominal_unit": str(nominal.get("unit", "")),
        "reference": _mean(point, runs, "reference"),
        "reference_unit": _unit_of(runs, "reference"),
        "indication": _mean(point, runs, "indication"),
        "indication_unit": _unit_of(runs, "indication"),
        "error": str(point["reported"] or ""),
        "unit": str(point["unit"] or ""),
        "mpe": _limits(point),
        "mpe_low": "" if low is None else short(low),
        "mpe_high": "" if high is None else short(high),
        "U": str(point["reported_U"] or ""),
        "k": "" if point["k"] is None else f"{point['k']:.3g}",
        "verdict": VERDICTS.get(str(point["verdict"]), ""),
    }


def _mean(point: JSON, runs: Sequence[JSON], name: str) -> str:
    """Return the mean of the runs' readings with as many decimals as the certificate prints."""
    known = [run[name] for run in runs if run[name] is not None]
    if not known:
        return ""
    mean = sum(known) / len(known)
    return fixed(mean, input_decimals(point, mean))


def _unit_of(runs: Sequence[JSON], name: str) -> str:
    """Return the unit of a reading: that of the role which gave it."""
    for run in runs:
        for role, value in run["inputs"].items():
            if value is not None and value == run[name]:
                return str((run.get("units") or {}).get(role, ""))
    return ""


def _limits(point: JSON) -> str:
    return "" if point["mpe"] is None else limits(point["mpe"]).replace("−", "-")


def _item(code: str, occasion: str, points: Sequence[JSON], name: str) -> dict[str, str]:
    measured = [p for p in points if p["reported"] is not None]
    worst = max(measured, key=lambda p: abs(Decimal(p["reported"])), default=None)
    stated = [v for v in _WORST if any(p["verdict"] == v for p in points)]
    said = next((p["why"]["text"] for p in points if p["point"] is None and p["why"]), "")
    unit = str(points[0]["unit"] or "")
    return {
        "code": code,
        "name": name,
        "occasion": occasion,
        "required": "；".join(_required(points)),
        "measured": said if worst is None else str(worst["reported"]),
        "unit": unit,
        "mpe": "" if worst is None else _limits(worst),
        "U": "" if worst is None else str(worst["reported_U"] or ""),
        "k": "" if worst is None or worst["k"] is None else f"{worst['k']:.3g}",
        "verdict": VERDICTS.get(stated[-1], "") if stated else "",
    }


def _required(points: Sequence[JSON]) -> Iterator[str]:
    """Give the different limits of an item, each with its unit."""
    texts = (f"{_limits(p)} {p['unit'] or ''}".strip() for p in points if p["mpe"] is not None)
    yield from dict.fromkeys(texts)
