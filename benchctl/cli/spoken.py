"""Names and messages in a person's words: a role, an item, an action of the plan.

    spoken_item("appearance", "zh")                                 # "外观"
    spoken_item("marks", "en", {"marks": {"en": "type marks"}})     # "type marks"
    spoken_role("reference_flow", "zh")                             # "流量"

Names that nobody gave words stand as they are, with blanks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchctl.core.messages import Message, catalog, message_from_json, words

Titles = Mapping[str, Mapping[str, str]]
"""Title of an item by language, as a plan gives them."""

ROLE_ARGUMENTS = ("role", "quantity")
"""Arguments of messages that are names of roles."""


def spoken_role(name: str, language: str) -> str:
    """Return what a role is called; `instrument.channel` stays as the bench file has it."""
    usual = name if "." in name else name.replace("_", " ")
    return catalog(language, "live").get(f"role-{name}", usual)


def spoken_item(name: str, language: str, titles: Titles | None = None) -> str:
    """Return what an item is called: its title in the plan, else what the catalog says."""
    title = (titles or {}).get(name, {}).get(language)
    return title or catalog(language, "live").get(f"item-{name}", name.replace("_", " "))


def spoken_action(kind: str, language: str) -> str:
    """Return what an action of the plan is called."""
    return catalog(language, "cli").get(f"action-{kind}", kind.replace("_", " "))


def spoken(message: Message, language: str) -> str:
    """Return a message as a sentence in which roles have their words.

    Raises:
        KeyError: this program does not know the message.
    """
    return words(_with_roles(message, language), language)


def spoken_json(message: Mapping[str, Any] | None, language: str) -> str:
    """Return a message of a record as a sentence.

    One that this program does not know is told as the record words it, else as its id.
    """
    if not message:
        return ""
    try:
        return spoken(message_from_json(message), language)
    except (KeyError, ModuleNotFoundError, IndexError):  # a newer program's
        return str(message.get("text") or message.get("id", ""))


def _with_roles(message: Message, language: str) -> Message:
    args = {
        name: _with_roles(value, language)
        if isinstance(value, Message)
        else spoken_role(value, language)
        if name in ROLE_ARGUMENTS and isinstance(value, str)
        else value
        for name, value in message.args.items()
    }
    return Message(message.id, args)
