"""What befell a run, as a sentence: a pause, a leak, a unit that is out, a relief, the gate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from benchctl.core import events
from benchctl.core.messages import Message, msg


class Stored(Protocol):
    """An event as the journal tells it: bench time and the event."""

    @property
    def t(self) -> float:
        """Bench time in s."""
        ...

    @property
    def event(self) -> events.Event:
        """The event."""
        ...


def incident(
    event: events.Event,
    place: Callable[[str], str],
    name: Callable[[str], str],
    why: Callable[[Mapping[str, Any] | None], str],
) -> tuple[Message, str] | None:
    """Return what befell a run as a message and its style, None for another event.

    Args:
        event: what happened.
        place: how a unit is called, by its serial number.
        name: how a check or an item is called.
        why: how a message of the record reads.
    """
    match event:
        case events.RunPaused(by=by):
            return msg("desk.paused", by=by), "warn"
        case events.RunContinued(by=by):
            return msg("desk.continued", by=by), ""
        case events.ConsensusNoted(why=reason):
            return msg("desk.consensus", why=why(reason)), "warn"
        case events.UutAdjusted(uut=uut, by=by):
            return msg("desk.adjusted", unit=place(uut), by=by), ""
        case events.RunSuspended(why=reason):
            return msg("desk.suspended", why=why(reason)), "warn"
        case events.SuspensionEnded():
            return msg("desk.resumed"), ""
        case events.OperatorChanged(name=now, before=before):
            return msg("desk.relieved", name=now, before=before), ""
        case events.LeakReported(uut=uut, by=by):
            return msg("desk.leaked", unit=place(uut), by=by), "bad"
        case events.UutDropped(uut=uut, why=reason):
            return msg("cli.dropped", unit=place(uut), reason=why(reason)), "bad"
        case events.GateChecked() as made:
            result = "passed" if made.passed else "failed"
            parts = {"check": name(made.check), "why": why(made.why)}
            return msg(f"desk.gate-{result}", **parts), "" if made.passed else "bad"
        case events.GateClosed(passed=passed):
            return msg("desk.gate-open" if passed else "desk.gate-shut"), "" if passed else "bad"
        case _:
            return None
