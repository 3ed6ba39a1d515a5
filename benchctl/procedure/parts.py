"""The measured items of a procedure as procedures of their own, with what the whole has of all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from benchctl.language import Expression
from benchctl.procedure.declared import Band
from benchctl.procedure.declared_items import PointsItem
from benchctl.procedure.measured import Measured
from benchctl.procedure.procedure import Procedure


def with_parts(
    whole: Procedure,
    measured: Sequence[Measured],
    stages: Mapping[str, Mapping[str, Expression]],
) -> Procedure:
    """Return a procedure whose items are measured in their own right, each a part by its name.

    The whole has all points, and every environment quantity once: as the file itself has it, or the
    first item that does. `stages` are the limits of each item at each stage.
    """
    order = [item.name for item in whole.items]
    parts = {
        m.item or m.quantity: _part(whole, m, stages[m.item])
        for m in sorted(measured, key=lambda m: order.index(m.item or m.quantity))
    }
    bands: dict[str, Band] = {band.role: band for band in whole.environment}
    for part in parts.values():
        for band in part.environment:
            bands.setdefault(band.role, band)
    first = next(iter(parts.values()))
    return replace(
        whole,
        measurand=first.measurand,
        limits=first.limits,
        stages=first.stages,
        decision=first.decision,
        each_point=first.each_point,
        field_units=first.field_units,
        points=tuple(point for part in parts.values() for point in part.points),
        environment=tuple(bands.values()),
        parts=parts,
    )


def _part(whole: Procedure, m: Measured, stages: Mapping[str, Expression]) -> Procedure:
    assert m.measurand is not None
    assert m.decision is not None
    assert m.each_point is not None
    name = m.item or m.quantity
    item = next((i for i in whole.items if i.name == name), PointsItem(name))
    return replace(
        whole,
        item=m.item,
        where=m.where,
        line=m.line,
        environment=m.environment,
        measurand=m.measurand,
        limits=m.limits,
        stages=stages,
        decision=m.decision,
        items=(item,),
        points=m.points,
        each_point=m.each_point,
        field_units=m.field_units,
    )
