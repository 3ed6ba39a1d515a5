"""Who answers where the bench is simulated, or no person is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from benchctl.bench import BenchFile
from benchctl.core.errors import RefusedError
from benchctl.core.messages import msg
from benchctl.core.ports import Answer, Operator, Prompt
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
    """A person who acts on the simulated bench and answers at once.

    A pause was wanted by somebody real, `person`, who says when it ends.
    """

    def __init__(self, bench: Answering, person: Operator | None = None) -> None:
        self._bench = bench
        self._person = person

    def ask(self, prompt: Prompt, answered: Callable[[Answer], None]) -> None:
        """Answer as the simulated bench does."""
        if self._person is not None and _ends_pause(prompt):
            self._person.ask(prompt, answered)
        else:
            answered(self._bench.answer(prompt))

    def withdraw(self, prompt: Prompt) -> None:
        """Take back what was put to the person; all else was answered at once."""
        if self._person is not None and _ends_pause(prompt):
            self._person.withdraw(prompt)


def _ends_pause(prompt: Prompt) -> bool:
    return bool((prompt.about or {}).get("pause"))


class ByHand:
    """A person who answers for a simulated bench; what was done by hand happens to its plant."""

    def __init__(self, bench: Answering, person: Operator) -> None:
        self._bench = bench
        self._person = person

    def ask(self, prompt: Prompt, answered: Callable[[Answer], None]) -> None:
        """Ask the person; what a person confirms to have done is done to the plant."""

        def told(answer: Answer) -> None:
            done = prompt.kind == "confirm" or "adjust" in (prompt.about or {})
            if done and answer.value is True:
                self._bench.answer(prompt)
            answered(answer)

        self._person.ask(prompt, told)

    def withdraw(self, prompt: Prompt) -> None:
        """Take the question back."""
        self._person.withdraw(prompt)


class Nobody:
    """No person is there."""

    def ask(self, prompt: Prompt, _answered: Callable[[Answer], None]) -> None:
        """Refuse the question."""
        raise RefusedError(msg("engine.nobody", question=prompt.question))

    def withdraw(self, prompt: Prompt) -> None:
        """Nothing was asked."""
