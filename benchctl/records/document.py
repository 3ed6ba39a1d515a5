"""The result document as a file, and its JSON Schema."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchctl.records.lab import Lab


def export(lab: Lab, run: str, language: str = "en") -> str:
    """Return the result document of a run as indented JSON, worded in `language`.

    Raises:
        RecordError: the run has no events, or they cannot be read.
    """
    document = lab.document(run, language)
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2)
    return text.encode("utf-8", "backslashreplace").decode() + "\n"


def result_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the result document."""
    from benchctl.records.schema import json_schema

    return json_schema()
