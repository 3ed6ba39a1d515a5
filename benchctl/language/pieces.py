"""A value of a document that can be put elsewhere and still knows where it stands."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from benchctl.language.source import Source
from benchctl.language.yaml_tree import Node

Place = tuple[str | int, ...]
"""The way to a value: keys and list indices from the root."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A value with the places of all that is in it, relative to itself.

    `source` is the file that it stands in, None for the document's own.
    """

    data: Any
    nodes: dict[Place, Node] = field(repr=False)
    keys: dict[Place, Node] = field(default_factory=dict, repr=False)
    source: Source | None = None

    def within(self, key: str | int, named: Node | None = None) -> Piece:
        """Return the places as they are one step down, where `named` is the key."""
        nodes = {(key, *p): n for p, n in self.nodes.items()}
        keys = {(key, *p): n for p, n in self.keys.items()}
        if named is not None:
            keys[(key,)] = named
        return replace(self, nodes=nodes, keys=keys)
