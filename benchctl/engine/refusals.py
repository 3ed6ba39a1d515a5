"""Why a run is refused before it starts: every reason, and the plan as far as it goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from benchctl.core.errors import RefusedError
from benchctl.core.events import Event, PlanResolved, UutDropped
from benchctl.core.messages import Message, msg
from benchctl.procedure.plan import Plan

MOST = 24
"""Reasons that one sentence tells; each unit has its own besides."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A reason; `serial` "" where it holds for the whole run.

    `check` names the check that a person may set aside in a test run, "" where nobody may.
    """

    serial: str
    message: Message
    check: str = ""


class PlanRefusedError(RefusedError):
    """The plan must not be carried out; it lists the units with all that they would have had."""

    def __init__(self, refusals: Sequence[Refusal], plan: Plan) -> None:
        reasons = list(dict.fromkeys(str(r.message) for r in refusals))
        told = {str(r.message): r.message for r in refusals}
        shown = [told[reason] for reason in reasons[:MOST]]
        if len(reasons) > MOST:
            shown.append(msg("engine.more-reasons", count=len(reasons) - MOST))
        super().__init__(reduce(lambda one, other: msg("engine.and", one=one, other=other), shown))
        self.refusals = tuple(refusals)
        self.plan = plan

    def events(self, t: float) -> list[Event]:
        """Return what the record says of it: the plan, and why each unit takes no part."""
        own: dict[str, list[Message]] = {}
        for refusal in self.refusals:
            if refusal.serial:
                own.setdefault(refusal.serial, []).append(refusal.message)
        dropped = [
            UutDropped(
                serial,
                reduce(lambda one, other: msg("engine.and", one=one, other=other), why).as_json(),
                t,
            )
            for serial, why in own.items()
        ]
        return [PlanResolved(self.plan.as_json()), *dropped]
