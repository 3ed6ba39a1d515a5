"""A calibration line through points, with the uncertainty of what it predicts.

    line = fit_line(t, correction, x0=20.0)
    line.at(30.0).u, line.at(30.0).dof

Ordinary least squares (JCGM 100, H.3), or weighted by known standard uncertainties of y; sums are
taken about the means, so that nothing is lost beside a large offset.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from benchctl.core.series import Floats


class Prediction(NamedTuple):
    """What a line says at a point: value, standard uncertainty and dof of the line there."""

    value: float
    u: float
    dof: float


@dataclass(frozen=True, slots=True)
class Line:
    """y = a + b (x - x0).

    `s` is the standard deviation of the residuals (of the weighted ones, with weights: 1 if the
    uncertainties are right), `r` the correlation coefficient of a and b, `r2` the coefficient of
    determination (about zero for a line through the origin). `dof` is infinite where the
    uncertainties of y were given.
    """

    a: float
    b: float
    u_a: float
    u_b: float
    r: float
    s: float
    dof: float
    r2: float
    x0: float

    def at(self, x: float) -> Prediction:
        """Return the value of the line and its standard uncertainty; a new reading has s beside."""
        d = x - self.x0
        variance = self.u_a**2 + (d * self.u_b) ** 2 + 2 * d * self.r * self.u_a * self.u_b
        return Prediction(self.a + self.b * d, math.sqrt(max(0.0, variance)), self.dof)


def fit_line(x: ArrayLike, y: ArrayLike, *, x0: float = 0.0, u: ArrayLike | None = None) -> Line:
    """Return the least-squares line through at least three points.

    `u` are the standard uncertainties of y; with them the line's uncertainties are theirs alone,
    and `s` tells whether the points scatter as they should.

    Raises:
        ValueError: too few points, shapes that differ, all x alike, a u that is not positive.
    """
    points = _checked(x, y, u)
    xs, ys, w = points
    total = float(w.sum())
    x_mean, y_mean = float(w @ xs) / total, float(w @ ys) / total
    dx, dy = xs - x_mean, ys - y_mean
    s_xx = float(w @ dx**2)
    if not s_xx > 0:
        raise ValueError("all points have the same x")
    b = float(w @ (dx * dy)) / s_xx
    residuals = dy - b * dx
    chi2 = float(w @ residuals**2)
    n = xs.size
    s = math.sqrt(chi2 / (n - 2))
    scale = s if u is None else 1.0
    d = x_mean - x0
    u_a, u_b = scale * math.sqrt(1 / total + d * d / s_xx), scale / math.sqrt(s_xx)
    r = -d / math.sqrt(s_xx / total + d * d)
    s_yy = float(w @ dy**2)
    r2 = 1 - chi2 / s_yy if s_yy > 0 else 1.0
    dof = float(n - 2) if u is None else math.inf
    return Line(y_mean - b * d, b, u_a, u_b, r, s, dof, r2, x0)


def fit_through_origin(x: ArrayLike, y: ArrayLike) -> Line:
    """Return the least-squares line y = b x through at least two points.

    Raises:
        ValueError: too few points, shapes that differ, all x zero.
    """
    xs, ys, _ = _checked(x, y, None, least=2)
    s_xx = float(xs @ xs)
    if not s_xx > 0:
        raise ValueError("all points have x = 0")
    b = float(xs @ ys) / s_xx
    residuals = ys - b * xs
    chi2 = float(residuals @ residuals)
    s = math.sqrt(chi2 / (xs.size - 1))
    r2 = 1 - chi2 / float(ys @ ys) if ys.any() else 1.0
    return Line(0.0, b, 0.0, s / math.sqrt(s_xx), 0.0, s, float(xs.size - 1), r2, 0.0)


def _checked(
    x: ArrayLike, y: ArrayLike, u: ArrayLike | None, least: int = 3
) -> tuple[Floats, Floats, Floats]:
    xs: Floats = np.asarray(x, dtype=np.float64)
    ys: Floats = np.asarray(y, dtype=np.float64)
    us: Floats = np.ones(xs.shape) if u is None else np.asarray(u, dtype=np.float64)
    if xs.ndim != 1 or not xs.shape == ys.shape == us.shape or xs.size < least:
        raise ValueError(f"{xs.shape} and {ys.shape} are no points for a line")
    if not (np.isfinite(xs).all() and np.isfinite(ys).all() and (us > 0).all()):
        raise ValueError("a point is not finite, or an uncertainty not positive")
    return xs, ys, 1 / us**2
