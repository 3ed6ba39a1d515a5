"""Parameters of a unit under test from what people give: `--set`, a batch, the default."""

from __future__ import annotations

import math
from collections.abc import Mapping

from benchctl.core.messages import Message, msg
from benchctl.core.suggest import closest
from benchctl.core.units import unit
from benchctl.language import QuantityError
from benchctl.procedure.declared import Parameter
from benchctl.procedure.grammar import number_in

Value = float | str


class ParameterError(Exception):
    """A text is not a value of a parameter."""

    def __init__(self, message: Message, hint: Message | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def parameters_from(
    parameters: Mapping[str, Parameter], texts: Mapping[str, object]
) -> tuple[dict[str, Value], list[tuple[str, Message]]]:
    """Return the values that are right, defaults filled in, and (name, what is wrong)."""
    values: dict[str, Value] = {}
    problems: list[tuple[str, Message]] = []
    for name in texts:
        if name not in parameters:
            problems.append((name, _unknown(name, parameters)))
    for name, parameter in parameters.items():
        if name not in texts:
            if parameter.default is None:
                problems.append((name, msg("procedure.parameter-missing", name=name)))
            else:
                values[name] = parameter.default
            continue
        try:
            values[name] = value_of(parameter, texts[name])
        except ParameterError as error:
            problems.append((name, error.message))
    return values, problems


def _unknown(name: str, parameters: Mapping[str, Parameter]) -> Message:
    near = closest(name, parameters)
    if near:
        return msg("procedure.parameter-unknown-near", name=name, near=near)
    return msg("procedure.parameter-unknown", name=name, names=", ".join(parameters))


def value_of(parameter: Parameter, given: object) -> Value:
    """Return the value of a parameter that a text or number gives.

    Raises:
        ParameterError: it is no number, of another dimension, out of bounds, not a choice.
    """
    if is_text(parameter):
        return _text(parameter, str(given).strip())
    value = _number(parameter, given)
    shown = shown_value(parameter, value)
    for choice in parameter.choices:
        if isinstance(choice, float) and math.isclose(choice, value, rel_tol=1e-9):
            return choice
    if parameter.choices:
        choices = ", ".join(shown_value(parameter, c) for c in parameter.choices)
        raise ParameterError(
            msg("procedure.not-a-choice", name=parameter.name, value=shown, choices=choices)
        )
    if parameter.at_least is not None and value < parameter.at_least:
        bound = shown_value(parameter, parameter.at_least)
        raise ParameterError(
            msg("procedure.below-least", name=parameter.name, value=shown, bound=bound)
        )
    if parameter.at_most is not None and value > parameter.at_most:
        bound = shown_value(parameter, parameter.at_most)
        raise ParameterError(
            msg("procedure.above-greatest", name=parameter.name, value=shown, bound=bound)
        )
    return value


def is_text(parameter: Parameter) -> bool:
    """Whether the parameter's values are texts."""
    values = (*parameter.choices, parameter.default)
    return any(isinstance(value, str) for value in values)


def shown_value(parameter: Parameter, value: Value) -> str:
    """Return a value with its unit as a person writes it: `2.5 m³/h`."""
    if isinstance(value, str):
        return value
    return f"{value:.12g} {parameter.unit}".rstrip() if parameter.unit != "1" else f"{value:.12g}"


def _text(parameter: Parameter, given: str) -> str:
    if given in parameter.choices or not parameter.choices:
        return given
    texts = [str(choice) for choice in parameter.choices]
    near = closest(given, texts)
    if near:
        raise ParameterError(
            msg("procedure.not-a-choice-near", name=parameter.name, value=given, near=near)
        )
    choices = ", ".join(texts)
    raise ParameterError(
        msg("procedure.not-a-choice", name=parameter.name, value=given, choices=choices)
    )


def _number(parameter: Parameter, given: object) -> float:
    if isinstance(given, bool) or given is None:
        raise ParameterError(
            msg("procedure.parameter-no-number", name=parameter.name, value=str(given))
        )
    if isinstance(given, int | float):
        value = float(given)
    else:
        try:
            value = number_in(str(given), unit(parameter.unit))
        except QuantityError as error:
            raise ParameterError(
                msg("procedure.parameter-wrong", name=parameter.name, problem=error.message),
                error.hint,
            ) from error
    if not math.isfinite(value):
        raise ParameterError(
            msg("procedure.parameter-no-number", name=parameter.name, value=str(given))
        )
    return value
