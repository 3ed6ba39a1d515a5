"""Typing to a run whose view has the terminal; the terminal is as it was on every way out."""

import os
import signal
import termios
from pathlib import Path

import pytest
from technician import Technician

from benchctl.core.clock import Deadline

KEYS = "Ctrl-C: stop safely"
RUN = (
    "run",
    "water-meter",
    "--simulate",
    "--speed",
    "real",
    "--lab",
    "lab",
    "--operator",
    "Li Wei",
)


@pytest.fixture
def person(tmp_path):
    """Somebody at a run of which the view is on the screen."""
    sitting = Technician(tmp_path, RUN)
    yield sitting
    sitting.close()


@pytest.fixture
def watching(person):
    person.sees(KEYS)
    return person


def settings_of(person):
    return termios.tcgetattr(person.terminal)


def child_of(pid):
    """The only child of a process: of a run that is its view."""
    (child,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(child)


def becomes_usual(person):
    deadline = Deadline(10.0)
    while settings_of(person) != person.usual:
        assert not deadline.over, "the terminal was left without echo"
        person.look()


def test_the_view_shows_what_is_typed_and_what_came_of_it(watching):
    watching.type("hlep", enter=False)
    watching.sees("> hlep_")
    watching.type("")
    watching.sees("did you mean 'help'?")
    watching.type("nobody\x15drop 7 dirty dial")
    watching.sees("position 7 takes no further part")
    watching.sees("taken out of the run by Li Wei: dirty dial")
    watching.type("stop")
    assert watching.finish() == 4
    assert settings_of(watching) == watching.usual
    assert not watching.screen.alternate
    assert "stopped by Li Wei" in watching.text


def test_without_its_view_a_run_is_still_obeyed_and_leaves_the_terminal_as_it_was(watching):
    os.kill(child_of(watching.process.pid), signal.SIGKILL)
    watching.sees("the live view ended; plain lines follow")
    assert not watching.screen.alternate
    watching.type("leak", enter=False)
    watching.sees("> leak_")
    watching.type("")
    watching.sees("'leak' needs a position")
    watching.type("stop")
    assert watching.finish() == 4
    assert settings_of(watching) == watching.usual


def test_a_run_that_is_killed_leaves_a_terminal_that_its_view_has_mended(tmp_path):
    shell = ["sh", "-c", '"$@"; sleep 60', "sh"]  # whose terminal it is
    person = Technician(tmp_path, RUN, before=shell)
    try:
        person.sees(KEYS)
        person.wait(lambda: settings_of(person) != person.usual)
        os.kill(child_of(person.process.pid), signal.SIGKILL)
        becomes_usual(person)
        person.wait(lambda: not person.screen.alternate)
    finally:
        os.killpg(person.process.pid, signal.SIGKILL)
        person.close()


def test_ctrl_c_is_a_safe_stop_while_keys_are_quiet(watching):
    watching.type("\x03", enter=False)
    assert watching.finish() == 4
    assert settings_of(watching) == watching.usual
