"""Where each character of a scalar stands in the text that it was read from."""

from __future__ import annotations

from benchctl.language.source import Source
from benchctl.language.yaml_tree import Node


def characters(node: Node, source: Source) -> list[tuple[int, int]]:
    """Return line and column of the scalar's characters, as far as they can be told.

    The scalar's text and the file are walked side by side; one blank or line break of the text may
    be any run of them in the file. The walk ends at the first escape.
    """
    raw, at = source.text, node.start
    line, column = node.span.line, node.span.column
    if not node.plain:
        at, column = at + 1, column + 1
    places: list[tuple[int, int]] = []
    before = ""
    for character in node.text:
        while before.isspace() and at < node.end and raw[at].isspace() and raw[at] != character:
            at, line, column = _step(raw, at, line, column)
        if at >= node.end or not (
            raw[at] == character or (character.isspace() and raw[at].isspace())
        ):
            break
        places.append((line, column))
        at, line, column = _step(raw, at, line, column)
        before = character
    return places


def _step(raw: str, at: int, line: int, column: int) -> tuple[int, int, int]:
    """Return index, line and column after the character `at`."""
    if raw[at] == "\n" or (raw[at] == "\r" and raw[at + 1 : at + 2] != "\n"):
        return at + 1, line + 1, 1
    return at + 1, line, column + 1
