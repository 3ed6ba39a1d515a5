"""A second opinion on a budget: GTC where it is installed, else our own propagation.

GTC (Measurement Standards Laboratory of New Zealand) is an implementation of the GUM that shares no
line with ours. It is asked with the very formula of the record. A formula that it cannot evaluate
(a table, a kink) is left to our own code, and the answer says so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from benchctl.core.errors import BenchctlError
from benchctl.metrology import P_TWO, Input, propagate
from benchctl.metrology.derivatives import Model

OWN = "benchctl"


@dataclass(frozen=True, slots=True)
class Opinion:
    """Value, standard uncertainty, degrees of freedom, k and U at 95.45 %; `by` says whose."""

    value: float
    u: float
    dof: float
    k: float
    U: float
    by: str


def name() -> str:
    """Return who is asked: GTC with its version, or this program itself."""
    if find_spec("GTC") is None:
        return OWN
    return f"GTC {import_module('GTC').version}"


def opinion(model: Model, inputs: Sequence[Input], unit: str) -> Opinion:
    """Return what the oracle says of a result.

    Raises:
        NotMeasuredError: the model has no value at these inputs.
    """
    if find_spec("GTC") is not None:
        found = _by_gtc(model, inputs)
        if found is not None:
            return found
    own = propagate(model, inputs, unit=unit)
    return Opinion(own.value, own.u, own.dof, own.k, own.U, OWN)


def _by_gtc(model: Model, inputs: Sequence[Input]) -> Opinion | None:
    """Return GTC's answer, None where it has none for this formula."""
    gtc = import_module("GTC")
    values = {
        i.name: math.fsum([i.value])
        + sum((gtc.ureal(0.0, c.u, c.dof) for c in i.sources if c.u > 0), gtc.constant(0.0))
        for i in inputs
    }
    try:
        y = model(values)
        value, u, dof = float(gtc.value(y)), float(gtc.uncertainty(y)), float(gtc.dof(y))
    except (TypeError, AttributeError, ArithmeticError, ValueError, RuntimeError, BenchctlError):
        return None
    whole = dof if math.isinf(dof) else math.floor(dof + 1e-9) or dof
    if math.isinf(dof):
        k = 2.0
    elif whole > gtc.inf_dof:  # where GTC takes the normal distribution
        k = 2.0 + 2.5 / whole  # of t at p = erf(sqrt 2), Abramowitz and Stegun 26.7.5, to 1/dof
    else:
        k = float(gtc.reporting.k_factor(whole, 100 * P_TWO))
    return Opinion(value, u, dof, k, k * u, f"GTC {gtc.version}")
