"""`benchctl records`: what was recorded, and whether it is still what was written."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchctl.cli import names as known
from benchctl.cli.attempts import add_to as add_attempts
from benchctl.cli.cells import plain, table
from benchctl.cli.comparing import add_to as add_comparing
from benchctl.cli.files import require_writable, write_text
from benchctl.cli.options import json_flag, lab_option, new_command, new_group, option, shell_of
from benchctl.cli.sheet import require_sheet, write_sheet
from benchctl.cli.summary import show_result
from benchctl.cli.wording import run_title, stage_text, verdict_text
from benchctl.core.errors import RecordError, UsageError
from benchctl.core.messages import msg

if TYPE_CHECKING:
    from benchctl.records import Lab, Problem, RunInfo

command = new_group("records", "help-records")
add_attempts(command)
add_comparing(command)


def open_lab(folder: Path | None) -> Lab:
    """Open a lab's records for reading.

    Raises:
        UsageError: there are none yet.
    """
    from benchctl.records import Lab

    try:
        return Lab.open(folder, create=False)
    except RecordError as error:
        if error.message.id != "records.no-lab":
            raise
        raise UsageError(error.message, hint=msg("cli.no-records-hint")) from error


@new_command("list", "help-records-list", command)
@lab_option
@option("--limit", type=click.IntRange(1), default=50, help="option-limit")
@json_flag
@click.pass_context
def list_(ctx: click.Context, lab: Path | None, limit: int, as_json: bool) -> int:
    """List runs."""
    shell = shell_of(ctx)
    try:
        with open_lab(lab) as records:
            runs = records.runs(limit)
    except UsageError as error:
        if as_json:
            shell.out.json([])
        else:
            shell.out.line(shell.words(error.message))
        return 0
    if as_json:
        shell.out.json([{"name": info.run, **asdict(info)} for info in runs])
        return 0
    names = ("run", "started", "procedure", "stage", "bench", "outcome", "verdict")
    rows = [
        [
            info.run,
            info.started,
            info.procedure,
            stage_text(shell, info.stage),
            f"{info.bench} {_simulated(shell, info)}".strip(),
            shell.text(f"outcome-{info.outcome or 'open'}"),
            verdict_text(shell, info.verdict),
        ]
        for info in runs
    ]
    for line in table([shell.text(name) for name in names], rows):
        shell.out.line(line)
    return 0


def _simulated(shell: Any, info: RunInfo) -> str:
    return f"({shell.text('simulated')})" if info.simulated else ""


@new_command("show", "help-records-show", command)
@click.argument("run", default="latest", shell_complete=known.runs)
@lab_option
@json_flag
@option(
    "--sheet",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.html|.txt",
    help="option-sheet",
)
@click.pass_context
def show(ctx: click.Context, run: str, lab: Path | None, as_json: bool, sheet: Path | None) -> int:
    """Show a run."""
    shell = shell_of(ctx)
    if sheet is not None:
        require_sheet(sheet)
        require_writable(sheet)
    with open_lab(lab) as records:
        document = records.document(records.find_run(run), shell.language)
    if sheet is not None:
        write_sheet(sheet, shell, document)
    if as_json:
        shell.out.json(document)
        return 0
    procedure, bench = document["procedure"], document["bench"]
    title = {
        "procedure": procedure["name"],
        "standard": procedure.get("standard", ""),
        "service": document["service"],
        "stage": document["stage"],
        "bench": bench["name"],
        "simulated": document["simulated"],
    }
    shell.out.prose(f"{document['run']}  {run_title(shell, title)}", indent=2)
    show_result(shell, shell.out, document)
    return 0


@new_command("verify", "help-records-verify", command)
@click.argument("run", required=False, shell_complete=known.runs)
@lab_option
@json_flag
@click.pass_context
def verify(ctx: click.Context, run: str | None, lab: Path | None, as_json: bool) -> int:
    """Check that nothing was changed since it was written; exit code 1 where something was."""
    shell = shell_of(ctx)
    problems, count = _problems(lab, run)
    if as_json:
        found = [
            {"run": p.run, "seq": p.seq, "id": p.message.id, "text": shell.words(p.message)}
            for p in problems
        ]
        shell.out.json({"runs": count, "problems": found})
        return int(bool(problems))
    for p in problems:
        shell.out.line(f"{p.run} #{p.seq}: {plain(shell.words(p.message))}")
    name = "verify-failed" if problems else "verify-passed"
    shell.out.line(shell.text(name, problems=len(problems), runs=count))
    return int(bool(problems))


def _problems(lab: Path | None, run: str | None) -> tuple[list[Problem], int]:
    """Return what is wrong in the records, and in how many runs it was looked for.

    Raises:
        RecordError: the records cannot be looked at.
    """
    from benchctl.records import Problem
    from benchctl.records import verify as find_problems

    problems: list[Problem] = []
    try:
        with open_lab(lab) as records:
            wanted = records.find_run(run) if run else None
            problems = find_problems(records, wanted)
            return problems, 1 if run else len(records.runs(None))
    except RecordError as error:
        if error.message.id != "records.damaged":
            raise
        return problems or [Problem(run or "-", 0, error.message)], 0


@new_command("export", "help-records-export", command)
@click.argument("run", default="latest", shell_complete=known.runs)
@lab_option
@option("--out", type=click.Path(dir_okay=False, path_type=Path), help="option-out")
@click.pass_context
def export_(ctx: click.Context, run: str, lab: Path | None, out: Path | None) -> int:
    """Write the result document of a run."""
    from benchctl.records import export

    shell = shell_of(ctx)
    if out is not None:
        require_writable(out)
    with open_lab(lab) as records:
        text = export(records, records.find_run(run), shell.language)
    if out is None:
        shell.out.line(text.rstrip("\n"))
    else:
        write_text(out, text)
    return 0
