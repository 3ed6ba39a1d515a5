"""Formulas of procedures and budgets: `100 * (meter_volume - reference_volume) / reference_volume`.

    error = parse_expression("0.95 * Q3 if point.flow < Q2 else Q3")
    error.names                       # {"Q3", "point.flow", "Q2"}
    error({"Q3": 2.5, "point.flow": 1.0, "Q2": 0.04})

Nothing of Python is executed: the text is parsed, every node must be on a short list, and each
becomes a closure over the names' values. A dotted name is one name, never an attribute. The
operators work on whatever number is given: float, complex, numpy array, uncertain number.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from benchctl.core.messages import msg
from benchctl.language.closures import Closure, Compiler, Join
from benchctl.language.expression_text import ExpressionError, read_tree
from benchctl.language.functions import FUNCTIONS, Function


class NamePlace(NamedTuple):
    """A name in an expression's text, columns from 1, end exclusive."""

    name: str
    column: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Expression:
    """A formula that was checked and compiled once; call it with the values of its names."""

    text: str
    names: frozenset[str]
    places: tuple[NamePlace, ...] = field(compare=False, repr=False)
    _evaluate: Closure = field(compare=False, repr=False)
    _explore: Callable[[Join], Closure] = field(compare=False, repr=False)

    def __call__(self, env: Mapping[str, Any]) -> Any:
        """Return the value for these values of the names.

        Raises:
            ExpressionError: a name has no value, or there is no finite value (division by zero,
                overflow, root of a negative number).
        """
        value = _run(self._evaluate, env)
        if isinstance(value, float) and not math.isfinite(value):
            self._refuse_infinite()
        return value

    def of_numbers(self, env: Mapping[str, Any]) -> Any:
        """Return the value for plain numbers, truths and texts: a call that never meets an array.

        Raises:
            ExpressionError: as a call does.
        """
        value = self._evaluate(env)
        if isinstance(value, float) and not math.isfinite(value):
            self._refuse_infinite()
        return value

    def explore(self, env: Mapping[str, Any], join: Join = lambda then, _: then) -> Any:
        """Return the value with every part evaluated: both sides of `if`, `and`, `or`.

        For checks that must see all of a formula once, with numbers that stand for dimensions.
        Conditions need no truth value. `join` gets the two values of an `if` and returns the one
        that stands for both.

        Raises:
            ExpressionError: as a call does.
        """
        return _run(self._explore(join), env)

    def _refuse_infinite(self) -> None:
        message = msg("language.not-finite", text=self.text)
        raise ExpressionError(message, 1, len(self.text) + 1)


def parse_expression(
    text: str,
    *,
    constants: Mapping[str, float] | tuple[()] = (),
    functions: Mapping[str, Function] = FUNCTIONS,
) -> Expression:
    """Return the compiled expression.

    Args:
        text: At most 500 characters and 30 levels deep; full-width characters, × ÷ and − are taken
            for their plain forms.
        constants: Names with a fixed value; they do not count among `names`.
        functions: What may be called.

    Raises:
        ExpressionError: with the columns of what is wrong.
    """
    tree = read_tree(text)
    compiler = Compiler(text, dict(constants), functions)
    evaluate = compiler.compile(tree)
    places = tuple(NamePlace(*place) for place in sorted(compiler.places, key=lambda p: p[1]))

    def explore(join: Join) -> Closure:
        return Compiler(text, dict(constants), functions, join).compile(tree)

    return Expression(text, frozenset(p.name for p in places), places, evaluate, explore)


def _run(evaluate: Closure, env: Mapping[str, Any]) -> Any:
    """Evaluate; numpy, if it is there, raises what it would only warn of."""
    errstate = getattr(sys.modules.get("numpy"), "errstate", None)
    if errstate is None:
        return evaluate(env)
    with errstate(divide="raise", invalid="raise", over="raise"):
        return evaluate(env)
