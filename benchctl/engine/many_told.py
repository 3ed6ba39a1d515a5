"""The rule that says how many readings a unit gets at a point, in words for plan and record."""

from __future__ import annotations

from benchctl.core.messages import Message, msg
from benchctl.procedure import ResolvedHowMany


def rule_told(given: ResolvedHowMany | None, unit: str) -> Message | None:
    """Return the rule in words, sizes in the measurand's `unit`; None where nothing is read."""
    if given is None:
        return None
    target = f"{given.target:.3g} {unit}"
    fewest, most = given.at_least, given.at_most
    match given.rule:
        case "count":
            return msg("engine.many-count", n=most)
        case "time":
            return msg("engine.many-time", time=f"{given.seconds:g} s")
        case "precision" if given.later is not None:
            text = given.later[0].text
            return msg("engine.many-precision-of", target=text, least=fewest, most=most)
        case "precision":
            return msg("engine.many-precision", target=target, least=fewest, most=most)
        case "two-stages":
            level = f"{100 * given.confidence:g} %"
            return msg(
                "engine.many-stages", first=fewest, most=most, target=target, confidence=level
            )
        case "sequential":
            false_fail, false_pass = (f"{100 * risk:g} %" for risk in given.risks)
            return msg(
                "engine.many-sequential",
                zone=target,
                sigma=f"{given.sigma:.3g} {unit}",
                false_fail=false_fail,
                false_pass=false_pass,
                most=most,
            )
        case "early":
            risk = f"{100 * given.risks[0]:g} %"
            return msg("engine.many-early", n=most, least=fewest, risk=risk)
        case other:
            raise ValueError(f"unknown rule {other!r}")
