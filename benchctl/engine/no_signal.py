"""What it means that a reader saw no signal: the unit stands still, or was not watched long enough.

A reader of pulses that waited T seconds without a whole period between two of them has shown that
the rate is below 2 / T. Where no rate that low fulfils the rule, the unit fails: water flowed, and
it gave no pulses. Where some would, nothing was found out, and the unit was not measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchctl.core.messages import Message, msg
from benchctl.core.units import same_dimension, unit
from benchctl.core.verdicts import Verdict
from benchctl.language import Expression, ExpressionError

TRIED = 200
"""Rates that are tried between none and the highest that is possible."""


def judged_without_signal(
    rule: Expression, role: str, of: str, env: Mapping[str, Any], waited: float
) -> tuple[Verdict, Message]:
    """Return the verdict on a unit of which nothing came in `waited` s, and why.

    Args:
        rule: What the role's value must fulfil.
        role: What was read.
        of: Its unit; what is no rate says nothing by its absence.
        env: All other names of the rule.
        waited: How long the reader looked, in s of bench time.
    """
    said = {"role": role, "waited": f"{waited:.3g}"}
    rate_unit = unit(of)
    if same_dimension(rate_unit, unit("Hz")) and waited > 0:
        highest = 2.0 / waited / rate_unit.factor
        rates = [highest * n / TRIED for n in range(TRIED + 1)]
        try:
            if not any(rule({**env, role: rate}) for rate in rates):
                return Verdict.FAIL, msg("no-signal", **said)
        except ExpressionError:  # the rule has no value there: nothing was found out
            pass
    return Verdict.NOT_MEASURED, msg("no-signal-unclear", **said)
