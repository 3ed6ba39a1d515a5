"""With which of its variants a procedure is run: all units of a run are measured alike."""

from __future__ import annotations

from collections.abc import Mapping

from benchctl.core.errors import UsageError
from benchctl.core.messages import msg
from benchctl.procedure import Procedure, choice_text


def of_variant(procedure: Procedure, texts: Mapping[str, Mapping[str, str]]) -> Procedure:
    """Return the procedure with the variants that every unit asks for.

    Args:
        procedure: With what is usual, or without variants.
        texts: What is said of each unit, by serial number. A text that is no choice is left to
            whoever reads the parameters.

    Raises:
        UsageError: two units ask for different ones.
    """
    chosen: dict[str, str] = {}
    for axis in procedure.axes:
        known = {key[procedure.axes.index(axis)] for key in procedure.variants}
        wanted: dict[str, str] = {}
        for serial, given in texts.items():
            values, _ = procedure.parameters_from({axis: given.get(axis, procedure.chosen[axis])})
            text = choice_text(values.get(axis))
            if text in known:
                wanted.setdefault(text, serial)
        if len(wanted) > 1:
            (one, a), (other, b), *_ = wanted.items()
            raise UsageError(
                msg("engine.variants-differ", name=axis, one=one, serial=a, other=other, another=b),
                hint=msg("engine.variants-differ-hint", name=axis),
            )
        chosen[axis] = next(iter(wanted), choice_text(procedure.chosen[axis]))
    return procedure.of(chosen)
