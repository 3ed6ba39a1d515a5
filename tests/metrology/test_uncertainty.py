"""Propagation against the vectors of the fact sheet and against GTC on random models."""

import math
import random
import subprocess
import sys

import GTC
import pytest
from scipy.special import stdtrit

from benchctl.core.errors import NotMeasuredError
from benchctl.metrology import (
    P_TWO,
    Component,
    Input,
    arcsine,
    coverage_factor,
    effective_dof,
    from_certificate,
    normal,
    propagate,
    rectangular,
    resolution,
    second_order_u,
    sensitivity,
    triangular,
)

INF = math.inf


# published and recomputed examples (shared/vectors/uncertainty.json) ---------------------------


def test_gas_6_the_error_of_a_gas_meter():
    """GAS-6: mpmath and GTC agree to 1e-12."""
    rows = {
        "Vm": (10.0213, 0.0005, 9, 10.00553021382652),
        "Vr": (10.0, 0.004, 50, -10.02684199318197),
        "pm": (101325.0, 12.0, 9, 0.0009895723654756447),
        "pr": (101200.0, 12.0, 9, -0.0009907946633579022),
        "Tm": (293.55, 0.03, 100, -0.3415718614608063),
        "Tr": (293.35, 0.03, 100, 0.34180473813471857),
    }
    inputs = [Input(n, v, (normal("u", u, dof),)) for n, (v, u, dof, _) in rows.items()]

    def model(x):
        return 100 * (x["Vm"] * x["pm"] * x["Tr"] / (x["Vr"] * x["pr"] * x["Tm"]) - 1)

    result = propagate(model, inputs, unit="%", p=0.9545)
    assert result.value == pytest.approx(0.2684199318196966, abs=1e-10)
    assert result.u == pytest.approx(0.04611023555504354, rel=1e-9)
    assert result.dof == pytest.approx(80.04894211368084, rel=1e-8)
    assert result.k == pytest.approx(2.0317341456313724, rel=1e-9)
    assert pytest.approx(0.09368374004028772, rel=1e-7) == result.U
    assert result.p == P_TWO
    for line in result.budget:
        assert line.sensitivity == pytest.approx(rows[line.input][3], rel=1e-9)
        assert line.contribution == abs(line.sensitivity) * line.u


def test_gum_h1_the_end_gauge():
    """JCGM 100, H.1, unrounded chain."""
    inputs = [
        Input("lS", 50000623.0, (normal("certificate", 25.0, 18),)),
        Input("d0", 215.0, (normal("mean", 5.8, 24),)),
        Input("d1", 0.0, (normal("random", 3.9, 5),)),
        Input("d2", 0.0, (normal("systematic", 6.7, 8),)),
        Input("da", 0.0, (rectangular("limits", 1e-6, 50),)),
        Input("thb", -0.1, (normal("bed", 0.2),)),
        Input("De", 0.0, (arcsine("cycle", 0.5),)),
        Input("aS", 11.5e-6, (rectangular("limits", 2e-6),)),
        Input("dth", 0.0, (rectangular("limits", 0.05, 2),)),
    ]

    def model(x):
        expansion = x["da"] * (x["thb"] + x["De"]) + x["aS"] * x["dth"]
        return x["lS"] + (x["d0"] + x["d1"] + x["d2"]) - x["lS"] * expansion

    result = propagate(model, inputs, unit="nm", p=0.99)
    assert result.value == pytest.approx(50000838.0, abs=1e-6)
    assert result.u == pytest.approx(31.663879111008633, rel=1e-10)
    assert result.dof == pytest.approx(16.751855737627245, rel=1e-9)
    assert result.k == pytest.approx(2.9207816224251, abs=5e-5)
    assert pytest.approx(92.48327620212403, rel=1e-6) == result.U
    found = {line.input: line.sensitivity for line in result.budget}
    assert found["da"] == pytest.approx(5000062.3, rel=1e-9)
    assert found["dth"] == pytest.approx(-575.0071645, rel=1e-9)
    assert found["thb"] == found["De"] == found["aS"] == 0


def test_suncal_xrf_the_gold_thickness():
    inputs = [
        Input("X1", 0.182, (normal("u", 0.00093, 9),)),
        Input("X2", 0.1823, (normal("u", 0.00058, 19),)),
        Input("Yu", 0.6978, (normal("u", 0.0026, 19),)),
    ]
    result = propagate(lambda x: x["X1"] / x["X2"] * x["Yu"], inputs, unit="um", p=0.95)
    assert result.value == pytest.approx(0.6966516730663741, rel=1e-10)
    assert result.u == pytest.approx(0.004931801999129711, rel=1e-9)
    assert result.dof == pytest.approx(27.512731755714128, rel=1e-8)
    assert pytest.approx(0.010119221843052814, rel=1e-7) == result.U  # truncated to 27


def test_citac_a1_the_calibration_solution():
    inputs = [
        Input("m", 100.28, (normal("weighing", 0.05),)),
        Input("P", 0.9999, (rectangular("purity", 0.0001),)),
        Input(
            "V",
            100.0,
            (
                triangular("flask", 0.1),
                normal("repeatability", 0.02),
                rectangular("temperature", 0.084),
            ),
        ),
    ]
    result = propagate(lambda x: 1000 * x["m"] * x["P"] / x["V"], inputs, unit="mg/L")
    assert result.value == pytest.approx(1002.69972, rel=1e-10)
    assert result.u == pytest.approx(0.8351992267684393, rel=1e-9)
    of_volume = math.hypot(*(c.contribution for c in result.budget if c.input == "V"))
    assert of_volume == pytest.approx(0.666525108125167, rel=1e-8)
    assert len(result.budget) == 5
    assert result.k == 2.0
    assert 2 * result.u == result.U


def test_ea_s2_the_ten_kilogram_weight():
    inputs = [
        Input("mS", 5.0, (from_certificate("certificate", U=45.0, k=2),)),
        Input("dD", 0.0, (rectangular("drift", 15.0),)),
        Input("dm", 20.0, (normal("pooled", 25.0 / math.sqrt(3)),)),
        Input("dC", 0.0, (rectangular("eccentricity", 10.0),)),
        Input("dB", 0.0, (rectangular("buoyancy", 10.0),)),
    ]
    result = propagate(lambda x: sum(x[i.name] for i in inputs), inputs, unit="mg")
    assert result.value == pytest.approx(25.0, abs=1e-9)
    assert result.u == pytest.approx(29.261749776799064, rel=1e-9)
    assert pytest.approx(58.52349955359813, rel=1e-9) == result.U


def test_divisors_of_type_b_distributions():
    """TYPEB-DIVISORS: JCGM 100, 4.3 and 4.4."""
    assert rectangular("a", 1.0).u == pytest.approx(0.5773502691896258, rel=1e-12)
    assert triangular("a", 1.0).u == pytest.approx(0.4082482904638631, rel=1e-12)
    assert arcsine("a", 1.0).u == pytest.approx(0.7071067811865475, rel=1e-12)
    assert from_certificate("a", 1.0, 3.0).u == pytest.approx(1 / 3, rel=1e-12)
    assert resolution("a", 1.0).u == pytest.approx(0.2886751345948129, rel=1e-12)
    assert normal("a", 0.1, 5) == Component("a", 0.1, "t", 5)


def test_gum_h6_keeps_the_full_interval_of_a_resolution():
    """JCGM 100, H.6: hardness; 0.1^2 / 12 for a display of 0.1."""
    x = {"d": 0.45 / math.sqrt(5), "S": 0.11 / math.sqrt(6), "other": 0.015}
    components = (
        normal("indent", x["d"]),
        resolution("display", 0.1),
        normal("primary", 0.10 / math.sqrt(6)),
        normal("block", x["S"]),
        normal("reference", 0.5),
    )
    u = Input("z", 36.0, components).u
    expected = 0.45**2 / 5 + 0.1**2 / 12 + 0.10**2 / 6 + 0.11**2 / 6 + 0.5**2
    assert u**2 == pytest.approx(expected, rel=1e-12)


def test_welch_satterthwaite_is_not_rounded():
    """JCGM 100, G.4.1: 18.9987, printed 19.0; truncation gives 18."""
    dof = effective_dof([(0.25, 9), (0.57, 4), (0.82, 14)])
    assert dof == pytest.approx(18.998742314267957, rel=1e-12)
    assert coverage_factor(dof, 0.95) == pytest.approx(2.1009220402410382, rel=1e-9)
    assert coverage_factor(19.0, 0.95) == pytest.approx(2.0930240544083087, rel=1e-9)
    assert coverage_factor(19.0 - 1e-12, 0.95) == coverage_factor(19.0, 0.95)


# K-TABLE: JCGM 100, Table G.2; EA-4/02, Table E.1
NU = [1, 3, 5, 7, 9, 12, 16, 19, 25, 40, 100, INF]
K = {
    0.95: [
        12.706204736174694, 3.1824463052837078, 2.5705818356363146, 2.364624251592784,
        2.262157162798205, 2.1788128296672284, 2.1199052992212546, 2.0930240544083087,
        2.0595385527532972, 2.021075390306273, 1.9839715185235518, 1.959963984540054,
    ],
    0.9545: [
        13.967730199244548, 3.306822175005651, 2.648649430702703, 2.428805130403569,
        2.319805898259143, 2.2313480940240513, 2.168939991186383, 2.1404937230531997,
        2.1050878128603885, 2.0644594692467986, 2.0253091279034594, 2.0,
    ],
}  # fmt: skip


@pytest.mark.parametrize("p", sorted(K))
def test_coverage_factors_are_those_of_the_table(p):
    probability = P_TWO if p == 0.9545 else p
    found = [coverage_factor(nu, probability) for nu in NU]
    assert found == pytest.approx(K[p], rel=1e-9)


def test_k_is_exactly_two_for_infinite_degrees_of_freedom():
    assert coverage_factor(INF) == 2.0
    x = Input("x", 1.0, (normal("u", 0.1),))
    for p in (P_TWO, 0.9545, 0.954499736):
        assert propagate(lambda v: v["x"], [x], unit="1", p=p).k == 2.0


def test_below_one_degree_of_freedom_nothing_is_truncated_to_zero():
    assert coverage_factor(0.5, 0.95) == pytest.approx(float(stdtrit(0.5, 0.975)))


@pytest.mark.parametrize(("dof", "p"), [(0.0, 0.95), (-1.0, 0.95), (5.0, 1.0), (5.0, 0.0)])
def test_there_is_no_coverage_factor_for_nonsense(dof, p):
    with pytest.raises(ValueError, match="no coverage factor"):
        coverage_factor(dof, p)


# models that are not analytic ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (lambda x: abs(x["a"]) * x["b"], {"a": -3.0, "b": 2.0}),
        (lambda x: abs(x["a"]) + x["a"] + x["b"], {"a": 0.0, "b": 1.0}),  # half the derivative lost
        (lambda x: max(x["a"], x["b"]), {"a": 0.0, "b": 1.0}),
        (lambda x: min(x["a"], x["b"]), {"a": 1.0, "b": 0.0}),
        (lambda x: x["a"] if x["a"] > 0 else x["b"], {"a": 0.0, "b": 1.0}),
        (lambda x: math.sqrt(x["b"]) * x["a"], {"a": math.sqrt(3), "b": -2 / (2 * math.sqrt(3))}),
        (lambda x: math.atan2(x["a"], x["b"]), {"a": 3 / 13, "b": 2 / 13}),
    ],
)
def test_a_model_that_is_not_analytic_falls_back_to_differences(model, expected):
    values = {"a": -2.0, "b": 3.0}
    for name, derivative in expected.items():
        found = sensitivity(model, values, name, 1e-3)
        assert found == pytest.approx(derivative, rel=1e-6, abs=1e-9)


def test_at_a_kink_the_difference_spans_the_uncertainty():
    assert sensitivity(lambda x: abs(x["a"]), {"a": 0.0}, "a", 0.2) == pytest.approx(0.0)
    assert sensitivity(lambda x: max(x["a"], 0.0), {"a": 0.0}, "a", 0.2) == pytest.approx(0.5)


def test_an_analytic_model_keeps_its_exact_derivative_however_large_u_is():
    assert sensitivity(lambda x: 1 / x["a"], {"a": 2.0}, "a", 1.5) == pytest.approx(
        -0.25, rel=1e-14
    )
    assert sensitivity(lambda x: x["a"] ** 3, {"a": 0.1}, "a", 5.0) == pytest.approx(
        0.03, rel=1e-12
    )


def test_a_derivative_is_exact_where_the_model_ends_next_to_the_estimate():
    def model(x):
        y = x["a"]
        if y.real > 1:
            raise ValueError("beyond the table")
        return y * y

    assert sensitivity(model, {"a": 1.0}, "a", 0.1) == pytest.approx(2.0, rel=1e-14)


def test_an_input_that_the_model_ignores_contributes_nothing():
    inputs = [Input("a", 2.0, (normal("u", 0.1),)), Input("b", 3.0, (normal("u", 5.0),))]
    result = propagate(lambda x: 2 * x["a"], inputs, unit="1")
    assert result.u == pytest.approx(0.2)
    assert [line.contribution for line in result.budget] == [pytest.approx(0.2), 0.0]


# what first order does not see -----------------------------------------------------------------


def test_second_order_shows_where_all_derivatives_vanish():
    """JCGM 101, 9.4 at x = 0: first order gives 0, the exact u is 50e-6."""
    inputs = [Input(n, 0.0, (normal("u", 0.005),)) for n in ("X1", "X2")]

    def model(x):
        return x["X1"] ** 2 + x["X2"] ** 2

    assert propagate(model, inputs, unit="1").u == 0
    assert second_order_u(model, inputs) == pytest.approx(5e-5, rel=1e-9)


def test_second_order_shows_a_product_of_two_zeros():
    """EA-4/02 S4: the term of da * dT is 11.8 nm, first order gives 0."""
    inputs = [
        Input("da", 0.0, (triangular("limits", 2e-6),)),
        Input("dT", 0.0, (rectangular("limits", 0.5),)),
    ]

    def model(x):
        return 50e6 * x["da"] * x["dT"]

    assert propagate(model, inputs, unit="nm").u == 0
    assert second_order_u(model, inputs) == pytest.approx(11.8, abs=0.02)


def test_second_order_is_nothing_for_a_linear_model():
    inputs = [Input("a", 1.0, (normal("u", 0.3),)), Input("b", 2.0, (normal("u", 0.4),))]
    assert second_order_u(lambda x: 3 * x["a"] - 2 * x["b"], inputs) < 1e-12


# refusals ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "model",
    [
        lambda x: 1 / (x["a"] - 1.0),
        lambda x: math.log(x["a"] - 1.0),
        lambda x: (x["a"] - 2.0) ** 0.5,
        lambda x: math.exp(x["a"] * 1000),
        lambda _: math.nan,
    ],
)
def test_a_model_without_a_value_is_not_measured(model):
    with pytest.raises(NotMeasuredError, match="no value"):
        propagate(model, [Input("a", 1.0, (normal("u", 0.1),))], unit="1")


def test_inputs_of_one_name_are_refused():
    with pytest.raises(ValueError, match="same name"):
        propagate(lambda x: x["a"], [Input("a", 1.0), Input("a", 2.0)], unit="1")


@pytest.mark.parametrize("component", [("u", -0.1, "normal", INF), ("u", 0.1, "t", 0.0)])
def test_a_negative_u_or_no_degrees_of_freedom_are_refused(component):
    with pytest.raises(ValueError, match="a, u: u = "):
        propagate(lambda x: x["a"], [Input("a", 1.0, (component,))], unit="1")


@pytest.mark.parametrize("make", [rectangular, triangular, arcsine, resolution, normal])
@pytest.mark.parametrize("bad", [-1.0, math.nan, INF])
def test_a_component_must_be_finite_and_not_negative(make, bad):
    with pytest.raises(ValueError, match="finite and not negative"):
        make("a", bad)


def test_exact_inputs_have_no_uncertainty_and_no_lines():
    result = propagate(lambda x: x["a"] * x["b"], [Input("a", 2.0), Input("b", 3.0)], unit="1")
    assert (result.value, result.u, result.U, result.k) == (6.0, 0.0, 0.0, 2.0)
    assert math.isinf(result.dof)
    assert result.budget == ()


def test_a_plain_tuple_does_for_a_component():
    x = Input("x", 3.0, (("certificate", 0.1, "normal", INF), ("drift", 0.2, "rectangular", 8.0)))
    result = propagate(lambda v: 2 * v["x"], [x], unit="1")
    assert result.u == pytest.approx(2 * math.hypot(0.1, 0.2))
    assert [line.source for line in result.budget] == ["certificate", "drift"]
    assert result.dof == pytest.approx(8 * 0.05**2 / 0.2**4)


# GTC as an oracle -------------------------------------------------------------------------------

MODELS = {
    "error": lambda a, b, c, d, _: 100 * (a * d / (b * c) - 1),
    "difference": lambda a, b, c, d, _: a * c - b * d,
    "ratio": lambda a, b, c, d, _: (a + b) / (c + d) ** 2,
    "powers": lambda a, b, c, d, _: a**2.5 * b**-1.5 + (c * d) ** 0.5,
    "transcendental": lambda a, b, c, d, f: f.exp(-a / b) * f.sin(c) + f.log(d) + f.sqrt(a * b),
    "flow": lambda a, b, c, d, f: a * b * f.sqrt(c / (d + 1)) / (1 + f.exp(-b)),
}


class Functions:
    """sqrt, exp, log and sin of a float or a complex number."""

    def __getattr__(self, name):
        import cmath

        return lambda x: getattr(cmath if isinstance(x, complex) else math, name)(x)


@pytest.mark.parametrize("name", sorted(MODELS))
@pytest.mark.parametrize("seed", range(12))
def test_gtc_finds_the_same_on_random_models(name, seed):
    rng = random.Random(f"{name} {seed}")
    values = [rng.uniform(0.5, 20.0) for _ in range(4)]
    us = [v * 10 ** rng.uniform(-5, -0.7) for v in values]
    dofs = [rng.choice([2.0, 4.0, 9.0, 57.0, INF]) for _ in values]
    model = MODELS[name]

    uncertain = [GTC.ureal(v, u, df=dof) for v, u, dof in zip(values, us, dofs, strict=True)]
    oracle = model(*uncertain, GTC)
    inputs = [
        Input(n, v, (normal("u", u, dof),))
        for n, v, u, dof in zip("abcd", values, us, dofs, strict=True)
    ]
    found = propagate(
        lambda x: model(x["a"], x["b"], x["c"], x["d"], Functions()), inputs, unit="1"
    )
    assert found.value == pytest.approx(oracle.x, rel=1e-12)
    assert found.u == pytest.approx(oracle.u, rel=1e-9)
    if math.isinf(oracle.df):
        assert math.isinf(found.dof)
    else:
        assert found.dof == pytest.approx(oracle.df, rel=1e-9)
    for line, source in zip(found.budget, uncertain, strict=True):
        expected = abs(GTC.rp.u_component(oracle, source))
        assert line.contribution == pytest.approx(expected, rel=1e-9, abs=1e-12 * oracle.u)


def test_importing_metrology_loads_neither_numpy_nor_scipy():
    code = "import sys, benchctl.metrology; print(sorted({'numpy', 'scipy'} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
