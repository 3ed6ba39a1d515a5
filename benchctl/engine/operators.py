"""Who answers where the bench is simulated, or no person is there."""

from __future__ import annotations

from collections.abc import Callable

from benchctl.core.errors import RefusedError
from benchctl.core.messages import msg
from benchctl.core.ports import Answer, Operator, Prompt
from benchctl.simulation import SimulatedBench


class SimulatedOperator:
    """A person who acts on the simulated bench and answers at once.

    A pause was wanted by somebody real, `person`, who says when it ends.
    """

    def __init__(self, bench: SimulatedBench, person: Operator | None = None) -> None:
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

    def __init__(self, bench: SimulatedBench, person: Operator) -> None:
        self._bench = bench
        self._person = person

    def ask(self, prompt: Prompt, answered: Callable[[Answer], None]) -> None:
        """Ask the person; what a person confirms to have done is done to the plant."""

        def told(answer: Answer) -> None:
            if prompt.kind == "confirm" and answer.value is True:
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
