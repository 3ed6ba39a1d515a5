"""Items over several points: a condition, or a value and a condition on it, of all results at once.

    same_sign:
      across: not same_sign(error) or any(abs(error) <= mpe / 2)

    weighted_mean:
      value: weighted_mean(error, point.flow / Q3)
      unit: "%"
      across: abs(value) <= (0.6 if stage == "initial" else 1.2)

In these formulas the measurand, its limits and the quantities of a point stand for those of all
points (or those that `over` names); a function over them makes one value of many. `error.Q3` is the
result at one point. Where items are measured in their own right, `of` says which one is meant, and
each item's name stands for its results: `leak`, `leak.p50`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from benchctl.core.messages import msg
from benchctl.core.units import Unit
from benchctl.language import ExpressionError, Function, parse_expression
from benchctl.metrology import across as over
from benchctl.metrology import ranges
from benchctl.procedure.declared_items import AcrossItem
from benchctl.procedure.dimensions import NUMBER, PLAIN, Dim, DimError, dim_of, quantity_of, text_of
from benchctl.procedure.functions import FUNCTIONS
from benchctl.procedure.model_items import AcrossPart
from benchctl.procedure.names import Names, base_of
from benchctl.procedure.reading import Path, Reader


def _of_condition(call: Callable[[Any], Any], gives: Dim) -> Function:
    """Return a function of a condition at every point."""

    def explore(condition: object) -> Dim:
        if dim_of(condition).kind not in {"truth", "unknown"}:
            raise DimError(msg("procedure.no-condition"))
        return gives

    return Function(call, 1, 1, explore)


def _like_first(call: Callable[..., Any], count: int, *, difference: bool = False) -> Function:
    """Return a function whose value is in the unit of its first argument."""

    def explore(y: object, *_: object) -> Dim:
        dim = dim_of(y)
        return dim - dim if difference else dim

    return Function(call, count, count, explore)


def _quotient(y: object, x: object) -> Any:
    return dim_of(y) / dim_of(x)


ACROSS: Mapping[str, Function] = {
    **FUNCTIONS,
    "all": _of_condition(over.every, Dim("truth")),
    "any": _of_condition(over.some, Dim("truth")),
    "count": _of_condition(over.how_many, NUMBER),
    "same_sign": Function(over.same_sign, 1, 1, lambda _: Dim("truth")),
    "mean": _like_first(over.mean, 1),
    "sum": _like_first(over.total, 1),
    "largest": _like_first(over.largest, 1),
    "least": _like_first(over.least, 1),
    "spread": _like_first(over.spread, 1, difference=True),
    "weighted_mean": _like_first(over.weighted_mean, 2),
    "slope": Function(over.slope, 2, 2, _quotient),
    "nonlinearity": _like_first(over.nonlinearity, 2, difference=True),
    "hysteresis": _like_first(over.hysteresis, 2, difference=True),
    "spread_at": _like_first(over.spread_at, 2, difference=True),
    "spread_of_runs": _like_first(ranges.spread_of_runs, 1, difference=True),
    "range_deviation": _like_first(ranges.range_deviation, 1, difference=True),
    "deviation_of_runs": _like_first(ranges.deviation_of_runs, 1, difference=True),
}
"""What a formula over several points may call."""

RUNS = "runs"
"""`error.runs`: the results of the single runs at each point, for functions of runs."""
OF_A_POINT = ("mpe", "mpe_low", "U")
"""What a formula may name of each point beside the measurand: upper and lower limit, U."""


@dataclass(frozen=True, slots=True)
class Results:
    """What has results: the names at its points, the measurand's name and unit."""

    names: Names
    quantity: str
    unit: Unit | None


def read_across_item(
    reader: Reader, names: Names, name: str, value: object, measured: Mapping[str, Results]
) -> AcrossItem | None:
    """Return an item over several points, or None and diagnostics; `measured` by item."""
    part = reader.part(AcrossPart, (name,), value)
    if part is None:
        return None
    of = _of(reader, name, part, measured)
    if of is None:
        return None
    results = measured.get(of, Results(names, "", None))
    bases = {base_of(p) for p in results.names.points}
    for i, point in enumerate(part.over):
        if point not in results.names.points and point not in bases:
            message = msg("procedure.unknown-point", point=point)
            reader.unknown_name(point, results.names.points, message, (name, "over", i))
    scope = results.names.at_point().with_names(_results(of, measured, reader))
    if (part.value is None) != (part.unit is None):
        key = "unit" if part.value is None else "value"
        reader.wrong("E101", msg("procedure.value-and-unit"), (name, key), key=True)
        return None
    unit = reader.unit(part.unit, (name, "unit")) if part.unit is not None else None
    result = None
    if part.value is not None:
        result = reader.expression(part.value, (name, "value"), scope, to=unit, functions=ACROSS)
        scope = scope.with_names({"value": quantity_of(unit) if unit else Dim("unknown")})
    path: Path = (name, "across")
    passes = reader.expression(part.across, path, scope, condition=True, functions=ACROSS)
    if passes is None or (part.value is not None and result is None):
        return None
    return AcrossItem(
        name=name,
        passes=passes,
        value=result,
        unit=part.unit or "",
        over=tuple(p for p in results.names.points if {p, base_of(p)} & set(part.over)),
        stages=tuple(part.stages),
        note=part.note,
        title=reader.texts(part.title, (name, "title")),
        of=of,
    )


def _of(reader: Reader, name: str, part: AcrossPart, measured: Mapping[str, Results]) -> str | None:
    """Return the item whose points a formula is over; None where that is not to be told."""
    if part.of is not None:
        if part.of in measured:
            return part.of
        message = msg("procedure.not-measured-item", item=part.of)
        reader.unknown_name(part.of, measured, message, (name, "of"))
        return None
    if len(measured) < 2:
        return next(iter(measured), "")
    texts = [text for text in (part.value, part.across) if text]
    found = (_names(text) for text in texts)
    used = frozenset().union(*found)
    stems = used | {n.partition(".")[0] for n in used}
    meant = [item for item, of in measured.items() if of.quantity in stems and item != of.quantity]
    if not meant:  # the points of one item, or results by the names of their items
        meant = [item for item in measured if item in stems]
        meant = meant if stems & {*OF_A_POINT, "point"} else meant[:1]
    if len(meant) == 1:
        return meant[0]
    hint = msg("procedure.one-of", names=", ".join(meant or measured))
    reader.wrong("E101", msg("procedure.across-of", item=name), (name,), key=True, hint=hint)
    return None


def _names(text: str) -> frozenset[str]:
    try:
        return parse_expression(text, functions=ACROSS).names
    except ExpressionError:
        return frozenset()  # reported where it is read


def _results(of: str, measured: Mapping[str, Results], reader: Reader) -> dict[str, Dim]:
    """Return the names of results: of all points, and of each by its own name."""
    found: dict[str, Dim] = {}
    for item, results in measured.items():
        dim = quantity_of(results.unit) if results.unit else Dim("unknown")
        single = [item, *((results.quantity, *OF_A_POINT) if item == of else ())]
        of_all = [*single, *([f"{results.quantity}.{RUNS}"] if item == of else ())]
        points = [p for p in results.names.points if p.isidentifier()]
        found |= dict.fromkeys(of_all, dim)
        found |= {f"{n}.{p}": dim for n in single for p in points}
    stages = [str(stage) for stage in reader.mapping(("stages",))]
    return {**found, "stage": text_of(stages) if stages else PLAIN}
