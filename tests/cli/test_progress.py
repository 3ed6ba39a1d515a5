"""What a person sees while a run goes on, from its events alone."""

import os
import pty
import select
from dataclasses import dataclass

import pytest

from benchctl.cli import progress as progress_module
from benchctl.cli.progress import Progress
from benchctl.cli.terminal import Terminal
from benchctl.core import events

PLAN = {
    "procedure": "water-meter",
    "standard": "JJG 162-2019",
    "service": "verification",
    "stage": "initial",
    "bench": "water_bench",
    "simulated": True,
    "uuts": [{"serial": "W-0001", "position": 1}, {"serial": "W-0002", "position": 2}],
    "loads": [{"id": "load-1"}],
    "visits": [{"id": "load-1/Q3", "points": ["Q3"], "setpoint": 2.375, "unit": "m³/h"}],
    "actions": [
        {"id": "load-1/Q3/settle", "kind": "settle", "expected_s": 20.0},
        {"id": "load-1/Q3/run-1", "kind": "totalise", "expected_s": 60.0},
    ],
    "expected_s": 80.0,
}


@dataclass
class Told:
    t: float
    event: events.Event


def judged(serial, error, verdict, why="lies outside"):
    return events.PointJudged(
        uut=serial,
        item="error of indication",
        point="Q3",
        occasion="as_found",
        quantity="error",
        unit="%",
        nominal=None,
        error=error,
        reported=None,
        judged_on=None,
        k=None,
        U=None,
        dof=None,
        U_reference=None,
        mpe=(-2.0, 2.0),
        accept=None,
        rule=None,
        verdict=verdict,
        why={"id": "x", "text": why},
    )


def watched(progress=0.5):
    values = {"reference_volume": 50.0, "reference_flow": 2.3751}
    return events.Watched("load-1/Q3/run-1", 60.0, values, progress, 30.0)


STORY = [
    Told(0.0, events.PlanResolved(PLAN)),
    Told(1.0, events.InstrumentOpened("master", "micromotion_2700", "x", "MM", "1")),
    Told(2.0, events.ActionStarted("load-1/Q3/settle", "settle", 2.0, 20.0)),
    Told(22.0, events.ActionFinished("load-1/Q3/settle", "done", 22.0)),
    Told(22.0, events.ActionStarted("load-1/Q3/run-1", "totalise", 22.0, 60.0)),
    Told(60.0, watched()),
    Told(82.0, events.ActionFinished("load-1/Q3/run-1", "done", 82.0)),
    Told(82.0, judged("W-0001", 0.411, "pass")),
    Told(82.0, judged("W-0002", 2.345, "fail")),
    Told(90.0, events.MadeSafe("finished", ("pump",), ())),
]


def tell(screen, story=STORY):
    progress = Progress(screen.shell, screen.shell.out)
    for told in story:
        progress(told)
    assert progress.broken is None
    return screen.out


def test_a_pipe_gets_a_line_for_each_event_that_matters(screen):
    text = tell(screen)
    assert "units: 2, loads: 1, set-points: 1, about 1:20" in text
    assert "the ones that are named: 1" in text
    assert "   0:22  Q3  measure  2.375 m³/h, about 1:00" in text
    assert "   1:22  Q3  position 1 W-0001  +0.41 %  PASS" in text
    assert "   1:22  Q3  position 2 W-0002  +2.35 %  FAIL  lies outside" in text
    assert "the bench is safe" in text
    assert "\x1b" not in text


def test_a_simulated_run_begins_with_a_banner(screen):
    blank = {"name": "water_bench"}
    opened = events.RunOpened("01J", "", {}, blank, {}, "verification", "initial", "", True, 1, {})
    assert tell(screen, [Told(0.0, opened)]).startswith("SIMULATED: ")


def test_a_real_run_has_no_banner(screen):
    opened = events.RunOpened(
        "01J", "", {}, {"name": "Line 2"}, {}, "verification", "initial", "", False, None, {}
    )
    assert tell(screen, [Told(0.0, opened)]) == "run 01J\n"


def test_a_pipe_hears_of_a_long_action_now_and_then_but_not_all_the_time(screen, monkeypatch):
    told = [*STORY[:5], *[Told(60.0, watched())] * 5]
    assert "30 left" not in tell(screen, told)
    monkeypatch.setattr(progress_module, "SILENCE", 0.0)
    text = tell(screen, told)
    assert text.count("50%  0:30 left") == 5
    assert "flow 2.375" in text


def test_what_could_not_be_made_safe_is_named(screen):
    failed = ({"instrument": "pump", "channel": "speed", "error": "no reply"},)
    text = tell(screen, [STORY[0], Told(9.0, events.MadeSafe("error", (), failed))])
    assert "NOT SAFE, look now: pump.speed" in text
    assert "the bench is safe" not in text


def test_a_retest_that_passes_is_told_after_the_fail(screen):
    story = [STORY[0], STORY[-2], Told(99.0, judged("W-0002", 1.2, "pass"))]
    lines = tell(screen, story).splitlines()
    assert "+1.20 %  PASS" in lines[-1]


def everything(master):
    """What a terminal showed since the last look."""
    shown = b""
    while select.select([master], [], [], 0.1)[0]:
        shown += os.read(master, 65536)
    return shown.decode()


def test_a_mistake_in_the_display_is_kept_and_the_events_go_on(screen):
    progress = Progress(screen.shell, screen.shell.out)
    progress(Told(0.0, events.PlanResolved({"uuts": []})))
    progress(STORY[-1])
    assert isinstance(progress.broken, KeyError)
    assert screen.out == ""


@pytest.fixture
def tty_screen(screen):
    master, slave = pty.openpty()
    with os.fdopen(slave, "w", encoding="utf-8") as stream:
        screen.shell.out = Terminal(stream, {"TERM": "xterm"})
        yield screen, lambda: everything(master)
    os.close(master)


def test_a_terminal_shows_a_status_line_and_keeps_only_what_does_not_pass(tty_screen):
    screen, shown = tty_screen
    tell_on = Progress(screen.shell, screen.shell.out)
    for told in STORY:
        tell_on(told)
    screen.shell.out.clear()
    text = shown()
    kept = [line.rpartition("\x1b[2K")[2] for line in text.split("\r\n")[:-1]]
    assert not any("W-0001" in line for line in kept)
    assert any("W-0002" in line and "FAIL" in line for line in kept)
    assert "50%  0:30 left" in text
    assert "[############--------]" in text


def test_the_status_line_makes_room_for_a_question(tty_screen):
    screen, shown = tty_screen
    tell_on = Progress(screen.shell, screen.shell.out)
    for told in STORY[:6]:
        tell_on(told)
    shown()
    tell_on(Told(60.0, events.PromptOpened("1", "confirm", {}, "", "", "", 60.0)))
    tell_on(Told(60.0, watched(0.6)))
    assert shown() == "\r\x1b[2K"
    tell_on(Told(61.0, events.PromptAnswered("1", True, "Li", 61.0)))
    tell_on(Told(61.0, watched(0.7)))
    assert "70%" in shown()
