"""The pictures that a procedure shows to a person, as they are kept with a record.

    pictures_of(procedure)      # ({"picture": "places.svg", "ask": {...}, "data": "data:..."},)

A picture lies beside the procedure's file, which may be gone when a record is read.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchctl.core.errors import RefusedError
from benchctl.core.messages import msg
from benchctl.procedure.procedure import Procedure

LARGEST = 500_000
"""Bytes of a picture; a larger one is a mistake in a procedure."""
MEDIA = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
}
"""Kinds of pictures by the ending of a file's name."""


def pictures_of(procedure: Procedure) -> tuple[dict[str, Any], ...]:
    """Return every picture once: its file's name, what is asked beside it, a data URI.

    Raises:
        RefusedError: a picture cannot be read.
    """
    found: dict[str, dict[str, Any]] = {}
    for place, ask in _shown(procedure):
        if place and place not in found:
            path = Path(place)
            found[place] = {"picture": path.name, "ask": dict(ask), "data": _data(path)}
    return tuple(found.values())


def picture_files(procedure: Procedure) -> tuple[Path, ...]:
    """Return the files of all pictures, of every choice of every variant."""
    choices = (procedure, *procedure.variants.values())
    return tuple(dict.fromkeys(Path(p) for one in choices for p, _ in _shown(one) if p))


def _shown(procedure: Procedure) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Give the place of each picture with the words that a person reads beside it."""
    for part in (procedure, *procedure.parts.values()):
        prompt = part.each_point.prompt
        if prompt is not None:
            yield prompt.picture, prompt.ask
        for need in part.needs.values():
            if need.person is not None:
                yield need.person.picture, need.person.ask


def _data(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RefusedError(msg("procedure.picture-missing", name=str(path))) from error
    return f"data:{MEDIA[path.suffix.lower()]};base64,{base64.b64encode(content).decode()}"
