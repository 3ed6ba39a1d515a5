"""Decisions: is a value within its limits by a rule, and the one sentence that says why.

Value and limits are compared as the decimals that they print as, at 12 significant digits (see
`rounding`): a value on the limit is inside, 2.0000001 against 2.0 is outside, and what binary
fractions add to 0.6 does not fail a meter. The value is not rounded otherwise.

    judge(0.41, (-2.0, 2.0), unit="%", U=0.12).verdict
    decide(0.41, (-2.0, 2.0), rule="ilac-g8-binary", unit="%", U=0.12).specific_risk
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from benchctl.core.messages import Message, msg
from benchctl.core.results import Judgement
from benchctl.metrology.risk import Conformance, Limits, conformance, tur
from benchctl.metrology.rounding import decimal
from benchctl.metrology.rules import SIMPLE_ACCEPTANCE, Rule, find_rule
from benchctl.metrology.sentences import (
    limits_text,
    probability_text,
    share_of,
    u_text,
    value_text,
)
from benchctl.metrology.zones import Situation, Statement, Zones, bound


@dataclass(frozen=True, slots=True)
class Decision:
    """What a rule says of a value, how probable it is that it conforms, and what may be wrong.

    `statement` is finer than the verdict. `p_conform` and `specific_risk` are of this one value
    (JCGM 106, 9.3.2): the risk is that of accepting it, or of rejecting it where it is rejected;
    None where U or the value is not known. `tur` is None for one-sided limits.
    """

    judgement: Judgement
    statement: Statement
    p_conform: float | None
    specific_risk: float | None
    tur: float | None


def inside(value: float, limits: Limits) -> bool:
    """Return whether `value` lies within `limits`, which belong to the inside.

    Raises:
        ValueError: the value is not finite, or the limits are the wrong way round.
    """
    low, high = bound(limits[0]), bound(limits[1])
    if low > high:
        raise ValueError(f"the limits {limits} are the wrong way round")
    return low <= decimal(value) <= high


def judge(
    value: float | None,
    mpe: Limits,
    *,
    rule: str = SIMPLE_ACCEPTANCE,
    unit: str = "%",
    U: float | None = None,  # noqa: N803
    k: float | None = None,
    dof: float = math.inf,
    reference: Message | None = None,
) -> Judgement:
    """Judge one value by a rule; `mpe` and `U` in the value's unit.

    A value that is None or not finite is not measured. `reference` is the message of
    `reference_adequate`; it completes the sentence.

    Raises:
        UsageError: there is no such rule, or it needs what is not given.
        ValueError: the limits are the wrong way round.
    """
    situation = Situation(mpe, U, k, dof)
    judgement, _ = _judged(value, find_rule(rule), situation, unit, reference)
    return judgement


def adequate_u(rule: str, s: Situation, unit: str) -> Message | None:
    """Return that U is small enough, where the rule asks for it and it is; None else.

    Raises:
        UsageError: there is no such rule, or it needs what is not given.
    """
    zones = find_rule(rule).zones(s)
    if s.U is None or zones.most is None or decimal(s.U95) > decimal(zones.most):
        return None
    share, most = share_of(zones.most / s.half_width), u_text(zones.most, unit)
    return msg("u-adequate", U=u_text(s.U95, unit), share=share, most=most)


def decide(
    value: float | None,
    mpe: Limits,
    *,
    rule: str = SIMPLE_ACCEPTANCE,
    unit: str = "%",
    U: float | None = None,  # noqa: N803
    k: float | None = None,
    dof: float = math.inf,
) -> Decision:
    """Judge one value and say the risk; as `judge`, with the risk in the sentence.

    k is 2 where none is given; `dof` are those of U, and U is then taken as it is stated.

    Raises:
        UsageError: there is no such rule, or it needs what is not given.
        ValueError: the limits are the wrong way round.
    """
    situation = Situation(mpe, U, k, dof)
    chosen = find_rule(rule)
    known = U is not None and value is not None and math.isfinite(value)
    found = conformance(float(value or 0.0), situation.u, mpe, dof) if known else None
    clause = None if found is None else _risk_clause(found)
    judgement, statement = _judged(value, chosen, situation, unit, clause)
    chances = chances_of(value, mpe, U=U, k=k, dof=dof, rejected=statement.rejects)
    return Decision(judgement, statement, *chances)


class Chances(NamedTuple):
    """Conformance probability, specific risk, and test uncertainty ratio of one value."""

    p_conform: float | None
    specific_risk: float | None
    tur: float | None


def chances_of(
    value: float | None,
    mpe: Limits,
    *,
    U: float | None,  # noqa: N803
    k: float | None = None,
    dof: float = math.inf,
    rejected: bool = False,
) -> Chances:
    """Return what is probable of a value, and what may be wrong in accepting or rejecting it.

    Whatever the rule: the numbers follow from value, limits and U alone. Without U, or without a
    value, nothing is known of them.
    """
    situation = Situation(mpe, U, k, dof)
    ratio = tur(mpe, situation.U95)
    if U is None or value is None or not math.isfinite(value):
        return Chances(None, None, ratio)
    found = conformance(value, situation.u, mpe, dof)
    return Chances(found.within, found.within if rejected else found.outside, ratio)


def _risk_clause(found: Conformance) -> Message:
    return msg(
        "conforms",
        p=probability_text(found.within, found.outside),
        outside=probability_text(found.outside, found.within),
    )


def _judged(
    value: float | None, rule: Rule, s: Situation, unit: str, clause: Message | None
) -> tuple[Judgement, Statement]:
    """Return judgement and statement; the clause completes the sentence."""
    zones = rule.zones(s)
    more: Message | str = "" if clause is None else msg("clause", clause=clause)
    if value is None or not math.isfinite(value):
        statement = Statement.NOT_MEASURED
        why = msg("not-measured", problem=msg("no-value"))
    else:
        statement = zones.statement(value)
        why = _why(value, statement, rule, zones, s, unit, more)
    accept = zones.accept if zones.accept[0] <= zones.accept[1] else None
    return Judgement(statement.verdict, s.mpe, accept, rule.name, why, statement), statement


def _why(
    value: float,
    statement: Statement,
    rule: Rule,
    zones: Zones,
    s: Situation,
    unit: str,
    more: Message | str,
) -> Message:
    """Return the sentence of a statement."""
    mpe = limits_text(s.mpe, unit)
    if statement is Statement.UNCERTAINTY_TOO_LARGE:
        U, half = s.U95, s.half_width  # noqa: N806
        need = msg("none-accepted")
        if zones.most is not None:
            need = msg("most", share=share_of(zones.most / half), most=u_text(zones.most, unit))
        return msg("uncertainty-too-large", U=u_text(U, unit), mpe=mpe, need=need, reference=more)
    error = value_text(value, s.mpe, unit, s.U)
    guard = _guard(zones, s)
    if not guard:
        id_ = "inside" if statement is Statement.PASS else "outside"
        return msg(id_, error=error, mpe=mpe, reference=more)
    return msg(
        _GUARDED[statement, len(zones.zones) == 1],
        error=value_text(value, zones.accept, unit, s.U),
        mpe=mpe,
        accept=limits_text((_shown(zones.accept[0]), _shown(zones.accept[1])), unit),
        w=u_text(guard, unit),
        rule=rule.name,
        reference=more,
    )


def _shown(limit: float) -> float:
    """Return an acceptance limit with the digits that a sentence needs."""
    return float(f"{limit:.6g}")


_GUARDED = {
    (Statement.PASS, True): "accepted",
    (Statement.FAIL, True): "rejected",
    (Statement.PASS, False): "accepted",
    (Statement.FAIL, False): "clearly-outside",
    (Statement.CONDITIONAL_PASS, False): "conditional-pass",
    (Statement.CONDITIONAL_FAIL, False): "conditional-fail",
    (Statement.UNDETERMINED, False): "undetermined",
}
"""Which sentence a statement has, and whether the rule knows only pass and fail."""


def _guard(zones: Zones, s: Situation) -> float:
    """Return the guard band: from a limit to the acceptance limit, negative if that is outside."""
    sides = [
        float(bound(side) - bound(a)) * sign
        for side, a, sign in zip(s.mpe, zones.accept, (-1, 1), strict=True)
        if math.isfinite(side)
    ]
    return max(sides, key=abs, default=0.0)
