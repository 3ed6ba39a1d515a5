"""What a person asks for when a run is started or planned."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from benchctl.engine.lineup import Place

SERVICES = ("verification", "calibration", "test")
STAGES = ("initial", "subsequent", "after_repair", "in_service", "arbitration")


@dataclass(frozen=True, slots=True)
class RunRequest:
    """The options of `benchctl run`, as data."""

    procedure: str
    bench: Path | None = None
    batch: Path | None = None
    uuts: tuple[str, ...] = ()
    sets: dict[str, str] = field(default_factory=dict)
    service: str = "verification"
    stage: str = "initial"
    operator: str = ""
    points: tuple[str, ...] = ()
    simulate: bool = False
    seed: int | None = None
    speed: str = "max"
    lab: Path | None = None
    language: str = "en"
    yes: bool = False
    places: tuple[Place, ...] = ()
    """The units that were scanned into positions; the others of the batch are left out."""
    by_hand: bool = False
    """Whether a person is asked where the bench is simulated, too."""
    order: str = ""
    """The order of those units for which the batch names none."""
    overrides: tuple[str, ...] = ()
    """Checks of standards that a test run sets aside, and `because` of what."""
    because: str = ""
    resumes: str = ""
    """A run that was cut off and goes on: its units, instead of a batch."""
    failed_of: str = ""
    """A run: its units that did not pass are run again, instead of a batch."""
