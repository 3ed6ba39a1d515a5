"""`benchctl records sync`: bring what this bench recorded to the central database."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from benchctl.cli.options import json_flag, lab_option, new_command, option, shell_of
from benchctl.cli.shell import Shell
from benchctl.cli.signals import StopSignals
from benchctl.core.clock import Deadline, pause

if TYPE_CHECKING:
    from benchctl.records import Lab
    from benchctl.records.central import Central, Synced

LOOK_EVERY = 0.2
"""Real seconds between two looks at whether a person wants to stop."""


@new_command("sync", "help-records-sync")
@click.argument("url")
@lab_option
@option("--every", type=click.FloatRange(1.0), metavar="SECONDS", help="option-every")
@json_flag
@click.pass_context
def sync(ctx: click.Context, url: str, lab: Path | None, every: float | None, as_json: bool) -> int:
    """Bring records to a central database, once or again and again until stopped."""
    from benchctl.cli.commands.records import open_lab
    from benchctl.records.central import Central

    shell = shell_of(ctx)
    with open_lab(lab) as records, Central.open(url) as central:
        if every is not None:
            return _again_and_again(shell, records, central, every)
        from benchctl.records.central import sync as bring

        done = bring(records, central)
    if as_json:
        shell.out.json(asdict(done))
    else:
        _tell(shell, done)
    return 0


def _again_and_again(shell: Shell, lab: Lab, central: Central, every: float) -> int:
    """Sync until a signal; a server that is away is told once, and tried again."""
    from benchctl.records.central import CentralGoneError
    from benchctl.records.central import sync as bring

    away = False
    with StopSignals(shell) as signals:
        while not signals.source:
            until = Deadline(every)
            try:
                done = bring(lab, central)
            except CentralGoneError as gone:
                if not away:
                    shell.err.line(gone.words(shell.language))
                away = True
            else:
                if done.records or done.heads or away:
                    _tell(shell, done)
                away = False
            while not (signals.source or until.over):
                pause(min(LOOK_EVERY, until.left))
    return 0


def _tell(shell: Shell, done: Synced) -> None:
    told = {"runs": done.runs, "records": done.records, "heads": done.heads}
    shell.out.line(shell.text("synced", central=done.central, **told))
    if done.left_out:
        shell.out.line(shell.text("synced-not", left_out=done.left_out))
