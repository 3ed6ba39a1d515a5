"""What differs between two procedures: two editions, two ways, and what is no difference."""

import pytest
from procedure_samples import WATER, Loaded

from benchctl.language import Diagnostics
from benchctl.procedure import differences, load_procedure

TEXT = WATER.read_text(encoding="utf-8")
RATIO = ("decision", "standard_ratio")
INLET = "  line_inlet:          {switch: true, settable: true"


def between(before, after):
    one, other = Loaded(before), Loaded(after)
    assert one.mistakes == other.mistakes == []
    return [(d.path, d.before, d.after) for d in differences(one.procedure, other.procedure)]


@pytest.mark.parametrize(
    ("old", "new", "path", "before", "after"),
    [
        ("edition: 2019", "edition: 2026", ("standard", "edition"), 2019, 2026),
        ("in_service: 2 * mpe", "in_service: mpe", ("stages", "in_service"), "2 * mpe", "mpe"),
        ("flow: 1.05 * Q1", "flow: 1.06 * Q1", ("points", "Q1", "flow"), "1.05 * Q1", "1.06 * Q1"),
        ("in_service: 1/3", "in_service: 1/4", (*RATIO, "in_service"), "1/3", "1/4"),
        (INLET, INLET + ", optional: true", ("needs", "line_inlet", "optional"), None, True),
        ("for: 30 s, times: 2", "for: 60 s, times: 2", ("venting", "vent", "for"), "30 s", "60 s"),
    ],
)  # fmt: skip
def test_a_difference_is_named_by_its_place(old, new, path, before, after):
    assert between(TEXT, TEXT.replace(old, new, 1)) == [(path, before, after)]


def test_a_point_that_only_one_has_is_named_whole():
    row = "  - {point: Q2, flow: 1.05 * Q2, keep: [Q2, 1.1 * Q2]}\n"
    more = row + "  - {point: Q4, flow: 0.95 * Q4, keep: [0.9 * Q4, Q4]}\n"
    after = TEXT.replace(row, more).replace("Q2: 20,", "Q2: 20, Q4: 100,")
    assert between(TEXT, after) == [
        (("where", "test_volume", "table", "Q4"), None, 100),
        (("points", "Q4"), None, {"point": "Q4", "flow": "0.95 * Q4", "keep": ["0.9 * Q4", "Q4"]}),
    ]
    back = [(path, after, before) for path, before, after in between(after, TEXT)]
    assert back == between(TEXT, after)


def test_the_order_of_points_is_a_difference():
    rows = [row for row in TEXT.splitlines(keepends=True) if row.startswith("  - {point: Q")]
    after = TEXT.replace("".join(rows), "".join([rows[1], rows[0], rows[2]]))
    assert between(TEXT, after) == [(("points", "order"), ["Q3", "Q2", "Q1"], ["Q2", "Q3", "Q1"])]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("default: 1.0,", "default: 1,"),
        ("1.25 * Q3", "1.25*Q3"),
        ("title: {en: Cold-water meters DN 15 to DN 50,", "title: {en: Water meters,"),
        ("  note: check against your copy\n", "  note: looked up\n"),
    ],
)
def test_what_is_only_written_otherwise_is_no_difference(old, new):
    assert old in TEXT
    assert between(TEXT, TEXT.replace(old, new)) == []


def test_a_table_of_points_is_no_other_than_the_list():
    at, end = TEXT.index("points:\n"), TEXT.index("each_point:\n")
    table = """points:
  columns: [point, flow, keep]
  rows:
    - [Q3, 0.95 * Q3, [0.9 * Q3, Q3]]
    - [Q2, 1.05 * Q2, [Q2, 1.1 * Q2]]
    - [Q1, 1.05 * Q1, [Q1, 1.1 * Q1]]
"""
    assert between(TEXT, TEXT[:at] + table + TEXT[end:]) == []


def test_the_points_of_an_item_are_compared_one_by_one_wherever_they_stand():
    """The two editions of electricity meters have their points in tables beside the file."""
    procedure = load_procedure(WATER.with_name("electricity-meter.yaml"), Diagnostics())
    usual = procedure.parameters_from({})[0]
    of = [procedure.of({**usual, "edition": edition}) for edition in ("2012", "2026")]
    found = differences(*of)
    points = {d.path[2] for d in found if d.path[:2] == ("error", "points")}
    assert len(points) > 10
    assert "table" not in points
    assert ("standard", "edition") in [d.path for d in found]


def test_two_ways_of_one_file_differ_in_what_their_ways_say():
    procedure = Loaded(TEXT).procedure
    found = differences(procedure.of({"method": "flying"}), procedure.of({"method": "gravimetric"}))
    paths = [d.path for d in found]
    assert ("needs", "reference_volume") in paths
    assert ("needs", "tank_mass") in paths
    assert ("each_point", "totalise", "start") in paths
    assert {p[0] for p in paths} == {"needs", "measurand", "each_point"}
    assert differences(procedure.of({"method": "flying"}), procedure) == []
