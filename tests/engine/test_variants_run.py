"""A run is made with one of a procedure's variants: from --set, a column or what is usual."""

import pytest
from reading_lab import ReadingLab, point

from benchctl.core.errors import UsageError
from benchctl.engine import prepare
from benchctl.engine.audit import Evidence, recompute
from benchctl.records import Lab

EDITION = "parameters:\n  edition: {choices: [1999, 2013], default: 2013}\n"
VARIANTS = """
variants:
  edition:
    1999:
      standard: {edition: 1999, until: 2013-12-26}
      limits: [{mpe: ±(2 * accuracy_class) %}]
      points: [{point: mid, pressure: 300}]
      stages: {arbitration: mpe}
      decision: {standard_ratio: {arbitration: 1/4}}
    2013: {}
"""


class TwoEditions(ReadingLab):
    """The lab with a procedure of which two editions stand in one file."""

    def write(self, **more):
        super().write("5 readings", **more)
        text = self.procedure.read_text(encoding="utf-8")
        text = text.replace("parameters:\n", EDITION, 1) + VARIANTS
        self.procedure.write_text(text, encoding="utf-8")
        return self

    def batch(self, rows):
        path = self.path / "batch.csv"
        path.write_text("\n".join(rows) + "\n", encoding="utf-8")
        return path


@pytest.fixture
def lab(tmp_path):
    return TwoEditions(tmp_path).write()


def test_the_usual_edition_is_run_unless_another_is_asked_for(lab):
    report = lab.run()
    assert report.document["procedure"]["standard"] == "JJG 52-2013"
    assert point(report, "G-1", "mid")["mpe"] == [-1.6, 1.6]
    older = lab.run(sets={"edition": "1999"})
    assert older.document["procedure"]["standard"] == "JJG 52-1999"
    assert point(older, "G-1", "mid")["mpe"] == [-3.2, 3.2]
    assert {p["point"] for u in older.document["uuts"] for p in u["points"]} == {"mid"}
    with Lab.open(lab.path) as folder:
        again = recompute(Evidence.read(folder, older.run))
    assert (again.differences, again.results) == ([], 4)


def test_a_column_of_the_batch_may_choose(lab):
    batch = lab.batch(["serial,position,edition", "G-1,1,1999", "G-2,2,1999"])
    prepared = prepare(lab.request(batch=batch))
    assert prepared.plan.standard == "JJG 52-1999"
    assert prepared.procedure.chosen == {"edition": 1999.0}


def test_units_of_two_editions_are_not_run_together(lab):
    batch = lab.batch(["serial,position,edition", "G-1,1,1999", "G-2,2,2013"])
    with pytest.raises(UsageError) as refused:
        prepare(lab.request(batch=batch))
    assert refused.value.message.id == "engine.variants-differ"
    assert refused.value.message.args["name"] == "edition"


def test_stages_and_points_are_those_of_the_edition_that_is_chosen(lab):
    with pytest.raises(UsageError):
        prepare(lab.request(stage="arbitration"))
    plan = prepare(lab.request(stage="arbitration", sets={"edition": "1999"})).plan
    assert plan.stage == "arbitration"
    with pytest.raises(UsageError):
        prepare(lab.request(points=("zero",), sets={"edition": "1999"}))
    assert len(prepare(lab.request(points=("zero",))).plan.visits) == 1
