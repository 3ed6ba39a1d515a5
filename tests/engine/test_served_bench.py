"""Runs on a bench in a process of its own: stopped by signals, robbed of instruments, refused.

What counts is what the plant says afterwards, not what benchctl believes.
"""

import random
import resource
import signal

import pytest
from bench_process import Ended, ServedBench, documented, flows
from lab_folder import is_safe

from benchctl.core.clock import pause

INSTANT = 3.0
"""Real seconds after the start of a run within which a random stop comes: 36 s of bench time."""


def assert_stopped(bench: ServedBench, ended: Ended, source: str) -> None:
    """The process says stopped, the plant is at rest, and the record says why."""
    assert ended.code == 4, ended.shown
    assert is_safe(bench.state())
    document = ended.document
    assert document["outcome"] == "aborted"
    assert document["reason"] == {
        "id": "engine.stopped",
        "args": {"source": source},
        "text": f"stopped by {source}",
    }
    assert (document["made_safe"]["reason"], document["made_safe"]["failed"]) == ("stopped", [])
    assert document["undone"] == []
    assert {u["verdict"] for u in document["uuts"]} == {"not_measured"}
    assert documented(bench.lab) == document
    assert "Traceback" not in ended.shown


STOPS = (
    [signal.SIGINT],
    [signal.SIGINT, signal.SIGINT],
    [signal.SIGTERM, signal.SIGINT, signal.SIGTERM],
)


def test_a_stop_while_water_flows_brings_all_to_rest_and_the_bench_is_used_again(bench):
    for signals in STOPS:
        run = bench.run("quick")
        assert not is_safe(bench.wait_for(flows))
        for number in signals:
            run.signal(number)
            pause(0.02)
        assert_stopped(bench, run.finish(), signals[0].name)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_ctrl_c_at_any_instant_is_a_stop(bench, seed):
    chance = random.Random(seed)
    run = bench.run("whole")
    run.expect("run 0")  # before, it is not even opened
    pause(chance.uniform(0.0, INSTANT))
    run.signal(signal.SIGINT)
    if chance.random() < 0.5:
        pause(chance.uniform(0.0, 0.05))
        run.signal(signal.SIGINT)
    assert_stopped(bench, run.finish(), "SIGINT")


# instruments that go away -----------------------------------------------------------------------


def test_a_sensor_that_goes_away_ends_the_run_on_a_safe_bench(bench):
    run = bench.run("quick")
    bench.wait_for(flows)
    bench.say("unplug sim.sensors")
    ended = run.finish()
    assert ended.code == 3
    assert "error: water.temperature_1" in ended.shown
    assert is_safe(bench.state())
    document = ended.document
    assert document["outcome"] == "error"
    assert document["reason"]["text"].startswith("water.temperature_1")
    assert document["made_safe"]["failed"] == document["undone"] == []


def test_a_drive_that_goes_away_is_named_and_trips_by_itself_behind_shut_valves(bench):
    run = bench.run("quick")
    bench.wait_for(flows)
    bench.say("unplug sim.drive")
    ended = run.finish()
    assert ended.code == 5
    assert "NOT SAFE, look now: pump" in ended.shown
    assert "and switch the drive off by hand" in ended.shown
    document = ended.document
    assert document["outcome"] == "error"
    assert {f["instrument"] for f in document["made_safe"]["failed"]} == {"pump"}
    assert {u["undo"] for u in document["undone"]} == {"pump/run", "pump/speed"}
    assert "before that: pump.tripped" in document["reason"]["text"]
    state = bench.wait_for(lambda state: state["drive"]["tripped"])
    assert state["valves"] == {"inlet": False, "outlet": False, "lines": []}
    assert not state["drive"]["running"]


def test_a_run_that_was_frozen_finds_its_drive_tripped_and_ends(bench):
    run = bench.run("quick")
    bench.wait_for(flows)
    run.signal(signal.SIGSTOP)
    bench.wait_for(lambda state: state["drive"]["tripped"])
    run.signal(signal.SIGCONT)
    ended = run.finish()
    assert ended.code == 3
    assert "pump.tripped is 1" in ended.document["reason"]["text"]
    assert is_safe(bench.state())


def test_valves_that_go_away_are_named_and_the_drive_is_stopped(bench):
    run = bench.run("quick")
    bench.wait_for(flows)
    bench.say("unplug sim.relays")
    run.signal(signal.SIGINT)
    ended = run.finish()
    assert ended.code == 5
    assert "NOT SAFE, look now: valves" in ended.shown
    assert "before that: stopped by SIGINT" in ended.shown
    drive = bench.state()["drive"]
    assert (drive["running"], drive["reference"], drive["tripped"]) == (False, 0.0, False)


# who else wants the bench -----------------------------------------------------------------------


def test_another_process_is_refused_while_a_run_goes_on(bench):
    run = bench.run("quick")
    bench.wait_for(flows)
    for argv in (["run", "quick"], ["bench", "safe"]):
        files = ["--bench", bench.bench_file]
        files += ["--batch", bench.batch_file] if argv[0] == "run" else []
        refused = bench.done(*argv, *files)
        assert refused.code == 3
        assert f"{run.process.pid}" in refused.shown
    assert "goes on in another process" in bench.done("resume").shown
    assert run.process.poll() is None
    run.signal(signal.SIGINT)
    assert_stopped(bench, run.finish(), "SIGINT")


# a record that cannot be written ----------------------------------------------------------------


def test_a_full_disk_in_mid_run_makes_the_bench_safe(bench):
    run = bench.run("quick")
    bench.wait_for(flows)
    # on the way to the safe state the valves are met anew; that wants to be noted, and cannot be
    bench.say("unplug sim.relays")
    bench.say("plug sim.relays")
    size = (bench.lab / "lab.sqlite-wal").stat().st_size
    resource.prlimit(run.process.pid, resource.RLIMIT_FSIZE, (size, size))
    ended = run.finish()
    assert ended.code == 5
    assert is_safe(bench.state())
    assert "lab.sqlite" in ended.shown
    assert "lab.sqlite" in ended.document["reason"]["text"]
    assert "NOT SAFE" not in ended.shown
    assert ended.document["outcome"] == "error"
    assert ended.document["undone"] != []  # that it is safe is not in the record
    assert bench.done("bench", "safe", "--bench", bench.bench_file).code == 0
    assert documented(bench.lab)["undone"] == []
