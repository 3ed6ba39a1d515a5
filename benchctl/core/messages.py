"""Sentences as data: an id with arguments, worded in a language when somebody reads it.

A message id is `room.name`; its wording lies in `core/catalog/<language>/<room>.py`. Ids without a
room are the sentences that explain a verdict and lie in `judgement`. A record keeps ids and
arguments, so that a record made in English prints a Chinese certificate.

    why = msg("inside", error="0.41 %", mpe="±2.0 %")
    words(why, "zh")
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from typing import Any

LANGUAGES = ("en", "zh")


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence that is not yet worded: an id of the catalog and its arguments."""

    id: str
    args: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return words(self)

    def as_json(self) -> dict[str, Any]:
        """Return the id and the arguments, nested messages included, as plain data."""
        args = {k: v.as_json() if isinstance(v, Message) else v for k, v in self.args.items()}
        return {"id": self.id, "args": args}


def msg(id_: str, /, **args: Any) -> Message:
    """Return the message `id_` with its arguments."""
    return Message(id_, args)


def message_from_json(data: Mapping[str, Any]) -> Message:
    """Return the message that `as_json` wrote."""
    args = {
        k: message_from_json(v) if isinstance(v, Mapping) and "id" in v else v
        for k, v in data.get("args", {}).items()
    }
    return Message(data["id"], args)


@lru_cache(maxsize=64)
def catalog(language: str, room: str) -> Mapping[str, str]:
    """Return the wordings of one room in one language, by id without the room's name."""
    texts: Mapping[str, str] = import_module(f"benchctl.core.catalog.{language}.{room}").TEXTS
    return texts


def words(message: Message, language: str = "en") -> str:
    """Return the sentence in `language` ("en" or "zh").

    Raises:
        KeyError: the catalog has no such id, or the message lacks an argument of its wording.
    """
    room, _, name = message.id.rpartition(".")
    pattern = catalog(language, room or "judgement")[name]
    args = {k: words(v, language) if isinstance(v, Message) else v for k, v in message.args.items()}
    return pattern.format(**args)
