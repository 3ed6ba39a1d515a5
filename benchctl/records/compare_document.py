"""Does a result document say what the record says? Another fold of the record, value by value.

    places = differences(given, lab.document(run))

Wordings are left out: they follow the language and the edition of the program; what they say stands
beside them as id and arguments.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_WORDING = frozenset({"text"})
_LANGUAGE = frozenset({"title"})


def differences(given: Any, recorded: Any, place: str = "") -> Iterator[str]:
    """Give the places at which a document differs from the record, in its order."""
    if isinstance(given, Mapping) and isinstance(recorded, Mapping):
        is_sentence = "id" in recorded
        for key in dict.fromkeys((*recorded, *given)):
            if key in (_WORDING if is_sentence else ()) or (not place and key == "schema"):
                continue
            if key in _LANGUAGE and place == "procedure":
                continue
            where = f"{place}.{key}" if place else str(key)
            if key not in given or key not in recorded:
                yield where
            else:
                yield from differences(given[key], recorded[key], where)
    elif _is_list(given) and _is_list(recorded):
        if len(given) != len(recorded):
            yield place
            return
        for at, (one, other) in enumerate(zip(given, recorded, strict=True)):
            yield from differences(one, other, f"{place}[{_name(other, at)}]")
    elif given != recorded or type(given) is not type(recorded):
        yield place


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _name(value: Any, at: int) -> str:
    """Return what a reader calls the entry of a list: its serial number, point, or place."""
    if isinstance(value, Mapping):
        for key in ("serial", "point", "item", "role"):
            if value.get(key):
                return str(value[key])
    return str(at)
