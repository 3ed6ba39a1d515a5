"""Every mistake of a procedure is reported at once, at its place, and nothing else is."""

from pathlib import Path

import pytest
from procedure_samples import Loaded

from benchctl.core.messages import words
from benchctl.language import FileError

SPOILT = Path(__file__).with_name("spoilt-meter.yaml")

GOLDEN = """
2:32 E301 unknown-language
3:1 E102 language.unknown-key
6:40 E202 not-a-choice
8:51 E105 wrong-way-round
8:63 E202 below-least
11:12 E301 unknown-name
13:3 E304 cycle
15:33 E101 row-missing
15:43 E301 unknown-point
15:51 E301 unknown-point
15:97 E301 unknown-name
20:3 E101 role-unit
21:36 E103 language.not-a-choice
22:16 E305 not-settable
24:3 E301 unknown-role
25:26 E204 units.misfit
27:29 E204 unit-other
27:94 E105 not-positive
28:3 E101 no-components
29:54 E106 one-component
30:5 E305 not-an-input
32:44 E206 open-parenthesis
33:46 E201 units.misfit
34:5 E307 never-reached
34:12 E204 no-condition
34:36 E206 no-limit-form
35:40 E301 unknown-name
37:9 E301 unknown-rule
39:3 E101 ratio-missing
39:29 E206 ratio-range
39:34 E301 no-such-stage
40:9 E302 item-undefined
40:49 E302 item-undefined
41:1 E302 no-such-item
42:1 E101 hold-without-verdict
43:9 E301 unknown-role
44:38 E206 expected
45:27 E206 units.misfit
46:20 E301 unknown-point
49:13 E303 point-twice
49:30 E302 per-point
49:49 E206 keep-two
50:17 E102 field-alone
52:9 E305 not-settable
53:28 E306 settle-tolerance
53:59 E306 settle-timeout
54:40 E206 expected
54:60 E103 language.not-a-choice
56:56 E105 language.must-be-at-most
56:80 E206 more-than-all
"""


def test_a_file_full_of_mistakes_is_told_all_of_them_at_their_places():
    loaded = Loaded(SPOILT.read_text(encoding="utf-8"))
    assert loaded.procedure is None
    assert loaded.mistakes == GOLDEN.split("\n")[1:-1]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_mistake_is_worded_in_both_languages_with_what_to_do(language):
    loaded = Loaded(SPOILT.read_text(encoding="utf-8"))
    for diagnostic in loaded.diagnostics.items:
        assert words(diagnostic.message, language)
        assert diagnostic.hint is None or words(diagnostic.hint, language)
    with pytest.raises(FileError):
        loaded.diagnostics.raise_if_failed()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        # names
        ("Q1: Q3 / R", "Q1: Q3 / r", [("E301", "unknown-name", "r")]),
        ("Q4: 1.25 * Q3", "Q4: 1.25 * Q3\n  R: 5", [("E303", "name-twice", "R")]),
        ("Q4: 1.25 * Q3", "Q4: 1.25 * Q3\n  2nd: 5", [("E106", "no-name", "2nd")]),
        ("Q4: 1.25 * Q3", "Q4: 1.25 * Q3\n  max: 5", [("E303", "reserved-name", "max")]),
        ("Q4: 1.25 * Q3", "Q4: 1.25 * Q3\n  mpe: 5", [("E303", "reserved-name", "mpe")]),
        ("Q4: 1.25 * Q3", "Q4: 1.25 * Q5\n  Q5: Q6\n  Q6: Q4", [("E304", "cycle", "Q4")]),
        ("Q4: 1.25 * Q3", "Q4: 1.25 * reference_flow", [("E302", "role-no-value", None)]),
        ("at_most: Q4}", "at_most: test_volume}", [("E302", "per-point", "test_volume")]),
        ("at_most: Q4}", "at_most: point.flow}", [("E302", "per-point", "point.flow")]),
        (
            "flow: 1.05 * Q2,",
            "flow: 1.05 * Q2, MAP: 2,",
            [("E102", "field-alone", "MAP"), ("E303", "name-twice", "MAP")],
        ),
        # units
        ("Q4: 1.25 * Q3", "Q4: 1.25 * Q3 + MAP", [("E204", "cannot-add", "1.25 * Q3 + MAP")]),
        ("at_most: Q4}", "at_most: MAP}", [("E204", "unit-misfit", "MAP")]),
        ("{test_pressure: 1.6 * MAP}", "{test_pressure: 1.6}", []),
        ("{test_pressure: 1.6 * MAP}", "{test_pressure: Q3}", [("E204", "unit-misfit", None)]),
        ("MAP:   {unit: MPa,", "MAP:   {unit: MPaa,", [("E201", "unknown", "MPaa")]),
        (
            "reference_flow:      {unit: m³/h}",
            "reference_flow:      {unit: L/h}",
            [("E204", "ratio-scale", "3.6 * meter_pulse_rate * pulse_value / reference_flow - 1")],
        ),
        ("pulse_value:    {unit: L,", "pulse_value:    {unit: s,", []),
        ("drop: 0.05 MPa", "drop: 0.05 L", [("E204", "misfit", "0.05 L")]),
        ("drop: 0.05 MPa", "drop: 50 kPa", []),
        ("drop: 0.05 MPa", "drop: 0.05 * MAP", []),
        ("report_to: 0.1", "report_to: 0.1 L", [("E202", "misfit", "0.1 L")]),
        ("to: 30 °C,", "to: 5 °C,", [("E105", "wrong-way-round", "5 °C")]),
        ("drift: 5 K", "drift: -5 K", [("E105", "not-positive", "-5 K")]),
        ("drift: 5 K", "drift: 5 V", [("E204", "misfit", "5 V")]),
        # limits and stages
        (
            "when: point.flow < Q2",
            "when: point.flwo < Q2",
            [("E301", "unknown-name", "point.flwo")],
        ),
        ("when: point.flow < Q2", "when: point.flow < MAP", [("E204", "cannot-compare", None)]),
        (
            "±(1 if accuracy_class == 1 else 2) %",
            "±(1 if accuracy_class == 1 else 2) L",
            [("E201", "misfit", "L")],
        ),
        ("±(1 if accuracy_class == 1 else 2) %", "[-4 %, 1 %]", []),
        (
            "±(1 if accuracy_class == 1 else 2) %",
            "[1 %, -4 %]",
            [("E501", "wrong-way-round", None)],
        ),
        ("±(1 if accuracy_class == 1 else 2) %", "5 ‰", [("E206", "no-limit-form", "5 ‰")]),
        ("±(1 if accuracy_class == 1 else 2) %", "[-5 ‰, 1 %]", [("E204", "sides-differ", None)]),
        ("in_service: 2 * mpe", "in_service: 2 * mpee", [("E301", "unknown-name", "mpee")]),
        ("in_service: 2 * mpe", "in_service: mpe > 2", [("E204", "no-number", "mpe > 2")]),
        ("in_service: 2 * mpe", "in_service: -2 * mpe", [("E501", "wrong-way-round", None)]),
        ("in_service: 1/3, note", "note", [("E101", "ratio-missing", "standard_ratio")]),
        ("requires: U_reference", "requires: U_ref", [("E301", "unknown-name", "U_ref")]),
        (
            "U_reference <= mpe_initial * standard_ratio",
            "mpe_initial",
            [("E204", "no-condition", "mpe_initial")],
        ),
        ("model: 100 * (", "model: (", [("E204", "unit-other", None)]),
        ("model: 100 * (", "model: Q3 * (", [("E204", "unit-misfit", None)]),
        ("model: 100 * (", "model: Q9 * (", [("E301", "unknown-name", "Q9")]),
        ("{repeatability: 0.03 %}", "{repeatability: 0.03 L}", []),
        ("{repeatability: 0.03 %}", "{repeatability: 0.03 s}", [("E204", "misfit", "0.03 s")]),
        (
            "{repeatability: 0.03 %}",
            "{repeatability: scale_interval}",
            [("E305", "shared-component", "scale_interval")],
        ),
        ("{repeatability: 0.03 %}", "{repeatability: -1 %}", [("E105", "negative", "-1 %")]),
        ("{certificate: true}", "{certificate: false}", [("E103", "certificate-true", "false")]),
        # items
        ("function, error]", "function]", [("E302", "measurand-no-item", "items")]),
        ("function, error]", "function, function, error]", [("E303", "item-twice", "function")]),
        ("function, error]", "function, points, error]", [("E303", "reserved-name", "points")]),
        ("during: Q3", "during: Q7", [("E301", "unknown-point", "Q7")]),
        ("isolate: line_inlet", "isolate: line_outlet", [("E301", "unknown-role", "line_outlet")]),
        ("isolate: line_inlet", "isolate: flow_setpoint", [("E305", "no-switch", "flow_setpoint")]),
        ("- 1) <= 0.1, per", "- 1), per", [("E204", "no-condition", None)]),
        ("read: meter_pulse_rate", "read: meter_volume", [("E305", "read-unused", None)]),
        (
            "  per: line\n",
            "  per: line\n  stages: [initail]\n",
            [("E301", "no-such-stage", "initail")],
        ),
        # what a day at the bench needs
        ("show: [Q3, R,", "show: [Q3, RR,", [("E301", "unknown-parameter", "RR")]),
        ("for: 30 s, times", "for: 30, times", [("E206", "unit-missing", "30")]),
        ("for: 30 s, times", "for: 0 s, times", [("E306", "not-positive", "0 s")]),
        ("times: 2", "times: 21", [("E105", "must-be-at-most", "21")]),
        ("flow_setpoint: 0.5 * Q3", "flow_setpoint: 2 * Q3", [("E501", "above-most", "2 * Q3")]),
        ("{at_most: 2 h}", "{at_most: 2}", [("E206", "unit-missing", "2")]),
        ("{at_most: 2 h}", "{at_most: 0 h}", [("E306", "not-positive", "0 h")]),
        (
            "line_pressure below",
            "line_presure below",
            [("E301", "unknown-role", "line_presure")],
        ),
        ("below 0.05 MPa", "above 0.05 MPa", [("E206", "expected", "above")]),
        ("below 0.05 MPa", "below 0.05 L", [("E204", "misfit", None)]),
        (
            "again: [venting, tightness]",
            "again: [venting, function]",
            [("E301", "not-again", "function")],
        ),
        # points
        ("flow: 0.95 * Q3, keep", "keep", [("E101", "field-missing", None)]),
        ("rule: simple acceptance", "rule: jcgm-106\n  p: 1.5", [("E105", "bad-parameter", "1.5")]),
        ("rule: simple acceptance", "rule: jcgm-106\n  r: 1", [("E105", "no-parameter", "r")]),
        ("rule: simple acceptance", "rule: jcgm-106:q=1", [("E105", "no-parameter", None)]),
        ("report_to: 0.1", "rounding: jjg-569", [("E301", "unknown-rounding", "jjg-569")]),
        ("report_to: 0.1", "report_U: three", [("E301", "unknown-rounding", "three")]),
        ("report_to: 0.1", "report_to: Q3 / 10", [("E204", "unit-misfit", None)]),
        (
            "report_to: 0.1",
            "report_to: accuracy_class - 1",
            [("E501", "not-positive", None)],
        ),
        ("uncertainty: gum", "uncertainty: guess", [("E103", "not-a-choice", "guess")]),
        (
            "{point: Q2,",
            "{point: Q 2,",
            [
                ("E106", "no-point-name", "Q 2"),
                ("E301", "unknown-point", "Q2"),
                ("E101", "row-missing", None),
            ],
        ),
        # what is done at each
        (
            "set: {flow_setpoint: flow}",
            "set: {flow_setpoint: flwo}",
            [("E301", "unknown-name", "flwo")],
        ),
        ("set: {flow_setpoint: flow}", "set: {}", [("E106", "nothing-set", "set")]),
        (
            "set: {flow_setpoint: flow}",
            "set: {flow_setpoint: [flow]}",
            [("E104", "want-expression", None)],
        ),
        (
            "reference_flow: within 2.5 %",
            "meter_volume: within 2.5 %",
            [("E306", "cannot-settle", None)],
        ),
        ("timeout: 120 s", "timeout: 12", [("E206", "unit-missing", "12")]),
        ("at least 2 of 3", "at least 2 of 4", [("E306", "retest-runs", None)]),
        ("runs: 1\n", "runs: 11\n", [("E105", "must-be-at-most", "11")]),
        (">= test_volume", ">= MAP", [("E204", "unit-misfit", "MAP")]),
    ],
)
def test_one_mistake_is_one_diagnostic_at_the_words_that_are_wrong(spoilt, old, new, expected):
    loaded = spoilt(old, new)
    found = loaded.marked()
    assert [f[:2] for f in sorted(found)] == [e[:2] for e in sorted(expected, key=str)]
    for code, id_, text in expected:
        assert text is None or (code, id_, text) in found
    assert (loaded.procedure is None) == bool(expected)


@pytest.mark.parametrize(
    "part",
    ["needs", "measurand", "limits", "stages", "decision", "items", "points", "each_point"],
)
@pytest.mark.parametrize("empty", ["", " {}", " []", " 5"])
def test_no_part_may_be_empty(water_text, part, empty):
    lines = water_text.split("\n")
    start = next(i for i, line in enumerate(lines) if line.startswith(f"{part}:"))
    end = start + 1
    while end < len(lines) and (not lines[end] or lines[end].startswith((" ", "#"))):
        end += 1
    loaded = Loaded("\n".join([*lines[:start], f"{part}:{empty}", *lines[end:]]))
    assert loaded.procedure is None
    assert loaded.diagnostics.failed


def test_what_is_held_is_neither_a_switch_nor_one_units_own(spoilt):
    loaded = spoilt("hold: line_pressure for", "hold: line_inlet for", "  drop: 0.05 MPa\n", "")
    assert loaded.marked() == [("E305", "cannot-settle", "line_inlet")]
    loaded = spoilt(
        "hold: line_pressure for", "hold: meter_volume for", "drop: 0.05 MPa", "drop: 1 L"
    )
    assert loaded.marked() == [("E305", "cannot-settle", "meter_volume")]


def test_a_misspelt_part_is_one_mistake_and_not_two(spoilt):
    loaded = spoilt("environment:", "enviroment:")
    assert loaded.marked() == [("E102", "unknown-key", "enviroment")]
    assert loaded.diagnostics.items[0].hint.args == {"word": "environment"}


def test_a_limit_table_that_may_not_fit_is_a_warning(spoilt):
    loaded = spoilt(
        "  - {                                mpe: ±(1 if",
        "  - {when: point.flow >= Q2,          mpe: ±(1 if",
    )
    assert loaded.marked()[0][:2] == ("E307", "last-has-when")
    assert loaded.diagnostics.items[0].severity == "warning"
    assert loaded.procedure is not None


def test_a_point_that_no_limit_fits_is_found_before_anybody_runs_it(spoilt):
    loaded = spoilt(
        "  - {                                mpe: ±(1 if",
        "  - {when: point.flow > Q3,          mpe: ±(1 if",
    )
    assert ("E501", "no-limit", "limits") in loaded.marked()
    assert loaded.procedure is None


def test_a_sentence_with_commas_and_a_formula_with_commas_stand_in_braces(water):
    assert water.items[0].question["en"] == "Marks, type approval, arrow and nameplate as ordered?"


def test_an_empty_file_and_a_list_are_no_procedures():
    assert Loaded("").procedure is None
    assert Loaded("[1, 2]").mistakes == ["1:1 E104 want-mapping"]


def test_thousands_of_entries_are_refused_rather_than_worked_through():
    where = "\n".join(f"  n{i}: n{i + 1}" for i in range(5000))
    loaded = Loaded(f"procedure: x\nwhere:\n{where}\n")
    assert "2:1 E004 too-many" in loaded.mistakes or "3:3 E004 too-many" in loaded.mistakes
