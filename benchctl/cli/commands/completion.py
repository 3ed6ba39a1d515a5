"""`benchctl completion`: the script by which a shell completes benchctl's commands."""

from __future__ import annotations

import click

from benchctl.cli.completion_scripts import SCRIPTS
from benchctl.cli.options import new_command, shell_of


@new_command("completion", "help-completion")
@click.argument("name", metavar="SHELL", type=click.Choice(tuple(SCRIPTS)))
@click.pass_context
def command(ctx: click.Context, name: str) -> int:
    """Print the script."""
    shell_of(ctx).out.line(SCRIPTS[name].rstrip("\n"))
    return 0
