"""GTC as an oracle: 1,000 random formulas, the same text evaluated by it and by us."""

import math
import random

import GTC
import numpy as np
import pytest

from benchctl.language import ExpressionError, parse_expression
from benchctl.metrology import Correlation, Input, normal, propagate, sensitivity
from benchctl.metrology.many import propagate_many

INF = math.inf
NAMES = "abcdef"
MODELS = 1000


def formula(rng, depth):
    """A random expression of the names; all its parts are positive for positive names."""
    if depth == 0 or rng.random() < 0.15:
        return rng.choice([*NAMES, f"{rng.uniform(0.1, 9):.3g}"])
    one, other = (formula(rng, depth - 1) for _ in range(2))
    return rng.choice(
        [
            f"({one} + {other})",
            f"({one} * {other})",
            f"({one} / {other})",
            f"({one} / ({other} + 1))",
            f"sqrt({one})",
            f"log(1 + {one})",
            f"exp(-{one} / ({one} + {other}))",
            f"(1.5 + sin({one}))",
            f"(2 + cos({one} * {other}))",
            f"atan({one})",
            f"({one}) ** {rng.choice([2, 3, 0.5, -1, 1.7])}",
            f"({one} + 3 - {other} / (1 + {other}))",
        ]
    )


def case(seed):
    """A formula with estimates, u, dof, and a correlation between two inputs of infinite dof."""
    rng = random.Random(seed)
    text = formula(rng, rng.choice([2, 3, 4]))
    values = {n: rng.uniform(0.5, 5.0) for n in NAMES}
    us = {n: values[n] * 10 ** rng.uniform(-6, -1) for n in NAMES}
    dofs = {n: rng.choice([2.0, 4.0, 9.0, 57.0, INF]) for n in NAMES}
    dofs["a"] = dofs["b"] = INF
    r = rng.choice([0.0, rng.uniform(-1, 1)])
    return text, values, us, dofs, r


def answers(seed):
    """Both answers to a case; None where the formula names nothing or has no moderate value."""
    text, values, us, dofs, r = case(seed)
    f = parse_expression(text)
    if not f.names:
        return None
    try:
        value = f(values)
    except ExpressionError:
        return None
    if not 1e-6 < abs(value) < 1e6:
        return None
    uncertain = {n: GTC.ureal(values[n], us[n], df=dofs[n], independent=r == 0) for n in NAMES}
    if r:
        uncertain = {
            n: GTC.ureal(values[n], us[n], df=dofs[n], independent=n not in "ab") for n in NAMES
        }
        GTC.set_correlation(r, uncertain["a"], uncertain["b"])
    inputs = [Input(n, values[n], (normal("u", us[n], dofs[n]),)) for n in NAMES]
    related = (Correlation("a", "b", r),) if r else ()
    found = propagate(f, inputs, unit="1", correlations=related)
    return f(uncertain), found, uncertain, r


def test_a_thousand_random_formulas_agree_with_gtc():
    compared = seed = correlated = finite = 0
    while compared < MODELS:
        seed += 1
        both = answers(seed)
        if both is None:
            continue
        oracle, found, uncertain, r = both
        compared += 1
        assert found.value == pytest.approx(oracle.x, rel=1e-12), seed
        assert found.u == pytest.approx(oracle.u, rel=1e-9, abs=1e-13 * abs(oracle.x)), seed
        if r and {"a", "b"} & {line.input for line in found.budget if line.contribution}:
            correlated += 1
        elif oracle.u > 1e-13 * abs(oracle.x) and not math.isinf(oracle.df):
            finite += 1
            assert found.dof == pytest.approx(oracle.df, rel=1e-9), seed
        for line in found.budget:
            expected = abs(GTC.rp.u_component(oracle, uncertain[line.input]))
            near = pytest.approx(expected, rel=1e-9, abs=1e-13 * abs(oracle.x))
            assert line.contribution == near, seed
    assert seed < 2 * MODELS
    assert min(correlated, finite) > 200


def test_many_estimates_at_once_are_each_what_they_are_alone():
    rng = np.random.default_rng(5)
    for seed in range(1, 60):
        text, values, us, dofs, _ = case(seed)
        f = parse_expression(text)
        if not f.names:
            continue
        arrays = {n: v * (1 + 0.05 * rng.random(7)) for n, v in values.items()}
        try:
            at_once = propagate_many(f, arrays, us, dofs)
        except ExpressionError:
            continue
        for i in range(7):
            inputs = [Input(n, float(arrays[n][i]), (normal("u", us[n], dofs[n]),)) for n in us]
            alone = propagate(f, inputs, unit="1")
            assert at_once.value[i] == pytest.approx(alone.value, rel=1e-12)
            assert at_once.u[i] == pytest.approx(alone.u, rel=1e-9, abs=1e-15)
            if alone.u > 1e-12 * abs(alone.value):
                assert at_once.U[i] == pytest.approx(alone.U, rel=1e-9)


def test_many_estimates_step_around_a_kink_where_there_is_one():
    f = parse_expression("abs(x) + max(y, 1)")
    x = np.array([-2.0, 0.0, 3.0])
    found = propagate_many(f, {"x": x, "y": 2.0}, {"x": 0.1, "y": 0.01})
    assert found.sensitivity["x"] == pytest.approx([-1, 0, 1], abs=1e-9)
    assert found.sensitivity["y"] == pytest.approx([1, 1, 1])
    assert sensitivity(f, {"x": 0.0, "y": 2.0}, "x", 0.1) == pytest.approx(0.0, abs=1e-12)


def test_a_negative_u_and_an_estimate_without_a_value_are_refused():
    from benchctl.core.errors import BenchctlError

    f = parse_expression("1 / x")
    with pytest.raises(ValueError, match="negative"):
        propagate_many(f, {"x": 1.0}, {"x": -0.1})
    with pytest.raises(BenchctlError, match="division by zero"):
        propagate_many(f, {"x": np.array([1.0, 0.0])}, {"x": 0.1})
