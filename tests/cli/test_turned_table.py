"""Many points of few units have a line each; what fits the other way stays as it is."""

import io

from benchctl.cli.result_table import ResultTable, columns_of
from benchctl.cli.shell import Shell
from benchctl.cli.terminal import Terminal

TITLES = {"dc_voltage": {"en": "DC voltage", "zh": "直流电压"}}


def document(points: int, units: int):
    """Return what a run of multimeters leaves: two items, the last point of unit 1 failed."""

    def cell(n: int, serial: int):
        return {
            "item": "dc_voltage" if n < points // 2 else "resistance",
            "point": f"P{n}",
            "quantity": "error",
            "unit": "V" if n < points // 2 else "Ω",
            "occasion": "as_found",
            "error": 0.001 * serial,
            "mpe": [-0.01, 0.01],
            "verdict": "fail" if (n, serial) == (points - 1, 1) else "pass",
        }

    return {
        "titles": TITLES,
        "uuts": [
            {
                "serial": f"M{n}",
                "position": n,
                "verdict": "fail" if n == 1 else "pass",
                "points": [cell(p, n) for p in range(points)],
                "extra": {},
            }
            for n in range(1, units + 1)
        ],
    }


def shown(run, language="en", columns=None):
    environment = {} if columns is None else {"COLUMNS": str(columns)}
    screen = Terminal(io.StringIO(), environment)
    shell = Shell((), environment, language, screen, screen)
    found = columns_of(run, language)
    return ResultTable(shell, screen, run["uuts"], found, run["titles"]).lines()


def test_many_points_of_few_units_are_a_line_each_under_the_titles_of_their_items():
    lines = shown(document(60, 2))
    assert lines[0].split() == ["mpe", "1", "M1", "2", "M2"]
    assert lines[1] == "DC voltage"
    assert lines[2].split() == ["P0", "V", "+-0.01", "+0.0010", "+0.0020"]
    assert lines[32] == "resistance"
    assert lines[-2].split() == ["P59", "Ω", "+-0.01", "+0.0010", "FAIL", "+0.0020"]
    assert lines[-1].split() == ["verdict", "FAIL", "PASS"]
    assert len(lines) == 1 + 2 + 60 + 1


def test_the_titles_are_in_the_persons_language():
    assert shown(document(60, 2), "zh")[1] == "直流电压"


def test_what_fits_with_a_line_for_each_unit_stays_so():
    lines = shown(document(4, 2))
    assert lines[2].split()[:2] == ["1", "M1"]


def test_many_units_keep_their_lines_and_are_cut_into_parts_that_fit():
    lines = shown(document(60, 61), columns=100)
    assert max(map(len, lines)) < 100
    assert lines[2].split()[:2] == ["1", "M1"]


def test_a_narrow_screen_that_holds_neither_has_parts():
    lines = shown(document(30, 12), columns=60)
    assert max(map(len, lines)) < 60
