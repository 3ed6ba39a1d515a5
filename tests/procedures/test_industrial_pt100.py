"""Platinum sensors: the curve and the tolerances through the code that a run uses, and a run.

Facts and ids are those of shared/vectors/pressure-medical-temperature-electrical.json:
`iec60751-R(t)` (rows that several public test suites print, others by the standard equation) and
`rtd-class-tolerance-C-Cu` (class C from memory there). AA, A and B: instrumentationforum.com/6685.
"""

import math

import numpy as np
import pytest

from benchctl.core.places import bundled
from benchctl.engine import RunRequest, run
from benchctl.language import Diagnostics
from benchctl.metrology import (
    Input,
    iec60751_resistance,
    iec60751_temperature,
    normal,
    propagate,
)
from benchctl.procedure import load_procedure

SEED = 2


@pytest.fixture(scope="module")
def pt100():
    diagnostics = Diagnostics()
    procedure = load_procedure(bundled("procedures") / "industrial-pt100.yaml", diagnostics)
    assert not diagnostics.failed
    return procedure


def resolved(pt100, **parameters):
    values, problems = pt100.parameters_from({})
    assert problems == []
    return pt100.resolve(values | parameters, stage="initial")


CURVE = [
    (-200, 18.5201),
    (-196, 20.2465),
    (-150, 39.7232),
    (-100, 60.2558),
    (-50, 80.3063),
    (-20, 92.1599),
    (0, 100.0),
    (25, 109.7347),
    (37, 114.3817),
    (100, 138.5055),
    (260, 197.7119),
    (400, 247.0920),
    (419.527, 253.7996),
    (650, 329.6401),
    (850, 390.4811),
]


@pytest.mark.parametrize(("t", "r"), CURVE)
def test_the_model_of_the_procedure_finds_the_temperature_of_a_published_resistance(pt100, t, r):
    of = resolved(pt100)
    inputs = [Input("sensor_resistance", r), Input("bath_temperature", float(t))]
    model = pt100.measurand.model.known_at(of.points[0].values | of.env)
    slope = 100 * (3.9083e-3 - 2 * 5.775e-7 * t)  # Ω per K; four decimals are half of 1e-4 Ω
    assert propagate(model, inputs, unit="K").value == pytest.approx(0, abs=0.6e-4 / slope)
    assert iec60751_resistance(float(t), 100.0) == pytest.approx(r, abs=0.6e-4)


def test_what_the_resistance_is_uncertain_by_counts_with_the_slope_of_the_curve(pt100):
    of = resolved(pt100)
    for t, slope in ((0.001, 0.39083), (100.0, 0.37928)):  # Ω/K, JJG 229 as the sheet has it
        resistance = Input(
            "sensor_resistance", iec60751_resistance(t, 100.0), (normal("u", 0.001),)
        )
        model = pt100.measurand.model.known_at(of.points[0].values | of.env)
        result = propagate(model, [resistance, Input("bath_temperature", t)], unit="K")
        assert result.u == pytest.approx(0.001 / slope, rel=1e-4)


@pytest.mark.parametrize("t", [-200.0, -183.2, -40.0, -1e-6, 0.0, 1e-6, 77.7, 850.0])
@pytest.mark.parametrize("r0", [100.0, 1000.0])
def test_the_inverse_leads_back_also_for_arrays_and_derivatives(t, r0):
    r = iec60751_resistance(t, r0)
    assert iec60751_temperature(r, r0) == pytest.approx(t, abs=1e-9)
    many = iec60751_temperature(np.array([r, r0]), r0)
    assert many == pytest.approx([t, 0.0], abs=1e-9)
    slope = iec60751_temperature(complex(r, 1e-20), r0).imag / 1e-20
    near = min(max(t, -199.99), 849.99)
    rise = iec60751_resistance(near + 1e-3, r0) - iec60751_resistance(near - 1e-3, r0)
    assert slope == pytest.approx(2e-3 / rise, rel=1e-4)


@pytest.mark.parametrize("r", [18.0, 391.0, -5.0, 2000.0])
def test_beyond_the_curve_there_is_no_temperature(r):
    with pytest.raises(ValueError, match=r"\d"):
        iec60751_temperature(r, 100.0)


TOLERANCES = [("AA", 0.1, 0.27), ("A", 0.15, 0.35), ("B", 0.3, 0.8), ("C", 0.6, 1.6)]


@pytest.mark.parametrize(("tolerance_class", "at_0", "at_100"), TOLERANCES)
def test_the_tolerance_of_a_class_grows_with_the_temperature(pt100, tolerance_class, at_0, at_100):
    points = {p.name: p.mpe for p in resolved(pt100, tolerance_class=tolerance_class).points}
    assert points["t0"] == pytest.approx((-at_0, at_0))
    assert points["t100"] == pytest.approx((-at_100, at_100))


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    lab = tmp_path_factory.mktemp("lab")
    return run(RunRequest("industrial-pt100", seed=SEED, lab=lab, simulate=True))


def test_good_sensors_pass_and_those_off_or_too_flat_fail_where_they_are_wrong(report):
    kinds = ["good", "good", "good", "offset", "good", "slope", "good", "near", "good", "good"] * 2
    for unit, kind in zip(report.document["uuts"], kinds, strict=True):
        points = {p["point"]: p["verdict"] for p in unit["points"] if p["point"]}
        if kind == "good":
            assert unit["verdict"] == "pass", unit["serial"]
        elif kind == "offset":
            assert points["t0"] == "fail"
        elif kind == "slope":
            assert points == {"t0": "pass", "t100": "fail"}


def test_all_twenty_are_read_there_and_back_so_that_none_sees_another_bath(report):
    for index in (0, 1):
        runs = [
            [p for p in unit["points"] if p["point"]][index]["runs"][0]
            for unit in report.document["uuts"]
        ]
        references = [r["reference"] for r in runs]
        assert len(runs) == 20
        assert all(r["n"] == 8 for r in runs), "four times there and back"
        assert math.isclose(max(references), min(references), abs_tol=0.004)


def test_w_100_follows_from_both_points(report):
    for unit in report.document["uuts"]:
        errors = {p["point"]: p["error"] for p in unit["points"] if p["point"]}
        ratio = next(p for p in unit["points"] if p["item"] == "ratio")
        at_100 = iec60751_resistance(100.0 + errors["t100"], 100.0)
        w = at_100 / iec60751_resistance(errors["t0"], 100.0)
        assert ratio["observed"]["value"] == pytest.approx(w, abs=2e-6)
