"""Specimens that a folder holds already: those of simulated runs have no register.

The folder's list, `specimens.json`, says of each what it was made of. One that is the same now, and
whose file is what was written, is not made again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchctl import __version__
from benchctl.cli.files import write_text

if TYPE_CHECKING:
    from benchctl.certificates import LabSettings
    from benchctl.records.issued import Issuance

JSON = dict[str, Any]
FILE = "specimens.json"


class Specimens:
    """The list of a folder; `languages`, `kind` and `budget` are how certificates are wanted."""

    def __init__(
        self,
        folder: Path,
        settings: LabSettings,
        languages: Sequence[str],
        kind: str | None,
        budget: bool | None,
    ) -> None:
        self._folder = folder
        self._made_by = repr((__version__, settings, tuple(languages), kind, budget))
        self._list = _read(folder / FILE)

    def known(self, documents: Mapping[str, JSON], serial: str) -> JSON | None:
        """Return the entry of a specimen that need not be made again, None where it must."""
        first = next(iter(documents.values()))
        found = self._list.get(f"{first['run']}/{serial}")
        if found is None or found.get("made_of") != self._made_of(first):
            return None
        try:
            data = (self._folder / str(found["file"])).read_bytes()
        except OSError:
            return None
        return found if hashlib.sha256(data).hexdigest() == found["pdf_sha256"] else None

    def enter(self, documents: Mapping[str, JSON], made: Sequence[Issuance]) -> None:
        """Add specimens to the list.

        Raises:
            RecordError: it cannot be written.
        """
        first = next(iter(documents.values()))
        for issuance in made:
            said = asdict(issuance) | {"name": issuance.number, "specimen": True}
            said["made_of"] = self._made_of(first)
            self._list[f"{first['run']}/{issuance.uut}"] = said
        text = json.dumps(self._list, ensure_ascii=False, indent=1, sort_keys=True)
        write_text(self._folder / FILE, f"{text}\n")

    def _made_of(self, document: JSON) -> str:
        told = f"{self._made_by}\n{document['log']['root']}"
        return hashlib.sha256(told.encode("utf-8", "backslashreplace")).hexdigest()


def _read(path: Path) -> dict[str, JSON]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    needed = {"file", "pdf_sha256", "dcc_sha256", "number", "kind"}
    return {k: v for k, v in found.items() if isinstance(v, dict) and needed <= v.keys()}
