"""`benchctl assets import`: a whole register from another file."""

from __future__ import annotations

from pathlib import Path

import click

from benchctl.cli.options import lab_option, new_command, option, shell_of
from benchctl.cli.register.common import FILE, open_register, operator_option, say_entered
from benchctl.core.clock import utc_now
from benchctl.core.messages import msg


@new_command("import", "help-assets-import")
@click.argument("file", type=FILE)
@lab_option
@operator_option
@option("--dry-run", is_flag=True, help="option-dry-run")
@click.pass_context
def import_(ctx: click.Context, file: Path, lab: Path | None, operator: str, dry_run: bool) -> int:
    """Enter a whole register; exit code 2 where something of it was refused."""
    from benchctl.bench.assets import enter, read_register
    from benchctl.engine import default_operator
    from benchctl.language import Diagnostics

    shell = shell_of(ctx)
    diagnostics = Diagnostics()
    found = read_register(file, diagnostics, utc_now().date())
    diagnostics.raise_if_failed()
    assert found is not None
    for name, note in found.notes:
        shell.err.line(f"{name}: {shell.words(note)}")
    if dry_run:
        shell.out.line(shell.words(msg("assets.in-order", count=len(found.assets))))
        return 0
    with open_register(lab, create=True) as register:
        done = enter(register, found, at=utc_now(), by=operator or default_operator())
    for entry in done.entered:
        say_entered(shell, entry)
    for name, why in done.refused:
        shell.err.line(shell.err.paint(f"{name}: {shell.words(why)}", "red"))
    counted = {
        "entered": len(done.entered),
        "known": len(done.known),
        "refused": len(done.refused),
    }
    shell.out.line(shell.words(msg("assets.imported", **counted)))
    return 2 if done.refused else 0
