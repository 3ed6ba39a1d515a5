"""docs/procedures.md: every example on the page is a procedure, or a part, that is in order."""

import re
import textwrap
from pathlib import Path

import pytest
from procedure_samples import WATER, Loaded

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "procedures.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"<!-- ([\w:_ ]+) -->\n```yaml\n(.*?)```\n", PAGE, re.S)
WHOLE = dict(EXAMPLES)["procedure"]
SETTLE = dict(EXAMPLES)["settle"]
RULES = [row[2:] for row in dict(EXAMPLES)["how_many"].splitlines()]
HEAD = """procedure: example
title: Example
standard: {{name: JJG 1}}
{services}
needs:
{needs}
measurand:
  error: {{unit: "{unit}", model: {model}}}
  uncertainty:
{uncertainty}
limits: [{{mpe: ±1 {unit}}}]
stages: {{initial: mpe}}
decision:
  rule: simple acceptance
  requires: U_reference <= mpe_initial * standard_ratio
  standard_ratio: {{initial: 1/4}}
items: [error]
{more}
"""
SCANNER = HEAD.format(
    services="",
    unit="K",
    needs="""  bath: {unit: °C, settable: true}
  bath_temperature: {unit: °C}
  thermometer: {unit: °C, per: uut, shared: reader}""",
    model="thermometer - bath_temperature",
    uncertainty="""    thermometer: [{resolution: 0.01 K}]
    bath_temperature: [{certificate: true}]""",
    more="""points: [{point: ice, temperature: 0}]
each_point:
  set: {bath: temperature}
  settle: {bath_temperature: within 0.02 K for 60 s, timeout: 40 min}
""",
)
ENERGY = HEAD.format(
    services="parameters: {meter_constant: {unit: imp/kWh, default: 1200}}",
    unit="%",
    needs="""  source_power: {unit: W, settable: true}
  meter_pulses: {unit: imp, per: uut}
  reference_pulses: {unit: imp, per: uut}
  reference_constant: {unit: imp/kWh, constant: true}""",
    model="100 * (meter_pulses / meter_constant * reference_constant / reference_pulses - 1)",
    uncertainty="""    meter_pulses: [{resolution: 1}]
    reference_pulses: [{resolution: 1}]""",
    more="""points: [{point: In, power: 2200}]
each_point:
  set: {source_power: power}
""",
)
MASS = HEAD.format(
    services="",
    unit="mg",
    needs="""  comparator: {unit: mg}
  comparator_now: {unit: mg}
  turntable: {switch: true, settable: true}
  standard_error: {unit: mg, constant: true}""",
    model="standard_error + comparator",
    uncertainty="    comparator: [{resolution: 0.001 mg}]",
    more="points: [{point: 100g, mass: 100}]\neach_point:\n",
)


def without(text, key):
    """Return a procedure without the mapping at a key of `each_point`."""
    return re.sub(rf"^  {key}:.*\n(?:   .*\n)*", "", text, flags=re.MULTILINE)


def base(name):
    """Return a procedure that lacks only how a point is measured."""
    if name == "water":
        text = WATER.read_text(encoding="utf-8")
        return re.sub(r"^        totalise: \{until.*\n", "", text, count=1, flags=re.MULTILINE)
    if name == "gauges":
        return without(WHOLE, "read")
    return {"scanner": SCANNER, "energy": ENERGY, "mass": MASS}[name]


def test_the_page_has_an_example_of_every_way():
    names = [name for name, _ in EXAMPLES]
    ways = ("water", "gauges", "scanner", "energy", "mass")
    assert names == [
        "procedure", "points: rows", "points: table", "limits", "measured items", "variants", "set",
        "settle", "each_point: runs", "each_point: consumes",
        *(f"each_point: {w}" for w in ways[:3]), "how_many",
        *(f"each_point: {w}" for w in ways[3:]),
    ]  # fmt: skip
    assert len(RULES) == 6


def test_the_whole_procedure_is_in_order():
    assert Loaded(WHOLE).mistakes == []


def test_items_that_are_measured_in_their_own_right_are_in_order():
    text = WHOLE[: WHOLE.index("items: [error]")] + WHOLE[WHOLE.index("each_point:") :]
    loaded = Loaded(text + dict(EXAMPLES)["measured items"])
    assert loaded.mistakes == []
    assert list(loaded.procedure.parts) == ["static_pressure", "span"]


def test_the_example_of_variants_is_in_order():
    choices = "  edition: {choices: [2013, 2025], default: 2025}\n"
    choices += "  reading: {choices: [tenth, fifth], default: fifth}\n"
    text = WHOLE.replace("parameters:\n", "parameters:\n" + choices).replace("up-50", "up_50")
    loaded = Loaded(text + dict(EXAMPLES)["variants"])
    assert loaded.mistakes == []
    assert loaded.procedure.standard.title == "JJG 52-2025"
    assert len(loaded.procedure.variants) == 4


def test_the_example_of_what_is_set_is_in_order():
    role = "  gauge_range: {unit: kPa, per: uut, settable: true}\n"
    text = without(WHOLE, "set").replace("needs:\n", "needs:\n" + role)
    loaded = Loaded(text + textwrap.indent(dict(EXAMPLES)["set"], "  "))
    assert loaded.mistakes == []
    points = loaded.procedure.resolve(loaded.procedure.parameters_from({})[0], stage="initial")
    assert [p.consent for p in points.points] == [False, True, True, True, False]


def test_the_example_of_settling_is_in_order():
    assert Loaded(without(WHOLE, "settle") + textwrap.indent(SETTLE, "  ")).mistakes == []


@pytest.mark.parametrize(
    ("name", "example"),
    [
        (n.partition(": ")[2], e)
        for n, e in EXAMPLES
        if n.startswith("each_point") and not n.endswith(("runs", "consumes"))
    ],
)
def test_every_way_of_measuring_is_in_order_where_it_belongs(name, example):
    text = base(name)
    assert Loaded(text).mistakes != []  # nothing says how it is measured
    if name == "water":
        at = text.index("    gravimetric:  ")
        text = text[:at] + textwrap.indent(example, " " * 8) + text[at:]
    else:
        text += textwrap.indent(example, "  ")
    assert Loaded(text).mistakes == []


def test_the_example_of_runs_is_in_order():
    runs = textwrap.indent(dict(EXAMPLES)["each_point: runs"], "  ")
    assert Loaded(WHOLE + runs).mistakes == []
    assert Loaded(WHOLE + runs.replace("abs(mean)", "mean <")).mistakes != []


def test_the_example_of_what_is_used_up_is_in_order():
    used = textwrap.indent(dict(EXAMPLES)["each_point: consumes"], "  ")
    text = WHOLE.replace(
        "parameters:\n", "parameters:\n  litres_per_kpa: {unit: L/kPa, default: 0.2}\n"
    )
    found = Loaded(text + used)
    assert found.mistakes == []
    points = found.procedure.resolve(found.procedure.parameters_from({})[0], stage="initial").points
    assert [p.consumes["gas"] for p in points] == pytest.approx([0.0, 60.0, 120.0, 60.0, 0.0])
    assert Loaded(text + used.replace("unit: L,", "unit: kg,")).mistakes != []


def test_points_as_rows_and_in_a_file_are_those_of_the_list(tmp_path):
    at, end = WHOLE.index("points:\n"), WHOLE.index("each_point:\n")
    rows = dict(EXAMPLES)["points: rows"]
    found = Loaded(WHOLE[:at] + rows + WHOLE[end:])
    assert found.mistakes == []
    names = found.procedure.point_names()
    assert names == Loaded(WHOLE).procedure.point_names()
    csv = "".join(
        ",".join(re.findall(r"[^\[\],]+", line.partition("[")[2].strip())) + "\n"
        for line in rows.splitlines()
        if "[" in line
    )
    (tmp_path / "points.csv").write_text(csv, encoding="utf-8")
    text = WHOLE[:at] + dict(EXAMPLES)["points: table"] + WHOLE[end:]
    table = Loaded(text, str(tmp_path / "gauges.yaml"))
    assert table.mistakes == []
    assert table.procedure.point_names() == tuple(f"{n}#{c}" for c in (1, 2) for n in names)


KPA = WHOLE.replace(
    '{unit: "%", model: 100 * (gauge_pressure - reference_pressure) / span',
    "{unit: kPa, model: gauge_pressure - reference_pressure",
)
DISPLAY = (
    "  display_unit: {choices: [kPa, mmHg], default: kPa}\n"
    '  stage_is_strict: {choices: ["yes", "no"], default: "no"}\n'
)


@pytest.mark.parametrize(
    ("given", "point", "limits"),
    [
        ({"display_unit": "mmHg"}, 0, (-0.533289, 0.533289)),  # 4 mmHg
        ({}, 2, (-12.0, 12.0)),  # 2 % of 600 kPa is more than 0.5 kPa
        ({"span": 20}, 2, (-0.5, 0.5)),
        ({"stage_is_strict": "yes"}, 0, (-0.3, 0.5)),
        ({}, 0, (-0.5, 0.5)),
    ],
)
def test_the_limits_are_those_that_their_words_say(given, point, limits):
    at, end = KPA.index("limits:\n"), KPA.index("stages:")
    text = KPA[:at] + "limits:\n" + textwrap.indent(dict(EXAMPLES)["limits"], "  ") + KPA[end:]
    found = Loaded(text.replace("parameters:\n", f"parameters:\n{DISPLAY}"))
    assert found.mistakes == []
    values, problems = found.procedure.parameters_from(given)
    assert problems == []
    resolved = found.procedure.resolve(values, stage="initial").points[point]
    assert resolved.mpe == pytest.approx(limits, abs=1e-5)


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_of_how_many_is_in_order(rule):
    rule, _, said = rule.partition("#")
    text = without(WHOLE, "read")
    text += f"  read: {{reference: reference_pressure, how_many: {rule.strip()}}}\n"
    found = Loaded(text).mistakes
    if "tests only" in said:
        assert [m.split()[1:] for m in found] == [["E305", "stops-early"]]
        found = Loaded("services: [test]\n" + text).mistakes
    assert found == []
