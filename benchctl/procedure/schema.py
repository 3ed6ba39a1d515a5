"""The JSON Schema of procedure files, for editors."""

from __future__ import annotations

from typing import Any

from benchctl.language import schema_of


def procedure_schema(language: str = "en") -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a procedure: what `model` accepts, with its hover texts.

    Definitions of items are keys of their own; they are what a key that is no other part must be.
    """
    from benchctl.procedure.model import ProcedureFile

    return schema_of(ProcedureFile, "benchctl procedure", language)
