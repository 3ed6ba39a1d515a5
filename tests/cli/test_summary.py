"""The end of a run on a screen, and the same for CI servers."""

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchctl.cli.cells import width
from benchctl.cli.junit import junit_xml
from benchctl.cli.shell import Shell
from benchctl.cli.summary import ending_line, show_result
from benchctl.cli.terminal import Terminal


def point(name, error, verdict, why="", mpe=(-2.0, 2.0)):
    return {
        "item": "error of indication",
        "point": name,
        "quantity": "error",
        "unit": "%",
        "error": error,
        "mpe": list(mpe),
        "verdict": verdict,
        "why": {"id": "inside", "text": why},
    }


def item(name, verdict, why=""):
    blank = {"point": None, "quantity": None, "unit": None, "error": None, "mpe": None}
    return {"item": name, "verdict": verdict, "why": {"id": "x", "text": why}} | blank


def document(*uuts, **more):
    return {
        "procedure": {"name": "water-meter"},
        "outcome": "finished",
        "verdict": "fail",
        "simulated": True,
        "started": "2026-01-31T09:00:00.000Z",
        "finished": "2026-01-31T09:41:02.000Z",
        "uuts": list(uuts),
    } | more


def unit(serial, position, verdict, *points):
    return {"serial": serial, "position": position, "verdict": verdict, "points": list(points)}


TWO = document(
    unit(
        "W-0001",
        1,
        "pass",
        item("appearance", "pass"),
        item("tightness", "pass"),
        point("Q3", 0.411, "pass"),
        point("Q1", -4.96, "pass", mpe=(-5, 5)),
    ),
    unit(
        "水表0012",
        12,
        "fail",
        item("appearance", "pass"),
        item("tightness", "fail", "a drop of 0.2 MPa"),
        point("Q3", 2.345, "fail", "2.345 % lies outside ±2.0 %"),
        point("Q1", None, "not_measured", "did not settle", mpe=(-5, 5)),
    ),
)


def shown(screen, document):
    show_result(screen.shell, screen.shell.out, document)
    return screen.out.splitlines()


def test_errors_stand_with_their_sign_and_what_fails_is_said_in_words(screen):
    first, second = (line.split() for line in shown(screen, TWO)[3:5])
    assert first == ["1", "W-0001", "PASS", "+0.41", "-4.96", "PASS"]
    assert second[:6] == ["12", "水表0012", "FAIL", "+2.35", "FAIL", "-"]
    assert second[-1] == "FAIL"


def test_the_limits_stand_above_the_errors(screen):
    assert shown(screen, TWO)[2].split() == ["mpe", "+-2", "+-5"]


def test_limits_that_differ_between_units_are_not_shown_as_one(screen):
    other = unit("W-2", 2, "pass", point("Q3", 0.1, "pass", mpe=(-1, 1)))
    lines = shown(screen, document(unit("W-1", 1, "pass", point("Q3", 0.1, "pass")), other))
    assert lines[2].split() == ["mpe", "*"]


def test_items_that_all_pass_take_one_line_and_the_others_a_column(screen):
    lines = shown(screen, TWO)
    assert "appearance: all 2 PASS" in lines
    assert "tightness" in lines[1]
    assert "appearance" not in lines[1]


def test_everything_that_is_no_pass_says_why(screen):
    text = "\n".join(shown(screen, TWO))
    assert "position 12 水表0012  Q3  FAIL: 2.345 % lies outside ±2.0 %" in text
    assert "position 12 水表0012  Q1  NOT MEASURED: did not settle" in text
    assert "position 12 水表0012  tightness  FAIL: a drop of 0.2 MPa" in text
    assert "position 1 W-0001  " not in text


def test_columns_line_up_under_chinese_serial_numbers(screen):
    first, second = shown(screen, TWO)[3:5]
    assert width(first[: first.index("PASS")]) == width(second[: second.index("FAIL")])


def test_the_ending_counts_the_verdicts_and_says_simulated(screen):
    assert ending_line(screen.shell, TWO) == "finished: FAIL (1 PASS, 1 FAIL) (simulated)"
    assert "took 41:02 of bench time" in shown(screen, TWO)


def test_the_ending_is_worded_in_chinese(chinese_screen):
    assert ending_line(chinese_screen.shell, TWO) == "已完成：不合格（1 合格、1 不合格）（仿真）"


def test_a_calibration_without_verdicts_shows_its_values(screen):
    free = point("Q3", 0.411, None) | {"mpe": None}
    lines = shown(screen, document(unit("W-1", 1, None, free), verdict=None))
    assert lines[3].split() == ["1", "W-1", "+0.41", "-"]
    assert "NOT MEASURED" not in "\n".join(lines)


def test_a_run_without_units_still_says_how_it_ended(screen):
    lines = shown(screen, document(outcome="refused", verdict="not_measured"))
    assert lines[-2] == "refused: NOT MEASURED (-) (simulated)"


# JUnit ----------------------------------------------------------------------------------------


def test_there_is_one_test_case_per_point_and_a_failure_per_fail():
    suites = ElementTree.fromstring(junit_xml(TWO).split("\n", 1)[1])
    cases = suites.findall("./testsuite/testcase")
    assert len(cases) == 8
    assert [c.get("name") for c in cases if c.find("failure") is not None] == ["tightness", "Q3"]
    assert [c.get("name") for c in cases if c.find("error") is not None] == ["Q1"]
    assert (suites.get("tests"), suites.get("failures"), suites.get("errors")) == ("8", "2", "1")


def test_a_run_that_was_stopped_is_no_green_build():
    early = document(outcome="aborted", verdict="not_measured")
    suites = ElementTree.fromstring(junit_xml(early, "stopped by SIGINT").split("\n", 1)[1])
    assert suites.get("errors") == "1"
    assert suites.find(".//error").get("message") == "stopped by SIGINT"


@given(serial=st.text(max_size=20), why=st.text(max_size=40))
def test_any_text_makes_well_formed_xml(serial, why):
    failed = unit(serial, 1, "fail", point("Q3", 9.0, "fail", why))
    text = junit_xml(document(failed))
    suites = ElementTree.fromstring(text.encode("utf-8", "surrogatepass"))
    assert suites.get("failures") == "1"


@pytest.mark.parametrize("verdict", ["indeterminate", "not_measured"])
def test_what_could_not_be_decided_is_an_error_not_a_failure(verdict):
    one = document(unit("W-1", 1, verdict, point("Q3", None, verdict, "why")))
    suites = ElementTree.fromstring(junit_xml(one).split("\n", 1)[1])
    assert (suites.get("failures"), suites.get("errors")) == ("0", "1")


@pytest.mark.parametrize(
    ("error", "verdict", "text"),
    [(-2.003, "fail", "-2.003 FAIL"), (1.9999, "pass", "+2.00"), (2.0, "pass", "+2.00")],
)
def test_an_error_just_outside_its_limit_is_not_shown_on_it(screen, error, verdict, text):
    one = unit("W-1", 1, verdict, point("Q3", error, verdict))
    assert f"W-1     {text}" in "\n".join(shown(screen, document(one)))


def test_what_is_the_same_for_many_units_is_said_once(screen):
    def stopped(position):
        missing = [item("appearance", "not_measured", "stopped by SIGINT")]
        missing.append(point("Q3", None, "not_measured", "stopped by SIGINT"))
        return unit(f"W-{position}", position, "not_measured", *missing)

    lines = shown(screen, document(*(stopped(n) for n in (1, 2, 3, 5)), outcome="aborted"))
    reasons = [line for line in lines if "SIGINT" in line]
    assert reasons == ["positions 1-3, 5  appearance, Q3  NOT MEASURED: stopped by SIGINT"]


# where there is little room -------------------------------------------------------------------


@pytest.fixture
def narrow(tmp_path):
    """The lines of a result on a screen of some columns."""

    def lines(columns, document):
        with (tmp_path / "narrow.txt").open("w+", encoding="utf-8") as file:
            screen = Terminal(file, {"COLUMNS": str(columns)})
            show_result(Shell((), {}, "en", screen, screen), screen, document)
        return (tmp_path / "narrow.txt").read_text(encoding="utf-8").splitlines()

    return lines


SIX = document(
    *(
        unit(
            f"26110000{n:06d}",
            n,
            "fail",
            *(point(f"Q{q}", 1.0 + q, "fail" if q > 1 else "pass") for q in range(1, 7)),
        )
        for n in (1, *range(3, 8), 12)  # more units than points: they keep their lines
    )
)


def test_where_words_have_no_room_marks_stand_for_them_and_are_explained(narrow):
    lines = narrow(80, SIX)
    assert lines[3].split() == [
        *["1", "26110000000001", "+2.00"],
        *["+3.00!", "+4.00!", "+5.00!", "+6.00!", "+7.00!", "FAIL"],
    ]
    assert "! FAIL" in lines
    assert max(width(line) for line in lines) <= 80


@pytest.mark.parametrize("columns", [40, 60])
def test_where_marks_have_no_room_the_points_stand_in_several_tables(narrow, columns):
    lines = narrow(columns, SIX)
    heads = [line.split() for line in lines if line.startswith("pos ")]
    assert len(heads) > 1
    assert [name for head in heads for name in head if name.startswith("Q")] == [
        f"Q{q}" for q in range(1, 7)
    ]
    assert [head[-1] for head in heads] == ["%"] * (len(heads) - 1) + ["verdict"]
    rows = [line for line in lines if line.startswith("  1  2611")]
    assert len(rows) == len(heads)
    assert max(width(line) for line in lines) <= columns


def test_what_befell_a_run_stands_under_its_results_with_the_unit_that_it_befell(screen):
    text = {"id": "engine.dropped-for", "args": {"by": "Li Wei", "reason": "glass"}, "text": ""}
    drop = {"kind": "drop", "at": 75.0, "by": "Li Wei", "uut": "W-0001", "text": text}
    lines = shown(screen, TWO | {"incidents": [drop]})
    assert "   1:15  position 1 W-0001  taken out of the run by Li Wei: glass" in lines


def test_items_are_called_by_their_titles(chinese_screen):
    titles = {"appearance": {"en": "marks", "zh": "外观标志"}}
    text = "\n".join(shown(chinese_screen, TWO | {"titles": titles}))
    assert "外观标志：2 台全部合格" in text
    assert "密封性" in text  # the catalog's word, where there is no title
    assert "tightness" not in text
