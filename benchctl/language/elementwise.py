"""Conditions on arrays: each element goes its own way, and no other is evaluated for it.

`sqrt(x) if x > 0 else 0` on an array takes the root of the positive elements only. numpy is in
memory where there is an array, so nothing is imported for plain numbers.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

from benchctl.language.functions import is_array

Env = Mapping[str, Any]
Closure = Callable[[Env], Any]


def is_mask(value: Any) -> bool:
    """Return whether the value is an array of truth values, not a single one."""
    return is_array(value) and value.ndim > 0 and value.dtype.kind == "b"


def choose(mask: Any, then: Closure, otherwise: Closure, env: Env) -> Any:
    """Return `then` where the mask is true and `otherwise` elsewhere."""
    if mask.all():
        return then(env)
    if not mask.any():
        return otherwise(env)
    numpy = sys.modules["numpy"]
    one, other = then(selected(env, mask)), otherwise(selected(env, ~mask))
    found = numpy.empty(mask.shape, numpy.result_type(one, other))
    found[mask], found[~mask] = one, other
    return found


def refine(mask: Any, undecided: Any, operand: Closure, env: Env) -> Any:
    """Return the mask with `operand` in place of the elements that are undecided."""
    if not undecided.any():
        return mask
    found = mask.copy()
    found[undecided] = operand(selected(env, undecided))
    return found


def selected(env: Env, mask: Any) -> dict[str, Any]:
    """Return the values of the names at the elements of the mask; single values stay."""
    return {
        name: value[mask] if is_array(value) and value.shape == mask.shape else value
        for name, value in env.items()
    }
