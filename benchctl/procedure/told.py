"""What several ways of measuring are told alike: durations, and what a plan expects to read."""

from __future__ import annotations

from collections.abc import Mapping

from benchctl.core.messages import msg
from benchctl.core.units import unit
from benchctl.language import Expression, QuantityError, parse_expression, parse_quantity
from benchctl.procedure.grammar import parse_seconds
from benchctl.procedure.names import Names, find_role
from benchctl.procedure.reading import Path, Reader


def read_time(reader: Reader, text: str, path: Path) -> float | None:
    """Return a duration in s, which must be positive; None and a diagnostic where it is not."""
    seconds = reader.sentence(parse_seconds, text, path)
    if seconds is not None and not seconds > 0:
        reader.wrong("E105", msg("procedure.not-positive", value=text), path)
        return None
    return seconds


def read_span(reader: Reader, names: Names, text: str, path: Path) -> Expression | None:
    """Return a duration at a point in s: `60 s`, or an expression of parameters, `where`, points.

    None and a diagnostic where it is neither.
    """
    try:
        parse_quantity(text)
    except QuantityError:
        return reader.expression(text, path, names.at_point(), to=unit("s"))
    seconds = read_time(reader, text, path)
    return None if seconds is None else parse_expression(repr(seconds))


def read_expected(
    reader: Reader, names: Names, told: Mapping[str, str], path: Path
) -> dict[str, Expression]:
    """Return what each role is expected to show at a point, in its unit."""
    found = {}
    for role, text in told.items():
        here: Path = (*path, "expect", role)
        need = find_role(reader, names, role, here, key=True)
        if need is None:
            continue
        value = reader.expression(text, here, names.at_point(), to=unit(need.unit))
        if value is not None:
            found[role] = value
    return found
