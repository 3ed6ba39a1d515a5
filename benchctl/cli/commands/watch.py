"""`benchctl watch`: the live view of a run that goes on elsewhere."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from benchctl.cli import names as known
from benchctl.cli.commands.records import open_lab
from benchctl.cli.options import lab_option, new_command, option, shell_of
from benchctl.cli.shell import Shell
from benchctl.cli.summary import show_result
from benchctl.core.clock import pause
from benchctl.core.errors import BenchctlError
from benchctl.core.events import RunClosed
from benchctl.core.messages import msg, words

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchctl.records import Lab, StoredEvent

LOOK_EVERY = 0.25
"""Real seconds between two looks for news where they are told in lines."""
SILENT_LOOKS = 12
"""So many looks without news, and the run's process is looked for."""


class CutOffError(BenchctlError):
    """The process of the run that was watched is gone, and it did not end the run."""


@new_command("watch", "help-watch")
@click.argument("run", required=False, shell_complete=known.runs)
@lab_option
@option("--ndjson", is_flag=True, help="option-ndjson-flag")
@option("--plain", is_flag=True, help="option-plain")
@option("--beside", is_flag=True, hidden=True, help="option-beside")
@click.pass_context
def command(
    ctx: click.Context, run: str | None, lab: Path | None, ndjson: bool, plain: bool, beside: bool
) -> int:
    """Show a run while it goes on, then how it ended."""
    shell = shell_of(ctx)
    with open_lab(lab) as records:
        name = records.find_run(run) if run else newest(records)
        if beside:
            _view(shell, records, name, beside=True)
            return 0
        if ndjson:
            return _left_or(shell, name, lambda: _write_events(shell, records, name))
        if name in records.open_runs():
            return _left_or(shell, name, lambda: _watch(shell, records, name, plain=plain))
        if run is None:
            shell.out.line(_live(shell, "no-run-goes-on"))
        return _show_end(shell, records, name)


def newest(records: Lab) -> str:
    """Return the newest run that goes on; where none does, the newest of all.

    Raises:
        UsageError: there is no run.
    """
    from benchctl.records import goes_on

    going = [run for run in records.open_runs() if goes_on(records.folder, run)]
    return going[-1] if going else records.find_run()


def _watch(shell: Shell, records: Lab, run: str, *, plain: bool) -> int:
    """Show a run until it ends, as a view or in lines, then its result.

    Raises:
        CutOffError: its process is gone.
    """
    from benchctl.cli.live.size import large_enough

    if shell.out.live and not plain and large_enough(sys.stdout):
        if not _view(shell, records, run):
            shell.out.line(_live(shell, "left-view", run=run))
            return 0
    else:
        from benchctl.cli.progress import Progress

        _follow(records, run, Progress(shell, shell.out))
    return _show_end(shell, records, run)


def _view(shell: Shell, records: Lab, run: str, *, beside: bool = False) -> bool:
    """Show the live view; return whether the run ended.

    Raises:
        CutOffError: its process is gone.
    """
    from benchctl.cli.live.follow import Follower
    from benchctl.cli.live.painter import Painter
    from benchctl.cli.live.viewer import Ending, Viewer
    from benchctl.cli.live.words import Words

    if hasattr(os, "nice"):
        os.nice(5)  # the run comes first where there is one processor for both
    follower = Follower(records, run)
    painter = Painter(sys.stdout, colour=shell.out.colour)
    ending = Viewer(
        follower, painter, Words(shell.language, sys.stdout.encoding), beside=beside
    ).run()
    if ending is Ending.GONE:
        raise _cut_off(run)
    return ending is Ending.CLOSED


def _follow(records: Lab, run: str, listener: Callable[[StoredEvent], None]) -> None:
    """Tell a listener everything that happens until the run ends.

    Raises:
        CutOffError: its process is gone.
    """
    from benchctl.cli.live.follow import Follower

    follower = Follower(records, run)
    silent = 0
    while True:
        lives = silent < SILENT_LOOKS or follower.lives()  # asked first: it may just be ending
        found = follower.news(all_of_it=True)
        for stored in found:
            listener(stored)
            if isinstance(stored.event, RunClosed):
                return
        if not (found or lives):
            raise _cut_off(run)
        silent = 0 if found else silent + 1
        pause(LOOK_EVERY)


def _write_events(shell: Shell, records: Lab, run: str) -> int:
    from benchctl.cli.live.ndjson import event_line

    _follow(records, run, lambda stored: shell.out.line(event_line(stored)))
    return 0


def _left_or(shell: Shell, run: str, watch: Callable[[], int]) -> int:
    """Watch; who leaves with Ctrl-C did nothing to the run."""
    try:
        return watch()
    except KeyboardInterrupt:
        shell.err.line(_live(shell, "left-view", run=run))
        return 0


def _show_end(shell: Shell, records: Lab, run: str) -> int:
    show_result(shell, shell.out, records.document(run, shell.language))
    shell.out.line(shell.text("record-is", run=run, path=str(records.path)))
    return 0


def _cut_off(run: str) -> CutOffError:
    return CutOffError(msg("live.was-cut-off", run=run), hint=msg("live.cut-off-hint"))


def _live(shell: Shell, name: str, **args: str) -> str:
    return words(msg(f"live.{name}", **args), shell.language)
