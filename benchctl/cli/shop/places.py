"""Where the commands of the workshop find drivers, and keep what they found out."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from benchctl.cli.shell import Shell

if TYPE_CHECKING:
    from benchctl.drivers import Shelf


def shelf_of(shell: Shell, lab: Path | None) -> Shelf:
    """Return the drivers that a lab sees."""
    from benchctl.core.places import search_path
    from benchctl.drivers import Shelf

    return Shelf(search_path("drivers", lab, shell.extra))


def checks_folder(lab: Path | None) -> Path:
    """Return where the outcome of checks is kept: in the lab, else with the user's data."""
    from benchctl.records import user_data_folder

    home = lab if lab is not None else user_data_folder(os.environ, sys.platform, Path.home())
    return home / ".benchctl" / "checks"
