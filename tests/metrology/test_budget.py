"""Budgets as a file gives them: what is read, what is evaluated, what a person is told."""

import math
import textwrap

import pytest

from benchctl.core.errors import UsageError
from benchctl.core.messages import words
from benchctl.language import Diagnostics, Source, parse_document, parse_expression
from benchctl.metrology import Correlation, Input, from_readings, normal, propagate, rectangular
from benchctl.metrology.budget import Budget, evaluate
from benchctl.metrology.budget_file import budget_of

CONTRACT = """
model: 100 * (Vm*pm*Tr / (Vr*pr*Tm) - 1)
unit: "%"
coverage: 0.9545
inputs:
  Vm: {value: 100.2, unit: L, u: 0.05, dof: 9}
  pm: {value: 101.325, unit: kPa, half_width: 0.02, distribution: rectangular}
  pr: {value: 101.300, unit: kPa, half_width: 0.02, distribution: rectangular}
  Vr: {value: 100.0, unit: L, U: 0.2, k: 2}
  Tm: {readings: [293.1, 293.2, 293.15], unit: K}
  Tr: {value: 293.2, unit: K}
correlations: [{between: [pm, pr], r: 0.8}]
"""


def read(text):
    """The budget in a text, and the diagnostics."""
    diagnostics = Diagnostics()
    document = parse_document(Source("budget.yaml", textwrap.dedent(text)), diagnostics)
    return budget_of(document, diagnostics) if document else None, diagnostics


def budget(text):
    found, diagnostics = read(text)
    assert not diagnostics.failed, [words(d.message) for d in diagnostics.items]
    return found


def mistakes(text):
    """Line, column, code and hint of every mistake."""
    found, diagnostics = read(text)
    assert found is None
    return [
        (d.span.line, d.span.column, d.code, words(d.hint) if d.hint else "")
        for d in diagnostics.items
    ]


def one(line, **more):
    """The components of an input that is written like that."""
    extra = "\n".join(f"{k}: {v}" for k, v in more.items())
    return budget(f"model: x\n{extra}\ninputs:\n  x: {line}").inputs[0]


# what a file says -------------------------------------------------------------------------------


def test_the_budget_of_the_contract():
    found = evaluate(budget(CONTRACT))
    by_hand = {  # c u of each input, from the closed form y = 100 (R - 1), dy = 100 R dx / x
        "Vm": 100 * 0.05 / 100.2,
        "pm": 100 * 0.02 / math.sqrt(3) / 101.325,
        "pr": 100 * 0.02 / math.sqrt(3) / 101.3,
        "Vr": 100 * 0.1 / 100,
        "Tm": 100 * 0.05 / math.sqrt(3) / 293.15,
    }
    ratio = 100.2 * 101.325 * 293.2 / (100 * 101.3 * 293.15)
    u2 = sum((ratio * c) ** 2 for c in by_hand.values())
    u2 -= 2 * 0.8 * by_hand["pm"] * by_hand["pr"] * ratio**2
    assert found.result.value == pytest.approx(100 * (ratio - 1), rel=1e-9)
    assert found.result.u == pytest.approx(math.sqrt(u2), rel=1e-12)
    lines = {line.input: line for line in found.result.budget}
    for name, part in by_hand.items():
        assert lines[name].contribution == pytest.approx(ratio * part, rel=1e-12)
    assert sum(map(found.share, found.result.budget)) + found.shared[0][3] == pytest.approx(1)
    assert found.shared[0][:3] == ("pm", "pr", 0.8)
    assert found.interval[1] - found.result.value == pytest.approx(found.result.U)
    assert found.check.agrees is False  # t with 2 and 9 dof: the interval is 4 % wider
    assert found.check.interval[1] - found.result.value == pytest.approx(0.2375, abs=2e-3)


@pytest.mark.parametrize(
    ("line", "value", "u", "distribution", "dof"),
    [
        ("{value: 3, u: 0.1}", 3.0, 0.1, "normal", math.inf),
        ("{value: 3, u: 0.1, dof: 8}", 3.0, 0.1, "t", 8.0),
        ("{value: 3, U: 0.1, k: 2}", 3.0, 0.05, "normal", math.inf),
        ("{value: 3, U: 0.1, p: 0.9545}", 3.0, 0.05, "normal", math.inf),
        ("{value: 3, U: 0.1, p: 95 %}", 3.0, 0.1 / 1.959963984540054, "normal", math.inf),
        ("{value: 3, U: 0.1, p: 0.95, dof: 9}", 3.0, 0.1 / 2.262157162798205, "t", 9.0),
        ("{value: 3, half_width: 0.6}", 3.0, 0.6 / math.sqrt(3), "rectangular", math.inf),
        (
            "{value: 3, half_width: 0.6, distribution: triangular}",
            3.0,
            0.6 / math.sqrt(6),
            "triangular",
            math.inf,
        ),
        (
            "{value: 3, half_width: 0.6, distribution: arcsine, dof: 5}",
            3.0,
            0.6 / math.sqrt(2),
            "arcsine",
            5.0,
        ),
        (
            "{value: 3, half_width: 1, distribution: trapezoid, top: 0.5}",
            3.0,
            math.sqrt(1.25 / 6),
            "trapezoid",
            math.inf,
        ),
        (
            "{value: 3, half_width: 2, distribution: ctrap, d: 0.2}",
            3.0,
            math.sqrt(4 / 3 + 0.04 / 9),
            "ctrap",
            math.inf,
        ),
        ("{value: 3, u: 0.1, distribution: rectangular}", 3.0, 0.1, "rectangular", math.inf),
        ("{limits: [2.9, 3.3]}", 3.1, 0.2 / math.sqrt(3), "rectangular", math.inf),
        ("{readings: [2.0, 4.0, 3.0]}", 3.0, 1 / math.sqrt(3), "t", 2.0),
        ("{value: 3, s: 0.4, n: 4, dof: 19}", 3.0, 0.2, "t", 19.0),
        ("{value: 3, resolution: 0.1}", 3.0, 0.1 / math.sqrt(12), "rectangular", math.inf),
        ('{value: 200, u: "0.1 %", unit: L}', 200.0, 0.2, "normal", math.inf),
        ('{value: 2, unit: "%", u: "0.1 %"}', 2.0, 0.1, "normal", math.inf),
        ('{value: "2 m", unit: mm, u: "1 cm"}', 2000.0, 10.0, "normal", math.inf),
        ('{value: "20 °C", unit: °C, u: "0.1 K"}', 20.0, 0.1, "normal", math.inf),
    ],
)
def test_each_way_to_state_an_uncertainty(line, value, u, distribution, dof):
    found = one(line)
    (component,) = found.sources
    assert found.value == pytest.approx(value, rel=1e-12)
    assert component.u == pytest.approx(u, rel=1e-12)
    assert (component.distribution, component.dof) == (distribution, dof)


def test_readings_and_the_step_they_were_read_to_are_two_sources():
    found = one("{readings: [2.0, 2.1, 2.0, 2.2], resolution: 0.1, U: 0.04, k: 2}")
    assert [c.source for c in found.sources] == ["readings", "U", "resolution"]


def test_a_bare_number_is_exact():
    assert one("3.5").sources == ()
    assert budget("model: x\ninputs: {x: 3 mm}").units == (("x", "mm"),)


# mistakes ---------------------------------------------------------------------------------------


def test_all_mistakes_are_told_at_once_with_their_places():
    assert mistakes("""\
        model: 100 * (Vm / Vrr - sqr(1))
        unti: "%"
        coverage: 2
        inputs:
          Vm: {value: 100.2, unit: LL, u: -0.05, dof: 0}
          Vr: {value: 1, half_width: 0.02, distribution: rectangula}
          p: {valu: 101.3, half_width: 0.02}
          T: {readings: [293.1], value: 3}
          q: {value: 1, U: 0.2}
          z: 293,2
        """) == [
        (1, 26, "E203", "did you mean `sqrt`?"),
        (2, 1, "E102", "did you mean `unit`?"),
        (3, 11, "E105", ""),
        (5, 28, "E201", "did you mean `L`?"),
        (5, 35, "E105", ""),
        (5, 47, "E105", ""),
        (6, 50, "E103", "did you mean `rectangular`?"),
        (7, 7, "E102", "did you mean `value`?"),
        (8, 7, "E106", ""),
        (8, 7, "E106", ""),
        (9, 17, "E106", ""),
        (10, 6, "E202", "write a decimal point: `293.2`"),
    ]


def test_a_name_that_no_input_has_is_told_where_it_stands_in_the_model():
    assert mistakes("model: 2 * Vm / Vrr\ninputs: {Vm: 1, Vr: 2}")[0] == (
        1, 17, "E301", "did you mean `Vr`?",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("{u: 0.1}", "E101"),
        ("{value: 1, readings: [1, 2]}", "E106"),
        ("{value: 1, k: 2}", "E106"),
        ("{value: 1, U: 0.1, k: 2, p: 0.95}", "E106"),
        ("{value: 1, U: 0.1, k: 0}", "E105"),
        ("{value: 1, U: 0.1, p: 1}", "E105"),
        ("{value: 1, u: 0.1, U: 0.1, k: 2}", "E106"),
        ("{value: 1, dof: 3}", "E106"),
        ("{value: 1, s: 0.1}", "E106"),
        ("{value: 1, n: 3}", "E106"),
        ("{value: 1, half_width: 1, distribution: normal}", "E106"),
        ("{value: 1, half_width: 1, distribution: trapezoid}", "E106"),
        ("{value: 1, half_width: 1, distribution: trapezoid, top: 2}", "E105"),
        ("{value: 1, half_width: 1, top: 0.5}", "E106"),
        ("{value: 1, half_width: 1, distribution: ctrap, d: 2}", "E106"),
        ("{limits: [3, 2]}", "E106"),
        ("{limits: [3]}", "E106"),
        ("{readings: [3, x]}", "E202"),
        ('{value: 1, unit: L, u: "0.1 K"}', "E201"),
        ("{value: abc}", "E202"),
        ("[1, 2]", "E104"),
    ],
)
def test_each_mistake_of_an_input_is_refused(line, code):
    assert [m[2] for m in mistakes(f"model: x\ninputs:\n  x: {line}")] == [code]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("model: 1 / x\ninputs: {x: 0}", "E203"),
        ("model: x > 1\ninputs: {x: 0}", "E203"),
        ("model: x\ninputs: {x: 1, 2y: 3}", "E106"),
        ("model: x\ninputs: {}", "E301"),
        ("inputs: {x: 1}", "E101"),
        ("model: x", "E101"),
        ("[1, 2]", "E104"),
        ("model: x\nmethod: gumm\ninputs: {x: 1}", "E103"),
    ],
)
def test_each_mistake_of_a_budget_is_refused(text, code):
    assert mistakes(text)[0][2] == code


PAIR = "model: x + y\ninputs:\n  x: {{readings: [1, 2, 4]}}\n  y: {}\ncorrelations: [{}]"


@pytest.mark.parametrize(
    ("y", "entry", "code"),
    [
        ("{value: 1, u: 1}", "{between: [x, z], r: 0.5}", "E301"),
        ("{value: 1, u: 1}", "{between: [x, x], r: 0.5}", "E106"),
        ("{value: 1, u: 1}", "{between: [x], r: 0.5}", "E105"),
        ("{value: 1, u: 1}", "{between: [x, y], r: 1.5}", "E105"),
        ("{value: 1, u: 1}", "{between: [x, y], r: readings}", "E106"),
        ("{readings: [1, 2]}", "{between: [x, y], r: readings}", "E106"),
        (
            "{value: 1, u: 1}",
            "{between: [x, y], r: 0.5}, {between: [y, x], r: 0.6}",
            "E106",
        ),
    ],
)
def test_each_mistake_of_a_correlation_is_refused(y, entry, code):
    assert [m[2] for m in mistakes(PAIR.format(y, entry))] == [code]


def test_coefficients_that_contradict_each_other_are_refused():
    text = """
    model: x + y + z
    inputs: {x: {value: 1, u: 1}, y: {value: 1, u: 1}, z: {value: 1, u: 1}}
    correlations:
      - {between: [x, y], r: 0.9}
      - {between: [y, z], r: 0.9}
      - {between: [x, z], r: -0.9}
    """
    assert [m[2] for m in mistakes(text)] == ["E106"]


def test_an_input_that_the_model_does_not_use_is_a_warning():
    found, diagnostics = read("model: x\ninputs: {x: 1, y: 2}")
    assert found is not None
    assert [(d.code, d.severity) for d in diagnostics.items] == [("E308", "warning")]


# correlation and degrees of freedom -------------------------------------------------------------

# JCGM 100, H.2, table H.2: five simultaneous sets of V, I, phi (from memory; with the printed
# results R 127.732(71), X 219.847(295), Z 254.260(236) as the check)
IMPEDANCE = """
model: {}
unit: Ω
inputs:
  V: {{readings: [5.007, 4.994, 5.005, 4.990, 4.999], unit: V}}
  I: {{readings: [19.663e-3, 19.639e-3, 19.640e-3, 19.685e-3, 19.678e-3], unit: A}}
  phi: {{readings: [1.0456, 1.0438, 1.0468, 1.0428, 1.0433]}}
correlations: [{{between: [V, I, phi], r: readings}}]
"""


@pytest.mark.parametrize(
    ("text", "value", "u"),
    [
        ("V / I * cos(phi)", 127.732, 0.071),
        ("V / I * sin(phi)", 219.847, 0.2956),
        ("V / I", 254.260, 0.236),
    ],
)
def test_readings_taken_together_share_their_degrees_of_freedom(text, value, u):
    found = evaluate(budget(IMPEDANCE.format(text)))
    assert found.result.value == pytest.approx(value, abs=1e-3)
    assert found.result.u == pytest.approx(u, abs=5e-4)
    assert found.result.dof == pytest.approx(4.0, rel=1e-12)
    r = {(a, b): c for a, b, c, _ in found.shared}
    assert r["V", "I"] == pytest.approx(-0.36, abs=5e-3)
    assert r["V", "phi"] == pytest.approx(0.86, abs=5e-3)
    assert r["I", "phi"] == pytest.approx(-0.65, abs=7e-3)
    assert found.check.u == pytest.approx(u * math.sqrt(2), rel=0.05)  # t with 4 dof


def test_impedance_is_the_mean_of_five_impedances():
    """To first order, u of V / I from correlated means is that of the five quotients."""
    v = [5.007, 4.994, 5.005, 4.990, 4.999]
    i = [19.663e-3, 19.639e-3, 19.640e-3, 19.685e-3, 19.678e-3]
    _, quotients = from_readings("Z", [a / b for a, b in zip(v, i, strict=True)])
    found = evaluate(budget(IMPEDANCE.format("V / I")), check=False)
    assert found.result.u == pytest.approx(quotients.u, rel=1e-3)


def test_no_degrees_of_freedom_are_made_up_for_correlated_inputs():
    inputs = [Input("x", 1.0, (normal("u", 0.1, 5),)), Input("y", 1.0, (normal("u", 0.1),))]
    related = (Correlation("x", "y", 0.5),)
    f = parse_expression("x + y")
    with pytest.raises(UsageError) as caught:
        propagate(f, inputs, unit="1", correlations=related)
    assert caught.value.message.id == "metrology.no-dof"
    by_trials = evaluate(Budget(f, tuple(inputs), correlations=related), "monte-carlo")
    assert by_trials.result.u == pytest.approx(
        0.1 * math.sqrt(5 / 3 + 1 + math.sqrt(5 / 3)), rel=0.02
    )
    assert [w.id for w in by_trials.warnings] == ["metrology.no-check"]
    assert len(by_trials.result.budget) == 2


def test_correlated_inputs_of_infinite_dof_leave_the_others_theirs():
    inputs = [
        Input("x", 1.0, (normal("u", 0.1),)),
        Input("y", 1.0, (normal("u", 0.1),)),
        Input("z", 1.0, (normal("u", 0.2, 5),)),
    ]
    related = (Correlation("x", "y", 1.0),)
    found = propagate(parse_expression("x + y + z"), inputs, unit="1", correlations=related)
    assert found.u == pytest.approx(math.hypot(0.2, 0.2))
    assert found.dof == pytest.approx(5 * 4)  # (2 * 0.04)^2 / (0.04^2 / 5)
    opposed = propagate(parse_expression("x - y"), inputs[:2], unit="1", correlations=related)
    assert opposed.u == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize(
    ("pairs", "id_"),
    [
        ([("x", "x", 0.5, False)], "metrology.bad-pair"),
        ([("x", "q", 0.5, False)], "metrology.bad-pair"),
        ([("x", "y", 0.5, False), ("y", "x", 0.5, False)], "metrology.bad-pair"),
        ([("x", "y", 1.5, False)], "metrology.bad-r"),
        ([("x", "y", 0.5, False), ("y", "z", 0.5, True)], "metrology.mixed-correlation"),
        ([("x", "y", 0.5, True)], "metrology.not-observed"),
    ],
)
def test_impossible_correlations_are_refused_by_name(pairs, id_):
    inputs = [Input(n, 1.0, (normal("u", 0.1),)) for n in "xyz"]
    with pytest.raises(UsageError) as caught:
        propagate(
            parse_expression("x + y + z"),
            inputs,
            unit="1",
            correlations=[Correlation(*p) for p in pairs],
        )
    assert caught.value.message.id == id_


# what the first order does not see --------------------------------------------------------------


def test_vanishing_derivatives_are_told_and_monte_carlo_disagrees():
    """JCGM 101, 9.4 at 0: first order says u = 0, the truth is 50e-6."""
    text = "model: x**2 + y**2\ninputs: {x: {value: 0, u: 0.005}, y: {value: 0, u: 0.005}}"
    found = evaluate(budget(text))
    assert found.result.u == 0
    assert found.second_order == pytest.approx(5e-5)
    assert [w.id for w in found.warnings] == ["metrology.vanishing", "metrology.disagrees"]
    assert found.check.agrees is False
    assert found.check.u == pytest.approx(5e-5, rel=0.03)


def test_with_second_order_terms_the_product_of_zeros_counts():
    """EA-4/02 S4: 50e6 da dT gives 11.8 nm."""
    text = """
    model: 50e6 * da * dT
    unit: nm
    order: {}
    inputs:
      da: {{value: 0, half_width: 2e-6, distribution: triangular}}
      dT: {{value: 0, half_width: 0.5}}
    """
    first, second = (evaluate(budget(text.format(n))) for n in (1, 2))
    assert first.result.u == 0
    assert second.result.u == pytest.approx(11.785, abs=1e-3)
    assert [line.input for line in second.result.budget][-1] == "second order"
    assert second.share(second.result.budget[-1]) == pytest.approx(1.0)
    assert second.check.u == pytest.approx(second.result.u, rel=0.02)


def test_monte_carlo_says_what_it_cannot_say():
    text = "model: x\nmethod: monte-carlo\ninputs: {x: {readings: [1, 2, 4]}}"
    found = evaluate(budget(text))
    assert found.method == "monte-carlo"
    assert "metrology.no-deviation" in [w.id for w in found.warnings]
    assert pytest.approx((found.interval[1] - found.interval[0]) / 2) == found.result.U


def test_a_budget_without_uncertainty_is_exact_by_both_methods():
    for method in ("gum", "monte-carlo"):
        found = evaluate(budget("model: 2 * x\ninputs: {x: 3}"), method)
        assert (found.result.value, found.result.U, found.interval) == (6.0, 0.0, (6.0, 6.0))
        assert found.check.agrees


def test_a_kink_is_told():
    found = evaluate(budget("model: max(x, 0)\ninputs: {x: {value: 0, u: 1}}"))
    assert "metrology.differences" in [w.id for w in found.warnings]
    assert found.result.u == pytest.approx(0.5)


def test_a_gentle_curve_is_not_worth_a_word():
    found = evaluate(budget("model: x**2\ninputs: {x: {value: 100, u: 1}}"))
    assert found.warnings == ()
    assert found.check.agrees


def test_a_model_that_ends_within_u_is_told():
    found = evaluate(budget("model: sqrt(x)\ninputs: {x: {value: 0.1, u: 0.2}}"))
    ids = [w.id for w in found.warnings]
    assert ids == ["metrology.second-order-unknown", "metrology.no-check"]


# shapes -----------------------------------------------------------------------------------------


def test_one_rectangle_that_outweighs_the_rest_gives_k():
    """EA-4/02 S9: the step of the indication; k = 1.65."""
    text = """
    model: ViX - VS + dX - dS
    unit: V
    coverage: 0.95
    inputs:
      ViX: 100.1
      VS: {value: 100, U: 0.002, k: 2}
      dX: {value: 0, half_width: 0.05}
      dS: {value: 0, half_width: 0.011}
    """
    found = evaluate(budget(text))
    assert found.result.k == pytest.approx(0.95 * math.sqrt(3))
    assert found.result.u == pytest.approx(0.029574764, rel=1e-7)
    assert found.check.interval[1] - 0.1 == pytest.approx(0.05050, abs=5e-4)


def test_two_rectangles_that_outweigh_the_rest_make_a_trapezoid():
    """EA-4/02 S10: at beta 0.33, k = 1.83."""
    inputs = [
        Input("a", 0.0, (rectangular("a", 2.0),)),
        Input("b", 0.0, (rectangular("b", 1.0),)),
        Input("c", 0.0, (normal("c", 0.1),)),
    ]
    f = parse_expression("a + b + c")
    found = propagate(f, inputs, unit="1", p=0.95, shapes=True)
    assert found.k == pytest.approx(1.83389, abs=1e-5)
    assert propagate(f, inputs, unit="1", p=0.95).k == pytest.approx(1.95996, abs=1e-5)


def test_a_rectangle_of_doubtful_limits_or_a_normal_one_gives_no_shape():
    for c in (rectangular("x", 1.0, 8), normal("x", 1.0)):
        inputs = [Input("x", 0.0, (c,)), Input("y", 0.0, (normal("y", 0.01),))]
        found = propagate(parse_expression("x + y"), inputs, unit="1", shapes=True)
        assert found.k >= 2.0


# the model's functions --------------------------------------------------------------------------


def test_a_table_is_a_line_between_points_and_ends_at_its_ends():
    text = "model: table(x, 0, 1, 10, 3, 20, 2)\ninputs: {{x: {{value: {}, u: 0.1}}}}"
    assert evaluate(budget(text.format(5))).result.value == 2.0
    assert evaluate(budget(text.format(5))).result.u == pytest.approx(0.02)
    assert evaluate(budget(text.format(10))).result.value == 3.0
    assert evaluate(budget(text.format(15))).result.value == 2.5
    assert mistakes(text.format(21))[0][2] == "E203"
    assert mistakes("model: table(x, 3, 1, 2, 1)\ninputs: {x: 2.5}")[0][2] == "E203"


def test_angles_and_lengths_of_vectors():
    text = "model: {}\ninputs: {{x: {{value: 3, u: 0.01}}, y: {{value: 4, u: 0.01}}}}"
    size = evaluate(budget(text.format("hypot(x, y)")))
    assert (size.result.value, size.warnings) == (5.0, ())
    assert size.result.u == pytest.approx(0.01)
    angle = evaluate(budget(text.format("atan2(y, x)")))
    assert angle.result.value == pytest.approx(math.atan2(4, 3))
    assert angle.result.u == pytest.approx(0.01 / 5, rel=1e-5)


def test_water_and_air_can_be_weighed():
    text = """
    model: 1000 * m * buoyancy_factor(water_density(t), air_density(p, 50, 20)) / water_density(t)
    unit: L
    inputs:
      m: {value: 100, unit: kg, u: 0.01}
      t: {value: 20, unit: °C, u: 0.1}
      p: {value: 1013, unit: hPa, u: 1}
    """
    found = evaluate(budget(text))
    assert found.result.value == pytest.approx(100.285, abs=1e-3)
    assert found.check.agrees
