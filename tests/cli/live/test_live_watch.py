"""`benchctl watch` on real terminals and pipes, beside a run that goes on."""

import json
import re
import signal
import subprocess

from calling import BENCHCTL, environment
from live_samples import closed, judged, watched

from benchctl.core import events

ALTERNATE, MAIN = b"\x1b[?1049h", b"\x1b[?1049l"
COLOUR = re.compile(rb"\x1b\[[0-9;]*\b[34][0-7]\b")


def started(action="load-1/Q3/run-1"):
    return events.ActionStarted(action, "totalise", 1.0, 60.0)


def test_a_run_is_followed_to_its_end_and_then_told_on_the_main_screen(going, watch):
    shown = watch()
    shown.expect("Ctrl-C: leave this view, the run goes on")
    assert ALTERNATE in shown.bytes
    assert "SIMULATED  FAIL 0  PASS 0  of 2" in shown.text()
    going.tell(started(), watched())
    shown.expect("flow 2.375 of 2.375 m³/h  water 20.31 °C")
    going.tell(judged("W-1", error=0.41), judged("W-2", error=2.345))
    shown.expect("+2.35 FAIL")
    assert COLOUR.search(shown.bytes)
    going.end(events.UutJudged("W-1", "pass"), events.UutJudged("W-2", "fail"), closed())
    assert shown.finish() == 0
    _, main = shown.bytes.split(MAIN)
    assert b"finished: FAIL" in main
    assert b"+0.41" in main


def test_who_leaves_with_ctrl_c_leaves_the_run_alone(going, watch):
    shown = watch(going.journal.run[:20], env={"NO_COLOR": "1"})
    shown.expect("Ctrl-C: leave this view")
    assert not COLOUR.search(shown.bytes)
    shown.process.send_signal(signal.SIGINT)
    assert shown.finish() == 0
    assert f"left the view; run {going.journal.run} goes on" in shown.text().split("PASS")[-1]
    assert shown.bytes.rindex(MAIN) > shown.bytes.rindex(ALTERNATE)
    going.tell(judged("W-1"))


def test_a_terminal_in_gbk_gets_nothing_that_gbk_lacks(going, watch):
    going.tell(started(), watched(), judged("W-2", error=2.345))
    env = {"PYTHONIOENCODING": "gbk", "BENCHCTL_LANG": "zh", "PYTHONUTF8": "0"}
    shown = watch(columns=120, lines=40, env=env)
    shown.expect("+2.35 不合格", "gbk")
    shown.expect("设定 2.375 m3/h", "gbk")
    assert "?" not in shown.bytes.split(ALTERNATE)[1].decode("gbk").replace("\x1b[?", "")


def test_a_run_that_was_cut_off_is_told_with_what_to_do(going, watch):
    going.tell(started())
    shown = watch()
    shown.expect("Ctrl-C: leave this view")
    going.present.close()
    assert shown.finish() == 3
    assert "was cut off: its process is gone" in shown.text()
    assert "benchctl resume makes its bench safe" in shown.text()


def test_a_terminal_that_cannot_draw_gets_lines(going, watch):
    going.tell(judged("W-2", error=2.345))
    shown = watch(env={"TERM": "dumb", "LANG": "C"})
    shown.expect("+2.35 %  FAIL")
    going.end(closed())
    assert shown.finish() == 0
    assert b"\x1b" not in shown.bytes


def test_a_pipe_gets_lines_and_programs_get_json(going, tmp_path):
    calls = {
        name: subprocess.Popen(
            [*BENCHCTL, "watch", "--lab", "lab", *options],
            cwd=tmp_path,
            env=environment(tmp_path, LANG="C"),
            bufsize=0,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for name, options in (("lines", ()), ("json", ("--ndjson",)))
    }
    going.tell(started(), judged("W-2", error=2.345))
    for call in calls.values():  # both have begun to follow
        assert call.stdout.readline()
    going.end(closed())
    lines, told = (call.communicate(timeout=30)[0].decode() for call in calls.values())
    assert [call.returncode for call in calls.values()] == [0, 0]
    assert "Q3  position 2 W-2  +2.35 %  FAIL" in lines
    assert "\x1b" not in lines
    kinds = [json.loads(line)["kind"] for line in told.splitlines()]
    assert kinds == ["plan-resolved", "action-started", "point-judged", "run-closed"]


def test_without_a_run_that_goes_on_the_newest_is_told(going, tmp_path):
    going.end(judged("W-1"), closed())
    done = subprocess.run(
        [*BENCHCTL, "watch", "--lab", "lab", "--lang", "zh"],
        cwd=tmp_path,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("当前没有正在进行的运行；以下为最近一次\n")
    assert "已完成：未测得" in done.stdout


def test_a_view_beside_a_run_obeys_and_ends_with_it(going, tmp_path):
    process = subprocess.Popen(
        [*BENCHCTL, "watch", going.journal.run, "--lab", "lab", "--beside"],
        cwd=tmp_path,
        env=environment(tmp_path),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
    )
    with process:
        answers = iter(process.stderr.readline, b"")
        assert next(answers) == b"ready\n"
        process.stdin.write(b"show\n")
        assert next(answers) == b"shown\n"
        process.send_signal(signal.SIGINT)  # Ctrl-C stops the run, which then ends the view
        process.stdin.write(b"hide\n")
        assert next(answers) == b"hidden\n"
        process.stdin.close()  # the run is gone
        assert list(answers) == [b"hidden\n"]
        drawn = process.stdout.read()
    assert process.returncode == 0
    assert ALTERNATE in drawn
    assert drawn.rindex(MAIN) > drawn.rindex(ALTERNATE)
