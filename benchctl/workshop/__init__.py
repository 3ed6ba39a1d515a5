"""The workshop: where a driver is made, checked, recorded and looked at.

    report = check_driver(subject("keysight_34465a", shelf, lab, extra))

`check_driver` says whether a driver does what it declares, on its simulated instrument and against
what was recorded of real ones; `record` records; `scaffold` writes a new driver with its simulator
and its test; `scan` finds what is connected.
"""

from benchctl.workshop.conformance import Subject, check_driver, check_drivers
from benchctl.workshop.frames import frame_bytes
from benchctl.workshop.history import LastCheck, last_check, remember
from benchctl.workshop.recording import record
from benchctl.workshop.reply import driver_for, reply_to
from benchctl.workshop.report import FAILED, OK, SKIPPED, Report, Step
from benchctl.workshop.scaffold import scaffold
from benchctl.workshop.scanning import Found, scan
from benchctl.workshop.subjects import all_subjects, check_file, subject_of
from benchctl.workshop.templates import TEMPLATES
from benchctl.workshop.transcripts import (
    FOLDER,
    Sighting,
    Transcript,
    parsed,
    sightings,
    transcripts_of,
    written,
)

__all__ = [
    "FAILED",
    "FOLDER",
    "OK",
    "SKIPPED",
    "TEMPLATES",
    "Found",
    "LastCheck",
    "Report",
    "Sighting",
    "Step",
    "Subject",
    "Transcript",
    "all_subjects",
    "check_driver",
    "check_drivers",
    "check_file",
    "driver_for",
    "frame_bytes",
    "last_check",
    "parsed",
    "record",
    "remember",
    "reply_to",
    "scaffold",
    "scan",
    "sightings",
    "subject_of",
    "transcripts_of",
    "written",
]
