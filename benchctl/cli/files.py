"""Files that a command leaves behind: whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchctl.core.errors import RecordError, UsageError
from benchctl.core.messages import msg


def require_writable(path: Path) -> None:
    """Find out before a run whether its result can be written to `path` afterwards.

    Raises:
        UsageError: it cannot.
    """
    folder = path.parent
    if path.is_dir() or not folder.is_dir():
        raise UsageError(msg("cli.no-folder", path=str(path)))
    target = path if path.exists() else folder
    if not os.access(target, os.W_OK):
        raise UsageError(msg("cli.not-writable", path=str(path)))


def write_json(path: Path, document: Mapping[str, Any] | None) -> None:
    """Write a document as JSON.

    Raises:
        RecordError: the file cannot be written.
    """
    text = json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False, default=str)
    write_text(path, f"{text}\n")


def write_text(path: Path, text: str) -> None:
    """Write a text file in place of what was there; nobody ever sees half of it.

    Raises:
        RecordError: the file cannot be written.
    """
    write_bytes(path, text.encode("utf-8", "backslashreplace"))


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file in place of what was there; nobody ever sees half of it.

    Raises:
        RecordError: the file cannot be written.
    """
    try:
        if path.exists() and not path.is_file():  # a pipe or a device
            path.write_bytes(data)
        else:
            _replace(path, data)
    except OSError as error:
        reason = error.strerror or str(error)
        raise RecordError(msg("cli.not-written", path=str(path), reason=reason)) from error


def _replace(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        umask = os.umask(0)
        os.umask(umask)
        Path(name).chmod(0o666 & ~umask)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink()
        raise
