"""Where records lie: the lab's folder, by default the platform's folder for user data."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from pathlib import Path

from benchctl.core.errors import RecordError
from benchctl.core.messages import msg

DATABASE = "lab.sqlite"


def user_data_folder(environ: Mapping[str, str], platform: str, home: Path) -> Path:
    """Return the folder for benchctl's data of a user, by the platform's own rules.

    Args:
        environ: the process's environment.
        platform: as `sys.platform` names it.
        home: the user's home folder.
    """
    if platform == "win32":
        local = environ.get("LOCALAPPDATA")
        return (Path(local) if local else home / "AppData" / "Local") / "benchctl"
    if platform == "darwin":
        return home / "Library" / "Application Support" / "benchctl"
    given = Path(environ.get("XDG_DATA_HOME", ""))
    return (given if given.is_absolute() else home / ".local" / "share") / "benchctl"


def make_folder(folder: Path) -> None:
    """Make a folder with its parents if it is not there.

    Raises:
        RecordError: it cannot be made, or something else has its name.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise os_error(error, folder) from error


def os_error(error: OSError, path: Path) -> RecordError:
    """Return what an error of the operating system means for a record at `path`."""
    place = str(path)
    if error.errno in (errno.EEXIST, errno.ENOTDIR):
        return RecordError(
            msg("records.not-a-folder", path=place), hint=msg("records.other-folder-hint")
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return RecordError(msg("records.read-only", path=place), hint=msg("records.rights-hint"))
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return RecordError(msg("records.disk-full", path=place), hint=msg("records.space-hint"))
    return RecordError(msg("records.io", path=place, reason=error.strerror or str(error)))
