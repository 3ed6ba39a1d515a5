"""Which of its methods a procedure is run with: all units of a run are measured by one."""

from __future__ import annotations

from collections.abc import Mapping

from benchctl.core.errors import UsageError
from benchctl.core.messages import msg
from benchctl.procedure import Procedure


def of_method(procedure: Procedure, texts: Mapping[str, Mapping[str, str]]) -> Procedure:
    """Return the procedure with the method that every unit asks for.

    Args:
        procedure: With its default method, or without methods.
        texts: What is said of each unit, by serial number. A text that is no method is left to
            whoever reads the parameters.

    Raises:
        UsageError: two units ask for different ones.
    """
    chosen: dict[str, str] = {}
    for serial, given in texts.items():
        name = str(given.get("method", procedure.method)).strip()
        if name in procedure.variants:
            chosen.setdefault(name, serial)
    if len(chosen) > 1:
        (one, a), (other, b), *_ = ((n, s) for n, s in chosen.items())
        raise UsageError(
            msg("engine.methods-differ", one=one, serial=a, other=other, another=b),
            hint=msg("engine.methods-differ-hint"),
        )
    return procedure.of({"method": next(iter(chosen), procedure.method)})
