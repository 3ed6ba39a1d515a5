"""What must hold between the parts of a procedure that measures by readings."""

from __future__ import annotations

from collections.abc import Sequence

from benchctl.core.messages import msg
from benchctl.procedure.declared import EachPoint, Measurand, Point
from benchctl.procedure.declared_readings import COUNT, Readings
from benchctl.procedure.reading import Path, Reader

_BASE: Path = ("each_point", "read")
_VALUES = ("verification", "calibration")
"""Services that state or certify a value."""


def check_readings(
    reader: Reader,
    services: Sequence[str],
    each: EachPoint,
    measurand: Measurand,
    points: Sequence[Point],
) -> None:
    """Report rules that a service does not bear, and a spread that nobody would know."""
    _check_strokes(reader, points)
    kinds = {c.kind for role in measurand.inputs.values() for c in role}
    if each.compare is not None and each.compare.cycles == 1 and "repeatability" not in kinds:
        hint = msg("procedure.give-repeatability", role=each.compare.read)
        path: Path = ("each_point", "compare")
        reader.wrong("E306", msg("procedure.no-spread"), path, key=True, hint=hint)
    way = each.read
    if way is None:
        return
    _check_services(reader, way, services)
    if way.indication not in measurand.model.names:
        message = msg("procedure.not-in-model", role=way.indication, measurand=measurand.name)
        reader.wrong("E305", message, _BASE, key=True)
    single = way.how_many.rule == COUNT and way.how_many.at_most == 1
    if single and "repeatability" not in kinds:
        hint = msg("procedure.give-repeatability", role=way.indication)
        reader.wrong("E306", msg("procedure.no-spread"), (*_BASE, "how_many"), hint=hint)


def _check_services(reader: Reader, way: Readings, services: Sequence[str]) -> None:
    """Report a rule that ends as soon as the verdict is known where a value is stated."""
    if way.how_many.states_value:
        return
    wrong = [service for service in services if service in _VALUES]
    if wrong:
        message = msg("procedure.stops-early", services=", ".join(wrong))
        hint = msg("procedure.only-tests")
        reader.wrong("E305", message, (*_BASE, "how_many"), key=True, hint=hint)


def _check_strokes(reader: Reader, points: Sequence[Point]) -> None:
    """Report points with a stroke beside others that have none."""
    with_stroke = [p for p in points if p.stroke]
    if not with_stroke or len(with_stroke) == len(points):
        return
    without = next(p for p in points if not p.stroke)
    message = msg("procedure.no-stroke", point=without.name)
    reader.wrong("E101", message, ("points", without.index, "point"), warning=True)
