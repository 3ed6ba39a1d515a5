"""Who answers where no person is: the simulated operator, and nobody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from benchctl.bench import BenchFile
from benchctl.core.errors import RefusedError
from benchctl.core.messages import msg
from benchctl.core.ports import Answer, Prompt
from benchctl.simulation import Hands, SimulatedBench


class Answering(Protocol):
    """What answers as a person who acts and sees at a simulated bench."""

    def answer(self, prompt: Prompt) -> Answer:
        """Do what is asked, and answer."""


def hands_of(file: BenchFile, bench: SimulatedBench) -> Answering:
    """Return who acts on a simulated bench: itself, or where a served one takes what is done."""
    served = file.simulated is not None and file.simulated.served
    hands = file.simulated.hands if file.simulated is not None and served else None
    return bench if hands is None else Hands(hands)


class SimulatedOperator:
    """A person who acts on the simulated bench and answers at once."""

    def __init__(self, bench: Answering) -> None:
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
