"""`benchctl records`: what was recorded, and whether it is still what was written."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchctl.cli import names as known
from benchctl.cli.afterwards.amend import amend, history
from benchctl.cli.afterwards.shown import show_afterwards
from benchctl.cli.afterwards.sign import approve, give_back, number, review
from benchctl.cli.attempts import add_to as add_attempts
from benchctl.cli.cells import table
from benchctl.cli.comparing import add_to as add_comparing
from benchctl.cli.counting import add_to as add_counting
from benchctl.cli.files import require_writable, write_text
from benchctl.cli.options import json_flag, lab_option, new_command, new_group, option, shell_of
from benchctl.cli.proof.backups import backup, copies, restore
from benchctl.cli.proof.keys import anchor, key, stamp
from benchctl.cli.proof.sync import sync
from benchctl.cli.proof.validation import validate, validated
from benchctl.cli.proof.verify import verify
from benchctl.cli.results_export import add_to as add_results
from benchctl.cli.sheet import require_sheet, write_sheet
from benchctl.cli.shell import Shell
from benchctl.cli.summary import show_result
from benchctl.cli.wording import run_title, stage_text, verdict_text
from benchctl.core.errors import RecordError, UsageError
from benchctl.core.messages import msg

if TYPE_CHECKING:
    from benchctl.records import Lab, RunInfo

command = new_group("records", "help-records")
add_attempts(command)
add_comparing(command)
add_counting(command)
add_results(command)
for part in (verify, key, anchor, stamp, backup, restore, copies, sync, validate, validated):
    command.add_command(part)
for part in (amend, history, review, approve, give_back, number):
    command.add_command(part)

_file = click.Path(dir_okay=False, path_type=Path)
_folder = click.Path(file_okay=False, path_type=Path)


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
@option("--uut", help="option-show-uut")
@option("--point", help="option-show-point")
@click.pass_context
def show(
    ctx: click.Context,
    run: str,
    lab: Path | None,
    as_json: bool,
    sheet: Path | None,
    uut: str | None,
    point: str | None,
) -> int:
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
    if uut is not None or point is not None:
        return _show_points(shell, document, uut, point)
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
    show_afterwards(shell, document)
    return 0


def _show_points(shell: Shell, document: dict[str, Any], uut: str | None, point: str | None) -> int:
    from benchctl.cli.point_details import detail_lines, points_of

    for n, (serial, found) in enumerate(points_of(document, uut, point)):
        for line in ([""] if n else []) + list(detail_lines(shell, serial, found)):
            shell.out.line(line)
    return 0


def _export_parquet(shell: Shell, lab: Path | None, folder: Path, since: str) -> int:
    """Write the results of all runs since a day.

    Raises:
        UsageError: `since` is no day.
    """
    from benchctl.records.parquet import export_parquet

    try:
        day = date.fromisoformat(since).isoformat() if since else ""
    except ValueError as error:
        raise UsageError(msg("cli.not-a-day", text=since)) from error
    with open_lab(lab) as records:
        days = export_parquet(records, folder, since=day)
    told = {"rows": sum(days.values()), "days": len(days), "path": str(folder)}
    shell.out.line(shell.text("parquet-written", **told))
    return 0


@new_command("trace", "help-records-trace", command)
@click.argument("run", required=False, shell_complete=known.runs)
@lab_option
@option("--uut", help="option-trace-uut")
@option("--point", help="option-trace-point")
@option("--number", help="option-trace-number")
@option("--occasion", type=click.Choice(["as-found", "as-left"]), help="option-trace-occasion")
@option("--standard", help="option-trace-standard")
@option("--instrument", help="option-trace-instrument")
@json_flag
@click.pass_context
def trace(ctx: click.Context, /, **options: Any) -> int:
    """Show what a printed number rests on, or which runs rest on a standard."""
    from benchctl.cli.tracing import show_reliance, show_trace

    shell = shell_of(ctx)
    with open_lab(options["lab"]) as records:
        if options["standard"] or options["instrument"]:
            show_reliance(shell, records, options)
        else:
            show_trace(shell, records, options)
    return 0


@new_command("export", "help-records-export", command)
@click.argument("run", default="latest", shell_complete=known.runs)
@lab_option
@option("--out", type=_file, help="option-out")
@option("--pack", type=_file, metavar="FILE.zip", help="option-pack")
@option("--verifier", type=_file, metavar="FILE.pyz", help="option-verifier")
@option("--parquet", type=_folder, metavar="DIR", help="option-parquet")
@option("--since", default="", metavar="DATE", help="option-since")
@click.pass_context
def export_(
    ctx: click.Context,
    run: str,
    lab: Path | None,
    out: Path | None,
    pack: Path | None,
    verifier: Path | None,
    parquet: Path | None,
    since: str,
) -> int:
    """Write the result document of a run, all that proves it, or the results of all runs."""
    from benchctl.records import export, write_pack, write_verifier

    shell = shell_of(ctx)
    if parquet is not None:
        return _export_parquet(shell, lab, parquet, since)
    for path in (out, pack, verifier):
        if path is not None:
            require_writable(path)
    if verifier is not None:
        write_verifier(verifier)
    if pack is not None:
        with open_lab(lab) as records:
            signed = write_pack(records, records.find_run(run), pack)
        shell.out.line(shell.text("pack-written" if signed else "pack-unsigned", path=str(pack)))
    if out is None and (pack is not None or verifier is not None):
        return 0
    with open_lab(lab) as records:
        text = export(records, records.find_run(run), shell.language)
    if out is None:
        shell.out.line(text.rstrip("\n"))
    else:
        write_text(out, text)
    return 0
