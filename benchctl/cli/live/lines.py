"""Lines of styled text that never exceed their room: whole items are left out, words are wrapped.

fitting([("FAIL 1", "bad"), ("PASS 11", "good"), ("water-meter", "")], room=20)
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from benchctl.cli import cells
from benchctl.cli.cells import GAP

Piece = tuple[str, str]
"""A text and the name of its style, "" for none."""

Line = tuple[Piece, ...]

width = lru_cache(maxsize=4096)(cells.width)
"""How many cells a text takes; most texts come again with the next frame."""

ON_BACKGROUND = frozenset({"alarm", "point", "out"})
"""Styles that blanks show too."""

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_CLOSING = "，。、；：！？）》」』”’"
_TOKEN = re.compile(
    rf"\s+|[^\s\u1100-\uffff]+(?: [%‰](?![^\s{_CLOSING}]))?[{_CLOSING}]*"
    rf"|[\u1100-\uffff][{_CLOSING}]*"
)
"""A blank, a word, or a Chinese character; with the punctuation that must not begin a line."""


def line_width(line: Iterable[Piece]) -> int:
    """Return how many cells a line takes."""
    return sum(width(text) for text, _ in line)


@lru_cache(maxsize=4096)
def careful_width(text: str) -> int:
    """Return how many cells `text` takes at most.

    Some terminals of Chinese systems give two cells to characters like `°`, `±` and `³`.
    """
    if "\x1b" in text:  # colours take no room
        text = _COLOURS.sub("", text)
    if text.isascii():
        return len(text)
    unsure = sum(unicodedata.east_asian_width(c) == "A" for c in text)
    return width(text) + unsure


def fitting(items: Iterable[Piece], room: int, gap: str = GAP) -> Line:
    """Return the items side by side, the most important first, up to the first that has no room."""
    shown: list[Piece] = []
    for text, style in items:
        room -= careful_width(text) + (len(gap) if shown else 0)
        if room < 0:
            break
        if shown:
            shown.append((gap, ""))
        shown.append((text, style))
    return tuple(shown)


@lru_cache(maxsize=256)
def wrap(text: str, room: int, *, first: str = "", indent: int = 0) -> tuple[str, ...]:
    """Return `text` in lines of at most `room` cells.

    Only a word that is longer than a whole line is broken.

    Args:
        text: what to wrap; further lines begin with `indent` blanks.
        room: cells of a line, more than those of `first` and than `indent`.
        first: what the first line begins with, no longer than `indent`.
        indent: blanks before the further lines.
    """
    lines: list[str] = []
    line, used, empty = first, careful_width(first), True
    for token in _tokens(text, room - max(indent, used)):
        if not empty and used + careful_width(token.rstrip()) > room:
            lines.append(line.rstrip())
            line, used, empty = " " * indent, indent, True
        if not (empty and token.isspace()):
            line += token
            used += careful_width(token)
            empty = False
    return tuple(lines if empty else [*lines, line.rstrip()])


def _tokens(text: str, room: int) -> Iterator[str]:
    """Give the words, those that are longer than `room` in parts."""
    for token in _TOKEN.findall(text):
        for part in (token,) if careful_width(token) <= room else re.split(r"(\s)", token):
            rest = part
            while careful_width(rest) > room and len(rest) > 1:
                cut = _cut(rest, room)
                yield rest[:cut]
                rest = rest[cut:]
            if rest:
                yield rest


def _cut(text: str, room: int) -> int:
    """Return how many characters of `text` fit into `room` cells, at least one."""
    used = 0
    for n, character in enumerate(text):
        used += careful_width(character)
        if used > room:
            return max(1, n)
    return len(text)


def merged(line: Sequence[Piece]) -> Line:
    """Return the same line in as few pieces as possible; blanks join what stands before them."""
    found: list[Piece] = []
    for text, style in line:
        if not text:
            continue
        before = found[-1][1] if found else ""
        unseen = text.isspace() and not {before, style} & ON_BACKGROUND
        if found and (before == style or unseen):
            found[-1] = (found[-1][0] + text, before)
        else:
            found.append((text, style))
    return tuple(found)
