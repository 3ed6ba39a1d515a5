"""Verdicts without a value: of a rule that stopped because of what the readings showed.

A mean of readings that ended when it looked decided is biased, so neither it nor its uncertainty is
stated: the point has a verdict, the reason, and how many readings that took. Where the sequential
test is still undecided after the most readings that are allowed, the ordinary rule decides.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from benchctl.core.events import RunMeasured
from benchctl.core.messages import Message, msg
from benchctl.core.results import Judgement
from benchctl.core.verdicts import Verdict
from benchctl.engine.side_by_side import SideBySide

if TYPE_CHECKING:
    from benchctl.acquire import Look
    from benchctl.procedure import Procedure, ResolvedPoint

RULES = {"sequential": "wald-screening/1", "early": "early-stop/1"}
"""By the rule that says how many: what the record calls the decision."""


def is_screened(procedure: Procedure) -> bool:
    """Return whether points are judged without stating a value."""
    way = procedure.each_point.read
    return way is not None and not way.how_many.states_value


def without_value(event: RunMeasured, found: object) -> RunMeasured:
    """Return the event of a run with what may be stated of it."""
    if not isinstance(found, SideBySide) or found.states_value:
        return event
    kept = ("n", "n_eff", "why", *found.look.facts)
    readings = {k: v for k, v in (event.readings or {}).items() if k in kept}
    return replace(
        event,
        indication=None,
        reference=None,
        error=None,
        u=None,
        U=None,
        k=None,
        dof=None,
        budget=(),
        readings=readings,
        inputs={},
        gate=None,
    )


def screened(look: Look, point: ResolvedPoint, ordinary: Judgement) -> Judgement:
    """Return the verdict of a rule that ended early; undecided, that of the ordinary rule."""
    assert point.how_many is not None
    rule = RULES[point.how_many.rule]
    verdicts = {"pass": Verdict.PASS, "fail": Verdict.FAIL}
    if look.decision is not None:
        return Judgement(verdicts[look.decision], point.mpe, None, rule, look.why)
    inside = ordinary.verdict is Verdict.PASS
    name = "screened-inside" if inside else "screened-outside"
    if ordinary.verdict not in (Verdict.PASS, Verdict.FAIL):
        name = "screened-open"
    why: Message = msg(name, screening=look.why, rule=ordinary.rule or "")
    return Judgement(ordinary.verdict, point.mpe, ordinary.accept, rule, why)
