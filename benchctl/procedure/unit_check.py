"""Do the units of an expression go together? Found out once, when a procedure is loaded.

    dimension_of(parse_expression("0.95 * Q3"), {"Q3": quantity_of(unit("m³/h"))})

The expression is explored with a `Dim` for every name, both sides of each condition included.
"""

from __future__ import annotations

from collections.abc import Mapping

from benchctl.core.units import Unit
from benchctl.language import Expression, ExpressionError
from benchctl.procedure.dimensions import (
    UNKNOWN,
    Dim,
    DimError,
    common_sizes,
    dim_of,
    either,
    quantity_of,
)


def fits(dim: Dim, unit: Unit) -> bool:
    """Whether a value of which `dim` is known may stand where `unit` is declared."""
    if dim.kind in {"unknown", "number"}:
        return True
    wanted = quantity_of(unit)
    return (
        dim.kind == "quantity"
        and dim.dimension == wanted.dimension
        and common_sizes(dim.sizes, wanted.sizes) is not None
    )


def dimension_of(expression: Expression, known: Mapping[str, Dim]) -> Dim:
    """Return what is known of the value of an expression; names not in `known` fit anywhere.

    Raises:
        ExpressionError: quantities that do not go together, with their columns.
    """
    env = {name: known.get(name, UNKNOWN) for name in expression.names}
    try:
        return dim_of(expression.explore(env, _of_choice))
    except DimError as error:  # of the two sides of a choice: the place is the whole
        raise ExpressionError(error.message, 1, len(expression.text) + 1) from error
    except ExpressionError as error:
        if isinstance(error.__cause__, DimError):
            message = error.__cause__.message
            raise ExpressionError(message, error.column, error.end_column) from error
        raise


def _of_choice(then: object, otherwise: object) -> Dim:
    return either(dim_of(then), dim_of(otherwise), "procedure.cannot-choose")
