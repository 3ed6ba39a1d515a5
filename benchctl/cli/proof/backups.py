"""`benchctl records backup|restore|copies`: copies of the records, each tried."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from benchctl.cli.cells import plain
from benchctl.cli.options import json_flag, lab_option, new_command, option, shell_of

folder_path = click.Path(file_okay=False, path_type=Path)


@new_command("backup", "help-records-backup")
@click.argument("folder", type=folder_path)
@lab_option
@option("--medium", metavar="TEXT", default="disk", help="option-medium")
@option("--offline", is_flag=True, help="option-offline")
@option("--with-key", is_flag=True, help="option-with-key")
@click.pass_context
def backup(
    ctx: click.Context, folder: Path, lab: Path | None, medium: str, offline: bool, with_key: bool
) -> int:
    """Copy the records to a new folder, and try the copy."""
    from benchctl.cli.commands.records import open_lab
    from benchctl.records.backup import backup

    shell = shell_of(ctx)
    with open_lab(lab) as records:
        made = backup(records, folder, medium=medium, offline=offline, with_key=with_key)
    shell.out.line(shell.text("backup-made", path=made.path, runs=made.runs))
    return 0


@new_command("restore", "help-records-restore")
@click.argument("folder", type=folder_path)
@option("--into", type=folder_path, required=True, help="option-into")
@click.pass_context
def restore(ctx: click.Context, folder: Path, into: Path) -> int:
    """Make a lab folder from a backup, once it was found whole."""
    from benchctl.records.backup import restore

    shell = shell_of(ctx)
    found = restore(folder, into)
    shell.out.line(shell.text("restored", path=str(into), runs=found.runs))
    return 0


@new_command("copies", "help-records-copies")
@lab_option
@json_flag
@click.pass_context
def copies(ctx: click.Context, lab: Path | None, as_json: bool) -> int:
    """Tell which backups there are; exit code 1 where they are not enough."""
    from benchctl.cli.commands.records import open_lab
    from benchctl.records.backup import kept

    shell = shell_of(ctx)
    with open_lab(lab) as records:
        found = kept(records)
    if as_json:
        shell.out.json({**asdict(found), "enough": found.enough})
        return int(not found.enough)
    for made in found.backups:
        where = shell.text("offline") if made.offline else ""
        line = f"{made.at}  {made.path}  {made.medium} {where}".rstrip()
        shell.out.line(plain(line))
    wanted = found.wanted
    for name, there, asked in (
        ("kept-copies", found.copies, wanted.copies),
        ("kept-media", found.media, wanted.media),
        ("kept-offline", found.offline, wanted.offline),
    ):
        shell.out.line(shell.text(name, there=there, wanted=asked))
    shell.out.line(shell.text("kept-since", runs=found.since, years=wanted.years))
    return int(not found.enough)
