"""Methods: laid over the file, checked each, wrong at their own places; roles only where chosen."""

import pytest
from procedure_samples import Loaded

from benchctl.language import Diagnostics
from benchctl.procedure import CONTEXT, procedure_schema


@pytest.fixture
def weighed(water):
    return water.of({"method": "gravimetric"})


def test_the_default_is_the_method_unless_another_is_chosen(water, weighed):
    assert (water.method, weighed.method) == ("flying", "gravimetric")
    assert list(water.variants) == ["flying", "gravimetric"]
    values, problems = water.parameters_from({"method": "gravimetric"})
    assert problems == []
    assert water.of(values) is weighed
    assert water.of(water.parameters_from({})[0]).method == "flying"


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
    head = water_text.partition("methods: ")[0]
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
    assert (loaded.procedure.method, loaded.procedure.variants) == ("", {})
    assert loaded.procedure.of({"method": "gravimetric"}) is loaded.procedure


# mistakes ---------------------------------------------------------------------------------------

HUMID = "air_density(ambient_pressure, ambient_humidity, ambient_temperature)"
REST = "{tank_mass_now: within 0.002 kg for 8 s, timeout: 120 s}"

MISTAKES = [
    # choice
    ("  flying:   ", "  flyin:    ", "E301", "unknown-method", "flying"),
    (
        "[flying, gravimetric], default: flying}",
        "[flying], default: flying}",
        "E301",
        "method-not-chosen",
        "gravimetric",
    ),
    ("method: {choices", "methode: {choices", "E101", "no-method-parameter", "methods"),
    ("gravimetric], default: flying}", "gravimetric]}", "E101", "method-default", "method"),
    # shape
    (
        "    needs:\n      tank_mass:",
        "    need:\n      tank_mass:",
        "E102",
        "unknown-key",
        "need",
    ),
    ("start: standing ", "start: standig ", "E103", "not-a-choice", "standig"),
    ("        read: tank_mass\n", "", "E101", "standing-needs", "standing"),
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
        "        outlet_temperature:  [{half_width: 0.2 K}]\n",
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
        "  gravimetric:  ",
        "  gravimetric:\n    environment: {ambient_humidity: {to: 60 %}}\n    #",
        "        vessel:",
        "      runs: 2\n      retest: {when: fail, runs: 1, pass: at least 2 of 3 inside}\n"
        "      settle: {reference_flow: within 1 % for 20 s}\n    #   vessel:",
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


def test_the_schema_knows_methods_and_what_they_may_say():
    schema = procedure_schema()
    assert "methods" in schema["properties"]
    method = schema["$defs"]["MethodPart"]["properties"]
    assert set(method) == {"about", "needs", "where", "environment", "measurand", "each_point"}
    totalise = schema["$defs"]["TotalisePart"]["properties"]
    assert totalise["start"]["enum"] == ["flying", "standing"]


def test_a_hostile_number_of_methods_is_read_in_time(water_text):
    text = water_text + "".join(f"  m{n}: {{}}\n" for n in range(150))
    loaded = Loaded(text)
    assert loaded.procedure is None
    assert isinstance(loaded.diagnostics, Diagnostics)
