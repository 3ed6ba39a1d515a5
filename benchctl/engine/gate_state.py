"""Whether the gate of a bench is due, and what came of it in a run."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from benchctl.bench import Gate
from benchctl.core.clock import Clock
from benchctl.core.errors import RefusedError
from benchctl.core.events import GateClosed
from benchctl.core.messages import Message


class GateFailedError(RefusedError):
    """A check of the gate failed: the bench must not be used. Nothing of a unit was measured."""


@dataclass(slots=True)
class GateState:
    """The gate in one run; `failed` names the checks that failed, `made` counts all."""

    due: bool = True
    made: int = 0
    failed: list[Message] = field(default_factory=list)


def is_due(gate: Gate | None, last: GateClosed | None, clock: Clock) -> bool:
    """Return whether the checks must be made before a run.

    They need not be where the last ones passed, not longer ago than they hold, and the bench file
    still says the same of them. On a bench that runs faster than time they may lie a little ahead;
    further ahead than they hold they prove nothing.
    """
    if gate is None:
        return False
    if last is None or not last.passed or last.gate != gate.sha256:
        return True
    at = datetime.fromisoformat(last.at)
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return abs((clock.utc() - at).total_seconds()) > gate.valid_for
