"""What the commands of `benchctl assets` share: the register, an asset's file, what was entered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from benchctl.cli.options import option
from benchctl.core.clock import utc_now
from benchctl.core.errors import RecordError, UsageError
from benchctl.core.messages import msg

if TYPE_CHECKING:
    from benchctl.bench.assets import Asset, Register
    from benchctl.cli.shell import Shell
    from benchctl.core.assets import AssetEntry
    from benchctl.language import Diagnostics

FILE = click.Path(dir_okay=False, path_type=Path)
operator_option = option("--operator", default="", metavar="NAME", help="option-entered-by")


@contextmanager
def open_register(folder: Path | None, *, create: bool = False) -> Iterator[Register]:
    """Give the register of a lab; an empty one is made only where something is entered.

    Raises:
        UsageError: the lab has no records yet.
    """
    from benchctl.bench.assets import Register
    from benchctl.records import Lab
    from benchctl.records.standards import AssetStore

    try:
        lab = Lab.open(folder, create=create)
    except RecordError as error:
        if error.message.id != "records.no-lab":
            raise
        raise UsageError(error.message, hint=msg("assets.no-lab-hint")) from error
    with lab:
        yield Register(AssetStore(lab.store))


def read_file(file: Path, diagnostics: Diagnostics) -> Asset | None:
    """Read an asset's file; None where it has mistakes, which are in `diagnostics`."""
    from benchctl.bench.assets import read_asset

    return read_asset(file, diagnostics, today=utc_now().date())


def say_entered(shell: Shell, entry: AssetEntry) -> None:
    """Say what was entered."""
    name = "assets.entered" if entry.certificate else "assets.entered-plain"
    said = msg(name, name=entry.name, certificate=entry.certificate, due=entry.due)
    shell.out.line(shell.words(said))
