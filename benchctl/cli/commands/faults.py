"""`benchctl faults`: spoil runs of a procedure in many ways and see whether the promises hold."""

from __future__ import annotations

import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchctl.cli.cells import pad, plain
from benchctl.cli.files import require_writable, write_text
from benchctl.cli.options import json_flag, new_command, option, shell_of
from benchctl.cli.requests import request_from, request_options
from benchctl.cli.shell import Shell

if TYPE_CHECKING:
    from benchctl.engine import RunRequest
    from benchctl.faults import Trial

_file = click.Path(dir_okay=False, path_type=Path)
USUAL_ACTIONS, USUAL_EVENTS = 8, 8


@new_command("faults", "help-faults")
@request_options
@option("--every-action", is_flag=True, help="option-every-action")
@option("--random", "events", type=click.IntRange(0), default=USUAL_EVENTS, help="option-random")
@option("--served", type=click.FloatRange(1.0), metavar="RATE", help="option-served")
@option("--served-units", "units", type=click.IntRange(1), default=2, help="option-served-units")
@option("--markdown", "page", type=_file, help="option-markdown")
@option("--keep", type=click.Path(file_okay=False, path_type=Path), help="option-keep")
@json_flag
@click.pass_context
def command(ctx: click.Context, /, **options: Any) -> int:
    """Kill, unplug, fill the disk, step the clock; report what became of each run."""
    from benchctl.faults import Campaign, markdown, run_campaign

    shell = shell_of(ctx)
    page: Path | None = options["page"]
    if page is not None:
        require_writable(page)
    request = request_from(ctx, options, yes=True)
    with tempfile.TemporaryDirectory(prefix="benchctl-faults-") as name:
        campaign = Campaign(
            with_seed(request),
            options["keep"] or Path(name),
            actions=None if options["every_action"] else USUAL_ACTIONS,
            events=options["events"],
            served=options["served"] or 0.0,
            units=options["units"],
        )

        def told(trial: Trial) -> None:
            if not options["as_json"]:
                tell(shell, trial)

        trials = run_campaign(campaign, told)
    if page is not None:
        write_text(page, markdown(trials, shell.text("faults-title", name=request.procedure)))
    broken = sum(bool(trial.broken) for trial in trials)
    if options["as_json"]:
        shell.out.json([asdict(trial) for trial in trials])
    else:
        shell.out.line(shell.text("faults-done", trials=len(trials), broken=broken))
    return int(bool(broken))


def with_seed(request: RunRequest) -> RunRequest:
    """Return the request with a fixed seed, so that all trials meet the same units."""
    return replace(request, seed=1 if request.seed is None else request.seed)


def tell(shell: Shell, trial: Trial) -> None:
    """Print what came of a trial, in one line."""
    kept = shell.text("faults-held")
    what = "; ".join(trial.broken) or kept
    on = shell.text("faults-went-on") if trial.resumed else ""
    line = f"{pad(trial.fault, 10)} {pad(plain(trial.place), 44)} {trial.exit_code:>3}  "
    shell.out.line(f"{line}{pad(trial.outcome, 9)} {on}  {plain(what)}".rstrip())
