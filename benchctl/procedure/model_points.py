"""The shape of what is judged where: quantities that follow, surroundings, limits, points."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field

from benchctl.procedure.model_base import Bounds, Duration, Formula, Part, Sentence


class WherePart(Part):
    """A quantity that follows from others; a plain expression may stand instead of this mapping."""

    unit: str | None = Field(None, description="Unit of the value, where it is converted.")
    value: Formula | None = Field(None, description="The value as an expression.")
    table: dict[str, Formula] | None = Field(None, description="The value at each point, by name.")
    at_least: Formula | None = Field(None, description="The value is never below this.")
    at_most: Formula | None = Field(None, description="The value is never above this.")


class BandPart(Part):
    """Limits of an environment quantity; a run does not start, or go on, outside."""

    from_: str | None = Field(None, alias="from", description="Lowest value with its unit.")
    to: str | None = Field(None, description="Highest value with its unit.")
    drift: str | None = Field(None, description="Largest change during the run: `5 K`.")


class LimitPart(Part):
    """A line of the table of limits; the first that fits holds."""

    when: Formula | None = Field(None, description="Condition; none in the last line.")
    mpe: Bounds = Field(
        description="`±2 %`, `±(EXPRESSION) UNIT`, or `[low, high]` where the two sides differ."
    )


class RulePart(Part):
    """What a decision rule needs to know."""

    ratio: str | None = Field(
        None,
        description="Largest U over the limit, or `none`: simple acceptance, jjf-1094.",
    )
    r: str | None = Field(None, description="Guard band over U: the ILAC-G8 rules.")
    p: str | None = Field(None, description="Conformance probability: jcgm-106, iso-14253-1.")
    pfa: str | None = Field(None, description="Global probability of false acceptance: target-pfa.")
    itp: str | None = Field(
        None, description="Share in tolerance beforehand, or `none`: target-pfa."
    )
    judged_on: Literal["unrounded", "rounded"] = Field(
        "unrounded", description="`rounded`: the value as it is reported, as JJG 596 wants it."
    )
    requires: Formula | None = Field(
        None,
        description="What the standard must be good for: U_reference, mpe_initial, standard_ratio.",
    )
    standard_ratio: dict[str, str] | None = Field(
        None, description="Largest share of the initial limit that U_reference may take, by stage."
    )
    note: str = Field("", description="A remark that plans and records show.")


class DecisionPart(RulePart):
    """How a result is judged."""

    rule: str = Field(description="`simple acceptance`: the value against the limit.")


class OfVariantDecisionPart(RulePart):
    """What a variant says of how a result is judged."""

    rule: str | None = Field(None, description="`simple acceptance`: the value against the limit.")


class PointPart(Part):
    """A verification point: its name, the quantities that make it, the band that must be kept."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Formula | Sentence]
    point: str = Field(description="Name of the point: `Q3`.")
    keep: list[Formula] | None = Field(
        None, description="[low, high] of the shared quantity; a run that leaves it is void."
    )
    occasion: Literal["as_found", "as_left"] = Field(
        "as_found", description="`as_left`: after adjustment."
    )
    when: Formula | None = Field(None, description="Condition under which a unit has the point.")
    stages: list[str] = Field([], description="The stages it applies to; none: all.")
    stroke: Literal["up", "down"] | None = Field(
        None, description="From where the point is come to: `up` from below, `down` from above."
    )
    soak: Duration | None = Field(
        None, description="Wait for so long once it has settled here: `3 min`."
    )
    note: str = Field("", description="A remark that plans and records show.")


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
