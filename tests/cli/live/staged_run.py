"""A run in small, beside its live view: python staged_run.py obeys|dies|hangs|fails.

It asks one question and says what it does on its last lines. What happens to the view on the way is
the argument.
"""

import os
import signal
import sys
import threading
from pathlib import Path

from live_samples import closed, judged, opened, plan_of

from benchctl.cli.live.stage import stage
from benchctl.cli.operator import TerminalOperator
from benchctl.cli.progress import Progress
from benchctl.cli.shell import open_shell
from benchctl.core import events
from benchctl.core.clock import Deadline, RealClock, pause
from benchctl.core.messages import msg
from benchctl.core.ports import Prompt
from benchctl.records import Lab, PresentValues


def wait_for(what, seconds=20.0):
    deadline = Deadline(seconds)
    while not what():
        if deadline.over:
            sys.exit("waited too long")
        pause(0.01)


def ask(journal, operator):
    """Put a question as the engine does, and wait for the answer."""
    answered = threading.Event()
    question = msg("engine.is-tight", serial="W-1", position=1)
    prompt = Prompt("prompt-1", "yes_no", question, uut="W-1", position=1)
    journal.emit(events.PromptOpened("prompt-1", "yes_no", question.as_json(), "", "W-1", "", 1.0))
    operator.ask(prompt, lambda _answer: answered.set())
    wait_for(answered.is_set)
    journal.emit(events.PromptAnswered("prompt-1", True, "Li", 2.0))


def disturb(how, on):
    """Let happen to the view's process what a test wants."""
    if how == "dies":
        os.kill(on.listeners[0].pid, signal.SIGKILL)
    elif how == "hangs":
        os.kill(on.listeners[0].pid, signal.SIGSTOP)


def main(how):
    shell = open_shell([])
    if how == "fails":
        sys.executable = "/nowhere/python"
    with Lab.open(Path("lab")) as lab:
        journal = lab.begin_run("bench", clock=RealClock())
        with (
            PresentValues(lab.folder, journal.run) as present,
            stage(shell, shell.out, Path("lab")) as on,
        ):
            operator = TerminalOperator(shell, name="Li", screen=on.questions)
            journal.listeners += [present, Progress(shell, on.screen), *on.listeners]
            journal.emit(opened(journal.run))
            journal.emit(events.PlanResolved(plan_of(["W-1", "W-2"])))
            if how != "fails":
                wait_for(lambda: on.listeners[0].on_screen)
            journal.emit(judged("W-2", error=2.345))
            disturb(how, on)
            if how == "dies":
                wait_for(lambda: not on.screen.away)
            ask(journal, operator)
            if how == "obeys":
                wait_for(lambda: on.listeners[0].on_screen)
            journal.emit(judged("W-1", "Q2", error=-7.5))
            journal.emit(closed())
    shell.out.line(f"away {on.screen.away}, errors {journal.listener_errors}")
    shell.out.line("THE END")


if __name__ == "__main__":
    main(sys.argv[1])
