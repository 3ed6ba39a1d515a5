"""All runs of a standard, over all benches: the server notes them from the records that it gets."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from record_samples import clock, opened
from test_central_commands import Call, benchctl

from benchctl.core.errors import RecordError, RefusedError
from benchctl.core.events import RunClosed, StandardBound
from benchctl.records import Lab
from benchctl.records.central import Central, StandardUse, runs_of_standard, sync, tables

__all__ = ["benchctl"]
MASTER = {"name": "MM-014", "serial": "1407", "certificate": '证 "1"\\'}
VOLUME, FLOW = StandardBound("reference_volume", MASTER), StandardBound("reference_flow", MASTER)
OTHER = StandardBound("reference_volume", {**MASTER, "name": "MM-015", "certificate": None})


def write_run(lab: Lab, bench: str, run: str, *standards: StandardBound) -> None:
    journal = lab.begin_run(bench, run, clock=clock())
    for event in (opened(run), *standards):
        journal.emit(event)
    journal.emit(RunClosed("finished", "pass", None, "2026-01-31T09:40:00.000Z"))


def found(central: Central, word: str) -> list[str]:
    return [use.run for use in runs_of_standard(central, word)]


def test_all_runs_of_a_standard_are_found_by_name_serial_number_and_certificate(
    lab: Lab, central: Central
) -> None:
    write_run(lab, "B", "R1", VOLUME, FLOW)
    write_run(lab, "C", "R2", OTHER)
    write_run(lab, "B", "R3")
    sync(lab, central)
    (use,) = runs_of_standard(central, "MM-014")
    assert use == StandardUse(
        "R1", use.utc, "B", ("reference_volume", "reference_flow"), MASTER["certificate"]
    )
    assert found(central, MASTER["certificate"]) == ["R1"]
    assert found(central, "1407") == ["R1", "R2"]
    assert found(central, "MM-01") == []
    assert runs_of_standard(central, "1407", since="9999") == []


def test_the_question_is_answered_from_an_index(central: Central) -> None:
    with central.transaction() as connection:
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        plan = connection.exec_driver_sql(
            "EXPLAIN SELECT run FROM standards_used WHERE certificate = 'C-1'"
        )
        assert "standards_used_of_certificate" in "".join(row[0] for row in plan)


def test_nobody_writes_which_standard_was_used_but_the_server(
    lab: Lab, central: Central, database: Callable[[str], str]
) -> None:
    write_run(lab, "B", "R1", VOLUME)
    urls = {login: database(login) for login in ("std_bench", "std_other")}
    central.grant("std_bench", role="bench", benches=["B"])
    central.grant("std_other", role="bench", benches=["C"])
    with Central.open(urls["std_bench"]) as own:
        sync(lab, own)
        assert found(own, "MM-014") == ["R1"]
        with pytest.raises(RecordError, match="not allowed"), own.transaction() as connection:
            connection.execute(
                sa.insert(tables.standards_used).values(
                    run="R1", seq=1, role="x", name="MM-099", serial="", certificate=""
                )
            )
    with Central.open(urls["std_other"]) as other:
        assert found(other, "MM-014") == []
    with pytest.raises(RefusedError, match="append-only"), central.transaction() as connection:
        connection.exec_driver_sql("DELETE FROM standards_used")


def test_runs_that_were_brought_over_before_are_found_after_an_upgrade(
    lab: Lab, central: Central
) -> None:
    write_run(lab, "B", "R1", VOLUME)
    sync(lab, central)
    before = runs_of_standard(central, "MM-014")
    with central.transaction() as connection:
        connection.exec_driver_sql("DROP TRIGGER records_standard ON records")
        connection.exec_driver_sql("DROP FUNCTION benchctl_standard_bound")
        connection.exec_driver_sql("DROP TABLE standards_used")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'c0001'")
    assert central.init() == tables.HEAD
    assert runs_of_standard(central, "MM-014") == before
    write_run(lab, "B", "R2", VOLUME)
    sync(lab, central)
    assert found(central, "MM-014") == ["R1", "R2"]


def test_a_clerk_asks_for_all_runs_of_a_standard(
    benchctl: Call, lab: Lab, central: Central, database: Callable[[str], str]
) -> None:
    write_run(lab, "B", "R1", VOLUME)
    sync(lab, central)
    url = database("std_clerk")
    central.grant("std_clerk", role="clerk")
    asked = benchctl("central", "standard", url, "MM-014", "--json")
    (use,) = json.loads(asked.stdout)
    assert (use["run"], use["roles"]) == ("R1", ["reference_volume"])
    shown = benchctl("central", "standard", url, "1407", "--since", "2020-01-01").stdout
    assert "R1" in shown
    assert MASTER["certificate"] in shown
    assert "R1" not in benchctl("central", "standard", url, "MM-099").stdout
    assert benchctl("central", "standard", url, "1407", "--since", "soon").returncode == 2
