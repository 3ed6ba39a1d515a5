"""Parameters that all units of a run must have alike: they share one source, or one plan."""

from __future__ import annotations

from collections.abc import Sequence

from benchctl.core.errors import UsageError
from benchctl.core.messages import msg
from benchctl.engine.compile import Subject
from benchctl.procedure import Procedure


def require_alike(procedure: Procedure, subjects: Sequence[Subject]) -> None:
    """Check what `same: true` says of a parameter.

    Raises:
        UsageError: two units differ in one; a batch was told of row by row before.
    """
    for name in (p.name for p in procedure.parameters.values() if p.same):
        for subject in subjects[1:]:
            first = subjects[0]
            if subject.uut.parameters[name] != first.uut.parameters[name]:
                raise UsageError(
                    msg(
                        "engine.not-alike",
                        name=name,
                        one=first.shown[name],
                        serial=first.uut.serial,
                        other=subject.shown[name],
                        another=subject.uut.serial,
                    )
                )
