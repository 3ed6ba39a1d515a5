"""Charts of a report as SVG: histograms with limits, errors by age, OC curves, bars."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

JSON = Mapping[str, Any]
WIDTH, HEIGHT = 460, 220
LEFT, RIGHT, TOP, BOTTOM = 52, 448, 12, 176
BLUE, RED, GREY = "#0a5fb4", "#c0182c", "#8a8a8a"


@dataclass(frozen=True, slots=True)
class Frame:
    """The drawing area: what x and y run over."""

    x0: float
    x1: float
    y0: float
    y1: float

    def x(self, value: float) -> float:
        """Return the place of a value from the left."""
        return LEFT + (value - self.x0) / ((self.x1 - self.x0) or 1.0) * (RIGHT - LEFT)

    def y(self, value: float) -> float:
        """Return the place of a value from above."""
        return BOTTOM - (value - self.y0) / ((self.y1 - self.y0) or 1.0) * (BOTTOM - TOP)


def ticks(low: float, high: float, wanted: int = 5) -> list[float]:
    """Return round values between two, about as many as wanted."""
    span = (high - low) or abs(high) or 1.0
    power = 10.0 ** math.floor(math.log10(span / wanted))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if span / (m * power) <= wanted + 1e-9)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [n * step for n in range(first, last + 1)]


def histogram(errors: JSON, *, font: str, axis: str, count: str) -> str:
    """Return the histogram of an entry of `errors`, its limits dashed.

    Bins beyond the limits are red; values below and above all bins stand at the ends.
    """
    edges, counts = errors["edges"], errors["counts"]
    width = edges[1] - edges[0]
    ends = [edges[0] - width * (counts[0] > 0), edges[-1] + width * (counts[-1] > 0)]
    frame = Frame(ends[0], ends[1], 0, max(counts) * 1.08)
    bars = [
        _bar(frame, left, left + width, n, _beyond(left, left + width, errors))
        for left, n in zip([edges[0] - width, *edges], counts, strict=True)
        if n
    ]
    limits = [
        f'<line x1="{frame.x(e):.2f}" x2="{frame.x(e):.2f}" y1="{TOP}" y2="{BOTTOM}" '
        f'stroke="{RED}" stroke-width="1.1" stroke-dasharray="5 3"/>'
        for e in (errors["low"], errors["high"])
        if e is not None and frame.x0 <= e <= frame.x1
    ]
    x_ticks = ticks(frame.x0, frame.x1, 7)
    y_ticks = [t for t in ticks(0, frame.y1, 4) if t == int(t)]
    return _svg(frame, [*bars, *limits], x_ticks, y_ticks, font=font, x_axis=axis, y_axis=count)


def _beyond(left: float, right: float, errors: JSON) -> bool:
    middle = (left + right) / 2
    low, high = errors["low"], errors["high"]
    return (low is not None and middle < low) or (high is not None and middle > high)


def _bar(frame: Frame, left: float, right: float, n: int, bad: bool) -> str:
    x, y = frame.x(left), frame.y(n)
    wide = max(0.5, frame.x(right) - x - 1)
    return (
        f'<rect x="{x + 0.5:.2f}" y="{y:.2f}" width="{wide:.2f}" height="{BOTTOM - y:.2f}" '
        f'fill="{RED if bad else BLUE}" fill-opacity="0.75"/>'
    )


def by_age(ageing: JSON, *, font: str, axis: str, years: str) -> str:
    """Return errors over age with limits and the line of least squares."""
    ages, errors = ageing["ages"], ageing["errors"]
    known = [e for e in (ageing["low"], ageing["high"]) if e is not None]
    low, high = min([*errors, *known]), max([*errors, *known])
    room = 0.06 * ((high - low) or 1.0)
    frame = Frame(0.0, max([1.0, *ages]) * 1.04, low - room, high + room)
    parts = [
        f'<line x1="{LEFT}" x2="{RIGHT}" y1="{frame.y(e):.2f}" y2="{frame.y(e):.2f}" '
        f'stroke="{RED}" stroke-width="1.1" stroke-dasharray="5 3"/>'
        for e in known
    ]
    parts += [
        f'<circle cx="{frame.x(a):.2f}" cy="{frame.y(e):.2f}" r="2" fill="{BLUE}" '
        'fill-opacity="0.55"/>'
        for a, e in zip(ages, errors, strict=True)
    ]
    if ageing["per_year"] is not None:
        first, last = min(ages), max(ages)
        at = [ageing["at_zero"] + ageing["per_year"] * a for a in (first, last)]
        parts.append(
            f'<line x1="{frame.x(first):.2f}" y1="{frame.y(at[0]):.2f}" '
            f'x2="{frame.x(last):.2f}" y2="{frame.y(at[1]):.2f}" stroke="#111" stroke-width="1.4"/>'
        )
    x_ticks, y_ticks = ticks(0.0, frame.x1, 8), ticks(frame.y0, frame.y1, 6)
    return _svg(frame, parts, x_ticks, y_ticks, font=font, x_axis=years, y_axis=axis)


def oc_curve(lot: JSON, *, font: str, axis: str, chance: str) -> str:
    """Return the operating characteristic of a lot's plan."""
    curve = [(100 * p, 100 * c) for p, c in lot["curve"]]
    frame = Frame(0.0, max(p for p, _ in curve), 0.0, 103.0)
    path = " ".join(f"{frame.x(p):.2f},{frame.y(c):.2f}" for p, c in curve)
    parts = [f'<polyline points="{path}" fill="none" stroke="{BLUE}" stroke-width="1.6"/>']
    parts += [
        f'<line x1="{LEFT}" x2="{RIGHT}" y1="{frame.y(c):.2f}" y2="{frame.y(c):.2f}" '
        f'stroke="{GREY}" stroke-width="0.8" stroke-dasharray="3 3"/>'
        for c in (95.0, 10.0)
    ]
    x_ticks = ticks(0.0, frame.x1, 8)
    return _svg(
        frame, parts, x_ticks, [0, 10, 25, 50, 75, 95], font=font, x_axis=axis, y_axis=chance
    )


def shares(rows: Sequence[tuple[str, int]], *, font: str) -> str:
    """Return bars of counts, one below the other, with their names."""
    most = max(n for _, n in rows)
    height = 14 * len(rows) + 8
    parts = []
    for place, (name, n) in enumerate(rows):
        y = 4 + 14 * place
        wide = n / most * (WIDTH - 190)
        parts.append(
            f'<text x="138" y="{y + 9}" text-anchor="end">{escape(name)}</text>'
            f'<rect x="144" y="{y}" width="{wide:.2f}" height="11" fill="{RED}" '
            f'fill-opacity="0.7"/><text x="{149 + wide:.2f}" y="{y + 9}">{n}</text>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" font-family="{escape(font)}" font-size="10">'
        f"{''.join(parts)}</svg>"
    )


def _svg(
    frame: Frame,
    parts: Sequence[str],
    x_ticks: Sequence[float],
    y_ticks: Sequence[float],
    *,
    font: str,
    x_axis: str,
    y_axis: str,
) -> str:
    grid = [
        f'<line x1="{LEFT}" x2="{RIGHT}" y1="{frame.y(t):.2f}" y2="{frame.y(t):.2f}" '
        f'stroke="#ddd" stroke-width="0.6"/><text x="{LEFT - 5}" y="{frame.y(t) + 3.5:.2f}" '
        f'text-anchor="end">{_number(t)}</text>'
        for t in y_ticks
    ]
    grid += [
        f'<line x1="{frame.x(t):.2f}" x2="{frame.x(t):.2f}" y1="{BOTTOM}" y2="{BOTTOM + 4}" '
        f'stroke="#444"/><text x="{frame.x(t):.2f}" y="{BOTTOM + 15}" text-anchor="middle">'
        f"{_number(t)}</text>"
        for t in x_ticks
    ]
    middle = (TOP + BOTTOM) / 2
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" font-family="{escape(font)}" font-size="10">'
        f"{''.join(grid)}{''.join(parts)}"
        f'<line x1="{LEFT}" x2="{RIGHT}" y1="{BOTTOM}" y2="{BOTTOM}" stroke="#444"/>'
        f'<text x="{(LEFT + RIGHT) / 2}" y="{HEIGHT - 8}" text-anchor="middle">'
        f"{escape(x_axis)}</text>"
        f'<text x="12" y="{middle}" text-anchor="middle" '
        f'transform="rotate(-90 12 {middle})">{escape(y_axis)}</text></svg>'
    )


def _number(value: float) -> str:
    text = f"{0.0 if abs(value) < 1e-12 else value:.6g}"
    return text.replace("-", "−")
