"""Points as a table: in the file, in a CSV file beside it, gone through in cycles."""

import pytest
from procedure_samples import WATER, Loaded

from benchctl.language import Diagnostics, Source
from benchctl.procedure import load_procedure

TEXT = WATER.read_text(encoding="utf-8")
LIST = TEXT[TEXT.index("points:\n") : TEXT.index("each_point:\n")]
ROWS = """points:
  columns: [point, flow, keep]
  rows:
    - [Q3, 0.95 * Q3, [0.9 * Q3, Q3]]
    - [Q2, 1.05 * Q2, [Q2, 1.1 * Q2]]
    - [Q1, 1.05 * Q1, [Q1, 1.1 * Q1]]
"""
COLUMNS = "  columns: [point, flow, keep]\n"
CSV = """point,flow,keep,note
Q3, 0.95 * Q3,"[0.9 * Q3, Q3]",
Q2,1.05 * Q2,"[Q2, 1.1 * Q2]",as the standard has it
Q1,1.05 * Q1,"[Q1, 1.1 * Q1]",
"""


def with_points(points):
    return TEXT.replace(LIST, points)


def beside(tmp_path, csv, points="points: {table: points.csv}\n"):
    """Return the procedure with a table in a file beside it, and its mistakes by file."""
    (tmp_path / "points.csv").write_text(csv, encoding="utf-8")
    (tmp_path / "meter.yaml").write_text(with_points(points), encoding="utf-8")
    diagnostics = Diagnostics()
    procedure = load_procedure(tmp_path / "meter.yaml", diagnostics)
    found = [
        f"{d.source.name.rpartition('/')[2]}:{d.span.line}:{d.span.column} {d.code}"
        f" {d.message.id.rpartition('.')[2]}"
        for d in diagnostics.items
    ]
    return procedure, found


def resolved(procedure):
    values, _ = procedure.parameters_from({"Q3": "4", "R": "160"})
    return [
        (p.name, p.nominal, p.keep, p.mpe, p.amount)
        for p in procedure.resolve(values, stage="initial").points
    ]


def test_a_table_in_the_file_is_the_same_as_a_list():
    assert LIST in TEXT
    found = Loaded(with_points(ROWS))
    assert found.mistakes == []
    assert resolved(found.procedure) == resolved(Loaded(TEXT).procedure)


def test_a_table_in_a_file_beside_it_is_the_same_as_a_list(tmp_path):
    procedure, mistakes = beside(tmp_path, CSV)
    assert mistakes == []
    assert resolved(procedure) == resolved(Loaded(TEXT).procedure)
    assert procedure.points[1].note == "as the standard has it"
    assert procedure.points[0].note == ""


def test_a_file_in_the_chinese_encoding_of_a_spreadsheet_is_read(tmp_path):
    (tmp_path / "points.csv").write_bytes(
        CSV.replace("as the standard has it", "按规程").encode("gb18030")
    )
    (tmp_path / "meter.yaml").write_text(with_points("points: {table: points.csv}\n"), "utf-8")
    procedure = load_procedure(tmp_path / "meter.yaml", Diagnostics())
    assert procedure.points[1].note == "按规程"


def test_the_table_belongs_to_what_a_procedure_is(tmp_path):
    one, _ = beside(tmp_path, CSV)
    other, _ = beside(tmp_path, CSV.replace("0.95", "0.96"))
    assert one.source == other.source
    assert one.sha256 != other.sha256
    assert one.tables == {"points.csv": CSV}
    again = load_procedure(Source("meter.yaml", one.source.text), Diagnostics(), one.tables)
    assert (again.sha256, resolved(again)) == (one.sha256, resolved(one))


@pytest.mark.parametrize(
    ("old", "new", "mistake"),
    [
        ("0.95 * Q3", "0.95 * Q9", "points.csv:2:12 E301 unknown-name"),
        ("1.1 * Q2]", "1.1 * Q7]", "points.csv:3:26 E301 unknown-name"),
        ("1.05 * Q1", "1.05 * MAP", "points.csv:4:4 E204 unit-misfit"),
        ("Q1,1.05", "Q2,1.05", "points.csv:4:1 E303 point-twice"),
        ("Q1,1.05 * Q1", "Q1,", "points.csv:4:1 E101 field-missing"),
        ("keep", "kepp", "points.csv:1:12 E104 wrong-type"),
        ("Q2]\",", "Q2]\",,5", "points.csv:3:32 E402 ragged-row"),
        ("flow", "point", "points.csv:1:7 E401 header-twice"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_at_its_cell_in_the_file_where_it_stands(tmp_path, old, new, mistake):
    procedure, mistakes = beside(tmp_path, CSV.replace(old, new, 1))
    assert procedure is None
    assert mistake in mistakes


def test_a_table_that_is_not_there_is_told_at_its_name(tmp_path):
    procedure, mistakes = beside(tmp_path, CSV, "points: {table: pionts.csv}\n")
    assert procedure is None
    assert "pionts.csv:1:1 E005 file-missing" in mistakes
    assert f"meter.yaml:{line_of('points: {table')}:17 E106 table-unusable" in mistakes


def line_of(start):
    text = with_points("points: {table: x}\n").split("\n")
    return next(n for n, line in enumerate(text, 1) if line.startswith(start))


@pytest.mark.parametrize("name", ["../points.csv", "/etc/passwd", "points.yaml", "a/b.csv"])
def test_a_table_stands_in_the_procedures_own_folder(tmp_path, name):
    _, mistakes = beside(tmp_path, CSV, f"points: {{table: {name}}}\n")
    assert f"meter.yaml:{line_of('points: {table')}:17 E106 table-beside" in mistakes


@pytest.mark.parametrize(
    ("points", "marked"),
    [
        (ROWS.replace("Q3, 0.95 * Q3, [", "Q3, 0.95 * Q9, ["), ("E301", "unknown-name", "Q9")),
        (ROWS.replace("[Q2, 1.1 * Q2]]", "[Q2, 1.1 * Q9]]"), ("E301", "unknown-name", "Q9")),
        (ROWS.replace("Q1, 1.05 * Q1, ", "Q1, "), ("E402", "row-length", "[Q1, [Q1, 1.1 * Q1]]")),
        (ROWS.replace("point, flow, keep", "point, flow, flow"), ("E303", "name-twice", "flow")),
        (ROWS.replace(COLUMNS, ""), ("E101", "no-columns", "[Q1, 1.05 * Q1, [Q1, 1.1 * Q1]]")),
        (ROWS.replace("rows:", "rwos:"), ("E102", "unknown-key", "rwos")),
        ("points: {columns: [point]}\n", ("E101", "no-rows", "points")),
        (ROWS.replace("points:\n", "points:\n  cycles: 0\n"), ("E105", "must-be-at-least", "0")),
    ],
)  # fmt: skip
def test_a_mistake_in_a_table_is_told_where_it_stands(points, marked):
    assert marked in Loaded(with_points(points)).marked()


def cycled(cycles, rows=ROWS):
    return with_points(rows.replace("points:\n", f"points:\n  cycles: {cycles}\n"))


def test_cycles_go_through_all_points_again_under_numbered_names():
    found = Loaded(cycled(2).replace("during: Q3", "during: Q3#1"))
    assert found.mistakes == []
    assert found.procedure.point_names() == ("Q3#1", "Q2#1", "Q1#1", "Q3#2", "Q2#2", "Q1#2")
    values, _ = found.procedure.parameters_from({})
    points = found.procedure.resolve(values, stage="initial").points
    assert [p.fields["cycle"] for p in points] == [1.0, 1.0, 1.0, 2.0, 2.0, 2.0]
    assert [p.amount for p in points[:3]] == [p.amount for p in points[3:]]  # one row serves all


def test_a_mistake_in_a_point_of_cycles_is_told_once():
    text = cycled(3, ROWS.replace("1.05 * Q1", "1.05 * Q9"))
    assert [m for m in Loaded(text).marked() if m[2] == "Q9"] == [("E301", "unknown-name", "Q9")]


def test_an_own_quantity_called_cycle_is_refused_where_there_are_cycles():
    text = cycled(2, ROWS.replace("keep]", "cycle]"))
    assert ("E303", "reserved-name", "cycles") in Loaded(text).marked()


def test_more_points_than_there_may_be_are_refused():
    rows = "".join(f"    - [p{n}, {n + 1}]\n" for n in range(150))
    text = f"points:\n  columns: [point, flow]\n  cycles: 2\n  rows:\n{rows}"
    assert "too-many" in [m[1] for m in Loaded(with_points(text)).marked()]


@pytest.mark.parametrize(
    ("fields", "nominal"),
    [
        ("flow: 45 L/min, volume: 20 L", (45.0, "L/min")),
        ("volume: 20 L, flow: 45 L/min", (20.0, "L")),
    ],
)
def test_the_first_quantity_of_a_point_is_its_nominal_value_with_its_own_unit(fields, nominal):
    """Whatever the names are: that was once a matter of their order in a set."""
    names = dict(field.split(": ") for field in fields.split(", "))
    declared = "".join(
        f"  {n}_given: {{unit: {t.split()[1]}, default: {t.split()[0]}}}\n"
        for n, t in names.items()
    )
    given = ", ".join(f"{name}: {name}_given" for name in names)
    found = Loaded(FILL % (declared, given))
    assert found.mistakes == []
    point = found.procedure.resolve(found.procedure.parameters_from({})[0], stage="initial").points[
        0
    ]
    assert (point.nominal, point.nominal_unit) == nominal


FILL = """procedure: fill
title: Fill
standard: {name: X}
parameters:
%s
needs:
  shown: {unit: L, per: uut, usual: 20}
  true_volume: {unit: L, usual: 20}
measurand:
  error: {unit: L, model: shown - true_volume}
  uncertainty: {shown: [{resolution: 0.01}, {repeatability: 0.01}], true_volume: [{u: 0.01}]}
limits: [{mpe: ±1 L}]
stages: {initial: mpe}
decision: {rule: simple acceptance}
items: [error]
points: [{point: one, %s}]
each_point:
  read: {indication: shown, reference: true_volume, how_many: 1 reading}
"""
