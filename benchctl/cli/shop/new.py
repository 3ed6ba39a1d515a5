"""`benchctl drivers new`: a driver with its simulated instrument and its test."""

from __future__ import annotations

from pathlib import Path

import click

from benchctl.cli.options import json_flag, lab_option, new_command, option, shell_of
from benchctl.core.messages import msg


@new_command("new", "help-drivers-new")
@click.argument("name")
@option("--protocol", default="scpi", help="option-protocol")
@option("--dir", "folder", type=click.Path(file_okay=False, path_type=Path), help="option-dir")
@lab_option
@json_flag
@click.pass_context
def new(
    ctx: click.Context,
    name: str,
    protocol: str,
    folder: Path | None,
    lab: Path | None,
    as_json: bool,
) -> int:
    """Write a new driver; what is there already is never overwritten."""
    from benchctl.workshop import scaffold

    shell = shell_of(ctx)
    written = scaffold(name, protocol, folder or lab or Path())
    if as_json:
        shell.out.json({"name": name, "files": [str(path) for path in written]})
        return 0
    for path in written:
        shell.out.line(str(path))
    shell.out.line(shell.words(msg("workshop.written", path=str(written[0]))))
    return 0
