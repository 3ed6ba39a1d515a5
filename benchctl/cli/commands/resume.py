"""`benchctl resume`: after a power cut or a kill, make the bench safe and go on with the run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchctl.cli import names as known
from benchctl.cli.commands.records import open_lab
from benchctl.cli.commands.run import PATH, STDOUT, Outputs, finish, start
from benchctl.cli.failures import show_error
from benchctl.cli.files import write_json
from benchctl.cli.keyboard import Keyboard
from benchctl.cli.options import bench_option, lab_option, new_command, option, shell_of
from benchctl.cli.paced import paced
from benchctl.cli.recovering import made_safe
from benchctl.cli.shell import Shell
from benchctl.cli.signals import Deaf, StopSignals
from benchctl.core.errors import BenchctlError, StoppedError, UsageError
from benchctl.core.messages import msg

if TYPE_CHECKING:
    from benchctl.engine import RunRequest
    from benchctl.records import Lab


@new_command("resume", "help-resume")
@click.argument("run", required=False, shell_complete=known.open_runs)
@bench_option
@lab_option
@option("--operator", default="", metavar="NAME", help="option-operator")
@option(
    "--speed",
    default="",
    metavar="max|real|FACTOR",
    shell_complete=known.speeds,
    help="option-speed",
)
@option("--accept-changes", default="", metavar="WHY", help="option-accept-changes")
@option("--close", is_flag=True, help="option-close")
@option("--json", "json_file", type=PATH, metavar="FILE|-", help="option-json")
@option("--by-hand", is_flag=True, help="option-by-hand")
@option("--yes", is_flag=True, help="option-yes")
@option("--quiet", is_flag=True, help="option-quiet")
@option("--plain", is_flag=True, help="option-plain")
@click.pass_context
def command(ctx: click.Context, /, **options: Any) -> int:
    """Make the benches of runs that were cut off safe, and go on with one."""
    shell = shell_of(ctx)
    outputs = Outputs(options["json_file"], None, options["quiet"], plain=options["plain"])
    outputs.require_writable()
    screen = shell.err if outputs.on_stdout else shell.out
    try:
        lab = open_lab(options["lab"])
    except UsageError:  # no record was ever made here
        screen.line(shell.text("nothing-to-resume"))
        return _write(shell, options["json_file"], None)
    with lab:
        with Deaf(shell) as deaf:
            found = made_safe(shell, screen, lab, _who(options), options["run"])
        if not found:
            screen.line(shell.text("nothing-to-resume"))
            return _write(shell, options["json_file"], None)
        if options["close"]:
            for run in found:
                _close(lab, run, options["operator"])
                screen.line(shell.text("closed", run=run))
            return _write(shell, options["json_file"], lab.document(max(found), shell.language))
        if deaf.source:
            raise StoppedError(msg("engine.stopped", source=deaf.source))
        run = _one(found)
        if not _goes_on(lab, run):  # its record had its last word, only its bench was not safe
            return _write(shell, options["json_file"], lab.document(run, shell.language))
    return _go_on(shell, run, options, outputs)


def _go_on(shell: Shell, run: str, options: dict[str, Any], outputs: Outputs) -> int:
    """Go on with a run whose bench is safe; return the exit code."""
    with StopSignals(shell) as signals, paced(shell, outputs.screen(shell)) as screen:
        request = replace(
            _who(options), language=shell.language, speed=options["speed"], resumes=run
        )
        request = replace(request, by_hand=options["by_hand"])
        try:
            report = start(
                shell,
                request,
                outputs,
                signals,
                screen=screen,
                keyboard=Keyboard(),
                because=options["accept_changes"].strip(),
            )
        except BenchctlError as error:
            shell.out.clear()
            show_error(shell, error)
            with open_lab(options["lab"]) as lab:
                _write(shell, options["json_file"], lab.document(run, shell.language))
            return error.exit_code
        return finish(shell, outputs, report, screen)


def _who(options: dict[str, Any]) -> RunRequest:
    from benchctl.engine import RunRequest

    return RunRequest(
        procedure="",
        bench=options["bench"],
        lab=options["lab"],
        operator=options["operator"],
        yes=options["yes"],
    )


def _write(shell: Shell, json_file: Path | None, document: dict[str, Any] | None) -> int:
    """Write the document of a run, `null` where there is none."""
    if json_file == STDOUT:
        shell.out.json(document)
    elif json_file is not None:
        write_json(json_file, document)
    return 0


def _one(found: dict[str, str]) -> str:
    """Return the run to go on with.

    Raises:
        UsageError: there are several; the benches of all of them are safe.
    """
    if len(found) > 1:
        runs = ", ".join(sorted(found))
        raise UsageError(msg("cli.which-run", runs=runs), hint=msg("cli.which-run-hint"))
    return next(iter(found))


def _goes_on(lab: Lab, run: str) -> bool:
    from benchctl.core.events import RunClosed

    return next(iter(lab.events(run, kind=RunClosed.KIND)), None) is None


def _close(lab: Lab, run: str, operator: str) -> None:
    """End a run that does not go on."""
    from benchctl.core.clock import RealClock
    from benchctl.engine import close_cut_off, close_simulated

    if run in lab.left_simulated():
        close_simulated(lab, run, RealClock(), operator)
    elif _goes_on(lab, run):
        close_cut_off(lab, run, RealClock())
