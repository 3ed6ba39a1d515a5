"""The operators of expressions, by the node of the syntax tree that stands for them."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

from benchctl.language.functions import is_array

Operator = Callable[[Any, Any], Any]


def power(base: Any, exponent: Any) -> Any:
    """Return the power of floats: of integers it could take for ever."""
    base = float(base) if isinstance(base, int) else base
    exponent = float(exponent) if isinstance(exponent, int) else exponent
    result = base**exponent
    if type(result) is complex and float is type(base) is type(exponent):
        raise ArithmeticError(base)
    return result


def _by_real_parts(compare: Operator) -> Operator:
    """Return the comparison of real parts: a complex step does not change the branch taken."""

    def compared(a: Any, b: Any) -> Any:
        return compare(_real(a), _real(b))

    return compared


def _real(value: Any) -> Any:
    if type(value) is complex or (is_array(value) and value.dtype.kind == "c"):
        return value.real
    return value


OPERATORS: Mapping[type[ast.operator], Operator] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: power,
}
COMPARISONS: Mapping[type[ast.cmpop], Operator] = {
    ast.Lt: _by_real_parts(operator.lt),
    ast.LtE: _by_real_parts(operator.le),
    ast.Gt: _by_real_parts(operator.gt),
    ast.GtE: _by_real_parts(operator.ge),
    ast.Eq: _by_real_parts(operator.eq),
    ast.NotEq: _by_real_parts(operator.ne),
}
