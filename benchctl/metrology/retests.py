"""Points that are measured more than once, and whether the reference is good enough for them.

value, judgement = judge_runs([2.3, 1.8, 1.9], (-2.0, 2.0), retest=Retest(2, 2, 3, True))
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from benchctl.core.messages import Message, msg
from benchctl.core.results import Judgement
from benchctl.core.verdicts import Verdict
from benchctl.metrology.decision import adequate_u, inside, judge
from benchctl.metrology.risk import Limits
from benchctl.metrology.rounding import decimal, with_unit
from benchctl.metrology.rules import SIMPLE_ACCEPTANCE, find_rule
from benchctl.metrology.sentences import limit_text, limits_text, share_of, value_text
from benchctl.metrology.zones import Situation


@dataclass(frozen=True, slots=True)
class Retest:
    """What a regulation says about repeating a point that failed.

    After `runs` further runs there are `of` runs in all; `at_least_inside` of them must be inside
    and, with `mean_inside`, their mean, too.
    """

    runs: int
    at_least_inside: int
    of: int
    mean_inside: bool


class JudgedRuns(NamedTuple):
    """The value that is judged and reported, and the judgement on it."""

    value: float | None
    judgement: Judgement


def judge_runs(
    errors: Sequence[float | None],
    mpe: Limits,
    *,
    retest: Retest | None = None,
    rule: str = SIMPLE_ACCEPTANCE,
    unit: str = "%",
    U: float | None = None,  # noqa: N803
    k: float | None = None,
    dof: float = math.inf,
    U_reference: float | None = None,  # noqa: N803
    ratio: float | None = None,
    mpe_initial: float | None = None,
    shown: Callable[[float], float] | None = None,
) -> JudgedRuns:
    """Judge a point by its runs so far: the first one, then those of a retest.

    The first run inside passes, with its error. Outside and alone, it fails. With all runs of the
    retest the point passes if enough of them are inside and, where the rule says so, their mean is;
    the value is the mean then. A retest that is not complete fails if it cannot pass any more, and
    is not measured otherwise. A run that is None or not finite is a run that was not measured.

    Where a regulation judges what is shown, `shown` rounds every value, and the mean, before it is
    held against the limits; the value that is returned is not rounded.

    With `U_reference`, `ratio` and `mpe_initial` (half-width) the sentence also says that the
    reference is good enough; where the rule itself limits U, it says that instead.

    Raises:
        UsageError: there is no such rule.
        ValueError: more runs than first and retest together, or limits the wrong way round.
    """
    total = 1 if retest is None else retest.of
    if len(errors) > total:
        raise ValueError(f"{len(errors)} runs where there are at most {total}")
    first = errors[0] if errors else None
    shown = shown or float
    reference = None
    if U_reference is not None and ratio is not None and mpe_initial is not None:
        _, reference = reference_adequate(U_reference, mpe_initial, ratio, unit=unit)
    reference = adequate_u(rule, Situation(mpe, U, k, dof), unit) or reference
    seen = None if first is None or not math.isfinite(first) else shown(first)
    alone = judge(seen, mpe, rule=rule, unit=unit, U=U, k=k, dof=dof, reference=reference)
    if retest is None or len(errors) == 1 or alone.verdict is not Verdict.FAIL:
        return JudgedRuns(None if seen is None else first, alone)
    accept = find_rule(rule).zones(Situation(mpe, U, k, dof)).accept
    return _after_retest(errors, (mpe, accept), alone.rule, retest, unit, U, shown)


def _after_retest(
    errors: Sequence[float | None],
    limits: tuple[Limits, Limits],
    rule: str | None,
    retest: Retest,
    unit: str,
    U: float | None,  # noqa: N803
    shown: Callable[[float], float],
) -> JudgedRuns:
    """Judge the runs of a retest, the first of which failed; `limits` are mpe and accepted ones."""
    mpe, accept = limits
    measured = [e for e in errors if e is not None and math.isfinite(e)]
    good = [shown(e) for e in measured]
    n_inside = sum(inside(e, accept) for e in good)
    missing = retest.of - len(good)
    value = math.fsum(measured) / len(measured)
    mean = shown(value)
    enough = n_inside >= retest.at_least_inside
    mean_passes = inside(mean, accept)
    passed = enough and (mean_passes or not retest.mean_inside)
    if missing and n_inside + missing >= retest.at_least_inside:
        id_, verdict = "retest-incomplete", Verdict.NOT_MEASURED
    else:
        id_ = "inside-after-retest" if passed else "outside-after-retest"
        verdict = _verdict(passed)
    why = msg(
        id_,
        inside=n_inside,
        of=retest.of,
        runs=len(good),
        needed=retest.at_least_inside,
        mpe=limits_text(mpe, unit),
        values=with_unit(", ".join(value_text(e, mpe, "", U) for e in good), unit),
        mean=msg(
            "mean-inside" if mean_passes else "mean-outside", mean=value_text(mean, mpe, unit, U)
        ),
    )
    judgement = Judgement(verdict, mpe, accept, rule, why, verdict.value)
    return JudgedRuns(None if verdict is Verdict.NOT_MEASURED else value, judgement)


def _verdict(passed: bool) -> Verdict:
    return Verdict.PASS if passed else Verdict.FAIL


def reference_adequate(
    U_reference: float,  # noqa: N803
    mpe_half_width: float,
    ratio: float,
    *,
    unit: str = "%",
) -> tuple[bool, Message]:
    """Return whether the reference's U is at most `ratio` times the limit, with the arithmetic.

    `mpe_half_width` is half the width of the initial limits; U and it are in one unit.

    Raises:
        ValueError: a number is negative or not finite.
    """
    if not (U_reference >= 0 and mpe_half_width > 0 and ratio > 0):
        raise ValueError(f"U {U_reference}, limit {mpe_half_width}, ratio {ratio}")
    most = ratio * mpe_half_width
    adequate = decimal(U_reference) <= decimal(most)
    text = with_unit("0", unit)
    if U_reference > 0:
        text = value_text(U_reference, (0.0, most), unit, U_reference)
    message = msg(
        "reference-adequate" if adequate else "reference-inadequate",
        U=text,
        share=share_of(ratio),
        limit=limit_text(mpe_half_width, unit),
        most=value_text(most, (0.0, 0.0), unit),
    )
    return adequate, message
