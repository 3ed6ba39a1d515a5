"""Scores of comparisons between laboratories, or between two runs of one: En, z, z', zeta.

ISO 13528:2015, 9.4 to 9.7, ISO/IEC 17043 (both as our fact sheet recalls them).

    normalized_error(10.012, 0.010, 10.000, 0.005).satisfactory
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median


class Grade(StrEnum):
    """What a score means."""

    ACCEPTABLE = "acceptable"
    """|z| up to 2; |En| up to 1."""
    WARNING = "warning"
    """|z| between 2 and 3."""
    ACTION = "action"
    """|z| of 3 or more; |En| above 1."""


@dataclass(frozen=True, slots=True)
class Score:
    """A score and what it means."""

    value: float
    grade: Grade

    @property
    def satisfactory(self) -> bool:
        """Whether nothing has to be done."""
        return self.grade is Grade.ACCEPTABLE


def normalized_error(x: float, U: float, reference: float, U_reference: float) -> Score:  # noqa: N803
    """Return En = (x - X) / sqrt(U^2 + U_ref^2); both U for k = 2, the two results independent.

    Raises:
        ValueError: both U are 0.
    """
    value = _ratio(x - reference, U, U_reference)
    return Score(value, Grade.ACCEPTABLE if abs(value) <= 1 else Grade.ACTION)


def z_score(x: float, assigned: float, s: float, u_assigned: float = 0.0) -> Score:
    """Return z = (x - X) / s, s being the standard deviation for proficiency assessment.

    With the standard uncertainty of the assigned value it is z' (needed from 0.3 s on).

    Raises:
        ValueError: s and u are 0.
    """
    return _graded(_ratio(x - assigned, s, u_assigned))


def zeta_score(x: float, u: float, assigned: float, u_assigned: float) -> Score:
    """Return zeta = (x - X) / sqrt(u^2 + u_X^2) from standard uncertainties.

    Raises:
        ValueError: both u are 0.
    """
    return _graded(_ratio(x - assigned, u, u_assigned))


def robust_mean(values: Sequence[float], tolerance: float = 1e-12) -> tuple[float, float]:
    """Return mean and standard deviation by algorithm A of ISO 13528, C.3.

    Values beyond 1.5 s of the mean are drawn in to there, again and again; s carries 1.134.

    Raises:
        ValueError: no values.
    """
    if not values:
        raise ValueError("no values")
    centre = median(values)
    s = 1.483 * median([abs(v - centre) for v in values])
    n = len(values)
    for _ in range(1000):
        delta = 1.5 * s
        drawn = [min(max(v, centre - delta), centre + delta) for v in values]
        mean = math.fsum(drawn) / n
        spread = math.sqrt(math.fsum((v - mean) ** 2 for v in drawn) / (n - 1)) if n > 1 else 0.0
        moved = max(abs(mean - centre), abs(1.134 * spread - s))
        centre, s = mean, 1.134 * spread
        if moved <= tolerance * max(abs(centre), s):
            break
    return centre, s


def _ratio(difference: float, *parts: float) -> float:
    size = math.hypot(*parts)
    if not size > 0:
        raise ValueError("a score needs a standard deviation")
    return difference / size


def _graded(z: float) -> Score:
    if abs(z) <= 2:
        return Score(z, Grade.ACCEPTABLE)
    return Score(z, Grade.WARNING if abs(z) < 3 else Grade.ACTION)
