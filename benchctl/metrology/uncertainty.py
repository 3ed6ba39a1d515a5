"""Propagation of uncertainty through a model, to first order (JCGM 100).

    inputs = (Input("Vi", 100.2, (resolution("register", 0.05),)),
              Input("Vr", 100.0, (from_certificate("certificate", U=0.1, k=2),)))
    result = propagate(lambda x: 100 * (x["Vi"] - x["Vr"]) / x["Vr"], inputs, unit="%")
    result.value, result.U, result.k, result.budget

Derivatives are those of `derivatives`, dof and k those of `coverage`. Inputs count as independent
unless correlations are given.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from benchctl.core.errors import UsageError
from benchctl.core.messages import msg
from benchctl.core.results import Contribution, Result
from benchctl.metrology.components import Input
from benchctl.metrology.correlation import Correlation, covariance, groups_of, shares
from benchctl.metrology.coverage import (
    P_TWO,
    Share,
    coverage_factor,
    dominant,
    effective_dof,
    meant_probability,
    shape_factor,
)
from benchctl.metrology.derivatives import Model, derivative, model_value

BEYOND = "second order"
"""Input and source of the line of what is beyond the first order."""


def propagate(
    model: Model,
    inputs: Sequence[Input],
    *,
    unit: str,
    p: float = P_TWO,
    correlations: Sequence[Correlation] = (),
    shapes: bool = False,
    beyond: float = 0.0,
) -> Result:
    """Return value, u, U = k u and the budget of `model` at the estimates of `inputs`.

    k comes from Student's t at `p` for the effective degrees of freedom, truncated to an integer;
    0.9545 is understood as the probability of k = 2, so that k is exactly 2 for infinite dof.

    Args:
        model: The measurand in terms of the inputs.
        inputs: Estimates with their components.
        unit: Unit of the model's value.
        p: Coverage probability.
        correlations: Coefficients of inputs that are not independent.
        shapes: Whether k follows from the shape of a contribution that outweighs all others
            (EA-4/02, S9 and S10) instead of from t.
        beyond: Standard uncertainty of terms beyond the first order, in the result's unit.

    Raises:
        NotMeasuredError: the model has no finite value there, as with a reference of zero.
        UsageError: correlated inputs of finite dof that were not observed together; correlations
            that cannot be.
        ValueError: two inputs of one name, a negative u, dof that are not positive.
    """
    y, lines = first_order_lines(model, inputs)
    if beyond > 0:
        second = Contribution(BEYOND, BEYOND, 0.0, beyond, "normal", math.inf, 1.0, beyond)
        lines = (*lines, second)
    slopes = {line.input: line.sensitivity for line in lines}
    groups = groups_of(inputs, correlations) if correlations else ()
    independent = shares(inputs, slopes, groups)
    if independent is None:
        raise UsageError(msg("metrology.no-dof"), hint=msg("metrology.use-monte-carlo"))
    if beyond > 0:
        independent.append(Share(beyond, math.inf, BEYOND))
    if groups:
        own = math.fsum(line.contribution**2 for line in lines)
        shared = math.fsum(covariance(g, slopes) for g in groups)
        u = math.sqrt(max(0.0, own + shared))
    else:
        u = math.hypot(*(line.contribution for line in lines))
    dof = effective_dof([(s.u, s.dof) for s in independent])
    p = meant_probability(p)
    shape = dominant(independent) if shapes else None
    k = coverage_factor(dof, p) if shape is None else shape_factor(shape[0], p, shape[1])
    return Result(y, unit, u, k, k * u, dof, p, lines)


def first_order_lines(
    model: Model, inputs: Sequence[Input]
) -> tuple[float, tuple[Contribution, ...]]:
    """Return the value, and a line for each component of each input.

    Raises:
        NotMeasuredError: the model has no finite value.
        ValueError: two inputs of one name, a negative u, dof that are not positive.
    """
    values = {i.name: i.value for i in inputs}
    if len(values) != len(inputs):
        raise ValueError("two inputs have the same name")
    y = model_value(model, values)
    lines: list[Contribution] = []
    for i in inputs:
        sources = i.sources
        if not sources:
            continue
        c = derivative(model, values, i.name, i.u).c
        lines += [
            Contribution(
                i.name, s.source, i.value, s.u, s.distribution, s.dof, c, abs(c) * s.u, s.shape
            )
            for s in sources
        ]
    return y, tuple(lines)
