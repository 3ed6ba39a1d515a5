"""`benchctl check`: every mistake in procedures, bench files and batches, each at its place."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from benchctl.cli.options import new_command, option, shell_of
from benchctl.cli.shell import Shell

if TYPE_CHECKING:
    from benchctl.language import Diagnostics
    from benchctl.procedure import Procedure

BATCHES = (".csv", ".tsv", ".txt", ".xlsx")


@new_command("check", "help-check")
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path)
)
@option(
    "--format",
    "style",
    type=click.Choice(("full", "concise", "json", "github")),
    default="full",
    help="option-format",
)
@click.pass_context
def command(ctx: click.Context, files: tuple[Path, ...], style: str) -> int:
    """Check files."""
    from benchctl.language import Diagnostics, render

    shell = shell_of(ctx)
    diagnostics = Diagnostics()
    files = tuple(meant_file(shell, file) for file in files)
    check_files(shell, files, diagnostics)
    for_people = style in ("full", "concise")
    found = render(
        diagnostics.items,
        format=style,
        language=shell.language,
        color=shell.out.colour and style == "full",
    )
    if found:
        shell.out.line(found)
    summary = shell.out if for_people else shell.err
    if style == "full" and found:
        summary.line()
    summary.line(_summary(shell, diagnostics, files))
    return 2 if diagnostics.failed else 0


def _summary(shell: Shell, diagnostics: Diagnostics, files: Sequence[Path]) -> str:
    errors = [d for d in diagnostics.items if d.severity == "error"]
    warnings = len(diagnostics.items) - len(errors)
    wrong = len({d.source.name for d in errors})
    name = "check-failed" if errors else "check-passed"
    return shell.text(name, mistakes=len(errors), wrong=wrong, files=len(files), warnings=warnings)


def meant_file(shell: Shell, file: Path) -> Path:
    """Return the file, or the procedure of that name on the shelf where there is no such file."""
    from benchctl.core.places import find_file

    if file.exists():
        return file
    suffixes = (".yaml", ".yml")
    return find_file("procedures", str(file), suffixes, shell.lab, shell.extra) or file


def check_files(shell: Shell, files: Sequence[Path], diagnostics: Diagnostics) -> None:
    """Check each file as what it is; a batch against the procedure if just one is given."""
    from benchctl.procedure import check_file

    batches = [f for f in files if f.suffix.lower() in BATCHES]
    others = [f for f in files if f not in batches]
    procedures = [p for f in others if (p := _procedure(f)) is not None] if batches else []
    procedure = procedures[0] if len(procedures) == 1 else None
    folders = [*([shell.lab] if shell.lab else []), *shell.extra]
    for file in files:
        for found in check_file(file, procedure if file in batches else None, extra=folders):
            diagnostics.add(found)


def _procedure(file: Path) -> Procedure | None:
    """Return the procedure in a file, None where it holds another thing or mistakes."""
    from benchctl.language import Diagnostics, load_document
    from benchctl.procedure import load_procedure

    document = load_document(file, Diagnostics())
    if document is None or not isinstance(document.data, dict):
        return None
    return load_procedure(file, Diagnostics()) if "procedure" in document.data else None
