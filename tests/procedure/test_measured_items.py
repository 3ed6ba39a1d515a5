"""Items that are measured in their own right: each a procedure of its own within the file."""
# ruff: noqa: E501 - procedures as they are written

import pytest
from procedure_samples import Loaded

CUFFS = """
procedure: cuffs
title: {en: Cuffs}
standard: {name: X, edition: 2020}
parameters:
  span: {unit: kPa, default: 40}
where:
  step: 0.1 * span
needs:
  pressure_setpoint:  {unit: kPa, settable: true}
  reference_pressure: {unit: kPa}
  cuff_pressure:      {unit: kPa, per: uut}
environment: {}
stages: {initial: mpe, in_service: mpe}
decision: {rule: simple acceptance, requires: U_reference <= mpe_initial / 3}
items: [appearance, static, pump_off, scale, both]
appearance: {ask: fine?}
static:
  title: {en: static pressure, zh: 静态压力}
  measurand:
    error: {unit: kPa, model: cuff_pressure - reference_pressure}
    uncertainty: {cuff_pressure: [{resolution: 0.1 kPa}], reference_pressure: [{certificate: true}]}
  limits: [{when: stage == "in_service", mpe: ±0.5 kPa}, {mpe: ±0.4 kPa}]
  points:
    - {point: p10, pressure: step}
    - {point: p40, pressure: span}
  each_point:
    set: {pressure_setpoint: pressure}
    settle: {reference_pressure: within 0.01 kPa for 10 s, timeout: 60 s}
    read: {reference: reference_pressure, every: 1 s, how_many: 10 readings}
pump_off: {ask: pump off?, per: line}
scale:
  when: span > 20
  where: {full: 2 * step}
  measurand:
    error: {unit: "%", model: 100 * (cuff_pressure - reference_pressure) / span}
    uncertainty: {cuff_pressure: [{resolution: 0.1 kPa}], reference_pressure: [{certificate: true}]}
  limits: [{mpe: ±1 %}]
  points: [{point: s1, level: full}, {point: s2, level: span}]
  each_point:
    set: {pressure_setpoint: level}
    settle: {reference_pressure: within 0.01 kPa for 10 s, timeout: 60 s}
    read: {reference: reference_pressure, every: 1 s, how_many: 10 readings}
both: {value: abs(static.p40) + largest(abs(static)), unit: kPa, across: value < 1 and abs(scale.s2) < 1}
"""


@pytest.fixture(scope="module")
def cuffs():
    loaded = Loaded(CUFFS)
    assert loaded.mistakes == []
    return loaded.procedure


def spoilt(*pairs):
    text = CUFFS
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    return Loaded(text)


def resolved(procedure, stage="initial", **given):
    values, problems = procedure.parameters_from(given)
    assert problems == []
    return procedure.resolve(values, stage=stage)


def test_each_item_with_points_is_a_part_of_its_own(cuffs):
    assert list(cuffs.parts) == ["static", "scale"]
    assert [p.measurand.unit for p in cuffs.measured] == ["kPa", "%"]
    assert [list(p.each_point.set["pressure_setpoint"].names) for p in cuffs.measured] == [
        ["pressure"],
        ["level"],
    ]
    assert cuffs.point_names() == ("p10", "p40", "s1", "s2")
    assert cuffs.part("s2") is cuffs.parts["scale"]
    assert cuffs.parts["static"].result_item == "static"


def test_points_are_resolved_in_the_order_of_the_items_each_with_its_own_limits(cuffs):
    points = resolved(cuffs).points
    assert [(p.item, p.name, p.index, p.nominal, p.mpe) for p in points] == [
        ("static", "p10", 0, 4.0, (-0.4, 0.4)),
        ("static", "p40", 1, 40.0, (-0.4, 0.4)),
        ("scale", "s1", 2, 8.0, (-1.0, 1.0)),
        ("scale", "s2", 3, 40.0, (-1.0, 1.0)),
    ]


def test_a_condition_may_name_the_stage(cuffs):
    assert resolved(cuffs, "in_service").points[0].mpe == (-0.5, 0.5)


def test_where_of_an_item_is_laid_over_that_of_the_file(cuffs):
    points = resolved(cuffs).points
    assert points[2].env["full"] == 2 * points[2].env["step"] == 8.0
    assert "full" not in points[0].env


def test_an_item_that_does_not_apply_has_no_points_and_nothing_is_judged_across_it(cuffs):
    found = resolved(cuffs, span=15)
    assert [p.name for p in found.points] == ["p10", "p40"]
    assert found.left_out == {"scale", "both"}


def test_a_measured_item_may_belong_to_some_stages_only():
    loaded = spoilt(("static:\n", "static:\n  stages: [initial]\n"), (", both]", "]"))
    assert {p.item for p in resolved(loaded.procedure).points} == {"static", "scale"}
    assert {p.item for p in resolved(loaded.procedure, "in_service").points} == {"scale"}


def test_the_file_may_have_points_beside_those_of_its_items():
    own = """
measurand:
  zero: {unit: kPa, model: cuff_pressure - reference_pressure}
  uncertainty: {cuff_pressure: [{resolution: 0.1 kPa}], reference_pressure: [{certificate: true}]}
limits: [{mpe: ±0.1 kPa}]
points: [{point: z, low: 0}]
each_point: {set: {pressure_setpoint: low}, settle: {soak: 1 s}, read: {reference: reference_pressure, every: 1 s, how_many: 10 readings}}
"""
    loaded = Loaded(CUFFS.replace("[appearance, static, pump_off", "[zero, static, pump_off") + own)
    assert [m for m in loaded.mistakes if " E" in m and "no-such-item" not in m] == []
    procedure = loaded.procedure
    assert list(procedure.parts) == ["zero", "static", "scale"]
    assert [(p.item, p.name) for p in resolved(procedure).points][:2] == [
        ("", "z"),
        ("static", "p10"),
    ]
    assert procedure.part("z").result_item == "zero"


def test_an_item_may_take_what_it_lacks_from_the_file():
    """Several items of one measurand: it is told once."""
    measurand = """
measurand:
  error: {unit: kPa, model: cuff_pressure - reference_pressure}
  uncertainty: {cuff_pressure: [{resolution: 0.1 kPa}], reference_pressure: [{certificate: true}]}
"""
    start = CUFFS.index("  measurand:\n    error: {unit: kPa")
    end = CUFFS.index("  limits: [{when: stage")
    loaded = Loaded(CUFFS[:start] + CUFFS[end:] + measurand)
    assert loaded.mistakes == []
    assert [p.measurand.unit for p in loaded.procedure.measured] == ["kPa", "%"]


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("point: s1", "point: p10", ("E303", "point-twice", "p10")),
        ("  limits: [{mpe: ±1 %}]\n", "", ("E101", "item-lacks", "scale")),
        ("level: full}", "level: ful}", ("E301", "unknown-name", "ful")),
        ("mpe: ±1 %", "mpe: ±1 kPa", ("E201", "misfit", "kPa")),
        ("when: stage ==", "when: stag ==", ("E301", "unknown-name", "stag")),
        ('stage == "in_service"', 'stage == "in_servce"', ("E204", "never-equal", None)),
        ("  when: span > 20\n", "  whn: span > 20\n", ("E102", "unknown-key", "whn")),
        ("static.p40", "static.p41", ("E301", "unknown-name", "static.p41")),
        ("both: {", "both: {of: sttic, ", ("E301", "not-measured-item", "sttic")),
        ("abs(scale.s2) < 1}", "all(abs(error) < 1)}", ("E101", "across-of", "both")),
    ],
)
def test_a_mistake_in_an_item_is_told_at_its_place(old, new, wanted):
    found = spoilt((old, new)).marked()
    code, message, text = wanted
    assert any(
        (c, m) == (code, message) or (c == code and m.endswith(message)) for c, m, _ in found
    ), found
    if text is not None:
        assert text in [t for c, _, t in found if c == code], found


def test_what_has_no_value_is_found_at_its_place_in_the_item():
    loaded = spoilt(("{full: 2 * step}", "{full: 2 * step * span / (span - 40)}"))
    marked = loaded.marked()
    assert [(c, t) for c, _, t in marked if c == "E501"] == [
        ("E501", "2 * step * span / (span - 40)")
    ]


def test_quantities_of_the_file_that_other_items_points_need_are_not_an_item_s():
    loaded = spoilt(
        ("  step: 0.1 * span\n", "  step: 0.1 * span\n  deep: 0.01 * point.pressure\n"),
        ("mpe: ±0.4 kPa", "mpe: ±(deep + 0.1 * step) kPa"),
    )
    assert loaded.mistakes == []
    points = resolved(loaded.procedure).points
    assert [p.mpe[1] for p in points] == pytest.approx([0.44, 0.8, 1.0, 1.0])
    assert "deep" not in points[2].values


def test_a_quantity_that_fits_no_item_is_a_mistake():
    loaded = spoilt(("  step: 0.1 * span\n", "  step: 0.1 * span\n  share: point.presure / span\n"))
    assert [(c, t) for c, _, t in loaded.marked()] == [("E301", "point.presure")]
