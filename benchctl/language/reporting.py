"""Mistakes within a scalar, told at the characters where they stand."""

from __future__ import annotations

from collections.abc import Collection

from benchctl.core.errors import BenchctlError
from benchctl.core.messages import msg
from benchctl.core.suggest import closest
from benchctl.core.units import UnitError
from benchctl.language.diagnostics import Diagnostics
from benchctl.language.document import Document
from benchctl.language.expression_text import ExpressionError
from benchctl.language.expressions import Expression
from benchctl.language.pieces import Place
from benchctl.language.source import short


def report_error(
    error: BenchctlError,
    document: Document,
    path: Place,
    diagnostics: Diagnostics,
    *,
    offset: int = 0,
) -> None:
    """Add a diagnostic for a unit (E201), quantity (E202) or expression (E203) that is wrong.

    `offset` is how many characters of the scalar stand before the expression's text.
    """
    span = document.span(path)
    if isinstance(error, ExpressionError):
        code = "E203"
        span = document.span_within(path, error.column + offset, error.end_column + offset)
    else:
        code = "E201" if isinstance(error, UnitError) else "E202"
    diagnostics.error(code, error.message, document.source_of(path), span, hint=error.hint)


def check_names(
    expression: Expression,
    known: Collection[str],
    document: Document,
    path: Place,
    diagnostics: Diagnostics,
    *,
    offset: int = 0,
) -> bool:
    """Return whether all names are known; each that is not becomes a diagnostic (E301)."""
    fine = True
    for name, column, end_column in expression.places:
        if name in known:
            continue
        fine = False
        likely = closest(name, known)
        diagnostics.error(
            "E301",
            msg("language.unknown-name", name=short(name)),
            document.source_of(path),
            document.span_within(path, column + offset, end_column + offset),
            hint=msg("language.did-you-mean", word=likely) if likely else None,
        )
    return fine
