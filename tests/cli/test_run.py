"""Whole runs as a person or a script makes them: output, files, exit codes, stops, recovery."""

import contextlib
import fcntl
import json
import os
import re
import signal
import subprocess
import threading
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from calling import BENCHCTL, environment

from benchctl.cli.paced import paced
from benchctl.cli.terminal import Terminal
from benchctl.core.clock import Deadline, pause, utc_now

QUICK = ("run", "water-meter", "--simulate", "--seed", "7")


@pytest.fixture(scope="module")
def whole_run(tmp_path_factory, pytestconfig):
    """One run with every output there is: the folder and the finished process."""
    folder = tmp_path_factory.mktemp("whole")
    argv = [*BENCHCTL, *QUICK, "--lab", "lab", "--json", "out.json", "--junit", "out.xml"]
    done = subprocess.run(
        argv,
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    return folder, done


def document_of(folder):
    return json.loads((folder / "out.json").read_text(encoding="utf-8"))


def test_the_exit_code_is_1_where_a_unit_fails(whole_run):
    folder, done = whole_run
    verdicts = {u["verdict"] for u in document_of(folder)["uuts"]}
    assert "fail" in verdicts
    assert done.returncode == 1
    assert done.stderr == ""


def test_the_table_tells_what_the_document_tells(whole_run):
    folder, done = whole_run
    document = document_of(folder)
    rows = [line.split() for line in done.stdout.split("\n\npos ")[1].splitlines()[2:]]
    assert len(document["uuts"]) == 12
    for row, uut in zip(rows, document["uuts"], strict=False):
        assert row[:2] == [str(uut["position"]), uut["serial"]]
        assert row[-1] == uut["verdict"].upper()
        errors = [p["error"] for p in uut["points"] if p["quantity"]]
        shown = [float(cell) for cell in row[2:-1] if cell[0] in "+-"]
        assert shown == pytest.approx(errors, abs=0.0051)


def test_the_output_says_simulated_and_where_the_record_is(whole_run):
    folder, done = whole_run
    run = document_of(folder)["run"]
    assert done.stdout.startswith("SIMULATED: ")
    assert done.stdout.endswith(f"record: run {run} in lab/lab.sqlite\n")
    assert re.search(r"^finished: FAIL \(\d+ PASS, \d+ FAIL\) \(simulated\)$", done.stdout, re.M)


def test_a_pipe_hears_of_every_point_of_every_unit(whole_run):
    folder, done = whole_run
    for uut in document_of(folder)["uuts"]:
        for name in ("appearance", "tightness", "function", "Q3", "Q2", "Q1"):
            place = rf"{name}  position {uut['position']} {uut['serial']}  "
            assert re.search(rf"^ *[\d:]+  {place}", done.stdout, re.M), place


def test_ci_servers_see_the_same_verdicts(whole_run):
    folder, _ = whole_run
    points = [p for u in document_of(folder)["uuts"] for p in u["points"]]
    suites = ElementTree.parse(folder / "out.xml").getroot()
    assert int(suites.get("tests")) == len(points)
    assert int(suites.get("failures")) == sum(p["verdict"] == "fail" for p in points)


def test_the_record_is_what_the_run_said(whole_run, benchctl):
    folder, _ = whole_run
    document = document_of(folder)
    exported = benchctl("records", "export", "--lab", folder / "lab").stdout
    assert json.loads(exported) == document
    verified = benchctl("records", "verify", "--lab", folder / "lab")
    assert verified.returncode == 0
    assert "runs verified: 1; nothing was changed\n" in verified.stdout
    listed = json.loads(benchctl("records", "list", "--json", "--lab", folder / "lab").stdout)
    assert [(r["name"], r["verdict"]) for r in listed] == [(document["run"], "fail")]


def test_a_record_made_in_english_is_shown_in_chinese(whole_run, benchctl):
    folder, done = whole_run
    shown = benchctl("records", "show", "--lab", folder / "lab", "--lang", "zh").stdout
    assert "不合格" in shown
    assert "FAIL" not in shown
    english = benchctl("records", "show", "--lab", folder / "lab").stdout
    table = english[english.index("pos ") : english.index("\n\nfinished")]
    assert table in done.stdout


def test_truth_and_verdicts_agree_unless_a_unit_is_at_its_limit(whole_run, benchctl):
    folder, _ = whole_run
    truth = json.loads(benchctl("sim", "truth", "water-meter", "--seed", "7", "--json").stdout)
    real = {(r["serial"], r["point"] or r["item"]): r for r in truth}
    for uut in document_of(folder)["uuts"]:
        for point in uut["points"]:
            row = real[uut["serial"], point["point"] or point["item"]]
            if point["quantity"] is None:
                assert (point["verdict"] == "pass") == row["good"]
            elif abs(abs(row["error"]) - point["mpe"][1]) > 0.5:
                assert (point["verdict"] == "pass") == (abs(row["error"]) <= point["mpe"][1])


def test_json_on_standard_output_stands_alone(benchctl):
    done = benchctl(*QUICK, "--points", "Q3", "--uut", "W-1", "--json", "-")
    document = json.loads(done.stdout)
    assert done.stderr == ""
    assert done.returncode == 1
    assert document["verdict"] == "not_measured"
    assert [u["serial"] for u in document["uuts"]] == ["W-1"]


def test_quiet_is_one_line(benchctl):
    done = benchctl(*QUICK, "--points", "Q3", "--uut", "W-1", "--quiet")
    assert re.fullmatch(
        r"\w{26}  finished: NOT MEASURED \(1 NOT MEASURED\) \(simulated\)\n", done.stdout
    )


def test_a_request_that_is_wrong_leaves_no_older_result_behind(benchctl, tmp_path):
    (tmp_path / "out.json").write_text('{"verdict": "pass"}')
    done = benchctl(*QUICK, "--set", "Q3=2.6", "--json", "out.json", "--junit", "out.xml")
    assert done.returncode == 2
    document = document_of(tmp_path)
    assert (document["run"], document["outcome"]) == (None, "refused")
    assert document["verdict"] == "not_measured"
    assert ElementTree.parse(tmp_path / "out.xml").getroot().get("errors") == "1"


def test_mistakes_of_a_file_are_in_the_result_with_their_places(benchctl, tmp_path):
    (tmp_path / "batch.csv").write_text("serial,Q3\nW-1,2.5\nW-2,2.6\n")
    done = benchctl(*QUICK, "--batch", "batch.csv", "--json", "-")
    assert done.returncode == 2
    assert "batch.csv:3:" in done.stderr
    (mistake,) = json.loads(done.stdout)["mistakes"]
    assert mistake["location"]["row"] == 3


@pytest.mark.parametrize("path", ["nowhere/out.json", "."])
def test_a_result_that_could_not_be_written_is_refused_before_the_run(benchctl, tmp_path, path):
    done = benchctl(*QUICK, "--json", path)
    assert done.returncode == 2
    assert not (tmp_path / "data").exists()


def test_a_closed_pager_does_not_end_a_run(benchctl, tmp_path, call_environment):
    line = " ".join([*BENCHCTL, *QUICK, "--points", "Q3", "--uut", "W-1", "--json", "out.json"])
    done = subprocess.run(
        ["bash", "-c", f"{line} | head -1; echo ${{PIPESTATUS[0]}}"],
        cwd=tmp_path,
        env=call_environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "1"
    assert document_of(tmp_path)["outcome"] == "finished"


# stopping -------------------------------------------------------------------------------------


@pytest.fixture
def on_own_terminal(on_terminal):
    """Start benchctl as the one in charge of its terminal, so that keys become signals."""

    def start(*args, env=None):
        argv = ["setsid", "--ctty", "--wait", *BENCHCTL, *map(str, args)]
        return on_terminal(argv, env)

    return start


def test_ctrl_c_stops_a_run_safely_however_often_it_is_pressed(on_own_terminal, tmp_path):
    lab = ("--lab", "lab", "--json", "out.json")
    terminal = on_own_terminal(*QUICK, "--speed", "real", "--uut", "W-1", *lab)
    terminal.expect("mount")
    terminal.type("\x03")
    terminal.type("\x03\x03")
    assert terminal.finish() == 4
    assert "stopping; the bench is being made safe" in terminal.shown
    assert "the bench is safe" in terminal.shown
    document = document_of(tmp_path)
    assert (document["outcome"], document["verdict"]) == ("aborted", "not_measured")
    assert document["undone"] == []
    assert "Traceback" not in terminal.shown


def test_sigterm_is_a_stop_too(on_terminal, tmp_path):
    terminal = on_terminal([*BENCHCTL, *QUICK, "--speed", "real", "--uut", "W-1", "--lab", "lab"])
    terminal.expect("mount")
    terminal.signal(signal.SIGTERM)
    assert terminal.finish() == 4
    assert "stopped by SIGTERM" in terminal.shown


# a bench in another process, as if it were real -------------------------------------------------


class ServedBench:
    """`sim serve` with commands on its standard input."""

    def __init__(self, process):
        self._process = process
        self.about = json.loads(process.stdout.readline())

    def command(self, line):
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def state(self):
        return self.command("state")["state"]

    def wait_for(self, what, seconds=40.0):
        deadline = Deadline(seconds)
        while not what(state := self.state()):
            assert not deadline.over, state
            pause(0.1)


@pytest.fixture
def served(tmp_path, pytestconfig):
    """A served bench, and in tmp_path a bench file that does not say that it is simulated."""
    process = subprocess.Popen(
        [*BENCHCTL, "sim", "serve", "water_bench", "--bench-file", "served.yaml"],
        cwd=tmp_path,
        env=environment(tmp_path),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    bench = ServedBench(process)
    _pretend_real(tmp_path, pytestconfig.rootpath / "sim_instruments" / "water_bench")
    yield bench
    process.stdin.close()
    process.terminate()
    process.wait(timeout=20)
    process.stdout.close()


def _pretend_real(folder, curves):
    text = (folder / "served.yaml").read_text(encoding="utf-8")
    today = utc_now().date()
    text = re.sub(r"^simulated:.*\n", "", text, flags=re.M)
    text = re.sub(r"^gate:.*\n(?:[ \t]+.*\n)*", "", text, flags=re.M)  # nobody lifts a weight here
    text = re.sub(r"issued: .* ago", f"issued: {today - timedelta(days=9)}", text)
    text = re.sub(r"due: in .*", f"due: {today + timedelta(days=9)}", text)
    for curve in curves.glob("*.csv"):
        (folder / curve.name).write_bytes(curve.read_bytes())
        text = text.replace(str(curve), curve.name)
    (folder / "bench.yaml").write_text(text, encoding="utf-8")


SERIAL = "26110000010001"
REAL = ("run", "water-meter", "--bench", "bench.yaml", "--uut", SERIAL, "--lab", "lab")


def test_a_real_bench_without_anybody_to_answer_is_refused(served, benchctl):
    done = benchctl(*REAL, "--json", "out.json")
    assert done.returncode == 3
    assert "nobody answers" in done.stderr
    assert "the bench is safe" in done.stdout
    assert "SIMULATED" not in done.stdout


def test_bench_check_identifies_and_safe_makes_safe(served, benchctl):
    rows = json.loads(benchctl("bench", "check", "--json").stdout)
    assert [r["name"] for r in rows if r["problem"]] == []
    assert next(r for r in rows if r["name"] == "counter")["identity"].startswith("Keysight")
    served.command("unplug sim.counter")
    wrong = benchctl("bench", "check")
    assert wrong.returncode == 1
    assert "not as named: 1" in wrong.stdout
    unsafe = benchctl("bench", "safe")
    assert unsafe.returncode == 5
    assert "counter" in unsafe.stderr
    served.command("plug sim.counter")
    assert benchctl("bench", "safe").returncode == 0


def test_a_person_is_asked_and_a_killed_run_is_made_safe_by_the_next_command(
    served, benchctl, benchctl_on_terminal, tmp_path
):
    served.command("mount 1")
    terminal = benchctl_on_terminal(*REAL, "--operator", "Li Wei")
    for question in ("into the line", "direction of flow?", "joints tight?", "can be read?"):
        terminal.expect(question)
        terminal.type("\n")
    terminal.expect("[y/n]")
    terminal.type("y\n")
    served.wait_for(lambda state: state["drive"]["running"] and state["valves"]["inlet"])
    other = benchctl(*REAL)
    assert other.returncode == 3
    assert benchctl("resume", "--lab", "lab").stdout.startswith("nothing to resume")
    terminal.signal(signal.SIGKILL)
    terminal.finish()
    assert served.state()["drive"]["running"]
    resumed = benchctl("resume", "--close", "--lab", "lab")
    assert resumed.returncode == 0, resumed.stderr
    assert "was made safe" in resumed.stdout
    state = served.state()
    assert state["drive"]["reference"] == 0
    assert not state["drive"]["running"]
    assert state["valves"] == {"inlet": False, "outlet": False, "lines": []}
    assert benchctl("resume", "--lab", "lab").stdout.startswith("nothing to resume")
    (run,) = json.loads(benchctl("records", "list", "--json", "--lab", "lab").stdout)
    assert (run["outcome"], run["operator"]) == ("error", "Li Wei")


def test_a_pipe_that_nobody_reads_does_not_stop_a_run(tmp_path, call_environment):
    argv = [*BENCHCTL, *QUICK, "--json", "out.json"]
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    os.set_blocking(writing, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writing, b"." * 512)
    os.set_blocking(writing, True)
    process = subprocess.Popen(
        argv, cwd=tmp_path, env=call_environment, stdout=writing, stdin=subprocess.DEVNULL
    )
    os.close(writing)
    try:
        limit = Deadline(60.0)
        while not (tmp_path / "out.json").exists():  # the run ended although nothing was read
            assert not limit.over
            assert process.poll() is None
            pause(0.05)
        assert document_of(tmp_path)["outcome"] == "finished"
        with os.fdopen(reading, "rb") as pipe:
            told = pipe.read().lstrip(b".").decode()
        assert process.wait(30) in (0, 1)
        assert "record:" in told
    finally:
        process.kill()
        process.wait()


def test_lines_beyond_what_may_wait_are_counted_and_said(tmp_path, screen):
    reading, writing = os.pipe()
    told = []
    with os.fdopen(writing, "w") as stream:
        terminal = Terminal(stream, {})
        with paced(screen.shell, terminal) as slow:
            for n in range(20_000):  # far more than a pipe and the queue take
                slow.line(f"line {n}")
            pipe = Path(f"/dev/fd/{reading}")
            reader = threading.Thread(target=lambda: told.append(pipe.read_text()))
            reader.start()
    reader.join()
    os.close(reading)
    lines = told[0].splitlines()
    left_out = sum(int(m[1]) for m in re.finditer(r"(\d+) line\(s\) left out", told[0]))
    assert left_out > 0
    assert sum(line.startswith("line ") for line in lines) + left_out == 20_000


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--uut", b"A\xb1\xed1"),
        ("--operator", b"\xc0\xee"),
        ("--uut", b"A\x1b[31m"),
        ("--operator", b"Li\nWei"),
        ("--uut", "A\u202e1".encode()),
        ("--points", b""),
        ("--points", b" , "),
        ("--speed", b"inf"),
        ("--speed", b"nan"),
        ("--speed", b"0"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path, call_environment, option, value):
    argv = [a.encode() for a in [*BENCHCTL, *QUICK, "--lab", "lab", option]]
    done = subprocess.run(
        [*argv, value], cwd=tmp_path, env=call_environment, capture_output=True, check=False
    )
    assert done.returncode == 2, done.stderr
    assert b"\x1b" not in done.stderr
    assert not (tmp_path / "lab").exists()


def test_junit_goes_to_standard_output_alone(benchctl):
    done = benchctl(*QUICK, "--junit", "-")
    assert ElementTree.fromstring(done.stdout).tag == "testsuites"
    assert benchctl(*QUICK, "--junit", "-", "--json", "-").returncode == 2


def test_a_parameter_that_is_wrong_is_named_once(benchctl):
    done = benchctl(*QUICK, "--set", "Q3=2.6")
    assert done.stderr.count("Q3") == 1


def test_a_full_disk_is_told_by_help_too(call_environment):
    for argv in (["--help"], ["run", "--help"], ["records", "--help"]):
        with Path("/dev/full").open("w") as full:
            done = subprocess.run(
                [*BENCHCTL, *argv],
                env=call_environment,
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
            )
        assert done.returncode == 5
        assert "No space left" in done.stderr
        assert "mistake" not in done.stderr


def test_readings_at_the_end_of_what_a_float_holds_are_described(benchctl, tmp_path):
    (tmp_path / "r.csv").write_text("1e308\n-1e308\n1e308\n1.5e308\n")
    done = benchctl("stats", "r.csv", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["mean"] == pytest.approx(0.625e308)
    assert benchctl("resume", "NOPE").returncode in (0, 2)
