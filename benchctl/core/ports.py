"""Ports: what must travel upwards does so through these, declared here and passed in.

`EventSink` takes what happens, `Operator` asks a person, `LinkFactory` gives the bench its wires
(real or simulated), `Peer` is the far end of a simulated one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from benchctl.core.messages import Message

if TYPE_CHECKING:
    from socket import socket

    from benchctl.core.events import Event  # slow to import, and only named here


class Connected(NamedTuple):
    """Our end of a wire in this process."""

    socket: socket
    heed: Callable[[int], None]
    """Tells the far end that so many bytes were written; it takes them and answers, now."""


class Peer(Protocol):
    """The far end of wires in this process that is served by whoever writes: a simulated bus."""

    def connect(self) -> Connected:
        """Return our end of a new wire to it.

        Raises:
            ConnectionRefusedError: it is not plugged in.
        """
        ...


class EventSink(Protocol):
    """Takes events, from any thread; when `emit` returns they are as safe as it makes them."""

    def emit(self, event: Event) -> None:
        """Take one event.

        Raises:
            RecordError: the event could not be kept.
        """
        ...


class NullSink:
    """Forgets everything; for tools that read an instrument without a run."""

    def emit(self, event: Event) -> None:
        """Forget the event."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A question to a person.

    `kind`: confirm (do it, then say so), yes_no, number (in `unit`, within `low`..`high` where
    given), text, choice (the code of one of `choices`, each with its label). `default` is what
    `--yes` may answer; only a confirmation has one. `about` says to programs what the question is
    for (item, positions to mount ...).
    """

    id: str
    kind: str
    question: Message
    item: str = ""
    uut: str = ""
    position: int = 0
    unit: str = ""
    low: float | None = None
    high: float | None = None
    default: bool | None = None
    about: dict[str, Any] | None = None
    choices: tuple[tuple[str, Message], ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person said; `after` is the bench time in s that a simulated person took."""

    value: float | bool | str
    by: str
    after: float = 0.0


class Operator(Protocol):
    """A person at the bench: at the terminal, on the page, or simulated."""

    def ask(self, prompt: Prompt, answered: Callable[[Answer], None]) -> None:
        """Put the question; `answered` is called once, now or later, from any thread.

        Raises:
            RefusedError: nobody is there who could answer.
        """
        ...

    def withdraw(self, prompt: Prompt) -> None:
        """Take the question back: the run is stopping."""
        ...
