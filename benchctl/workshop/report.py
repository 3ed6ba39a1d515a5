"""What the check of a driver found, as data: steps, each good, failed or left out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from benchctl.core.messages import Message, words

OK, FAILED, SKIPPED = "ok", "failed", "skipped"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what was looked at, on which channel, what came of it, and why."""

    name: str
    channel: str = ""
    outcome: str = OK
    what: Message | None = None

    @property
    def title(self) -> Message:
        """What was looked at, as a sentence."""
        return Message(f"workshop.step-{self.name}")

    def as_json(self, language: str = "en") -> dict[str, Any]:
        """Return the step as plain data."""
        return {
            "step": self.name,
            "channel": self.channel or None,
            "outcome": self.outcome,
            "what": None if self.what is None else words(self.what, language),
        }


@dataclass(frozen=True, slots=True)
class Report:
    """All steps of one driver; `seen` of its `channels` have been seen on hardware."""

    driver: str
    path: str
    steps: tuple[Step, ...]
    seconds: float
    channels: int = 0
    seen: tuple[str, ...] = ()
    transcripts: tuple[str, ...] = field(default=())

    @property
    def ok(self) -> bool:
        """Whether nothing failed."""
        return not self.failed

    @property
    def proven(self) -> bool:
        """Whether it talked to anything, so that more than its declaration is known."""
        return any(step.outcome == OK and step.name != "declaration" for step in self.steps)

    @property
    def failed(self) -> list[Step]:
        """The steps that failed."""
        return [step for step in self.steps if step.outcome == FAILED]

    def as_json(self, language: str = "en") -> dict[str, Any]:
        """Return the report as plain data."""
        return {
            "name": self.driver,
            "path": self.path,
            "ok": self.ok,
            "proven": self.proven,
            "channels": self.channels,
            "seen_on_hardware": list(self.seen),
            "transcripts": list(self.transcripts),
            "steps": [step.as_json(language) for step in self.steps],
        }


def failed(name: str, what: Message, channel: str = "") -> Step:
    """Return a step that failed."""
    return Step(name, channel, FAILED, what)


def skipped(name: str, what: Message, channel: str = "") -> Step:
    """Return a step that was left out."""
    return Step(name, channel, SKIPPED, what)
