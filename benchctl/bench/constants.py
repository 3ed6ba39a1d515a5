"""Figures of a bench that a procedure reckons with: `constants: {dip_pipe_factor: 0.9971}`.

A figure may carry its own uncertainty, for somebody once measured it:
`dip_pipe_factor: {value: 0.9971, U: 0.0002, k: 2}`.
"""

from __future__ import annotations

import math

from benchctl.bench.file import Constant
from benchctl.bench.model import ConstantPart
from benchctl.core.messages import msg
from benchctl.language import QuantityError, parse_quantity


class ConstantError(Exception):
    """A figure cannot be read; `key` is "value" or "U"."""

    def __init__(self, key: str, error: QuantityError) -> None:
        super().__init__(error)
        self.key = key
        self.error = error


def read_constant(part: str | ConstantPart) -> Constant:
    """Return a figure of a bench file.

    Raises:
        ConstantError: the value or its uncertainty is no quantity.
    """
    if isinstance(part, str):
        part = ConstantPart.model_validate({"value": part})
    try:
        value = parse_quantity(part.value)
    except QuantityError as error:
        raise ConstantError("value", error) from error
    if part.U is None:
        return Constant(value.value, value.unit, standard=part.standard or "")
    try:
        U = parse_quantity(part.U, like=value.unit)  # noqa: N806
        size = U.to(value.unit, difference=True)
        if not 0 < size < math.inf:
            raise QuantityError(msg("bench.not-positive", text=part.U))
    except QuantityError as error:
        raise ConstantError("U", error) from error
    return Constant(value.value, value.unit, size, part.k, part.standard or "")
