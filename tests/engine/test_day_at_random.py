"""Whatever persons want whenever: the run ends well, the bench rests, nobody passes unduly."""

import random
import tempfile
from pathlib import Path

import pytest
from day import Day, found, right
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lab_folder import LabFolder, is_safe

from benchctl.core.events import ActionFinished, ActionStarted, LeakReported, UutDropped
from benchctl.engine import truth
from benchctl.records import Lab, verify

UNITS = 4
LASTS = {"flying": 1500.0, "gravimetric": 1800.0}
"""About how long a run takes, bench seconds."""

positions = st.integers(1, UNITS)
requests = st.one_of(
    st.tuples(st.just("pause"), st.booleans()),
    st.tuples(st.just("leak"), positions),
    st.tuples(st.just("drop"), positions),
    st.tuples(st.just("operator"), st.sampled_from(["Li", "Wang"])),
)
days = st.lists(st.tuples(st.floats(0.0, 1.0), requests), min_size=1, max_size=6)


def ask(day, request):
    match request:
        case ("pause", now):
            day.control.pause("Li", now=now)
        case ("leak", position):
            day.leak(position)
        case ("drop", position):
            day.control.drop(position, "Li")
        case ("operator", name):
            day.control.operator(name)


def live(day, requests, method, stop=None):
    """Run with these requests; `stop` is the share of the run after which it is stopped."""
    for share, request in requests:
        day.after(share * LASTS[method], lambda request=request: ask(day, request))
    if stop is not None:
        day.after(stop * LASTS[method], lambda: day.scheduler.stop("a test"))
    return day.run("whole", units=UNITS, points=("Q3", "Q2"), sets={"method": method})


def check(day, lab, document, method):
    assert document["reason"] is None or document["reason"]["id"] != "engine.internal", document[
        "reason"
    ]
    assert document["undone"] == document["made_safe"]["failed"] == []
    assert is_safe(lab.left | {"selected": []})
    assert document["finished"] is not None
    leakers = {e.position for e in day.of(LeakReported)}
    out = {e.uut for e in day.of(UutDropped)}
    known = truth(lab.request("whole", units=UNITS, sets={"method": method}))
    for position, uut in enumerate(document["uuts"], 1):
        if position in leakers:
            assert found(document, position)["tightness"] == "fail"
        if uut["serial"] in out:
            assert uut["verdict"] in ("fail", "not_measured")
        elif document["outcome"] == "finished":
            whole = [p for p in uut["points"] if p["point"] != "Q1"]  # left out on request
            assert right(_with(document, position, whole), known, position)
    with Lab.open(lab.path) as records:
        assert verify(records) == []


def _with(document, position, points):
    uuts = list(document["uuts"])
    uuts[position - 1] = uuts[position - 1] | {"points": points}
    return {"uuts": uuts}


def whole_record(day):
    """Check that every action which began has ended, in order."""
    open_ = None
    for event in day.events:
        if isinstance(event, ActionStarted):
            assert open_ is None
            open_ = event.action
        elif isinstance(event, ActionFinished):
            assert open_ in (None, event.action)
            open_ = None
    assert open_ is None


@pytest.mark.timeout(600)
@pytest.mark.parametrize("method", LASTS)
@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(requests=days)
def test_requests_at_any_time_end_in_a_safe_bench_and_right_verdicts(method, requests):
    with tempfile.TemporaryDirectory() as folder:
        lab = LabFolder(Path(folder))
        lab.write()
        day = Day(lab)
        document = live(day, requests, method)
        assert day.report.outcome == "finished"
        check(day, lab, document, method)
        whole_record(day)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", range(6))
def test_a_stop_in_the_middle_of_all_that_leaves_a_safe_bench(lab, seed):
    chance = random.Random(seed)
    lab.write()
    kinds = [
        lambda: ("pause", chance.random() < 0.5),
        lambda: ("leak", chance.randint(1, UNITS)),
        lambda: ("drop", chance.randint(1, UNITS)),
    ]
    wanted = [(chance.random(), chance.choice(kinds)()) for _ in range(5)]
    day = Day(lab)
    method = chance.choice(list(LASTS))
    document = live(day, wanted, method, stop=chance.random())
    assert day.report.outcome == "aborted"
    check(day, lab, document, method)
