"""docs/at-a-point.md: every example on the page is in order where it belongs."""

import re
import textwrap
from pathlib import Path

import pytest
from procedure_samples import Loaded

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "at-a-point.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"<!-- ([\w: ]+) -->\n```yaml\n(.*?)```\n", PAGE, re.S))
HEAD = """procedure: example
title: Example
standard: {{name: JJG 1}}
services: [test]
parameters: {{e: {{unit: g, default: 1}}}}
needs:
{needs}
{measurand}
limits: [{{mpe: {limits}}}]
stages: {{initial: mpe}}
decision: {{rule: simple acceptance}}
items: [error]
points: [{points}]
each_point:
"""
MEASURAND = """measurand:
  error: {{unit: "{unit}", model: {model}}}
  uncertainty: {{{uncertainty}}}"""
PULSES = "  meter_pulses: {unit: imp, per: uut}\n"
LINE = "  line_pressure: {unit: mmHg, usual: 100}\n  pump: {unit: mmHg, settable: true}\n"
OF = {
    "count": (PULSES, "imp", "meter_pulses", "meter_pulses: [{half_width: 0}]", "[-1, 1.5]"),
    "wait": (PULSES, "s", "waited", "", "[0, 300]"),
    "wait: line": (LINE, "s", "waited", "", "[0, 10]"),
    "rate": (LINE, "mmHg", "change", "change: [{half_width: 0.1}]", "±6 mmHg"),
}
SETS = {"wait: line", "rate"}


@pytest.mark.parametrize("name", OF)
def test_every_way_is_in_order(name):
    needs, unit, model, uncertainty, limits = OF[name]
    measurand = MEASURAND.format(unit=unit, model=model, uncertainty=uncertainty)
    text = HEAD.format(
        needs=needs, measurand=measurand, limits=limits, points="{point: one, pressure: 250}"
    )
    if name in SETS:
        text += "  set: {pump: pressure}\n"
    assert Loaded(text).mistakes != []
    assert Loaded(text + textwrap.indent(EXAMPLES[name], "  ")).mistakes == []


WRONG = {
    ("rate", "{of: line_pressure, over: 2 s, every: 1 s}"): "rate-few",
    ("rate", "{of: pump_speed, over: 20 s}"): "E301 unknown-role",
    ("rate", "{of: line_pressure, over: 20 s, after: pump <= 3}"): "E305 wait-other",
    ("rate", "{of: line_pressure, over: 20 s, after: line_pressure = 3}"): "E206 expected",
    ("wait: line", "{for: line_pressure <= 15, at_most: 5 s}"): "wait-short",
    ("wait: line", "{for: line_pressure <= 15, after: pump <= 260, at_most: 30 s}"): (
        "E305 wait-other"
    ),
    ("count", "{of: meter_pulses, for: 0 s}"): "E105 not-positive",
    ("count", "{of: meter_pulses}"): "E101",
}


@pytest.mark.parametrize(("name", "given"), WRONG)
def test_mistakes_in_a_way_are_told(name, given):
    needs, unit, model, uncertainty, limits = OF[name]
    measurand = MEASURAND.format(unit=unit, model=model, uncertainty=uncertainty)
    text = HEAD.format(
        needs=needs, measurand=measurand, limits=limits, points="{point: one, pressure: 250}"
    )
    text += "  set: {pump: pressure}\n" if name in SETS else ""
    found = Loaded(text + f"  {name.partition(':')[0]}: {given}\n").mistakes
    assert any(WRONG[name, given] in mistake for mistake in found), found


def test_prompt_person_and_carry_are_in_order_together(tmp_path):
    needs = "  indication: {unit: g, per: uut, usual: 1000}\n" + textwrap.indent(
        EXAMPLES["needs"] + "  usual: 0.5\n", "  "
    )
    text = HEAD.format(
        needs=needs,
        measurand=EXAMPLES["measurand"],
        limits="±1 g",
        points='{point: zero, load: 0 * e, place: "centre"},'
        " {point: corner, load: 500 * e, place: {en: left front, zh: 左前}}",
    )
    text += textwrap.indent(EXAMPLES["prompt"] + EXAMPLES["plausible"], "  ")
    text += "  read: {indication: indication, reference: weights, how_many: 1 reading}\n"
    assert Loaded(text).mistakes == []
    for plausible in ("[{a: 1}, 2]", "[1]", "5", "[[1], 2]"):
        line = f"  plausible: {{indication: {plausible}}}\n"
        wrong = "\n".join(x for x in text.split("\n") if "plausible" not in x) + line
        assert len(Loaded(wrong).mistakes) == 1
    for prompt in ("{show: [point.load]}", "{ask: x, show: [point.weight]}", "{ask: x, each: day}"):
        wrong = re.sub(r"  prompt:\n(    .*\n)+", f"  prompt: {prompt}\n", text)
        assert len(Loaded(wrong).mistakes) == 1
    missing = text.replace("carry: {zero_error: zero}", "carry: {zero_error: nought}")
    assert [m.split()[1:] for m in Loaded(missing).mistakes] == [["E301", "unknown-point"]]


def test_the_page_has_no_other_examples():
    assert EXAMPLES.keys() == {*OF, "prompt", "needs", "plausible", "measurand"}
