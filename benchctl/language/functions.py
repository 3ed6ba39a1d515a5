"""The functions that an expression may call; each works on whatever kind of number it is given.

Plain numbers go to `math`, complex ones to `cmath`, arrays to the numpy function of that name. Any
other number (an uncertain number, a dimension) is asked for its own method `name` or `_name`.
"""

from __future__ import annotations

import cmath
import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

MOST_PLACES = 15


@dataclass(frozen=True, slots=True)
class Function:
    """A function, and how many arguments it takes (`most` None: any number).

    `explore` stands for `call` where an expression is explored with what is no number; without it
    `call` can do that, too.
    """

    call: Callable[..., Any]
    least: int = 1
    most: int | None = 1
    explore: Callable[..., Any] | None = None


def is_array(value: Any) -> bool:
    """Return whether the value is numpy's: an array or one of its scalars."""
    numpy = sys.modules.get("numpy")  # if nobody imported it, nothing is an array
    kinds = (getattr(numpy, "ndarray", ()), getattr(numpy, "generic", ()))
    return type(value) not in (float, int) and isinstance(value, kinds)


def _of_one(name: str, plain: Callable[[float], Any]) -> Function:
    """Return the function of one argument that `math` calls `plain`, for every kind of number."""
    of_complex = getattr(cmath, name, None)
    own = (name, f"_{name}")

    def call(x: Any) -> Any:
        if isinstance(x, (int, float)) and not is_array(x):
            return plain(x)
        if isinstance(x, complex) and of_complex is not None and not is_array(x):
            return of_complex(x)
        if is_array(x):
            return _numpy(name)(x)
        method = next((getattr(x, n) for n in own if callable(getattr(x, n, None))), None)
        return method() if method else plain(x)

    return Function(call)


def _numpy(name: str) -> Callable[..., Any]:
    import numpy as np  # in memory already: the argument is an array

    function: Callable[..., Any] = getattr(np, name)
    return function


def _extreme(name: str, plain: Callable[..., Any]) -> Function:
    """Return min or max of two or more arguments."""

    def call(*values: Any) -> Any:
        if any(is_array(v) for v in values):
            pairwise = _numpy(f"{name}imum")
            found = values[0]
            for value in values[1:]:
                found = pairwise(found, value)
            return found
        own = next((v for v in values if callable(getattr(v, name, None))), None)
        if own is None:
            return plain(values)
        return getattr(own, name)(*(v for v in values if v is not own))

    return Function(call, 2, None)


def _round(x: Any, places: Any = 0) -> Any:
    digits = int(places)
    if digits != places or abs(digits) > MOST_PLACES:
        raise ValueError(places)
    if is_array(x):
        return _numpy("round")(x, digits)
    return float(round(x, digits)) if isinstance(x, (int, float)) else round(x, digits)


def _sign(x: float) -> float:
    return float((x > 0) - (x < 0))


FUNCTIONS: Mapping[str, Function] = {
    "abs": Function(abs),
    "min": _extreme("min", min),
    "max": _extreme("max", max),
    "sqrt": _of_one("sqrt", math.sqrt),
    "exp": _of_one("exp", math.exp),
    "log": _of_one("log", math.log),
    "log10": _of_one("log10", math.log10),
    "sin": _of_one("sin", math.sin),
    "cos": _of_one("cos", math.cos),
    "tan": _of_one("tan", math.tan),
    "asin": _of_one("asin", math.asin),
    "acos": _of_one("acos", math.acos),
    "atan": _of_one("atan", math.atan),
    "floor": _of_one("floor", lambda x: float(math.floor(x))),
    "ceil": _of_one("ceil", lambda x: float(math.ceil(x))),
    "sign": _of_one("sign", _sign),
    "round": Function(_round, 1, 2),
}
"""What expressions call unless told otherwise. `log` is natural; `round` goes to the even digit."""
