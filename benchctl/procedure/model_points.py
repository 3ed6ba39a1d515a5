"""The shape of points as a table: columns and rows, or a CSV file beside the procedure."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from benchctl.procedure.model_base import Part


class PointsTablePart(Part):
    """Points as a table, gone through once or several times."""

    columns: list[str] | None = Field(
        None, description="What stands in the columns of `rows`: `[point, flow, keep]`."
    )
    rows: list[list[Any] | dict[str, Any]] | None = Field(
        None, description="A list per point with `columns`; without, a point as it stands alone."
    )
    table: str | None = Field(
        None, description="A CSV file beside this one, with a header: `points.csv`."
    )
    cycles: int = Field(
        1, ge=1, le=20, description="How often all points are gone through: `up-20#2`."
    )
