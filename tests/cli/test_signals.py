"""Signals ask a run to stop, once; nothing that comes later cuts the safe state short."""

import os
import signal
import sys
import textwrap

import pytest

from benchctl.cli.signals import Deaf, StopSignals

PROGRAM = """
    import os, sys
    from benchctl.cli.shell import open_shell
    from benchctl.cli.signals import StopSignals
    from benchctl.core.clock import pause

    class Scheduler:
        source = None
        def stop(self, source):
            self.source = self.source or source

    shell = open_shell([])
    scheduler = Scheduler()
    with StopSignals(shell) as signals:
        signals.attach(scheduler)
        print("running", flush=True)
        while scheduler.source is None:
            pause(0.02)
        print("making safe", flush=True)
        for _ in range(25):
            pause(0.02)
        print("safe after", scheduler.source, flush=True)
    sys.exit(4)
"""


class Scheduler:
    def __init__(self):
        self.asked = []

    def stop(self, source):
        self.asked.append(source)


def test_a_signal_before_there_is_a_scheduler_is_kept_for_it(screen, capfd):
    scheduler = Scheduler()
    with StopSignals(screen.shell) as signals:
        os.kill(os.getpid(), signal.SIGINT)
        assert scheduler.asked == []
        signals.attach(scheduler)
    assert scheduler.asked == ["SIGINT"]
    assert capfd.readouterr().err.count("the bench is being made safe") == 1


@pytest.mark.parametrize("which", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_each_signal_asks_the_scheduler_by_its_name(screen, which, capfd):
    scheduler = Scheduler()
    with StopSignals(screen.shell) as signals:
        signals.attach(scheduler)
        os.kill(os.getpid(), which)
    assert scheduler.asked == [which.name]
    assert "the bench is being made safe" in capfd.readouterr().err


def test_the_handlers_of_before_are_back_afterwards(screen):
    before = [signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    with StopSignals(screen.shell):
        assert signal.getsignal(signal.SIGINT) != before[0]
    after = [signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    assert after == before


def test_work_that_must_not_be_left_half_done_goes_on(screen, capfd):
    with Deaf(screen.shell):
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)
    assert "already stopping" in capfd.readouterr().err


def test_any_number_of_signals_leaves_the_safe_state_alone(on_terminal):
    terminal = on_terminal([sys.executable, "-c", textwrap.dedent(PROGRAM)])
    terminal.expect("running")
    terminal.signal(signal.SIGTERM)
    terminal.expect("making safe")
    for _ in range(5):
        terminal.signal(signal.SIGINT)
    terminal.expect("already stopping; making the bench safe")
    terminal.signal(signal.SIGHUP)
    assert terminal.finish() == 4
    assert "safe after SIGTERM" in terminal.shown
