"""The error curve of a table as SVG: errors with U, limits, one place per point."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from benchctl.certificates.numbers import quantity

JSON = Mapping[str, Any]
WIDTH, HEIGHT = 640, 190
LEFT, RIGHT, TOP, BOTTOM = 62, 628, 8, 156
MOST_LABELS = 12
LEAST_NOMINALS = 3
WIDTH_OF_LETTER = 5.6
SPREAD = 20.0
"""Limits that differ by more than this are drawn as one: errors then are shares of them."""


def error_curve(points: Sequence[JSON], *, font: str, relative: str, axis: str) -> str | None:
    """Return the drawing of some points, None where fewer than two have an error.

    Args:
        points: points of a result document, in their order, of one quantity and unit.
        font: the font family of its texts.
        relative: what the axis is called where it is the error over its limit.
        axis: what it is called else.
    """
    known = [p for p in points if p["error"] is not None]
    if len(known) < 2:
        return None
    scales = _scales(known)
    values = [_values(p, s) for p, s in zip(known, scales or [1.0] * len(known), strict=True)]
    ends = [end for v in values for end in (*v["limits"], v["error"] - v["U"], v["error"] + v["U"])]
    ticks = _ticks(min([0.0, *ends]), max([0.0, *ends]))
    low, high = ticks[0], ticks[-1]

    def y(value: float) -> float:
        return BOTTOM - (value - low) / (high - low) * (BOTTOM - TOP)

    def x(n: float) -> float:
        return LEFT + (n + 0.5) * (RIGHT - LEFT) / len(known)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="{escape(font)}" font-size="10">',
        *_grid(ticks, y),
        *(part for n, v in enumerate(values) for part in _point(n, v, x, y)),
        *_names(known, x),
        f'<text x="12" y="{(TOP + BOTTOM) / 2}" text-anchor="middle" '
        f'transform="rotate(-90 12 {(TOP + BOTTOM) / 2})">{escape(relative if scales else axis)}'
        "</text></svg>",
    ]
    return "".join(parts)


def says_something(points: Sequence[JSON]) -> bool:
    """Return whether a curve of points tells more than their table.

    There are errors at three nominal values or more, and zero lies within limits, if there are any.
    """
    known = [p for p in points if p["error"] is not None and p["nominal"]]
    ends = [p["mpe"] for p in known if p["mpe"]]
    one_sided = any(None in pair or pair[0] >= 0 or pair[1] <= 0 for pair in ends)
    return len({p["nominal"]["value"] for p in known}) >= LEAST_NOMINALS and not one_sided


def _scales(points: Sequence[JSON]) -> list[float] | None:
    """Return each point's limit where the limits are too different for one axis, else None."""
    spans = []
    for p in points:
        ends = [abs(e) for e in p["mpe"] or () if e]
        if not ends:
            return None
        spans.append(max(ends))
    return spans if max(spans) / min(spans) > SPREAD else None


def _values(point: JSON, scale: float) -> dict[str, Any]:
    return {
        "error": point["error"] / scale,
        "U": (point["U"] or 0.0) / scale,
        "limits": [e / scale for e in point["mpe"] or () if e is not None],
        "bad": point["verdict"] not in (None, "pass"),
    }


def _ticks(low: float, high: float) -> list[float]:
    """Return round values, four to ten of them, that enclose a span."""
    span = (high - low) or 1.0
    low, high = low - 0.04 * span * (low < 0), high + 0.04 * span * (high > 0)
    power = 10.0 ** math.floor(math.log10(span / 4))
    step = next(m * power for m in (1.0, 2.0, 2.5, 5.0, 10.0) if span / (m * power) <= 6)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [n * step for n in range(first, last + 1)]


def _grid(ticks: Sequence[float], y: Any) -> list[str]:
    parts = []
    for tick in ticks:
        colour = "#444" if abs(tick) < 1e-12 else "#ddd"
        label = f"{0.0 if abs(tick) < 1e-12 else tick:g}".replace("-", "−")
        parts.append(
            f'<line x1="{LEFT}" x2="{RIGHT}" y1="{y(tick):.2f}" y2="{y(tick):.2f}" '
            f'stroke="{colour}" stroke-width="0.6"/>'
            f'<text x="{LEFT - 6}" y="{y(tick) + 3.5:.2f}" text-anchor="end">{label}</text>'
        )
    return parts


def _point(n: int, value: JSON, x: Any, y: Any) -> list[str]:
    """Return the limits, the bar of U and the dot of one point."""
    half = 0.5 * (x(1) - x(0))
    parts = [
        f'<line x1="{x(n) - half:.2f}" x2="{x(n) + half:.2f}" y1="{y(e):.2f}" y2="{y(e):.2f}" '
        'stroke="#c00" stroke-width="1" stroke-dasharray="5 3"/>'
        for e in value["limits"]
    ]
    low, high = y(value["error"] - value["U"]), y(value["error"] + value["U"])
    parts.append(
        f'<path d="M{x(n):.2f} {low:.2f}V{high:.2f}M{x(n) - 4:.2f} {low:.2f}h8'
        f'M{x(n) - 4:.2f} {high:.2f}h8" stroke="#06c" fill="none"/>'
    )
    colour = "#c00" if value["bad"] else "#06c"
    parts.append(f'<circle cx="{x(n):.2f}" cy="{y(value["error"]):.2f}" r="3" fill="{colour}"/>')
    return parts


def _names(points: Sequence[JSON], x: Any) -> list[str]:
    every = math.ceil(len(points) / MOST_LABELS)
    room = every * (x(1) - x(0)) / WIDTH_OF_LETTER
    lines = [[str(p["point"]) for p in points], [_at(p) for p in points]]
    fitting = [line for line in lines if max(map(len, line)) <= room]
    parts = []
    for row, line in enumerate(fitting or [[str(n) for n in range(1, len(points) + 1)]]):
        colour = ' fill="#555"' if row else ""
        parts += [
            f'<text x="{x(n):.2f}" y="{BOTTOM + 14 + 13 * row}" text-anchor="middle"{colour}>'
            f"{escape(text)}</text>"
            for n, text in enumerate(line)
            if n % every == 0
        ]
    return parts


def _at(point: JSON) -> str:
    nominal = point["nominal"]
    return quantity(nominal["value"], nominal["unit"]) if nominal else ""
