"""Whom a leak separates from the reference, and whom a totalisation goes on without."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from benchctl.bench import METERS
from benchctl.engine.meters import Meter
from benchctl.engine.references import counted_role
from benchctl.engine.session import Session
from benchctl.procedure import Procedure


def separated(
    positions: Iterable[int], leak: int, *, order: Sequence[str], reference: str
) -> frozenset[int]:
    """Return the positions that do not see what the reference sees once `leak` leaks.

    Where the reference stands before the units, those are the one that leaks and all behind it;
    where it stands behind them, the one that leaks and all before it. Where the bench file does not
    say, all of them: nothing that is in doubt counts.

    Args:
        positions: Places in the line, counted in the direction of flow.
        leak: The place that leaks.
        order: Roles in the direction of flow, with `meters` for the units.
        reference: The role that the units are compared with.
    """
    places = frozenset(positions)
    if reference not in order or METERS not in order:
        return places
    upstream = order.index(reference) < order.index(METERS)
    return frozenset(p for p in places if (p >= leak if upstream else p <= leak))


def reference_role(procedure: Procedure) -> str:
    """Return the role whose readings are the reference of a run."""
    return counted_role(procedure)


def leave_out(session: Session, meters: Sequence[Meter]) -> None:
    """Let a running totalisation go on without the units that were taken out of the run."""
    for meter in meters:
        if meter.member.serial in session.taken_out:
            meter.gone = True
