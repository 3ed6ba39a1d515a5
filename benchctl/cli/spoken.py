"""Names and events in a person's words: a role, an item, an action, what befell a run.

    spoken_item("appearance", "zh")                                 # "外观"
    spoken_item("marks", "en", {"marks": {"en": "type marks"}})     # "type marks"
    spoken_role("reference_flow", "zh")                             # "流量"

Names that nobody gave words stand as they are, with blanks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from benchctl.core import events
from benchctl.core.messages import Message, catalog, message_from_json, msg, words

Titles = Mapping[str, Mapping[str, str]]
"""Title of an item by language, as a plan gives them."""

ROLE_ARGUMENTS = ("role", "quantity")
"""Arguments of messages that are names of roles."""


def spoken_role(name: str, language: str) -> str:
    """Return what a role is called."""
    return catalog(language, "live").get(f"role-{name}", name.replace("_", " "))


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


def incident(
    event: events.Event,
    place: Callable[[str], str],
    name: Callable[[str], str],
    why: Callable[[Mapping[str, Any] | None], str],
) -> tuple[Message, str] | None:
    """Return what befell a run as a message and its style, None for another event.

    Args:
        event: what happened.
        place: how a unit is called, by its serial number.
        name: how a check or an item is called.
        why: how a message of the record reads.
    """
    match event:
        case events.RunPaused(by=by):
            return msg("desk.paused", by=by), "warn"
        case events.RunContinued(by=by):
            return msg("desk.continued", by=by), ""
        case events.OperatorChanged(name=now, before=before):
            return msg("desk.relieved", name=now, before=before), ""
        case events.LeakReported(uut=uut, by=by):
            return msg("desk.leaked", unit=place(uut), by=by), "bad"
        case events.UutDropped(uut=uut, why=reason):
            return msg("cli.dropped", unit=place(uut), reason=why(reason)), "bad"
        case events.GateChecked() as made:
            result = "passed" if made.passed else "failed"
            parts = {"check": name(made.check), "why": why(made.why)}
            return msg(f"desk.gate-{result}", **parts), "" if made.passed else "bad"
        case events.GateClosed(passed=passed):
            return msg("desk.gate-open" if passed else "desk.gate-shut"), "" if passed else "bad"
        case _:
            return None
