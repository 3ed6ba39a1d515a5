"""Assets that come from another file: written as an asset's file, mistakes told where they stand.

A draft is the YAML of one asset, line by line, each with the place of its origin; reading it is
reading any asset's file, and what is wrong in a line is told at its origin.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from benchctl.bench.assets.reading import Asset, read_asset
from benchctl.core.messages import Message
from benchctl.language import Diagnostics, Source, Span


@dataclass(frozen=True, slots=True)
class Given:
    """A value with its place in the file that it comes from."""

    value: Any
    span: Span


@dataclass(slots=True)
class Draft:
    """An asset as another file has it: nested mappings and lists with `Given` at their ends.

    `notes` are what could not be taken over; `status` is why it is out of service, "" where it is
    not.
    """

    data: dict[str, Any]
    span: Span
    notes: list[Message] = field(default_factory=list)
    status: str = ""

    def text(self) -> tuple[str, list[Span]]:
        """Return the YAML, and for each of its lines the place of origin."""
        lines: list[str] = []
        spans: list[Span] = []
        _write(self.data, 0, lines, spans, self.span)
        return "\n".join(lines) + "\n", spans


def _write(part: Any, depth: int, lines: list[str], spans: list[Span], span: Span) -> None:
    indent = "  " * depth
    pairs = part.items() if isinstance(part, dict) else ((None, item) for item in part)
    for key, value in pairs:
        head = f"{indent}-" if key is None else f"{indent}{json.dumps(key, ensure_ascii=False)}:"
        if isinstance(value, Given):
            lines.append(f"{head} {json.dumps(value.value, ensure_ascii=False)}")
            spans.append(value.span)
        else:
            lines.append(head)
            spans.append(_first(value) or span)
            _write(value, depth + 1, lines, spans, span)


def _first(part: Any) -> Span | None:
    if isinstance(part, Given):
        return part.span
    parts = part.values() if isinstance(part, dict) else part
    return next((found for p in parts if (found := _first(p)) is not None), None)


def read_drafts(
    drafts: Sequence[Draft], source: Source, diagnostics: Diagnostics, today: date
) -> list[Asset]:
    """Return the assets that are in order; mistakes are told at their places in `source`."""
    found = []
    for draft in drafts:
        text, spans = draft.text()
        own = Diagnostics()
        asset = read_asset(Source(source.name, text), own, today=today)
        for wrong in own.items:
            at = spans[min(wrong.span.line, len(spans)) - 1]
            diagnostics.add(replace(wrong, source=source, span=at, also=None))
        if asset is not None:
            found.append(asset)
    return found
