"""Results as Parquet: what is in a document is in the table, number for number."""

from __future__ import annotations

from pathlib import Path

import pytest
from record_samples import clock

from benchctl.engine import RunRequest, run
from benchctl.records import Lab
from benchctl.records.parquet import COLUMNS, export_parquet

parquet = pytest.importorskip("pyarrow.parquet", reason="the extra `parquet` is not installed")


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict]:  # type: ignore[type-arg]
    folder = tmp_path_factory.mktemp("lab")
    request = RunRequest("water-meter", simulate=True, lab=folder, uuts=("W-1",), points=("Q3",))
    return folder, run(request).document


def test_every_result_is_a_row_with_the_numbers_of_the_document(
    done: tuple[Path, dict],  # type: ignore[type-arg]
    tmp_path: Path,
) -> None:
    folder, document = done
    with Lab.open(folder) as lab:
        days = export_parquet(lab, tmp_path)
    day = document["started"][:10]
    assert list(days) == [day]
    rows = parquet.read_table(tmp_path / f"date={day}" / "results.parquet").to_pylist()
    points = document["uuts"][0]["points"]
    assert len(rows) == len(points) == days[day]
    for row, point in zip(rows, points, strict=True):
        assert row["run"] == document["run"]
        for name in ("item", "point", "error", "U", "verdict", "rule"):
            assert row[name] == point[name]
        assert [row["mpe_low"], row["mpe_high"]] == list(point["mpe"] or (None, None))
    assert rows[0].keys() >= COLUMNS.keys()


def test_a_day_is_written_again_and_days_before_are_left_out(
    done: tuple[Path, dict],  # type: ignore[type-arg]
    tmp_path: Path,
) -> None:
    folder, _ = done
    with Lab.open(folder) as lab:
        first = export_parquet(lab, tmp_path)
        assert export_parquet(lab, tmp_path) == first
        assert export_parquet(lab, tmp_path, since="2999-01-01") == {}
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == ["results.parquet"]


def test_a_run_that_is_not_over_is_not_exported(tmp_path: Path) -> None:
    from record_samples import opened

    with Lab.open(tmp_path / "lab") as lab:
        lab.begin_run("B", "R1", clock=clock()).emit(opened("R1"))
        assert export_parquet(lab, tmp_path / "lake") == {}
