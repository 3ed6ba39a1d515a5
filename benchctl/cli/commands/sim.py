"""`benchctl sim`: simulated benches, served over real wires, and what their units really are."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from benchctl.cli import names as known
from benchctl.cli.cells import plain, table
from benchctl.cli.files import require_writable
from benchctl.cli.options import json_flag, lab_option, new_command, new_group, option, shell_of
from benchctl.cli.requests import request_from, request_options
from benchctl.core.errors import RecordError
from benchctl.core.messages import msg

command = new_group("sim", "help-sim")

FILE = click.Path(dir_okay=False, path_type=Path)


@new_command("list", "help-sim-list", command)
@lab_option
@json_flag
@click.pass_context
def list_(ctx: click.Context, lab: Path | None, as_json: bool) -> int:
    """List the simulated benches."""
    from benchctl.simulation import list_benches

    shell = shell_of(ctx)
    benches = list_benches(lab, shell.extra)
    if as_json:
        shell.out.json(
            [
                {
                    "name": b.name,
                    "path": str(b.path),
                    "origin": b.origin,
                    "summary": b.summary,
                    "problem": b.problem or None,
                }
                for b in benches
            ]
        )
        return 0
    header = [shell.text(name) for name in ("name", "summary", "from")]
    for line in table(header, [[b.name, b.problem or b.summary, b.origin] for b in benches]):
        shell.out.line(line)
    return 0


@new_command("serve", "help-sim-serve", command)
@click.argument("bench", shell_complete=known.simulated_benches)
@option("--seed", type=click.IntRange(0), default=1, help="option-seed")
@option("--bench-file", type=FILE, help="option-bench-file")
@option("--batch-file", type=FILE, help="option-batch-file")
@option("--rate", type=click.FloatRange(0, min_open=True), default=1.0, help="option-rate")
@lab_option
@click.pass_context
def serve(ctx: click.Context, /, **options: Any) -> int:
    """Serve a simulated bench until it is told to quit."""
    from benchctl.simulation import serve as serve_bench

    shell = shell_of(ctx)
    files = (options["bench_file"], options["batch_file"])
    for file in files:
        if file is not None:
            require_writable(file)
    if shell.err.live:
        shell.err.line(shell.text("serving", bench=plain(options["bench"])))
    try:
        serve_bench(
            options["bench"],
            seed=options["seed"],
            stdin=sys.stdin,
            stdout=sys.stdout,
            bench_file=options["bench_file"],
            batch_file=options["batch_file"],
            lab=options["lab"],
            extra=shell.extra,
            rate=options["rate"],
        )
    except OSError as error:
        path = str(error.filename or options["bench"])
        reason = error.strerror or str(error)
        raise RecordError(msg("cli.not-written", path=path, reason=reason)) from error
    return 0


@new_command("truth", "help-sim-truth", command)
@request_options
@json_flag
@click.pass_context
def truth_(ctx: click.Context, /, **options: Any) -> int:
    """Say what the simulated units really are."""
    from benchctl.engine import truth

    shell = shell_of(ctx)
    rows = truth(request_from(ctx, options))
    if options["as_json"] or not shell.out.live:  # a program reads it, unless a person looks
        shell.out.json(rows)
        return 0
    header = [shell.text(name) for name in ("position", "serial", "point", "truth")]
    lines = table(header, [_row(shell.text, row) for row in rows], right={0, 3})
    for line in lines:
        shell.out.line(line)
    return 0


def _row(text: Any, row: dict[str, Any]) -> list[str]:
    error = row["error"]
    if error is not None:
        real = f"{error:+.4f} {row['unit']}"
    else:
        real = text("good" if row["good"] else "not-good")
    return [str(row["position"]), row["serial"], row["point"] or row["item"], real]
