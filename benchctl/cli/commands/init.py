"""`benchctl init`: a lab folder to begin with."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from benchctl.cli import names as known
from benchctl.cli.cells import table
from benchctl.cli.options import new_command, option, shell_of
from benchctl.cli.shell import Shell
from benchctl.core.errors import UsageError
from benchctl.core.messages import msg, words

if TYPE_CHECKING:
    from benchctl.cli.starter import StarterFile

PROCEDURE = "water-meter"
FOLDERS = ("drivers", "procedures")


@new_command("init", "help-init")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@option(
    "--procedure", metavar="NAME", shell_complete=known.procedures, help="option-init-procedure"
)
@option("--simulated", is_flag=True, help="option-init-simulated")
@click.pass_context
def command(ctx: click.Context, folder: Path, procedure: str | None, simulated: bool) -> int:
    """Make a lab folder; nothing that is there is touched."""
    from benchctl.cli.starter import Order, starter_files

    shell = shell_of(ctx)
    order = Order(
        procedure=procedure or PROCEDURE,
        copied=procedure is not None,
        simulated=simulated,
        language=shell.language,
        lab=shell.lab,
        extra=shell.extra,
    )
    files = starter_files(order)
    require_free(folder, files)
    write(folder, {name: file.data for name, file in files.items()})
    _tell(shell, folder, files, Path(order.procedure).stem)
    return 0


def require_free(folder: Path, files: Mapping[str, StarterFile]) -> None:
    """Find out whether any of the files is there already.

    Raises:
        UsageError: some are, or a folder cannot be one.
    """
    there = [name for name in files if os.path.lexists(folder / name)]
    if there:
        names = ", ".join(str(folder / name) for name in there)
        raise UsageError(msg("init.exists", names=names), hint=msg("init.exists-hint"))


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write all the files, or none.

    Raises:
        UsageError: one cannot be written; what was written before is taken away again.
    """
    made: list[Path] = []
    try:
        for below in FOLDERS:
            _make(folder / below, made)
        for name, data in files.items():
            path = folder / name
            _make(path.parent, made)
            with path.open("xb") as file:  # never over a file that came in between
                made.append(path)
                file.write(data)
    except OSError as error:
        for path in reversed(made):
            path.rmdir() if path.is_dir() else path.unlink()
        place, reason = str(error.filename or folder), error.strerror or str(error)
        raise UsageError(msg("cli.not-written", path=place, reason=reason)) from error


def _make(folder: Path, made: list[Path]) -> None:
    """Make a folder and those above it that are not there."""
    if not folder.is_dir():
        _make(folder.parent, made)
        folder.mkdir()
        made.append(folder)


def _tell(shell: Shell, folder: Path, files: Mapping[str, StarterFile], procedure: str) -> None:
    def text(id_: str) -> str:
        return words(msg(f"init.{id_}"), shell.language)

    lab = shlex.quote(str(folder))
    rows = [[str(folder / name), text(f.told)] for name, f in files.items() if f.told]
    rows.append([str(folder / ".benchctl"), text("file-schemas")])
    steps = [
        [f"benchctl run {procedure} --lab {lab} --simulate", text("step-simulate")],
        [f"benchctl check {shlex.quote(str(folder / 'bench.yaml'))}", text("step-check")],
        [f"benchctl bench check --lab {lab}", text("step-bench")],
    ]
    for line in [*table(["", ""], rows)[1:], "", text("next"), *table(["", ""], steps)[1:]]:
        shell.out.line(line)
