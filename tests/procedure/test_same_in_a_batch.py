"""Parameters that the units of one run must have alike: refused row by row, and by name."""

import pytest
from procedure_samples import WATER

from benchctl.engine import RunRequest, prepare
from benchctl.language import FileError

TEXT = WATER.read_text(encoding="utf-8").replace("R:     {choices:", "R:     {same: true, choices:")


@pytest.fixture
def lab(tmp_path):
    (tmp_path / "procedures").mkdir()
    (tmp_path / "procedures" / "alike.yaml").write_text(
        TEXT.replace("procedure: water-meter", "procedure: alike"), encoding="utf-8"
    )
    return tmp_path


def prepared(lab, batch=None, **more):
    path = None
    if batch is not None:
        path = lab / "batch.csv"
        path.write_text(batch, encoding="utf-8")
    return prepare(RunRequest("alike", lab=lab, simulate=True, batch=path, **more))


def test_each_row_that_differs_from_the_first_is_told(lab):
    batch = "serial,position,R\n1,1,100\n2,2,160\n3,3,100\n4,4,80\n"
    with pytest.raises(FileError) as told:
        prepared(lab, batch)
    found = [(d.code, d.span.line, d.span.column, d.also[0].line) for d in told.value.diagnostics]
    assert found == [("E405", 3, 5, 2), ("E405", 5, 5, 2)]
    assert "160" in told.value.words("en")
    assert "必须相同" in told.value.words("zh")


def test_what_is_written_otherwise_is_alike(lab):
    assert prepared(lab, "serial,position,R\n1,1,100\n2,2,100.0\n").plan.uuts


def test_a_column_that_may_differ_does(lab):
    assert prepared(lab, "serial,position,Q3\n1,1,2.5\n2,2,4.0\n").plan.uuts
