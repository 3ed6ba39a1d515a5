"""One process per bench: a lock that the operating system drops with the process.

    with bench_lock(folder / "locks", "Water line 2"):
        ...

The file says who holds the lock and since when; it stays behind, empty, and means nothing then.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from benchctl.core.clock import utc_now
from benchctl.core.errors import RecordError, RefusedError
from benchctl.core.messages import msg
from benchctl.records.folders import make_folder, os_error

if sys.platform == "win32":
    import msvcrt

    _BEYOND = 1 << 30
    """A locked byte cannot be read by others: lock one that lies beyond the text."""

    def _take(file: TextIO) -> None:
        file.seek(_BEYOND)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _take(file: TextIO) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


_HELD = (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK)


def lock_file(folder: Path, bench: str) -> Path:
    """Return the lock's file: the bench's name as far as a file name bears it, and its hash."""
    plain = "".join(c if c.isalnum() else "-" for c in bench)[:40].strip("-")
    digest = hashlib.sha256(bench.encode("utf-8", "backslashreplace")).hexdigest()[:8]
    return folder / f"{plain}-{digest}.lock"


@contextmanager
def bench_lock(folder: Path, bench: str) -> Iterator[None]:
    """Hold the bench for this process, and within it for this holder only.

    Raises:
        RefusedError: another holder has it; names its process and since when.
        RecordError: the lock's file cannot be made.
    """
    make_folder(folder)
    path = lock_file(folder, bench)
    try:
        file = path.open("a+", encoding="utf-8")
    except OSError as error:
        raise os_error(error, path) from error
    with file:
        try:
            _take(file)
        except OSError as error:
            raise _refusal(error, file, path, bench) from error
        file.truncate(0)
        since = utc_now().isoformat(timespec="seconds")
        json.dump({"pid": os.getpid(), "since": since, "bench": bench}, file)
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


@contextmanager
def machine_lock(
    bench: str, addresses: Iterable[str], folder: Path | None = None
) -> Iterator[None]:
    """Hold what lies at these addresses against every lab folder on this machine.

    The lock's file is in the machine's folder for temporary files and goes by the addresses alone:
    the same instruments under another name are the same bench. `manual:` is nobody's address.

    Raises:
        RefusedError: another holder has it.
        RecordError: the lock's file cannot be made.
    """
    real = sorted({a for a in addresses if not a.startswith("manual:")})
    if not real:
        yield
        return
    folder = folder or Path(tempfile.gettempdir()) / "benchctl-locks"
    make_folder(folder)
    with suppress(OSError):  # made by another user, who has done so
        folder.chmod(0o1777)
    digest = hashlib.sha256("\n".join(real).encode("utf-8", "backslashreplace")).hexdigest()[:24]
    path = folder / f"{digest}.lock"
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CREAT, 0o644)
    except OSError as error:
        raise os_error(error, path) from error
    with os.fdopen(handle, encoding="utf-8") as file:
        try:
            _take(file)
        except OSError as error:
            raise _refusal(error, file, path, bench) from error
        _say(path, bench)
        try:
            yield
        finally:
            _say(path, "")


def _say(path: Path, bench: str) -> None:
    """Write who holds a lock; where that fails (another user's file) the lock is held silently."""
    since = utc_now().isoformat(timespec="seconds")
    holder = {"pid": os.getpid(), "since": since, "bench": bench}
    with suppress(OSError):
        path.write_text(json.dumps(holder) if bench else "", encoding="utf-8")


def _refusal(error: OSError, file: TextIO, path: Path, bench: str) -> RefusedError | RecordError:
    if error.errno not in _HELD:
        return os_error(error, path)
    file.seek(0)
    try:
        holder = json.loads(file.read())
        pid, since = holder["pid"], holder["since"]
    except (ValueError, KeyError):  # it is just being written
        return RefusedError(msg("records.bench-taken", bench=bench))
    return RefusedError(
        msg("records.bench-in-use", bench=bench, pid=pid, since=since),
        hint=msg("records.bench-in-use-hint"),
    )
