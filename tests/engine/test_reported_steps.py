"""What is reported goes to a step that follows from the class; a zero keeps its sign."""

import pytest
from reading_lab import ReadingLab, point

from benchctl.certificates.numbers import printed

QUIET = {"sigma": 0.0, "ripple": 0.0, "reference": 0.0}


@pytest.fixture
def lab(tmp_path):
    return ReadingLab(tmp_path)


def reported(lab, errors, rounding, step="accuracy_class / 10", rounded=True):
    lab.setup = QUIET | {"units": len(errors), "errors": {str(n): [e, 0.0] for n, e in errors}}
    lab.write("2 readings", points=({"point": "mid", "pressure": 300},))
    text = lab.procedure.read_text(encoding="utf-8")
    text = text.replace("report_to: 0.01", f"report_to: {step}, rounding: {rounding}")
    text = text.replace("decision:", "decision:\n  judged_on: rounded" if rounded else "decision:")
    lab.procedure.write_text(text, encoding="utf-8")
    report = lab.run()
    return [point(report, f"G-{n}", "mid") for n, _ in errors]


def test_a_negative_error_that_becomes_zero_keeps_its_sign_in_record_and_certificate(lab):
    minus, plus = reported(lab, [(1, -0.03), (2, 0.03)], "jjg-596")
    assert (minus["reported"], plus["reported"]) == ("-0.00", "0.00")
    assert printed(minus["reported"]) == "−0.00"
    assert minus["verdict"] == plus["verdict"] == "pass"


def test_by_the_common_rule_a_zero_has_no_sign(lab):
    minus, _ = reported(lab, [(1, -0.03), (2, 0.03)], "gb-t-8170")
    assert minus["reported"] == "0.00"


def test_the_step_follows_from_the_class_and_ties_go_to_the_even_multiple(lab):
    """Class 1.6: steps of 0.16 %; 0.24 and 0.40 lie just between two of them."""
    found = reported(lab, [(1, 1.44), (2, 2.4), (3, 2.41)], "jjg-596")
    assert [p["reported"] for p in found] == ["0.32", "0.32", "0.48"]


def test_what_is_reported_is_judged_where_the_procedure_says_so(lab):
    """9.9 kPa of 600 are 1.65 %: more than 1.6 %, and 1.60 % in steps of 0.16 %."""
    (found,) = reported(lab, [(1, 9.9)], "jjg-596")
    assert (found["reported"], found["verdict"], found["judged_on"]) == ("1.60", "pass", "rounded")
    (strict,) = reported(lab, [(1, 9.9)], "jjg-596", rounded=False)
    assert strict["verdict"] == "fail"
