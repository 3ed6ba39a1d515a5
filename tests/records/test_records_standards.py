"""Which run used which standard: noted with the record, and found in one question."""

from __future__ import annotations

import sqlite3
from importlib import import_module
from pathlib import Path

from record_samples import clock, judged, measured, opened

from benchctl.core.events import StandardBound
from benchctl.records import Lab
from benchctl.records.standards import uses

MASTER = {"name": "MM-014", "serial": "1407", "certificate": "C-1"}
BEFORE = import_module("benchctl.records.migrations.versions.r0011_assets").down_revision
NEW = (
    *("assets", "asset_files", "standards_used", "points_judged"),
    *("order_lines", "certificates"),
)


def write_run(lab: Lab, run: str, *standards: StandardBound) -> None:
    journal = lab.begin_run("Line 2", run, clock=clock())
    for event in (opened(), *standards, measured("W-1", "Q3"), judged("W-1", "Q3")):
        journal.emit(event)


def test_a_standard_is_found_by_its_name_and_by_its_serial_number(lab: Lab) -> None:
    write_run(lab, "R1", StandardBound("reference_volume", MASTER))
    write_run(lab, "R2", StandardBound("reference_volume", {**MASTER, "name": "other"}))
    write_run(lab, "R3")
    assert [(u.run, u.uut, u.point) for u in uses(lab.store, "MM-014")] == [("R1", "W-1", "Q3")]
    assert [u.run for u in uses(lab.store, "MM-014", serial="1407")] == ["R1", "R2"]
    assert uses(lab.store, "MM-015") == []


def test_the_last_word_on_a_point_counts(lab: Lab) -> None:
    journal = lab.begin_run("Line 2", "R1", clock=clock())
    journal.emit(opened())
    journal.emit(StandardBound("reference_volume", MASTER))
    for verdict in ("fail", "pass"):
        journal.emit(judged("W-1", "Q3", verdict=verdict))
    assert [u.verdict for u in uses(lab.store, "MM-014")] == ["pass"]


def test_the_question_is_answered_from_an_index(lab: Lab) -> None:
    with sqlite3.connect(lab.path) as database:
        plan = database.execute(
            "EXPLAIN QUERY PLAN SELECT run FROM standards_used WHERE name = 'MM-014'"
        ).fetchall()
    database.close()
    assert "standards_used_of_name" in plan[0][3]


def test_the_runs_of_an_older_program_are_found_too(tmp_path: Path) -> None:
    with Lab.open(tmp_path) as lab:
        write_run(lab, "R1", StandardBound("reference_volume", MASTER))
        known = uses(lab.store, "MM-014")
    with sqlite3.connect(tmp_path / "lab.sqlite") as database:
        for table in NEW:
            database.execute(f"DROP TABLE {table}")
        database.execute("UPDATE alembic_version SET version_num = ?", [BEFORE])
    database.close()
    with Lab.open(tmp_path) as lab:
        assert uses(lab.store, "MM-014") == known
