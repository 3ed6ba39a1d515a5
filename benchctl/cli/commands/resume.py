"""`benchctl resume`: after a power cut or a kill, make the bench of an open run safe first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchctl.cli import names as known
from benchctl.cli.commands.records import open_lab
from benchctl.cli.commands.run import PATH, STDOUT
from benchctl.cli.files import require_writable, write_json
from benchctl.cli.options import bench_option, lab_option, new_command, option, shell_of
from benchctl.cli.shell import Shell
from benchctl.cli.signals import Deaf
from benchctl.core.errors import RefusedError, UsageError
from benchctl.core.events import RunOpened

if TYPE_CHECKING:
    from benchctl.bench import BenchFile
    from benchctl.records import Lab


@new_command("resume", "help-resume")
@click.argument("run", required=False, shell_complete=known.open_runs)
@bench_option
@lab_option
@option("--operator", default="", metavar="NAME", help="option-operator")
@option(
    "--speed",
    default="max",
    metavar="max|real|FACTOR",
    shell_complete=known.speeds,
    help="option-speed",
)
@option("--json", "json_file", type=PATH, metavar="FILE|-", help="option-json")
@option("--yes", is_flag=True, help="option-yes")
@click.pass_context
def command(ctx: click.Context, /, **options: Any) -> int:
    """Recover the runs that were cut off."""
    from benchctl.core.clock import RealClock
    from benchctl.engine import close_left_simulated

    shell = shell_of(ctx)
    json_file: Path | None = options["json_file"]
    if json_file not in (None, STDOUT):
        assert json_file is not None
        require_writable(json_file)
    screen = shell.err if json_file == STDOUT else shell.out
    try:
        lab = open_lab(options["lab"])
    except UsageError:  # no record was ever made here
        screen.line(shell.text("nothing-to-resume"))
        return _write(shell, json_file, None)
    with lab, Deaf(shell):
        ended = close_left_simulated(lab, RealClock(), options["operator"])
        recovered = _recover(shell, lab, options)
        for run in ended:
            screen.line(shell.text("closed-simulated", run=run))
        for run, bench in recovered.items():
            screen.line(shell.text("recovered", run=run, bench=bench))
        if recovered or not ended:
            screen.line(shell.text("resume-not-yet" if recovered else "nothing-to-resume"))
        last = max([*recovered, *ended], default=None)
        document = None if last is None else lab.document(last, shell.language)
    return _write(shell, json_file, document)


def _write(shell: Shell, json_file: Path | None, document: dict[str, Any] | None) -> int:
    """Write the document of the last run that was recovered, `null` where there is none."""
    if json_file == STDOUT:
        shell.out.json(document)
    elif json_file is not None:
        write_json(json_file, document)
    return 0


def _recover(shell: Shell, lab: Lab, options: dict[str, Any]) -> dict[str, str]:
    """Make the benches of the runs that were cut off safe; return run -> bench.

    Raises:
        UnsafeError: a bench could not be made safe.
        UsageError: no such run.
    """
    from benchctl.core.clock import RealClock
    from benchctl.engine import RunRequest, recover_bench

    wanted = lab.find_run(options["run"]) if options["run"] else None
    recovered: dict[str, str] = {}
    for run in lab.open_runs():
        opened = next((e.event for e in lab.events(run) if isinstance(e.event, RunOpened)), None)
        if run in recovered or wanted not in (None, run) or opened is None:
            continue
        name = str(opened.bench["name"])
        if run not in lab.open_runs(name):  # a plant that ended with its process: nothing to do
            continue
        request = RunRequest(
            procedure="", lab=options["lab"], operator=options["operator"], yes=options["yes"]
        )
        try:
            file = _bench_file(opened, lab, options)
            with lab.lock_bench(name, file.addresses()):
                recovered |= dict.fromkeys(recover_bench(lab, file, request, RealClock()), name)
        except RefusedError as error:
            if error.message.id not in ("records.bench-taken", "records.bench-in-use"):
                raise
            shell.err.line(shell.text("still-running", run=run))
    return recovered


def _bench_file(opened: RunOpened, lab: Lab, options: dict[str, Any]) -> BenchFile:
    """Return the bench file of a run: the one at hand if it is the same, else the recorded one.

    Raises:
        FileError: it has mistakes, or refers to files that are not there.
    """
    from benchctl.bench import load_bench
    from benchctl.cli.benches import find_bench_file, read_bench_file
    from benchctl.language import Diagnostics, Source

    try:
        path = find_bench_file(options["bench"], options["lab"])
    except UsageError:  # the record has the text
        path = None
    if path is not None:
        file = read_bench_file(path, options["lab"])
        if options["bench"] is not None or file.name == opened.bench["name"]:
            return file
    diagnostics = Diagnostics()
    place = str(lab.folder / "bench.yaml")
    recorded = load_bench(Source(place, str(opened.bench["text"])), diagnostics)
    diagnostics.raise_if_failed()
    assert recorded is not None
    return recorded
