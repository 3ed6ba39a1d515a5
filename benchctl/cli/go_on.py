"""Before a run: was one cut off on this bench, and does the person want to go on with it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchctl.cli.answers import NO, YES
from benchctl.cli.dialogue import next_line
from benchctl.cli.keyboard import Keyboard
from benchctl.cli.shell import Shell
from benchctl.cli.signals import StopSignals
from benchctl.core.errors import RecordError, UsageError

if TYPE_CHECKING:
    from benchctl.core.events import RunOpened
    from benchctl.engine import RunRequest
    from benchctl.records import Lab


def run_to_go_on_with(
    shell: Shell, request: RunRequest, keyboard: Keyboard, signals: StopSignals
) -> str | None:
    """Return the run that was cut off on this bench where a person wants to go on with it.

    Only a person at a terminal is asked, and not about simulated benches that ended with their run.

    Raises:
        FileError: the bench file has mistakes.
        StoppedError: the person wants no run.
    """
    if request.simulate or request.yes or not (keyboard.is_terminal and shell.err.live):
        return None
    found = _cut_off(request)
    if found is None:
        return None
    run, opened = found
    when = opened.started[:16].replace("T", " ")
    question = shell.text("go-on", run=run, procedure=opened.procedure["name"], when=when)
    while True:
        shell.err.ask(f"? {question} {shell.text('ways-yes-no')}")
        line = (next_line(keyboard, shell.err, signals) or "n").strip().casefold()
        if line in YES:
            return run
        if line in NO:
            return None


def _cut_off(request: RunRequest) -> tuple[str, RunOpened] | None:
    """Return the last run on the bench that is meant which was cut off and is not over."""
    from benchctl.cli.benches import find_bench_file, read_bench_file
    from benchctl.records import Lab, goes_on

    try:
        bench = read_bench_file(find_bench_file(request.bench, request.lab), request.lab)
        lab = Lab.open(request.lab, create=False)
    except (UsageError, RecordError):  # told later, or there is no record yet
        return None
    with lab:
        for run in reversed(lab.open_runs(bench.name)):
            opened = _first(lab, run)
            if opened is not None and not goes_on(lab.folder, run):
                return run, opened
    return None


def _first(lab: Lab, run: str) -> RunOpened | None:
    """Return how a run was opened, None where it is over."""
    from benchctl.core.events import RunClosed, RunOpened

    if any(True for _ in lab.events(run, kind=RunClosed.KIND)):
        return None
    opened = next(iter(lab.events(run, kind=RunOpened.KIND)), None)
    return opened.event if opened is not None and isinstance(opened.event, RunOpened) else None
