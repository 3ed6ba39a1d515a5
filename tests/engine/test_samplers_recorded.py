"""What the samplers of a run missed is in its record, and so is whether they may be urgent."""

import os
import threading

import pytest
from reading_lab import ReadingLab

from benchctl.acquire import may_be_urgent
from benchctl.core.events import COLUMNS, AuditNoted, RawBlock, RunMeasured
from benchctl.core.messages import message_from_json, words
from benchctl.records import Lab

ONE = ({"point": "mid", "pressure": 300},)


def blocks(lab, report):
    with Lab.open(lab.path) as opened:
        events = [stored.event for stored in opened.events(report.run, kind=RawBlock.KIND)]
    return [event for event in events if event.form == COLUMNS]


def units_of(found):
    return [block for block in found if block.channels == ("gauge_pressure",)]


def test_slots_that_a_slow_round_overran_are_counted_series_by_series(tmp_path):
    """A scanner that needs 0.4 s per gauge cannot read four of them every second."""
    lab = ReadingLab(tmp_path)
    lab.write("10 readings", points=ONE, way="scanner", read="switch: 0.4 s", every="1 s")
    report = lab.run()
    assert report.error is None
    gauges = units_of(blocks(lab, report))
    assert len(gauges) == 4
    for block in gauges:  # each round takes between 1.6 s and 2 s: every other slot is missed
        assert block.rows - 2 <= block.missed <= block.rows + 1


def test_where_every_slot_was_met_none_is_missed(tmp_path):
    lab = ReadingLab(tmp_path).write("10 readings", points=ONE)
    found = blocks(lab, lab.run())
    assert len(units_of(found)) == 4
    assert [b.missed for b in found] == [0] * len(found)


@pytest.mark.parametrize("urgent", [True, False])
def test_an_urgent_bench_comes_before_other_programs_or_the_record_says_that_it_may_not(
    tmp_path, urgent
):
    lab = ReadingLab(tmp_path).write("3 readings", points=ONE, within="50 kPa")
    file = lab.path / "sim_instruments" / "manifold" / "bench.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text + f"acquisition: {{urgent: {str(urgent).lower()}}}\n", encoding="utf-8")
    policies, audits = set(), []

    def listen(stored):
        if isinstance(stored.event, AuditNoted):
            audits.append(stored.event)
        if isinstance(stored.event, RawBlock | RunMeasured):
            policies.update(
                os.sched_getscheduler(thread.native_id)
                for thread in threading.enumerate()
                if thread.name.startswith("bus ")
            )

    report = lab.run(listeners=[listen], speed="20")
    assert report.error is None
    assert policies == {os.SCHED_FIFO if urgent and may_be_urgent() else os.SCHED_OTHER}
    refused = [a for a in audits if a.what == "not-urgent"]
    assert len(refused) == (urgent and not may_be_urgent())
    for audit in refused:
        assert "SCHED_FIFO" in words(message_from_json(audit.why))
