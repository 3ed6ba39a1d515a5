"""`benchctl assets impact`: what a standard stood behind, and what a new certificate changes."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from benchctl.cli.options import json_flag, lab_option, new_command, option, shell_of
from benchctl.cli.register.common import FILE, read_file
from benchctl.core.errors import UsageError
from benchctl.core.messages import msg

if TYPE_CHECKING:
    from benchctl.bench import Standard

DAY = click.DateTime(("%Y-%m-%d",))


@new_command("impact", "help-assets-impact")
@click.argument("name")
@option("--since", type=DAY, metavar="YYYY-MM-DD", help="option-impact-since")
@option("--certificate", "file", type=FILE, metavar="FILE.yaml", help="option-new-certificate")
@lab_option
@json_flag
@click.pass_context
def impact(
    ctx: click.Context,
    name: str,
    since: datetime | None,
    file: Path | None,
    lab: Path | None,
    as_json: bool,
) -> int:
    """Say what a standard stood behind; exit code 1 where a verdict changes."""
    from benchctl.cli.commands.records import open_lab
    from benchctl.cli.register.impact_text import impact_json, impact_lines
    from benchctl.engine.impact import impact as find

    shell = shell_of(ctx)
    new = None if file is None else _new_standard(file, name)
    day = "" if since is None else since.date().isoformat()
    with open_lab(lab) as records:
        affected = find(records, name, since=day, new=new)
    if as_json:
        shell.out.json(impact_json(shell, name, day, affected))
    else:
        for line in impact_lines(shell, name, affected, judged=new is not None):
            shell.out.line(line)
    return int(any(a.changes for a in affected))


def _new_standard(file: Path, name: str) -> Standard:
    """Return the standard with the new certificate.

    Raises:
        FileError: the file has mistakes.
        UsageError: it is another asset's, or it has no certificate.
    """
    from benchctl.language import Diagnostics

    diagnostics = Diagnostics()
    asset = read_file(file, diagnostics)
    diagnostics.raise_if_failed()
    assert asset is not None
    standard = asset.standard()
    if asset.name != name or standard is None:
        raise UsageError(msg("assets.other-asset", file=file.name, found=asset.name, name=name))
    return standard
