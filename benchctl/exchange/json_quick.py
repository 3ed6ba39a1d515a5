"""A JSON file of work orders as a table without places: quick, for a file without mistakes.

What it cannot make a table of is None: then `json_table` reads it again and says what is wrong.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from benchctl.exchange.json_table import LINES, ORDERS
from benchctl.language.source import Source
from benchctl.language.tables import RawCell, Table


class _NoTableError(Exception):
    pass


def quick_table(source: Source) -> Table | None:
    """Return the table of a JSON text, each cell in the row of its unit; None where it is none."""
    try:
        root = json.loads(
            source.text,
            object_pairs_hook=_members,
            parse_float=str,
            parse_int=str,
            parse_constant=_refuse,
        )
        return _table(source, list(_lines(root)))
    except (ValueError, RecursionError, _NoTableError):
        return None


def _table(source: Source, lines: list[dict[str, Any]]) -> Table:
    headers = list(dict.fromkeys(key for line in lines for key in line))
    if not headers:
        raise _NoTableError
    rows = [tuple(RawCell(header, 1, n) for n, header in enumerate(headers, 1))]
    rows += [
        tuple(RawCell(_text(line.get(header)), row, n) for n, header in enumerate(headers, 1))
        for row, line in enumerate(lines, 1)
    ]
    return Table(source, tuple(rows))


def _refuse(text: str) -> Any:
    raise _NoTableError(text)


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _NoTableError
    return found


def _lines(root: Any) -> Iterator[dict[str, Any]]:
    if isinstance(root, dict) and ORDERS in root:
        root = root[ORDERS]
    for item in root if isinstance(root, list) else [root]:
        if not isinstance(item, dict):
            raise _NoTableError
        if LINES not in item:
            yield item
            continue
        shared = {key: value for key, value in item.items() if key != LINES}
        if not isinstance(item[LINES], list):
            raise _NoTableError
        for line in item[LINES]:
            if not isinstance(line, dict):
                raise _NoTableError
            yield {**shared, **line}


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case str():
            return value.strip()
        case _:
            raise _NoTableError
