"""Loads a procedure: a file to a checked `Procedure`, or every mistake with its place."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from benchctl.language import Diagnostics, Source, load_document, parse_document
from benchctl.procedure.procedure import Procedure


def load_procedure(
    given: Path | Source,
    diagnostics: Diagnostics,
    tables: Mapping[str, str] | None = None,
    *,
    tried: bool = True,
) -> Procedure | None:
    """Return the procedure of a file, or of a text that was read already.

    None, and diagnostics, where it has mistakes; `diagnostics.raise_if_failed()` makes them an
    error. `tables` are the texts of the tables beside it, where they are not read from their files.
    Its expressions are evaluated with every choice and bound of its parameters; not `tried`, for a
    run, which evaluates them with what its units are, only with what is usual.
    """
    from benchctl.procedure.build import build  # pydantic comes with it

    if isinstance(given, Source):
        document = parse_document(given, diagnostics)
    else:
        document = load_document(given, diagnostics)
    return build(document, diagnostics, tables, tried=tried) if document is not None else None
