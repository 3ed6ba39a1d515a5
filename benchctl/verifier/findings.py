"""What a check finds: named, with its place and what the sentence needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

PROBLEM, NOTE = "problem", "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not what was written (a problem), or that a reader should know (a note).

    `run` is "-" where it concerns the whole record, `seq` 0 where no single record.
    """

    id: str
    run: str = "-"
    seq: int = 0
    args: dict[str, Any] = field(default_factory=dict)
    severity: str = PROBLEM

    @property
    def is_problem(self) -> bool:
        """Whether something is wrong."""
        return self.severity == PROBLEM


def problem(id_: str, run: str = "-", seq: int = 0, /, **args: Any) -> Finding:
    """Return a problem."""
    return Finding(id_, run, seq, args)


def note(id_: str, run: str = "-", seq: int = 0, /, **args: Any) -> Finding:
    """Return a note."""
    return Finding(id_, run, seq, args, NOTE)
