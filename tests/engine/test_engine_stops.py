"""A run that is stopped at any event of its record: the plant is at rest, the record says why."""

import random
import signal
import threading

import pytest
from lab_folder import LabFolder, is_safe

from benchctl.core.events import ActionStarted, Settled, StopRequested, UndoRegistered
from benchctl.engine import run

pytestmark = pytest.mark.usefixtures("nothing_left_behind")


class StopAt:
    """Asks the scheduler to stop, `times` over, when so many events were recorded."""

    def __init__(self, count, times=1):
        self.count = count
        self.times = times
        self.events = []

    def attach(self, scheduler):
        self.scheduler = scheduler

    def __call__(self, stored):
        if not stored.seq:
            return
        self.events.append(stored.event)
        if len(self.events) == self.count:
            for _ in range(self.times):
                self.scheduler.stop("a test")


@pytest.fixture(scope="module")
def instants(tmp_path_factory):
    """Three seeded instants, one in each third of what comes before the last totalisation."""
    events = []
    lab = LabFolder(tmp_path_factory.mktemp("lab")).write()
    lab.run("whole", units=1, on_event=lambda s: events.append(s.event) if s.seq else None)
    begun = (n for n, e in enumerate(events) if isinstance(e, ActionStarted))
    last = max(n for n in begun if events[n].kind == "totalise")
    chance = random.Random(20260131)
    return [chance.randrange(3 + k * last // 3, (k + 1) * last // 3) for k in (0, 1, 2)]


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_stop_at_any_event_leaves_a_plant_at_rest(lab, instants, which):
    stop = StopAt(instants[which], times=1 + which)
    report = lab.write().run("whole", units=1, on_event=stop, on_scheduler=stop.attach)
    assert (report.outcome, report.exit_code) == ("aborted", 4)
    assert report.document["reason"]["text"] == "stopped by a test"
    assert report.document["undone"] == report.document["made_safe"]["failed"] == []
    assert [e.source for e in stop.events if isinstance(e, StopRequested)] == ["a test"]
    assert is_safe(lab.left)


def interrupted(lab, on_event):
    """Run with a listener that interrupts; what comes out of it must not end the tests."""
    try:
        return lab.run("quick", on_event=on_event)
    except KeyboardInterrupt:
        pytest.fail("the interrupt was not taken as a stop")


def test_nothing_is_energised_that_was_not_in_the_record_before(lab):
    seen = {}

    def look(stored):
        if isinstance(stored.event, UndoRegistered) and not seen:
            seen[stored.event.undo] = stored.seq
            raise KeyboardInterrupt

    report = interrupted(lab.write(), look)
    assert list(seen) == ["pump/speed"]
    assert (report.outcome, report.exit_code) == ("aborted", 4)
    assert lab.left["volume"] == 0.0
    assert is_safe(lab.left)


def test_ctrl_c_in_a_program_without_handlers_of_its_own_is_a_stop(lab):
    def press(stored):
        if isinstance(stored.event, Settled):
            signal.raise_signal(signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        report = interrupted(lab.write(), press)
    finally:
        signal.signal(signal.SIGINT, before)
    assert (report.outcome, report.exit_code) == ("aborted", 4)
    assert report.document["reason"]["text"] == "stopped by SIGINT"
    assert lab.left["volume"] > 0.0
    assert is_safe(lab.left)


@pytest.mark.parametrize("seed", [1, 2])
def test_in_real_time_a_stop_from_another_thread_leaves_no_thread_and_no_file(lab, seed):
    timers = []

    def later(scheduler):
        instant = random.Random(seed).uniform(0.0, 1.5)
        timers.append(threading.Timer(instant, scheduler.stop, ["another thread"]))
        timers[0].start()

    report = run(lab.write().request("quick", speed="20"), on_scheduler=later)
    timers[0].join()
    assert (report.outcome, report.exit_code) == ("aborted", 4)
    assert is_safe(lab.left)


@pytest.mark.parametrize("mistake", [ZeroDivisionError, SystemExit])
def test_a_mistake_of_our_own_still_ends_on_a_safe_bench(lab, mistake):
    raised = f"raise {mistake.__name__}"
    lab.write(at_question=f"if prompt.item == 'appearance' and prompt.position == 2: {raised}")
    report = lab.run("quick")
    assert (report.outcome, report.exit_code) == ("error", 3)
    assert report.document["reason"]["id"] == "engine.internal"
    assert isinstance(report.error.__cause__, mistake)
    assert is_safe(lab.left)
