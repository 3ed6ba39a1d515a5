"""Verdicts and outcomes, in the words of the record."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Verdict(StrEnum):
    """What is said of an item, a point, a unit under test or a run."""

    PASS = "pass"
    """Within the limits, by the stated rule."""
    INDETERMINATE = "indeterminate"
    """Measured, but the rule cannot decide; only calibrations and tests know it."""
    NOT_MEASURED = "not_measured"
    """No valid measurement; never a pass."""
    FAIL = "fail"
    """Outside the limits, by the stated rule."""


_SEVERITY = (Verdict.PASS, Verdict.INDETERMINATE, Verdict.NOT_MEASURED, Verdict.FAIL)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the most severe verdict; without any, `NOT_MEASURED`."""
    return max(verdicts, key=_SEVERITY.index, default=Verdict.NOT_MEASURED)


class Outcome(StrEnum):
    """How a run ended."""

    FINISHED = "finished"
    """Every action was carried out; the verdicts stand."""
    ABORTED = "aborted"
    """A person stopped it."""
    ERROR = "error"
    """An instrument, the bench or the record failed on the way."""
    REFUSED = "refused"
    """It did not start: a standard, the bench, the environment."""
