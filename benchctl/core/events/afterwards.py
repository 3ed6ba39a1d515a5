"""What is added to a record after its run, and what the record notes of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from benchctl.core.events.base import JSON, Event


@dataclass(frozen=True, slots=True)
class UutAnnulled(Event):
    """What a run found of a unit does not stand; added to its record after its end."""

    KIND: ClassVar[str] = "uut-annulled"
    uut: str
    because: str
    by: str
    second: str
    """The second person, who agreed."""


@dataclass(frozen=True, slots=True)
class RunAmended(Event):
    """After the run somebody corrects its record: this, and the judgements that follow it.

    What was recorded before stays; the fold shows the last state, `records history` every one.
    """

    KIND: ClassVar[str] = "run-amended"
    revision: int
    """1 for the first amendment of a run."""
    by: str
    because: str
    at: str
    verdict: str
    """The verdict of the run after it, "" where none is stated."""
    changes: tuple[JSON, ...] = ()
    """Corrected facts: uut ("" for the run), field, old, new."""
    second: str = ""
    """The other person who agreed, where one had to."""


@dataclass(frozen=True, slots=True)
class RunReviewed(Event):
    """A person looked at the record of a run and signs for it, or gives it back."""

    KIND: ClassVar[str] = "run-reviewed"
    step: str
    """checked | approved | returned."""
    by: str
    at: str
    seen: int
    """The last record that this person saw; what came later is not covered."""
    head: str
    """The hash of that record."""
    note: str = ""
    account: str = ""
    """The account at the computer, as the system knows it."""


@dataclass(frozen=True, slots=True)
class NumberIssued(Event):
    """A certificate number was given to the results of a unit, once and for all."""

    KIND: ClassVar[str] = "number-issued"
    uut: str
    number: str
    revision: int
    by: str
    at: str
    replaces: str = ""
    """The number of the certificate that this one stands in for."""


@dataclass(frozen=True, slots=True)
class AuditNoted(Event):
    """Something about the record itself that a reader must know.

    `what` is clock-step, disk-low, signing-failed, settings or not-urgent.
    """

    KIND: ClassVar[str] = "audit-noted"
    what: str
    why: JSON
    """A message."""
    at: str
    """Real date and time."""
