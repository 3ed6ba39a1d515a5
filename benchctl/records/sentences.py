"""Sentences of the document: the id and arguments that the record keeps, worded for a reader."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchctl.core.messages import Message, message_from_json, words

JSON = dict[str, Any]


def sentence(data: Mapping[str, Any] | None, language: str) -> JSON | None:
    """Return id, arguments and wording of a recorded message; None stays None.

    A message that this program has no wording for (a record of another version) is told by its id
    and arguments: a record stays readable.
    """
    if not data:
        return None
    message = message_from_json(data)
    return {"id": message.id, "args": message.as_json()["args"], "text": text(message, language)}


def said(message: Message, language: str) -> JSON:
    """Return id, arguments and wording of a message."""
    return {"id": message.id, "args": message.as_json()["args"], "text": text(message, language)}


def text(message: Message, language: str) -> str:
    """Return the wording of a message, or its id and arguments where there is none."""
    try:
        return words(message, language)
    except (KeyError, IndexError, ValueError, AttributeError, ImportError):
        args = ", ".join(f"{name}={value}" for name, value in message.as_json()["args"].items())
        return f"{message.id} ({args})" if args else message.id
