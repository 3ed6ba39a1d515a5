"""A YAML text as a tree of nodes with places, built from parser events that are checked on the way.

The parser is libyaml's event parser, which keeps its own stack: a text of a million `[` is refused
at the first bracket too deep, before anything recursive sees it. Anchors, aliases and tags are
refused where they stand.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from benchctl.core.messages import Message, msg
from benchctl.language.diagnostics import Diagnostics
from benchctl.language.source import START, Source, Span
from benchctl.language.yaml_errors import explain

MOST_NODES = 50_000
DEEPEST = 50

SCALAR, MAP, LIST = "scalar", "map", "list"


@dataclass(slots=True)
class Node:
    """A scalar or a collection; `first` and `last` are the parser's marks, the end exclusive."""

    kind: str
    first: Any
    last: Any
    text: str = ""
    """The scalar's text, without quotes."""
    plain: bool = False
    """A scalar without quotes."""
    flow: bool = False
    """A collection in brackets."""
    children: list[Node] = field(default_factory=list)
    """Of a map: key, value, key, value ..."""

    @property
    def span(self) -> Span:
        """Where the node stands."""
        return _between(self.first, self.last)

    @property
    def start(self) -> int:
        """Index of its first character in the text."""
        return int(self.first.index)

    @property
    def end(self) -> int:
        """Index after its last character."""
        return int(self.last.index)


class _RefusedError(Exception):
    """The text cannot be used; carries the diagnostic's parts."""

    def __init__(
        self, code: str, message: Message, event: Any, hint: Message | None = None
    ) -> None:
        super().__init__(message)
        self.parts = (code, message, _between(event.start_mark, event.end_mark), hint)


def parse_tree(source: Source, diagnostics: Diagnostics) -> Node | None:
    """Return the root of the only document of the text, or None and a diagnostic."""
    import yaml  # heavy: only where a file is read

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        _check(yaml.parse(source.text, Loader=loader))
        root = _built(yaml.parse(source.text, Loader=loader))
    except yaml.YAMLError as error:
        diagnostics.add(explain(error, source))
        return None
    except _RefusedError as refused:
        code, message, span, hint = refused.parts
        diagnostics.error(code, message, source, span, hint=hint)
        return None
    if root is None or (root.kind == SCALAR and root.plain and not root.text):
        diagnostics.error("E001", msg("language.file-empty"), source, START)
        return None
    return root


def _check(events: Iterable[Any]) -> None:
    """Refuse a text that is too much or has what we do not read.

    Nothing is kept or built yet, so that a hostile text costs little.
    """
    documents = nodes = depth = 0
    for event in events:
        name = type(event).__name__
        if name == "ScalarEvent":
            nodes += 1
            _check_node(event, nodes, depth)
        elif name in ("MappingStartEvent", "SequenceStartEvent"):
            nodes, depth = nodes + 1, depth + 1
            _check_node(event, nodes, depth)
        elif name in ("MappingEndEvent", "SequenceEndEvent"):
            depth -= 1
        elif name == "AliasEvent":
            hint = msg("language.write-it-out")
            raise _RefusedError("E003", msg("language.alias"), event, hint)
        elif name == "DocumentStartEvent":
            documents += 1
            if documents > 1:
                raise _RefusedError("E001", msg("language.second-document"), event)


def _check_node(event: Any, nodes: int, depth: int) -> None:
    if event.anchor is not None or event.tag is not None:
        reason = msg("language.anchor" if event.anchor is not None else "language.tag")
        raise _RefusedError("E003", reason, event, msg("language.write-it-out"))
    if nodes > MOST_NODES:
        raise _RefusedError("E004", msg("language.too-many-nodes", limit=MOST_NODES), event)
    if depth > DEEPEST:
        raise _RefusedError("E004", msg("language.too-deep", limit=DEEPEST), event)


def _built(events: Iterable[Any]) -> Node | None:
    """Return the root of the tree; block collections end where their last child ends."""
    root: Node | None = None
    opened: list[Node] = []
    for event in events:
        name = type(event).__name__
        if name in ("MappingEndEvent", "SequenceEndEvent"):
            done = opened.pop()
            inner = not done.flow and done.children
            done.last = done.children[-1].last if inner else event.end_mark
            continue
        node = _node(name, event)
        if node is None:
            continue
        if not opened:
            root = node
        elif opened[-1].kind == MAP and node.kind != SCALAR and len(opened[-1].children) % 2 == 0:
            hint = msg("language.quote-braces")
            raise _RefusedError("E001", msg("language.key-not-text"), event, hint)
        else:
            opened[-1].children.append(node)
        if node.kind != SCALAR:
            opened.append(node)
    return root


def _node(name: str, event: Any) -> Node | None:
    """Return the node that begins with the event, if one does."""
    if name == "ScalarEvent":
        return Node(SCALAR, event.start_mark, event.end_mark, event.value, not event.style)
    if name in ("MappingStartEvent", "SequenceStartEvent"):
        kind = MAP if name == "MappingStartEvent" else LIST
        return Node(kind, event.start_mark, event.end_mark, flow=bool(event.flow_style))
    return None


def _between(first: Any, last: Any) -> Span:
    return Span(first.line + 1, first.column + 1, last.line + 1, last.column + 1)
