"""A run that was killed: the next command on its bench finds it and makes the bench safe first."""

import json
import signal

from bench_process import Process, ServedBench, documented, flows
from lab_folder import is_safe

from benchctl.records import Lab


def killed(bench: ServedBench, procedure="quick", when=flows, points="Q3,Q2,Q1") -> Process:
    """Kill a run while water flows; what was energised stays so."""
    run = bench.run(procedure, "--operator", "Li Wei", "--points", points)
    bench.wait_for(when)
    run.signal(signal.SIGKILL)
    assert run.finish().code == -signal.SIGKILL
    state = bench.state()
    assert state["drive"]["reference"] > 0
    assert state["valves"]["inlet"]
    assert state["valves"]["lines"]
    return run


def assert_recovered(bench: ServedBench, run: str) -> None:
    """The plant is at rest; the record of the run is whole, closed and says why."""
    assert is_safe(bench.state())
    document = documented(bench.lab, run)
    assert (document["outcome"], document["verdict"]) == ("error", "not_measured")
    assert document["reason"]["id"] == "engine.cut-off"
    assert document["finished"]
    assert document["undone"] == []
    assert document["made_safe"]["failed"] == []
    assert [note["id"] for note in document["notes"]].count("records.recovered") == 1


def open_run(bench: ServedBench) -> str:
    """Return the run that was killed, as the list of records tells it."""
    with Lab.open(bench.lab, create=False) as records:
        (listed,) = records.runs()
    assert (listed.outcome, listed.operator) == (None, "Li Wei")
    return listed.run


def test_after_a_kill_resume_makes_the_bench_safe_by_what_the_record_says(bench):
    killed(bench, "pulses", lambda state: state["selected"] == [1])
    run = open_run(bench)
    bench.bench_file.unlink()
    done = bench.done("resume", run, "--close")
    assert done.code == 0, done.shown
    assert f"run {run} had been cut off" in done.shown
    assert_recovered(bench, run)


def test_after_a_kill_resume_goes_on_on_the_bench_that_stood_there(bench):
    killed(bench, points="Q3")
    run = open_run(bench)
    done = bench.done("resume", "--json", bench.folder / "resumed.json")
    assert done.code in (0, 1), done.shown
    assert "going on: " in done.shown
    assert is_safe(bench.state())
    document = documented(bench.lab, run)
    assert document == json.loads((bench.folder / "resumed.json").read_text(encoding="utf-8"))
    assert document["outcome"] == "finished"
    (point,) = [p for p in document["uuts"][0]["points"] if p["point"] == "Q3"]
    assert point["error"] is not None
    with Lab.open(bench.lab, create=False) as records:
        kinds = [stored.event.KIND for stored in records.events(run)]
    assert kinds.index("made-safe") < kinds.index("run-resumed")  # safe first, then on
    assert "nothing to resume" in bench.done("resume").shown


def test_after_a_kill_bench_safe_leaves_a_run_that_can_go_on_or_be_closed(bench):
    killed(bench)
    run = open_run(bench)
    done = bench.done("bench", "safe", "--bench", bench.bench_file)
    assert done.code == 0, done.shown
    assert f"run {run} had been cut off" in done.shown
    assert is_safe(bench.state())
    assert open_run(bench) == run
    assert bench.done("resume", "--close").code == 0
    assert_recovered(bench, run)
    assert bench.done("records", "verify").code == 0


def test_a_bench_is_made_safe_even_where_the_record_is_damaged(bench):
    killed(bench)
    for suffix in ("-wal", "-shm", ""):
        (bench.lab / f"lab.sqlite{suffix}").write_bytes(b"not a database " * 100)
    done = bench.done("bench", "safe", "--bench", bench.bench_file)
    assert done.code == 5
    assert "lab.sqlite" in done.shown
    assert "NOT SAFE" not in done.shown
    assert is_safe(bench.state())


def test_after_a_kill_the_next_run_makes_the_bench_safe_before_anything_else(bench):
    killed(bench)
    cut_off = open_run(bench)
    run = bench.run("quick")
    run.expect(f"run {cut_off} had been cut off")
    assert_recovered(bench, cut_off)
    bench.wait_for(flows)
    run.signal(signal.SIGINT)
    ended = run.finish()
    assert ended.code == 4, ended.shown
    assert ended.document["run"] > cut_off


def test_a_run_stays_open_until_its_whole_bench_is_safe(bench):
    killed(bench)
    run = open_run(bench)
    bench.say("unplug sim.drive")
    for command in (("resume",), ("bench", "safe", "--bench", bench.bench_file)):
        unsafe = bench.done(*command)
        assert unsafe.code == 5
        assert "NOT SAFE, look now: pump" in unsafe.shown
        assert documented(bench.lab)["finished"] is None
        assert open_run(bench) == run
    refused = bench.run("quick").finish()
    assert refused.code == 5
    assert refused.document["run"] is None
    assert bench.state()["valves"] == {"inlet": False, "outlet": False, "lines": []}
    bench.say("plug sim.drive")
    assert bench.done("resume", "--close").code == 0
    assert_recovered(bench, run)


def test_a_run_that_ended_without_a_safe_bench_is_found_and_tried_again(bench):
    run = bench.run("quick", "--operator", "Li Wei")
    bench.wait_for(flows)
    bench.say("unplug sim.relays")
    run.signal(signal.SIGINT)
    assert run.finish().code == 5
    ended = documented(bench.lab)
    again = bench.done("resume", "--close")
    assert (again.code, "NOT SAFE, look now: valves" in again.shown) == (5, True)
    bench.say("plug sim.relays")
    done = bench.done("resume", "--close")
    assert done.code == 0
    assert ended["run"] in done.shown
    assert is_safe(bench.state())
    document = documented(bench.lab)
    assert document["reason"] == ended["reason"]  # why it ended stays what it was
    assert document["made_safe"]["failed"] == document["undone"] == []
    assert "records.recovered" in [note["id"] for note in document["notes"]]
    assert "nothing" in bench.done("resume", "--close").shown


def test_a_run_whose_simulated_bench_died_with_it_is_named_and_closed(lab):
    lab.write()
    argv = ["run", "quick", "--lab", lab.path, "--speed", "20", "--uut", "26110000070001"]
    for command, said in (("resume", "is closed"), ("run", "had been cut off")):
        run = Process(lab.path, argv, "killed")
        run.expect("pump" if command == "never" else "Q3")
        run.signal(signal.SIGKILL)
        run.finish()
        with Lab.open(lab.path) as records:
            (cut_off,) = records.left_simulated()
        again = argv if command == "run" else ["resume", "--lab", lab.path, "--close"]
        done = Process(lab.path, [*again[:4], "--speed", "max"] if command == "run" else again, "n")
        ended = done.finish()
        assert f"run {cut_off}" in ended.shown
        assert said in ended.shown
        document = documented(lab.path, cut_off)
        assert document["reason"]["id"] == "engine.cut-off-simulated"
        with Lab.open(lab.path) as records:
            assert records.left_simulated() == []


def test_signals_do_not_stop_what_makes_a_bench_safe(bench):
    killed(bench)
    run = open_run(bench)
    bench.say("fault silent on bus=sim.relays count=1")  # it takes a second or two
    resume = bench.call("resume")  # and it does not go on: a person wanted it to stop
    bench.wait_for(lambda state: state["drive"]["reference"] == 0.0)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGINT):
        resume.signal(number)
    ended = resume.finish()
    assert ended.code == 4, ended.shown
    assert "already stopping" in ended.shown
    assert bench.done("resume", "--close").code == 0
    assert_recovered(bench, run)
