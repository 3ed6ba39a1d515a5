"""Carry out the steps to a safe state: each in its own try, all before one deadline in real time.

A step that fails is tried once more. Until all other instruments have had their turn, nothing more
is asked of an instrument that failed: one that is silent must not eat the time in which a pump
could be stopped. Then it is first asked for its own safe state as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from benchctl.core.clock import Deadline
from benchctl.core.errors import BenchctlError, RefusedError
from benchctl.core.messages import msg

TRIES = 2


@dataclass(slots=True)
class Step:
    """One step and what came of it; `channel` is "" where a whole instrument is made safe."""

    instrument: str
    channel: str
    action: Callable[[], None]
    tries: int = 0
    done: bool = False
    error: str = ""

    @property
    def name(self) -> str:
        """How the record calls it: `instrument/channel` or `instrument`."""
        return f"{self.instrument}/{self.channel}" if self.channel else self.instrument

    def attempt(self) -> bool:
        """Carry it out; return whether it succeeded."""
        self.tries += 1
        try:
            self.action()
        except BenchctlError as error:
            self.error = error.words()
            return False
        except Exception as error:  # noqa: BLE001 - a mistake in one driver leaves the others their turn
            self.error = f"{type(error).__name__}: {error}"
            return False
        self.done = True
        return True

    def failure(self) -> dict[str, Any]:
        """Return what the record says of a step that failed."""
        return {"instrument": self.instrument, "channel": self.channel, "error": self.error}


def carry_out(steps: Sequence[Step], seconds: float) -> tuple[list[str], list[Step]]:
    """Carry out all steps, first in their order; return the names of those done, and the failed.

    Not begun after `seconds` of real time counts as failed. Never raises for what an instrument or
    its driver does.
    """
    deadline = Deadline(seconds)
    done: list[str] = []
    pending = list(steps)
    while pending and not deadline.over:
        troubled: set[str] = set()
        for step in pending:
            if step.instrument in troubled or deadline.over:
                continue
            if step.attempt():
                done.append(step.name)
            else:
                troubled.add(step.instrument)
        left = (s for s in pending if not s.done and s.tries < TRIES)
        pending = sorted(left, key=lambda s: (s.tries, s.channel != ""))
    failed = [step for step in steps if not step.done]
    for step in failed:
        step.error = step.error or RefusedError(msg("bench.safe-too-late", seconds=seconds)).words()
    return done, failed
