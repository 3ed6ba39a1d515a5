"""An expression of a procedure, evaluated: a finite number, a condition, or trouble."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from benchctl.core.messages import Message, msg
from benchctl.language import Expression, ExpressionError

Path = tuple[str | int, ...]
Env = dict[str, Any]


class Trouble(Exception):  # noqa: N818 - not an error of the program: it is turned into one with a place
    """An expression of a procedure, at `path` of its file, gives no usable value."""

    def __init__(self, path: Path, message: Message) -> None:
        super().__init__(message)
        self.path = path
        self.message = message


def number(expression: Expression, env: Mapping[str, Any], path: Path) -> float:
    """Return the finite number that an expression gives.

    Raises:
        Trouble: it cannot be evaluated, or gives no finite number.
    """
    value = _value(expression, env, path)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Trouble(path, msg("procedure.no-finite-number", value=str(value)))
    return float(value)


def truth(expression: Expression, env: Mapping[str, Any], path: Path) -> bool:
    """Return whether a condition holds.

    Raises:
        Trouble: it cannot be evaluated.
    """
    return bool(_value(expression, env, path))


def _value(expression: Expression, env: Mapping[str, Any], path: Path) -> Any:
    try:
        return expression(env)
    except ExpressionError as error:
        raise Trouble(path, error.message) from error
