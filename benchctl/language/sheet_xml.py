"""The cells of a worksheet's XML as they are written, row by row: one pass, no tree.

A sheet may hold some hundred thousand cells, each of which an element tree makes three objects of.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.parsers import expat

_PIECE = 1 << 16
"""Bytes that are read at once."""


WrittenCell = tuple[str, str, str, str | None, bool, str | None]
"""A cell as it is written: its name ("" where it has none), type, style, value, whether it has a
formula, and the text in the cell itself. Value and text are None where there is none."""


def written_rows(sheet: Any) -> Iterator[tuple[str, list[WrittenCell]]]:
    """Give the number ("" where it has none) and the cells of each row.

    Args:
        sheet: a binary file of the part.

    Raises:
        Exception: anything, where the sheet is damaged.
    """
    reader = _Reader()
    while piece := sheet.read(_PIECE):
        reader.parser.Parse(piece, False)
        if reader.rows:
            yield from reader.rows
            reader.rows.clear()
    reader.parser.Parse(b"", True)
    yield from reader.rows


_TEXTS = frozenset(("v", "t"))


class _Names(dict[str, str]):
    """Names without prefix by those with it: few that come very often."""

    def __missing__(self, tag: str) -> str:
        self[tag] = name = tag.rpartition(":")[2]
        return name


class _Reader:
    """What the parser calls. Elements are told apart by their names without namespaces."""

    __slots__ = (
        "cell",
        "cells",
        "characters",
        "formula",
        "inline",
        "names",
        "number",
        "parser",
        "phonetic",
        "rows",
        "text",
    )

    def __init__(self) -> None:
        self.names = _Names()
        self.rows: list[tuple[str, list[WrittenCell]]] = []
        self.cells: list[WrittenCell] = []
        self.number = ""
        self.cell: dict[str, str] = {}
        self.text: str | None = None
        self.inline: str | None = None
        self.formula = False
        self.phonetic = False
        self.characters: list[str] = []
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.begin
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.characters.append
        self.parser.StartDoctypeDeclHandler = _no_document_type

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        name = self.names[tag]
        if name == "c":
            self.cell = attributes
            self.text = self.inline = None
            self.formula = False
        elif name in _TEXTS:
            self.characters.clear()
        elif name == "is":
            self.inline = ""
        elif name == "rPh":
            self.phonetic = True
        elif name == "row":
            self.number = attributes.get("r", "")
            self.cells = []

    def end(self, tag: str) -> None:
        name = self.names[tag]
        if name == "c":
            get = self.cell.get
            self.cells.append(
                (get("r", ""), get("t") or "n", get("s", ""), self.text, self.formula, self.inline)
            )
        elif name == "t":
            if self.inline is not None and not self.phonetic:
                self.inline += "".join(self.characters)
        elif name == "v":
            self.text = "".join(self.characters) or None
        elif name == "f":
            self.formula = True
        elif name == "rPh":
            self.phonetic = False
        elif name == "row":
            self.rows.append((self.number, self.cells))


def _no_document_type(*_: Any) -> None:
    """Refuse a document type: no part of a workbook has one, and it may define entities."""
    raise ValueError("document type")
