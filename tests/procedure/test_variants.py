"""Variants: laid over the file, checked each, wrong at their own places; roles only where chosen."""
# ruff: noqa: E501 - procedures as they are written

import pytest
from procedure_samples import Loaded

from benchctl.language import Diagnostics
from benchctl.procedure import CONTEXT, procedure_schema


@pytest.fixture
def weighed(water):
    return water.of({"method": "gravimetric"})


def test_the_default_is_the_method_unless_another_is_chosen(water, weighed):
    assert (water.chosen, weighed.chosen) == ({"method": "flying"}, {"method": "gravimetric"})
    assert list(water.variants) == [("flying",), ("gravimetric",)]
    values, problems = water.parameters_from({"method": "gravimetric"})
    assert problems == []
    assert water.of(values) is weighed
    assert water.of(water.parameters_from({})[0]).chosen == {"method": "flying"}


def test_a_method_that_is_misspelt_is_refused_with_the_one_meant(water):
    _, problems = water.parameters_from({"method": "gravimetrc"})
    assert [(n, m.id, m.args["near"]) for n, m in problems] == [
        ("method", "procedure.not-a-choice-near", "gravimetric")
    ]


def test_a_role_is_needed_only_where_its_method_is_chosen(water, weighed):
    assert "reference_volume" in water.needs
    assert "reference_volume" not in weighed.needs
    assert {"tank_mass", "diverter", "dip_pipe_factor"} <= weighed.needs.keys() - water.needs.keys()
    shared = {"reference_flow", "flow_setpoint", "meter_volume", "ambient_humidity"}
    assert shared <= weighed.needs.keys() & water.needs.keys()


def test_what_the_methods_share_is_the_same(water, weighed):
    assert weighed.limits == water.limits
    assert weighed.points == water.points
    assert weighed.sha256 == water.sha256
    values, _ = water.parameters_from({"Q3": "4", "R": "160"})
    a, b = (p.resolve(values, stage="initial") for p in (water, weighed))
    assert [(p.name, p.nominal, p.mpe, p.amount) for p in a.points] == [
        (p.name, p.nominal, p.mpe, p.amount) for p in b.points
    ]


def test_the_reference_volume_follows_from_what_is_weighed(weighed):
    model = weighed.measurand.model
    assert model.names - weighed.needs.keys() == CONTEXT.keys()
    steps = [step.name for step in model.steps]
    assert steps.index("meter_temperature") < steps.index("meter_density") < steps.index("mass")
    totalise = weighed.each_point.totalise
    assert (totalise.role, totalise.unit, totalise.start) == ("reference_volume", "L", "standing")
    standing = totalise.standing
    assert (standing.read, standing.follow, standing.within) == ("tank_mass", "tank_mass_now", 2e-3)
    assert (standing.divert, standing.drain, standing.holds) == (
        "diverter",
        "tank_drain",
        "tank_capacity",
    )


def test_a_file_without_methods_is_one_procedure(water_text):
    head = water_text.partition("variants: ")[0]
    flying = """
  reference_volume: {unit: L}
"""
    text = head.replace("\n  reference_flow:", flying + "  reference_flow:", 1)
    text = text.replace("  method: {choices: [flying, gravimetric], default: flying} ", "  #")
    text = text.replace(
        "{resolution: scale_interval}]",
        "{resolution: scale_interval}]\n    reference_volume: [{certificate: true}]",
        1,
    )
    text = text.replace(
        "  runs: 1\n", "  runs: 1\n  totalise: {until: reference_volume >= 10}\n", 1
    )
    loaded = Loaded(text)
    assert loaded.mistakes == []
    assert (loaded.procedure.chosen, loaded.procedure.variants) == ({}, {})
    assert loaded.procedure.of({"method": "gravimetric"}) is loaded.procedure


# mistakes ---------------------------------------------------------------------------------------

HUMID = "air_density(ambient_pressure, ambient_humidity, ambient_temperature)"
REST = "{tank_mass_now: within 0.002 kg for 8 s, timeout: 120 s}"

MISTAKES = [
    # choice
    ("    flying:   ", "    flyin:    ", "E301", "unknown-variant", "flying"),
    (
        "[flying, gravimetric], default: flying}",
        "[flying], default: flying}",
        "E301",
        "variant-not-chosen",
        "gravimetric",
    ),
    ("method: {choices", "methode: {choices", "E101", "no-variant-parameter", "method"),
    ("gravimetric], default: flying}", "gravimetric]}", "E101", "variant-default", "method"),
    # shape
    (
        "      needs:\n        tank_mass:",
        "      need:\n        tank_mass:",
        "E102",
        "unknown-key",
        "need",
    ),
    ("start: standing ", "start: standig ", "E103", "not-a-choice", "standig"),
    ("          read: tank_mass\n", "", "E101", "standing-needs", "standing"),
    ("start: flying}", "start: flying, read: reference_flow}", "E106", "only-standing", "read"),
    # names and units
    ("divert: diverter", "divert: divertor", "E301", "unknown-role", "divertor"),
    ("divert: diverter", "divert: tank_mass", "E305", "not-settable", "tank_mass"),
    ("holds: tank_capacity", "holds: tank_mass", "E305", "want-constant", "tank_mass"),
    (REST, REST.replace("0.002 kg", "0.002 L"), "E206", "misfit", "0.002 L"),
    (
        REST,
        REST.replace("tank_mass_now", "reference_flow"),
        "E204",
        "unit-misfit",
        "reference_flow",
    ),
    ("{unit: hPa, usual", "{unit: kPa, usual", "E204", "other-unit", HUMID),
    (
        HUMID,
        HUMID.replace("_temperature)", "_temperature - inlet_temperature)"),
        "E204",
        "wants-unit",
        HUMID.replace("_temperature)", "_temperature - inlet_temperature)"),
    ),
    (
        "meter_density: water_density",
        "meter_density: water_densty",
        "E203",
        "no-such-function",
        "water_densty",
    ),
    (
        "value: 1000 * mass / meter_density",
        "value: mass / mass",
        "E204",
        "unit-misfit",
        "mass / mass",
    ),
    ("value: 1000 * mass", "value: 1000 * masss", "E301", "unknown-name", "masss"),
    ("uut.position", "uut.positon", "E301", "unknown-name", "uut.positon"),
    (
        "{unit: L, value: 1000 * mass / meter_density}",
        "1000 * mass / meter_density",
        "E101",
        "derived-unit",
        "reference_volume",
    ),
    (
        "meter_temperature: inlet_temperature",
        "meter_temperature: meter_density",
        "E304",
        "cycle",
        "meter_temperature",
    ),
    (
        "outlet_temperature: {unit: °C, usual: 20}",
        "outlet_temperature: {unit: °C}",
        "E101",
        "no-usual",
        "outlet_temperature",
    ),
    (
        "{unit: °C, usual: 20}                 # of",
        "{unit: °C, usual: 20 kg}   # of",
        "E202",
        "misfit",
        "20 kg",
    ),
    (
        '{unit: "1", constant: true}           # mass',
        "{switch: true, constant: true}   # mass",
        "E106",
        "constant-only",
        "true",
    ),
    (
        "          outlet_temperature:  [{half_width: 0.2 K}]\n",
        "",
        "E101",
        "no-components",
        "uncertainty",
    ),
]


@pytest.mark.parametrize(("old", "new", "code", "message", "marked"), MISTAKES)
def test_a_mistake_in_a_method_is_reported_once_at_its_place(
    spoilt, old, new, code, message, marked
):
    loaded = spoilt(old, new)
    assert loaded.procedure is None
    found = [m for m in loaded.marked() if m[:2] == (code, message)]
    assert found == [(code, message, marked)], loaded.marked()


def test_the_method_and_the_rest_are_checked_together_and_all_is_reported(spoilt):
    loaded = spoilt("  R:     {choices", "  r:     {choices", "divert: diverter", "divert: drain")
    lines = sorted({d.span.line for d in loaded.diagnostics.items})
    assert len(lines) >= 2
    assert lines[0] < 25 < lines[-1]


def test_what_a_method_says_may_replace_what_stands_there(spoilt):
    loaded = spoilt(
        "    gravimetric:  ",
        "    gravimetric:\n      environment: {ambient_humidity: {to: 60 %}}\n      #",
        "          vessel:",
        "        runs: 2\n        retest: {when: fail, runs: 1, pass: at least 2 of 3 inside}\n"
        "        settle: {reference_flow: within 1 % for 20 s}\n      #   vessel:",
    )
    assert loaded.mistakes == []
    flying, weighed = loaded.procedure, loaded.procedure.of({"method": "gravimetric"})
    bands = [
        next(b for b in p.environment if b.role == "ambient_humidity") for p in (flying, weighed)
    ]
    assert [(b.low, b.high) for b in bands] == [(15.0, 85.0), (15.0, 60.0)]
    settle = weighed.each_point.settle
    assert (settle.within, settle.dwell, settle.timeout) == (0.01, 20.0, 120.0)
    assert (weighed.each_point.runs, flying.each_point.runs) == (2, 1)
    assert weighed.each_point.retest.only_if_one_point_fails
    assert weighed.each_point.totalise.standing.drain is None


def test_the_schema_knows_variants_and_what_they_may_say():
    schema = procedure_schema()
    assert {"variants", "methods"} <= schema["properties"].keys()
    assert schema["properties"]["methods"]["deprecated"] is True
    variant = set(schema["$defs"]["VariantPart"]["properties"])
    assert variant >= {"standard", "needs", "where", "environment", "measurand", "limits", "stages"}
    assert variant >= {"decision", "items", "points", "each_point", "about", "note"}
    assert variant.isdisjoint({"parameters", "procedure", "title", "variants"})
    totalise = schema["$defs"]["TotalisePart"]["properties"]
    assert totalise["start"]["enum"] == ["flying", "standing"]


def test_a_hostile_number_of_methods_is_read_in_time(water_text):
    text = water_text + "".join(f"    m{n}: {{}}\n" for n in range(150))
    loaded = Loaded(text)
    assert loaded.procedure is None
    assert isinstance(loaded.diagnostics, Diagnostics)


# several parameters ------------------------------------------------------------------------------

EDITIONS = """
procedure: gauges
title: Gauges
standard: {name: JJG 52, edition: 1999, in_force: 1999-12-01}
parameters:
  edition: {choices: [1999, 2013], default: 2013}
  display: {choices: [kPa, mmHg], default: kPa}
needs:
  pressure_setpoint:  {unit: kPa, settable: true}
  reference_pressure: {unit: kPa}
  gauge_pressure:     {unit: kPa, per: uut}
measurand:
  error: {unit: kPa, model: gauge_pressure - reference_pressure}
  uncertainty: {gauge_pressure: [{resolution: 0.1 kPa}], reference_pressure: [{certificate: true}]}
limits: [{mpe: ±1 kPa}]
stages: {initial: mpe, in_service: 2 * mpe}
decision: {rule: simple acceptance, requires: U_reference <= mpe_initial / 3}
items: [appearance, error]
appearance: {ask: fine?}
tightness: {ask: tight?}
points: [{point: p50, pressure: 50}]
each_point:
  set: {pressure_setpoint: pressure}
  settle: {reference_pressure: within 0.1 kPa for 10 s, timeout: 60 s}
  read: {reference: reference_pressure, every: 1 s, how_many: 10 readings}
variants:
  edition:
    1999: {standard: {until: 2013-12-26}, note: check against your copy}
    2013:
      about: {en: the present one, zh: 现行版}
      standard: {edition: 2013, in_force: 2013-12-27}
      stages: {in_service: mpe, after_repair: mpe}
      items: [appearance, tightness, error, spread]
      spread: {across: spread(error) <= mpe.p50}
      points: [{point: p50, pressure: 50}, {point: p90, pressure: 90}]
  display:
    kPa: {}
    mmHg: {limits: [{mpe: ±8 mmHg}], measurand: {error: {report_to: 0.1}}}
"""


@pytest.fixture(scope="module")
def editions():
    loaded = Loaded(EDITIONS)
    assert loaded.mistakes == []
    return loaded.procedure


def test_two_editions_stand_side_by_side_in_one_file(editions):
    old = editions.of({"edition": "1999"})
    assert (old.standard.title, old.standard.until) == ("JJG 52-1999", "2013-12-26")
    assert (editions.standard.title, editions.standard.until) == ("JJG 52-2013", "")
    assert editions.standard.in_force == "2013-12-27"
    assert old.point_names() == ("p50",)
    assert editions.point_names() == ("p50", "p90")
    assert [i.name for i in old.items] == ["appearance", "error"]
    assert [i.name for i in editions.items] == ["appearance", "tightness", "error", "spread"]
    assert old.stages_known() == ("initial", "in_service")
    assert editions.stages_known() == ("initial", "in_service", "after_repair")


def test_every_combination_of_several_parameters_is_a_procedure(editions):
    assert editions.axes == ("edition", "display")
    assert set(editions.variants) == {
        ("1999", "kPa"), ("1999", "mmHg"), ("2013", "kPa"), ("2013", "mmHg"),
    }  # fmt: skip
    values, _ = editions.parameters_from({"edition": "1999", "display": "mmHg"})
    chosen = editions.of(values)
    assert chosen.chosen == {"edition": 1999.0, "display": "mmHg"}
    mpe = chosen.resolve(values, stage="initial").points[0].mpe
    assert mpe == pytest.approx((-1.0665789, 1.0665789))
    assert chosen.resolve(values, stage="in_service").points[0].mpe[1] == pytest.approx(2.1331579)
    newer = editions.of({"edition": 2013.0, "display": "mmHg"})
    values = values | {"edition": 2013.0}
    assert newer.resolve(values, stage="in_service").points[0].mpe[1] == pytest.approx(1.0665789)


def test_a_remark_of_a_variant_is_that_of_the_procedure_that_has_it(editions):
    line = 1 + EDITIONS[: EDITIONS.index("note: check")].count("\n")
    assert editions.of({"edition": "1999"}).notes == (
        f"variants edition 1999 (water.yaml:{line}): check against your copy",
    )
    assert editions.notes == ()


@pytest.mark.parametrize(
    ("old", "new", "code", "message", "marked"),
    [
        ("    1999: {standard", "    1989: {standard", "E301", "unknown-variant", "1999"),
        ("[kPa, mmHg], default: kPa}", "[kPa, mmHg]}", "E101", "variant-default", "display"),
        ("    kPa: {}\n", "", "E301", "unknown-variant", "kPa"),
        ("  display:\n", "  displ:\n", "E101", "no-variant-parameter", "displ"),
        ("mpe: ±8 mmHg", "mpe: ±8 mmHgg", "E201", "unknown", "mmHgg"),
        ("after_repair: mpe", "after_repair: mpee", "E301", "unknown-name", "mpee"),
        ("until: 2013-12-26", "untl: 2013-12-26", "E102", "unknown-key", "untl"),
        ("      stages: {in", "      stags: {in", "E102", "unknown-key", "stags"),
    ],
)
def test_a_mistake_in_one_of_several_variants_is_reported_once(old, new, code, message, marked):
    assert old in EDITIONS
    marks = Loaded(EDITIONS.replace(old, new, 1)).marked()
    found = [m for m in marks if m[0] == code and m[1].startswith(message)]
    assert [m[2] for m in found] == [marked], marks


def test_a_parameter_with_variants_has_no_unit():
    text = EDITIONS.replace("{choices: [1999, 2013]", "{unit: kPa, choices: [1999, 2013]")
    assert ("E106", "variant-unit", "kPa") in Loaded(text).marked()


def test_too_many_combinations_are_refused_in_time():
    axes = "".join(f"  a{n}: {{choices: [x, y, z], default: x}}\n" for n in range(8))
    laid = "".join(f"  a{n}: {{x: {{}}, y: {{}}, z: {{}}}}\n" for n in range(8))
    text = EDITIONS.replace("parameters:\n", "parameters:\n" + axes) + laid
    assert [m[:2] for m in Loaded(text).marked()] == [("E004", "too-many-variants")]


def test_methods_of_earlier_versions_are_still_read(water_text, water):
    """The record of a run has the procedure's text as it was; it must be understood for ever."""
    head, _, tail = water_text.partition("variants: ")
    old = "".join(line[2:] + "\n" for line in tail.splitlines()[2:])
    loaded = Loaded(head + "methods:\n" + old)
    assert [(d.severity, d.message.id) for d in loaded.diagnostics.items] == [
        ("warning", "procedure.methods-now")
    ]
    read = loaded.procedure
    assert (read.axes, set(read.variants)) == (water.axes, set(water.variants))
    for method in ("flying", "gravimetric"):
        one, other = (p.of({"method": method}) for p in (read, water))
        assert one.measurand == other.measurand
        assert one.each_point == other.each_point
        assert one.needs == other.needs
