"""How many readings a unit gets at a point, and what roles are expected to show there."""

from __future__ import annotations

from benchctl.core.messages import msg
from benchctl.core.units import converter, same_dimension, unit
from benchctl.language import Expression
from benchctl.procedure.declared_readings import COUNT, TIME
from benchctl.procedure.evaluate import Env, Path, Trouble, number
from benchctl.procedure.procedure import Procedure
from benchctl.procedure.resolve_by_hand import spans_at
from benchctl.procedure.resolved import ResolvedHowMany

STAGES = 3
"""So many times the fewest readings are reckoned with where a rule ends by what it sees."""


def how_many_at(procedure: Procedure, env: Env) -> ResolvedHowMany | None:
    """Return how many readings are taken; `env` knows the limits of the stage as `mpe`.

    Raises:
        Trouble: a size is not a positive number.
    """
    way = procedure.each_point.read
    if way is None:
        return None
    rule = way.how_many
    later = rule.target is not None and "u_B" in rule.target.names
    target, sigma = (
        0.0 if size is None else _positive(size, env | {"u_B": 1.0})
        for size in (rule.target, rule.sigma)
    )
    seconds = rule.seconds
    if rule.rule != TIME:
        count = rule.at_most if rule.rule == COUNT else min(STAGES * rule.at_least, rule.at_most)
        seconds = count * way.every
    return ResolvedHowMany(
        rule=rule.rule,
        at_least=rule.at_least,
        at_most=rule.at_most,
        seconds=rule.seconds,
        target=target,
        sigma=sigma,
        confidence=rule.confidence,
        risks=rule.risks,
        expected_s=seconds,
        later=(rule.target, env) if later and rule.target is not None else None,
    )


def _positive(size: Expression, env: Env) -> float:
    path: Path = ("each_point", "read", "how_many")
    value = number(size, env, path)
    if not value > 0:
        raise Trouble(path, msg("procedure.not-positive", value=f"{value:g}"))
    return value


def expected_at(procedure: Procedure, env: Env, shared: str, nominal: float) -> dict[str, float]:
    """Return what roles show at a point: as declared, else the set-point itself, in their units.

    Raises:
        Trouble: an expression has no value.
    """
    timed = procedure.each_point.timed
    if timed is not None:
        path: Path = ("each_point", timed.kind, "expect")
        told = {name: number(value, env, (*path, name)) for name, value in timed.expect.items()}
        seconds = spans_at(procedure, env)["seconds"]
        usual = {"waited": seconds / 2.0, "elapsed": seconds, "change": 0.0}
        return {name: usual[name] for name in timed.gives} | told
    way = procedure.each_point.read or procedure.each_point.pulses
    if way is None:
        return {}
    needs = procedure.needs
    of = unit(needs[shared].unit) if shared and not needs[shared].switch else None
    found = {}
    for role in (way.indication, *sorted(procedure.measurand.model.feeding(way.reference))):
        need = needs.get(role)
        if need is not None and need.usual is not None:
            found[role] = need.usual
        elif need is not None and of is not None and same_dimension(of, unit(need.unit)):
            factor, offset = converter(of, unit(need.unit))
            found[role] = nominal * factor + offset
    for role, value in way.expect.items():
        key = "read" if procedure.each_point.read else "pulses"
        found[role] = number(value, env, ("each_point", key, "expect", role))
    return found
