"""Who answers where no person is: the simulated operator, and nobody."""

from __future__ import annotations

from collections.abc import Callable

from benchctl.core.errors import RefusedError
from benchctl.core.messages import msg
from benchctl.core.ports import Answer, Prompt
from benchctl.simulation import SimulatedBench


class SimulatedOperator:
    """A person who acts on the simulated bench and answers at once."""

    def __init__(self, bench: SimulatedBench) -> None:
        self._bench = bench

    def ask(self, prompt: Prompt, answered: Callable[[Answer], None]) -> None:
        """Answer as the simulated bench does."""
        answered(self._bench.answer(prompt))

    def withdraw(self, prompt: Prompt) -> None:
        """Nothing is left open: every question was answered at once."""


class Nobody:
    """No person is there."""

    def ask(self, prompt: Prompt, _answered: Callable[[Answer], None]) -> None:
        """Refuse the question."""
        raise RefusedError(msg("engine.nobody", question=prompt.question))

    def withdraw(self, prompt: Prompt) -> None:
        """Nothing was asked."""
