"""Addresses of YAML drivers that are text commands: SCPI, and a vendor's own lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from benchctl.core.messages import Message, msg
from benchctl.driver.scpi_address import commands, item, started

if TYPE_CHECKING:
    from benchctl.driver.declared_model import AskSet, ReadingPart

VALUE = re.compile(r"\{value(:[-+0-9.]*[defg])?\}")
"""Where a value stands in a command, perhaps with how its digits are written."""


def query_of(part: ReadingPart) -> str:
    """Return what is asked for a channel."""
    return part.at if isinstance(part.at, str) else part.at.ask


def command_words(
    place: tuple[str, str], part: ReadingPart, wrong: Callable[[Message, tuple[str, ...]], None]
) -> dict[Any, str] | None:
    """Return the command for each value of a setting that has them.

    What is wrong with them is told to `wrong`, with its place.
    """
    given = None if isinstance(part.at, str) else part.at.set
    if not isinstance(given, dict):
        return None
    at = (*place, "at", "set")
    try:
        words = words_of(given, part.kind)
    except ValueError as error:
        wrong(msg("drivers.no-command-for", value=str(error)), at)
        return {}
    choices: Sequence[Any] = getattr(part, "choices", ())
    for value in (False, True) if part.kind == "flag" else choices:
        if value not in words:
            shown = str(value).lower() if part.kind == "flag" else str(value)
            wrong(msg("drivers.no-command-for", value=shown), at)
    return words


def words_of(given: Mapping[str, str], kind: str) -> dict[Any, str]:
    """Return the command for each value, the values as the kind of channel has them.

    Raises:
        ValueError: one of them is no such value.
    """
    flags = {"true": True, "on": True, "false": False, "off": False}
    if kind == "flag":
        return {flags.get(value.lower(), value): said for value, said in given.items()}
    if kind == "text":
        return dict(given)
    return {float(value): said for value, said in given.items()}


def scpi_address(at: AskSet, words: Mapping[Any, str] | None) -> Any:
    """Return the address of a SCPI channel that is more than a header."""
    query: Any = at.ask if at.item is None else item(at.ask, at.item, at.of)
    if at.start:
        query = started(at.start, query)
    if words is not None:
        return commands(query, words)
    return (query, at.set) if isinstance(at.set, str) else query


def template_of(text: str, *, number: bool) -> str:
    """Return a command in which nothing but {value} is a field; a number has all its digits."""
    found, at = "", 0
    for place in VALUE.finditer(text):
        shape = place[1] or (":.12g" if number else "")
        found += text[at : place.start()].replace("{", "{{").replace("}", "}}")
        found += f"{{value{shape}}}"
        at = place.end()
    return found + text[at:].replace("{", "{{").replace("}", "}}")
