"""A YAML file as plain data that knows where everything stands.

    document = load_document(Path("water-meter.yaml"), diagnostics)
    document.data["points"][0]["flow"]            # "0.95 * Q3"
    document.span(("points", 0, "flow"))          # line, column
    document.text(("standard", "edition"))        # "2019": as written

Two departures from YAML, for people who write sentences and formulas: a comma does not end a plain
value in braces if no `key:` follows (`{ask: marks, arrow and plate?, per: uut}` has two keys), nor
a plain list item whose bracket `(` is still open (`[max(a, b), c]` has two items).
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchctl.core.messages import msg
from benchctl.language.characters import characters
from benchctl.language.diagnostics import Diagnostics
from benchctl.language.files import decode_text, read_bytes
from benchctl.language.pieces import Piece, Place
from benchctl.language.scalars import resolve
from benchctl.language.source import Source, Span, short
from benchctl.language.yaml_tree import LIST, MAP, SCALAR, Node, parse_tree

LARGEST = 1_000_000
"""Bytes of a file."""


@dataclass(frozen=True, slots=True)
class Document:
    """The data of a file; keys are always text, and every value has its place."""

    source: Source
    data: Any
    _nodes: dict[Place, Node] = field(repr=False)
    _keys: dict[Place, Node] = field(repr=False)
    _sources: Mapping[Place, Source] = field(default_factory=dict, repr=False)
    """Places whose values stand in a file of their own: a table beside this one."""

    @property
    def sources(self) -> tuple[Source, ...]:
        """This file, and those beside it from which values were taken."""
        return (self.source, *dict.fromkeys(self._sources.values()))

    def source_of(self, path: Place) -> Source:
        """Return the file in which the value at a path stands, or where it would."""
        near = _under(self.nearest(path), self._sources)
        return self.source if near is None else self._sources[near]

    def span(self, path: Place) -> Span:
        """Return where the value stands; the nearest one above where there is none."""
        return self._nodes[self.nearest(path)].span

    def key_span(self, path: Place) -> Span:
        """Return where the value's key stands; a list item has none, then it is the item's span."""
        near = self.nearest(path)
        return self._keys[near].span if near in self._keys else self._nodes[near].span

    def text(self, path: Place) -> str:
        """Return a scalar as written, without its quotes.

        Raises:
            KeyError: no scalar stands there.
        """
        node = self._nodes[path]
        if node.kind != SCALAR:
            raise KeyError(path)
        return node.text

    def is_scalar(self, path: Place) -> bool:
        """Return whether a scalar stands there."""
        return path in self._nodes and self._nodes[path].kind == SCALAR

    def is_quoted(self, path: Place) -> bool:
        """Return whether a scalar stands there in quotes."""
        return self.is_scalar(path) and not self._nodes[path].plain

    def nearest(self, path: Place) -> Place:
        """Return `path`, or as much of it as the file has."""
        while path not in self._nodes:
            path = path[:-1]
        return path

    def overlaid(
        self, path: Place, *, replacing: Container[str] = (), without: Container[str] = ()
    ) -> Document:
        """Return the document with the mapping at `path` laid over its root.

        Mappings merge, anything else replaces what stood there; every value keeps its own place.

        Args:
            path: Where the mapping stands.
            replacing: Keys of it that replace what stood there, also where both are mappings.
            without: Keys of it that are not laid over anything.
        """
        over = self.data
        for key in path:
            over = over[key]
        taken: dict[Place, Place] = {}
        over = {key: value for key, value in over.items() if key not in without}
        under = {k: v for k, v in self.data.items() if k not in replacing or over.get(k) is None}
        data = _laid(over, path, under, (), taken)
        nodes = {p: n for p, n in self._nodes.items() if _under(p, taken) is None}
        keys = {p: n for p, n in self._keys.items() if _under(p, taken) is None}
        back = {source: place for place, source in taken.items()}
        for old, new in ((self._nodes, nodes), (self._keys, keys)):
            for p, node in old.items():
                source = _under(p, back)
                if source is not None:
                    new[back[source] + p[len(source) :]] = node
        return Document(self.source, data, nodes, keys, self._sources)

    def piece(self, path: Place) -> Piece:
        """Return what stands at a path, with its places."""
        value = self.data
        for key in path:
            value = value[key]
        nodes = {p[len(path) :]: n for p, n in self._nodes.items() if p[: len(path)] == path}
        keys = {p[len(path) :]: n for p, n in self._keys.items() if p[: len(path)] == path}
        return Piece(value, nodes, keys)

    def with_list(self, path: Place, pieces: Iterable[Piece]) -> Document:
        """Return the document with a list of pieces in place of what stands at a path."""
        here = self._nodes[self.nearest(path)]
        nodes = {p: n for p, n in self._nodes.items() if p[: len(path)] != path}
        keys = {p: n for p, n in self._keys.items() if p[: len(path)] != path or p == path}
        nodes[path] = Node(LIST, here.first, here.last)
        sources = dict(self._sources)
        values = []
        for n, piece in enumerate(pieces):
            at = (*path, n)
            values.append(piece.data)
            nodes |= {at + p: node for p, node in piece.nodes.items()}
            keys |= {at + p: node for p, node in piece.keys.items()}
            if piece.source is not None:
                sources[at] = piece.source
        return Document(self.source, _put(self.data, path, values), nodes, keys, sources)

    def span_within(self, path: Place, column: int, end_column: int) -> Span:
        """Return where characters `column` to `end_column` (from 1, exclusive) of a scalar stand.

        The span of the whole scalar where its text does not stand in the file as it is read
        (escapes).
        """
        node = self._nodes[self.nearest(path)]
        places = characters(node, self.source_of(path)) if node.kind == SCALAR else []
        if not places or not 1 <= column <= len(places):
            return node.span
        last = places[max(column, min(end_column - 1, len(places))) - 1]
        first = places[column - 1]
        return Span(first[0], first[1], last[0], last[1] + 1)


def _put(data: Any, path: Place, value: Any) -> Any:
    """Return a copy of the data with another value at a path of keys."""
    return {**data, path[0]: _put(data.get(path[0], {}), path[1:], value)} if path else value


def _laid(
    over: dict[str, Any], source: Place, under: Any, place: Place, taken: dict[Place, Place]
) -> dict[str, Any]:
    """Return `over` laid over `under`; `taken` gets the place of each whole value and its source.

    A key with nothing behind it is passed over.
    """
    data = dict(under)
    for key, value in over.items():
        here, there = (*place, key), (*source, key)
        if isinstance(value, dict) and isinstance(data.get(key), dict):
            data[key] = _laid(value, there, data[key], here, taken)
        elif value is not None:
            data[key] = value
            taken[here] = there
    return data


def _under(path: Place, places: Container[Place]) -> Place | None:
    """Return which of `places` holds a path."""
    return next((path[:n] for n in range(len(path) + 1) if path[:n] in places), None)


def load_document(path: Path, diagnostics: Diagnostics) -> Document | None:
    """Return the file's document, or None where it cannot be used.

    Everything that is wrong becomes a diagnostic; mistakes that leave the rest readable (a
    duplicate key) still return a document.
    """
    data = read_bytes(path, LARGEST, diagnostics)
    source = decode_text(data, str(path), diagnostics) if data is not None else None
    return parse_document(source, diagnostics) if source else None


def parse_document(source: Source, diagnostics: Diagnostics) -> Document | None:
    """Return the document of a text that is already read; see `load_document`."""
    if len(source.text) > LARGEST:
        size = msg("language.file-too-large", limit=f"{LARGEST / 1e6:g} MB")
        diagnostics.error("E004", size, source, Span.at(1, 1))
        return None
    root = parse_tree(source, diagnostics)
    return _Reader(source, diagnostics).read(root) if root else None


class _Reader:
    """Turns nodes into plain data and notes the place of each value."""

    def __init__(self, source: Source, diagnostics: Diagnostics) -> None:
        self.source = source
        self.diagnostics = diagnostics
        self.nodes: dict[Place, Node] = {}
        self.keys: dict[Place, Node] = {}

    def read(self, root: Node) -> Document:
        data = self.value(root, ())
        return Document(self.source, data, self.nodes, self.keys)

    def value(self, node: Node, path: Place) -> Any:
        self.nodes[path] = node
        if node.kind == MAP:
            return self.mapping(node, path)
        if node.kind == LIST:
            items = self.joined_items(node) if node.flow else node.children
            return [self.value(child, (*path, i)) for i, child in enumerate(items)]
        return resolve(node.text) if node.plain else node.text

    def mapping(self, node: Node, path: Place) -> dict[str, Any]:
        data: dict[str, Any] = {}
        pairs = list(zip(node.children[::2], node.children[1::2], strict=True))
        for key, value in self.joined_pairs(pairs) if node.flow else pairs:
            place = (*path, key.text)
            if key.text in data:
                self.diagnostics.error(
                    "E002",
                    msg("language.duplicate-key", key=short(key.text)),
                    self.source,
                    key.span,
                    also=(self.keys[place].span, msg("language.first-used-here")),
                )
                continue
            self.keys[place] = key
            data[key.text] = self.value(value, place)
        return data

    def joined_pairs(self, pairs: list[tuple[Node, Node]]) -> list[tuple[Node, Node]]:
        """Return the pairs; a "key" without a colon goes on with the plain value before it."""
        found: list[tuple[Node, Node]] = []
        for key, value in pairs:
            last = found[-1][1] if found else None
            if last and last.kind == SCALAR and last.plain and last.text and self.bare(key, value):
                found[-1] = (found[-1][0], self.joined(last, key))
            else:
                found.append((key, value))
        return found

    def joined_items(self, node: Node) -> list[Node]:
        """Return the items; one whose bracket is open goes on with the next."""
        found: list[Node] = []
        for item in node.children:
            last = found[-1] if found else None
            if (
                last
                and last.kind == item.kind == SCALAR
                and last.plain
                and item.plain
                and last.text.count("(") > last.text.count(")")
            ):
                found[-1] = self.joined(last, item)
            else:
                found.append(item)
        return found

    def bare(self, key: Node, value: Node) -> bool:
        """Return whether the key stands without a colon."""
        empty = value.kind == SCALAR and value.plain and value.start == value.end
        return empty and key.plain and ":" not in self.source.text[key.end : value.end + 1]

    def joined(self, a: Node, b: Node) -> Node:
        text = re.sub(r"\s+", " ", self.source.text[a.start : b.end])
        return Node(SCALAR, a.first, b.last, text, plain=True)
