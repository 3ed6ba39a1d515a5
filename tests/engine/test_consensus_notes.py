"""A reference that drifts and a leak between meters are told from the meters' own results."""

import pytest
from day import Day
from lab_folder import SERIALS

from benchctl.core.events import ConsensusNoted, PointJudged

pytestmark = pytest.mark.usefixtures("nothing_left_behind")


def run(lab, fault="", units=8):
    lab.write(at_start=fault)
    day = Day(lab)
    return day, day.run(units=units, points=("Q3",), seed=7)


def test_a_healthy_line_is_told_nothing(lab):
    day, document = run(lab)
    assert day.of(ConsensusNoted) == []
    assert not [i for i in document["incidents"] if i["kind"].startswith("consensus")]


def test_a_master_that_drifts_shows_as_a_shift_of_all_units(lab):
    day, document = run(lab, "self.fault('drifting_master', per_litre=1e-3)")
    (note,) = [e for e in day.of(ConsensusNoted) if e.point == "Q3"]
    assert note.what == "shift"
    assert note.value < -1.0
    assert note.n == len(SERIALS)
    (told,) = [i for i in document["incidents"] if i["kind"] == "consensus shift"]
    assert "look at the reference" in told["text"]["text"]


def test_a_leak_shows_as_a_step_between_its_neighbours_and_changes_no_verdict(lab):
    day, _ = run(lab, "self.fault('leak', position=4)")
    (note,) = day.of(ConsensusNoted)
    assert note.what == "step"
    assert note.positions in ((4, 5), (3, 4))
    assert note.value == pytest.approx(-3.0, abs=1.0)
    for judged in day.of(PointJudged):
        low, high = judged.mpe
        assert judged.verdict == ("pass" if low <= judged.error <= high else "fail")
