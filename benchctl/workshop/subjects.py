"""What belongs to a driver: its class, its simulator, its transcripts, wherever they lie.

subject_of("keysight_34465a", Shelf(search_path("drivers", lab)), lab)
subject_of("lab/drivers/acme_x100.py", ...)              # a file, in a lab or on its own
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchctl.core.errors import UsageError
from benchctl.core.messages import msg
from benchctl.core.places import bundled
from benchctl.driver import DriverError
from benchctl.drivers import SUFFIXES, Shelf
from benchctl.language import FileError
from benchctl.simulation import find_simulator
from benchctl.workshop.conformance import Subject, check_driver
from benchctl.workshop.report import Report
from benchctl.workshop.transcripts import transcripts_of


def subject_of(
    named: str, shelf: Shelf, lab: Path | None = None, extra: Sequence[Path] = ()
) -> Subject:
    """Return the driver that is named, or that a file declares, with what belongs to it.

    Raises:
        UsageError: there is no such driver, no such file, or no driver in it.
    """
    path = Path(named)
    if path.suffix not in SUFFIXES:
        return _subject(named, shelf, lab, extra)
    if not path.is_file():
        raise UsageError(msg("workshop.no-file", path=named))
    folder = path.resolve().parent
    around = [folder.parent, folder] if folder.name == "drivers" else [folder]
    own = Shelf([folder, *shelf.folders])
    return _subject(path.stem, own, around[0], [*around[1:], *([lab] if lab else []), *extra])


def check_file(path: Path) -> Report:
    """Check the driver that a file declares; for a lab's own tests.

    Raises:
        UsageError: there is no such file.
    """
    return check_driver(subject_of(str(path), Shelf([bundled("drivers")])))


def all_subjects(shelf: Shelf, lab: Path | None, extra: Sequence[Path] = ()) -> list[Subject]:
    """Return every driver of a shelf."""
    return [_subject(info.name, shelf, lab, extra) for info in shelf.list()]


def _subject(name: str, shelf: Shelf, lab: Path | None, extra: Sequence[Path]) -> Subject:
    path = shelf.path(name)
    try:
        driver = shelf.find(name)
    except (DriverError, FileError) as error:
        return Subject(name, None, path=path, broken=error)
    try:
        simulator = None if driver.asks else find_simulator(name, lab, extra)
    except UsageError as error:
        return Subject(name, None, path=path, broken=error)
    return Subject(name, driver, simulator, path, transcripts_of(name, shelf.folders))
