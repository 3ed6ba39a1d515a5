"""`benchctl init`: a lab folder to begin with."""

from __future__ import annotations

from pathlib import Path

import click

from benchctl.cli.options import new_command


@new_command("init", "help-init")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.pass_context
def command(ctx: click.Context, folder: Path) -> int:
    """Make a lab folder."""
    del ctx, folder
    return 0
