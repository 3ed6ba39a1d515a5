"""The water-meter procedure in numbers, against values that were found elsewhere.

Limits and minimum volumes: shared vectors `water-mpe-*` and `water-minvol-1` (JJG 162, R 49-1).
"""

import math

import pytest

from benchctl.core.errors import RefusedError, UsageError
from benchctl.procedure import AskItem, HoldItem, PointsItem, ReadItem, VentItem


def resolved(water, stage="initial", resolution=None, **texts):
    values, problems = water.parameters_from(texts)
    assert problems == []
    return water.resolve(values, stage=stage, resolution=resolution or {})


def points(found):
    return {p.name: p for p in found.points}


@pytest.mark.parametrize(
    ("accuracy_class", "temperature", "zone", "mpe"),
    [
        (1, 30.0, "upper", 1.0),
        (1, 50, "lower", 3.0),
        (2, 20, "upper", 2.0),
        (2, 31, "upper", 3.0),
        (2, 20, "lower", 5.0),
        (1, 31, "upper", 2.0),
        (2, 30.0, "upper", 2.0),
    ],
)
def test_limits_follow_class_zone_and_temperature(water, accuracy_class, temperature, zone, mpe):
    found = points(resolved(water, accuracy_class=accuracy_class, test_temperature=temperature))
    for name in {"upper": ("Q3", "Q2"), "lower": ("Q1",)}[zone]:
        assert found[name].mpe == (-mpe, mpe)
        assert found[name].mpe_initial == mpe


def test_in_service_the_limits_are_twice_those_at_first(water):
    found = points(resolved(water, stage="in_service"))
    assert [found[n].mpe for n in ("Q3", "Q2", "Q1")] == [(-4.0, 4.0), (-4.0, 4.0), (-10.0, 10.0)]
    assert [found[n].mpe_initial for n in ("Q3", "Q2", "Q1")] == [2.0, 2.0, 5.0]


@pytest.mark.parametrize(("accuracy_class", "least"), [(2, 10.0), (1, 20.0)])
def test_the_volume_is_at_least_so_many_scale_intervals(water, accuracy_class, least):
    amount = points(resolved(water, accuracy_class=accuracy_class, scale_interval=0.05))[
        "Q1"
    ].amount
    assert amount == pytest.approx(least)


def test_a_coarse_indication_asks_for_more_water_than_the_scale_does(water):
    found = points(resolved(water, resolution={"meter_volume": 1.0}))
    assert [found[n].amount for n in ("Q3", "Q2", "Q1")] == [200.0, 200.0, 200.0]


def test_flow_points_and_bands_follow_from_q3_and_the_ratio(water):
    found = resolved(water, Q3="4.0", R="160")
    q1, q2 = 4.0 / 160, 1.6 * 4.0 / 160
    for name, nominal, keep in (
        ("Q3", 3.8, (3.6, 4.0)),
        ("Q2", 1.05 * q2, (q2, 1.1 * q2)),
        ("Q1", 1.05 * q1, (q1, 1.1 * q1)),
    ):
        point = points(found)[name]
        assert point.nominal == pytest.approx(nominal)
        assert point.nominal_unit == "m³/h"
        assert point.fields == {"flow": pytest.approx(nominal)}
        assert point.units == {"flow": "m³/h"}
        assert point.sets == {"flow_setpoint": pytest.approx(nominal)}
        assert point.keep == pytest.approx(keep)
    assert found.at_most == pytest.approx(5.0)
    assert [p.index for p in found.points] == [0, 1, 2]


def test_the_line_is_pressed_to_1_6_times_what_the_meter_bears(water):
    found = resolved(water, MAP="10 bar")
    assert found.hold_sets == {"tightness": {"test_pressure": pytest.approx(1.6)}}
    assert found.hold_drops == {"tightness": 0.05}
    assert found.env["MAP"] == pytest.approx(1.0)
    assert found.env["Q4"] == pytest.approx(1.25 * 2.5)


def test_a_switch_is_set_to_true_or_false(spoilt):
    loaded = spoilt("{test_pressure: 1.6 * MAP}", "{test_pressure: 1.6 * MAP, line_inlet: true}")
    assert loaded.mistakes == []
    values, _ = loaded.procedure.parameters_from({})
    found = loaded.procedure.resolve(values, stage="initial").hold_sets["tightness"]
    assert found == {"test_pressure": 1.6, "line_inlet": 1.0}


def test_the_items_are_what_the_file_says_in_its_order(water):
    assert [type(i) for i in water.items] == [AskItem, VentItem, HoldItem, ReadItem, PointsItem]
    venting, tightness = water.items[1:3]
    assert (venting.seconds, venting.times) == (30.0, 2)
    assert (tightness.hold, tightness.seconds, tightness.isolate) == (
        "line_pressure",
        60.0,
        "line_inlet",
    )
    assert (tightness.settle.within, tightness.settle.dwell, tightness.settle.timeout) == (
        0.03,
        5.0,
        60.0,
    )
    passes = water.items[3].passes
    env = {"meter_pulse_rate": 6.6, "pulse_value": 0.1, "reference_flow": 2.375}
    assert passes(env) is True
    assert passes(env | {"meter_pulse_rate": 7.3}) is False


def test_what_a_day_at_the_bench_needs_is_read(water):
    appearance = water.items[0]
    assert appearance.show == ("Q3", "R", "accuracy_class", "scale_interval")
    assert appearance.reasons["nameplate"]["zh"] == "铭牌与委托不符"
    assert [i.title["zh"] for i in water.items] == ["外观", "排气", "密封性", "功能", "示值误差"]
    assert [m["en"][:4] for m in water.mounting] == ["All "] * 3
    assert water.pause_at_most == 7200.0
    bound = water.after_leak.depressurise
    assert (bound.role, bound.below, bound.unit) == ("line_pressure", 0.05, "MPa")
    assert water.after_leak.again == ("venting", "tightness")
    assert resolved(water, Q3="4.0").vent_sets == {"venting": {"flow_setpoint": 2.0}}


def test_what_surrounds_the_points_is_read_too(water):
    assert water.name == "water-meter"
    assert water.title["zh"] == "冷水水表"
    assert water.standard.title == "JJG 162-2019"
    assert water.stages_known() == ("initial", "after_repair", "in_service")
    assert water.point_names() == ("Q3", "Q2", "Q1")
    assert water.decision.ratio["in_service"] == pytest.approx(1 / 3)
    assert water.decision.rule == "simple-acceptance"
    bands = {b.role: (b.low, b.high, b.drift, b.unit) for b in water.environment}
    assert bands["water_temperature"] == (10.0, 30.0, 5.0, "°C")
    assert water.needs["meter_pulse_rate"].shared == "reader"
    assert not water.needs["meter_pulse_rate"].optional
    assert water.shared_role == "flow_setpoint"
    retest = water.each_point.retest
    assert (retest.runs, retest.at_least_inside, retest.of, retest.mean_inside) == (2, 2, 3, True)
    assert retest.only_if_one_point_fails


def test_every_remark_is_kept_with_its_place(water, water_text):
    lines = water_text.split("\n")
    assert len(water.notes) == water_text.count("check against your copy")
    for note in water.notes:
        place, _, text = note.rpartition("): ")
        assert text == "check against your copy"
        assert "check against your copy" in lines[int(place.rpartition(":")[2]) - 1]


def test_the_sources_of_uncertainty_carry_their_size(water):
    (resolution,) = water.measurand.inputs["meter_volume"]
    certificate, repeatability = water.measurand.inputs["reference_volume"]
    assert resolution.value({"scale_interval": 0.05}) == 0.05
    assert certificate.value is None
    assert repeatability.value({}) == pytest.approx(0.03)
    assert (repeatability.relative, repeatability.unit) == (True, "%")
    assert water.measurand.reporting.step({}) == 0.1
    assert (water.measurand.reporting.rounding, water.measurand.method) == ("gb-t-8170", "gum")


# parameters


def test_a_parameter_takes_its_own_unit_or_any_of_its_kind(water):
    values, problems = water.parameters_from(
        {"Q3": "2500 L/h", "scale_interval": "50 mL", "R": 160}
    )
    assert problems == []
    assert values["Q3"] == 2.5
    assert values["scale_interval"] == pytest.approx(0.05)
    assert values["R"] == 160
    assert values["accuracy_class"] == 2


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("Q3", "2.6", "not-a-choice"),
        ("Q3", "2.5 L", "parameter-wrong"),
        ("Q3", "many", "parameter-wrong"),
        ("Q3", "2,5", "parameter-wrong"),
        ("Q3", "nan", "parameter-wrong"),
        ("Q3", float("nan"), "parameter-no-number"),
        ("Q3", True, "parameter-no-number"),
        ("Q3", None, "parameter-no-number"),
        ("MAP", "0.2", "below-least"),
        ("MAP", "20 bar", "above-greatest"),
        ("q3", "2.5", "parameter-unknown-near"),
        ("colour", "red", "parameter-unknown"),
    ],
)
def test_a_wrong_parameter_is_told_by_its_name(water, name, text, problem):
    values, problems = water.parameters_from({name: text})
    (found,) = problems
    assert (found[0], found[1].id) == (name, f"procedure.{problem}")
    assert name not in values or name not in water.parameters


def test_a_stage_that_is_not_known_is_refused_with_the_one_that_is_meant(water):
    values, _ = water.parameters_from({})
    with pytest.raises(UsageError) as caught:
        water.resolve(values, stage="in-service")
    assert caught.value.hint.args == {"name": "in_service"}


def test_all_parameters_are_needed(water):
    with pytest.raises(UsageError, match="R"):
        water.resolve({"Q3": 2.5}, stage="initial")


def test_parameters_that_give_no_usable_point_are_refused_with_the_place(spoilt):
    loaded = spoilt("R:     {choices: [40, 50, 63", "R:     {choices: [40, 50, 63")
    values, _ = loaded.procedure.parameters_from({})
    with pytest.raises(RefusedError) as caught:
        loaded.procedure.resolve(values | {"R": 0.0}, stage="initial")
    assert "where Q1" in str(caught.value)
    with pytest.raises(RefusedError):
        loaded.procedure.resolve(values | {"Q3": math.inf}, stage="initial")
    with pytest.raises(RefusedError) as caught:
        loaded.procedure.resolve(values | {"Q3": -2.5}, stage="initial")
    assert "negative" in str(caught.value)


def test_a_verification_needs_simple_acceptance_and_an_adequate_standard(water, spoilt):
    assert water.not_for("verification") is None
    line = "  requires: U_reference <= mpe_initial * standard_ratio "
    loaded = spoilt(line, "  # ")
    assert loaded.mistakes == []
    assert loaded.procedure.not_for("verification").id == "procedure.not-for-service"
    assert loaded.procedure.not_for("calibration") is None


@pytest.mark.parametrize(
    ("old", "new", "problem", "hint"),
    [
        ("R:     {choices: [40,", "R:     {choices: [0, 40,", "division", "R = 0"),
        ("flow: 1.05 * Q2", "flow: 1.2 * Q2", "outside-keep", "Q3 = 2.5 m³/h"),
        ("within 2.5 % for 10 s", "within 6 % for 10 s", "settles-outside", "Q3 = "),
        ("keep: [0.9 * Q3, Q3]", "keep: [Q3, 0.9 * Q3]", "wrong-way-round", "Q3 = "),
        ("Q4: 1.25 * Q3", "Q4: Q3 - 9.6", "above-most", "Q3 = "),
        ("table: {Q3: 100,", "table: {Q3: 100 - 100 * accuracy_class,", None, None),
        ("test_pressure: 1.6 * MAP", "test_pressure: MAP - 2", None, None),
        (
            "flow: 1.05 * Q2, keep: [Q2, 1.1 * Q2]",
            "flow: Q2 - 0.05, keep: [-1, 1]",
            "negative",
            "Q3 = ",
        ),
        (
            "±(1 if accuracy_class == 1 else 2) %",
            "±(accuracy_class - 1) %",
            "wrong-way-round",
            "accuracy_class = 1",
        ),
    ],
)
def test_numbers_that_cannot_be_are_found_with_the_parameters_that_show_it(
    spoilt, old, new, problem, hint
):
    loaded = spoilt(old, new)
    if problem is None:
        assert loaded.mistakes == []
        return
    found = [d for d in loaded.diagnostics.items if d.code == "E501"]
    assert loaded.procedure is None
    assert len(found) == len(loaded.diagnostics.items) >= 1
    text = " ".join(
        [found[0].message.id, *(a.id for a in found[0].message.args.values() if hasattr(a, "id"))]
    )
    assert problem in text or problem in str(found[0].message)
    assert hint in str(found[0].hint)
