"""Evaluates a whole procedure for its defaults and the combinations of its choices.

A division by zero, a negative flow or a set-point outside its band is so found by `check`, and not
by the technician who first puts a meter of that size on the bench.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product
from math import prod

from benchctl.core.messages import Message, msg
from benchctl.procedure.declared import Parameter
from benchctl.procedure.evaluate import Trouble
from benchctl.procedure.parameters import Value, shown_value
from benchctl.procedure.procedure import Procedure
from benchctl.procedure.reading import Path, Reader
from benchctl.procedure.resolve import resolve

MOST_COMBINATIONS = 200
"""So many combinations of choices are tried; where there are more, each choice at least once."""
MOST_POINTS = 20_000
"""So many points are resolved in all; a hostile file could ask for millions."""


def report_trials(
    reader: Reader, procedure: Procedure, *, most: int | None = MOST_COMBINATIONS
) -> None:
    """Report expressions that give no usable value, with the first parameters that show it.

    Where there are more than `most` combinations of choices, each choice is tried by itself; None:
    only what is usual.
    """
    reported: set[Path] = set()
    each = len(procedure.points) * len(procedure.stages)
    affordable = max(1, MOST_POINTS // each) if each else 0
    if most is None:
        affordable = min(1, affordable)
    for parameters in islice(trial_parameters(procedure, most or 0), affordable):
        for stage in procedure.stages:
            try:
                resolve(procedure, parameters, stage, {})
            except Trouble as trouble:
                if trouble.path not in reported:
                    reported.add(trouble.path)
                    _report(reader, procedure, parameters, trouble)


def _report(
    reader: Reader, procedure: Procedure, parameters: dict[str, Value], trouble: Trouble
) -> None:
    shown = ", ".join(
        f"{name} = {shown_value(procedure.parameters[name], value)}"
        for name, value in parameters.items()
    )
    hint: Message | None = msg("procedure.found-with", parameters=shown) if shown else None
    path = trouble.path
    if path and path[0] in procedure.parts and not reader.has(path):
        path = path[1:]  # the item has it from the file
    key = path[-1:] in {("limits",), ("stages",)}
    reader.wrong("E501", trouble.message, path, hint=hint, key=key)


def trial_parameters(
    procedure: Procedure, most: int = MOST_COMBINATIONS
) -> Iterator[dict[str, Value]]:
    """Yield parameters to try: the defaults, combinations of choices, and each bound by itself.

    A parameter without a default, a choice or a bound cannot be tried, and neither can a procedure
    that has one.
    """
    parameters = procedure.parameters
    usual = {name: _usual(parameter) for name, parameter in parameters.items()}
    usual |= procedure.chosen
    base = {name: value for name, value in usual.items() if value is not None}
    if len(base) < len(parameters):
        return
    yield base
    chosen = [p for p in parameters.values() if p.choices and p.name not in procedure.chosen]
    if prod(len(p.choices) for p in chosen) <= most:
        names = [p.name for p in chosen]
        for values in product(*(p.choices for p in chosen)):
            yield base | dict(zip(names, values, strict=True))
    else:
        yield from islice(_one_by_one(base, chosen), MOST_COMBINATIONS)
    for parameter in parameters.values():
        for bound in (parameter.at_least, parameter.at_most):
            if bound is not None:
                yield base | {parameter.name: bound}


def _one_by_one(base: dict[str, Value], chosen: list[Parameter]) -> Iterator[dict[str, Value]]:
    for parameter in chosen:
        for choice in parameter.choices:
            yield base | {parameter.name: choice}


def _usual(parameter: Parameter) -> Value | None:
    """Return the default, else something that the parameter may be."""
    for value in (parameter.default, *parameter.choices, parameter.at_least, parameter.at_most):
        if value is not None:
            return value
    return None
