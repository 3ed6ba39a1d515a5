"""A run and its view share one terminal; the run goes on whatever becomes of the view."""

import fcntl
import os
import pty
import re
import struct
import sys
import termios
from pathlib import Path

import pytest

from benchctl.cli.live.stage import stage
from benchctl.cli.shell import Shell
from benchctl.cli.terminal import Terminal

HERE = Path(__file__).parent
ALTERNATE, MAIN = "\x1b[?1049h", "\x1b[?1049l"
QUESTION = "? Is position 1 (W-1) tight?"
KEPT = "Q3  position 2 W-2  +2.35 %  FAIL  lies outside"


@pytest.fixture
def staged(on_screen):
    """Start a small run beside its view and answer its question."""

    def start(how, **settings):
        path = f"{HERE.parents[2]}:{HERE}"
        argv = [sys.executable, str(HERE / "staged_run.py"), how]
        shown = on_screen(argv, env={"PYTHONPATH": path}, **settings)
        shown.expect(QUESTION)
        shown.type("y\n")
        shown.expect("THE END")
        assert shown.finish() == 0
        assert "away False, errors []" in shown.text()
        return re.sub(r"\x1b\[[0-9;]*m", "", shown.bytes.decode())

    return start


def main_screen(text):
    """What was written on the main screen: what stays when the view is left."""
    parts = re.split(f"({re.escape(ALTERNATE)}|{re.escape(MAIN)})", text)
    kept, away = [], False
    for part in parts:
        away = part == ALTERNATE or (away and part != MAIN)
        kept += [] if away or part == MAIN else [part]
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", "".join(kept))


def test_the_view_leaves_for_a_question_and_comes_back(staged):
    text = staged("obeys")
    stages = [ALTERNATE, "FAIL 0", MAIN, KEPT[:20], QUESTION, ALTERNATE, MAIN, "-7.50", "THE END"]
    at = 0
    for stage_ in stages:
        at = text.index(stage_, at) + 1
    shown = main_screen(text)
    assert shown.count("SIMULATED: no real instrument") == 1
    assert re.search(rf"{re.escape(KEPT)}\s+{re.escape(QUESTION)}.*\[y/n\] y", shown)
    assert "of 2  set-point" not in shown
    assert "Ctrl-C" not in shown


@pytest.mark.parametrize("how", ["dies", "hangs"])
def test_a_view_that_dies_or_hangs_leaves_plain_lines(staged, how):
    text = staged(how)
    assert text.rindex(MAIN) > text.rindex(ALTERNATE)
    assert text.count(ALTERNATE) == 1
    after = main_screen(text)
    assert after.index(KEPT) < after.index(QUESTION) < after.index("-7.50 %  FAIL")
    assert after.count("the live view ended; plain lines follow") == 1
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")  # the cursor is there again


def test_a_view_that_cannot_be_started_leaves_plain_lines(staged):
    text = staged("fails")
    assert ALTERNATE not in text
    assert "the live view could not be shown; plain lines follow" in text
    assert text.index(KEPT) < text.index(QUESTION)


@pytest.mark.parametrize(
    ("columns", "lines", "environ", "wanted", "views"),
    [
        (80, 24, {"TERM": "xterm"}, True, 1),
        (80, 24, {"TERM": "xterm"}, False, 0),
        (80, 24, {"TERM": "dumb"}, True, 0),
        (30, 24, {"TERM": "xterm"}, True, 0),
        (80, 6, {"TERM": "xterm"}, True, 0),
        (0, 0, {"TERM": "xterm"}, True, 0),
    ],
)
def test_a_view_needs_a_terminal_with_room_that_can_draw(columns, lines, environ, wanted, views):
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    with os.fdopen(slave, "w") as stream:
        out, err = Terminal(stream, environ), Terminal(stream, environ)
        shell = Shell((), environ, "en", out, err)
        with stage(shell, out, None, wanted=wanted) as on:
            assert len(on.listeners) == views
            assert (on.screen is out) == (not views)
    os.close(master)


def test_without_a_terminal_nothing_is_shared(screen):
    with stage(screen.shell, screen.shell.out, None) as on:
        assert on.screen is screen.shell.out
        assert on.questions is screen.shell.err
        assert on.listeners == ()
