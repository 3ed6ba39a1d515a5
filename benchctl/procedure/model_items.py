"""The shape of the items: what a unit must pass, each under a key of its own."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from benchctl.procedure.model_base import Duration, Formula, Part, Sentence
from benchctl.procedure.model_measuring import EachPointPart, MeasurandPart, SettlePart
from benchctl.procedure.model_points import (
    BandPart,
    DecisionPart,
    LimitPart,
    PointPart,
    PointsTablePart,
    WherePart,
)


class _ItemPart(Part):
    stages: list[str] = Field([], description="The stages it applies to; none: all.")
    when: Formula | None = Field(None, description="Condition under which it applies to a unit.")
    note: str = Field("", description="A remark that plans and records show.")
    title: Sentence | None = Field(None, description="What screens and run sheets call it.")


class AskPart(_ItemPart):
    """An item that a person answers yes or no."""

    ask: Sentence = Field(description="The question; yes is good.")
    per: Literal["uut", "line"] = Field("uut", description="Asked for each unit, or once.")
    show: list[str] = Field([], description="Parameters of the unit that stand in the question.")
    reasons: dict[str, Sentence] = Field(
        {}, description="What a `no` may be for, by code; the person chooses one."
    )


class VentingPart(Part):
    """How the line is vented."""

    set: dict[str, Formula] = Field(description="Roles to set.")
    for_: Duration = Field(alias="for", description="How long it flows each time: `30 s`.")
    times: int = Field(1, ge=1, le=20, description="How often, with a rest in between.")


class VentPart(_ItemPart):
    """Let the line flow until no air is left in it."""

    vent: VentingPart = Field(description="How it is done.")
    ask: Sentence | None = Field(None, description="A question at the end; yes is good.")
    per: Literal["line"] = Field("line", description="Always for the whole line.")


class WatchPart(_ItemPart):
    """What is watched while it holds."""

    isolate: str | None = Field(None, description="A switch that is shut while it holds.")
    hold: str = Field(description="What is watched and how long: `line_pressure for 60 s`.")
    drop: Formula | None = Field(None, description="Largest fall: `0.05 MPa` or an expression.")
    ask: Sentence | None = Field(None, description="A question at the end; yes is good.")
    per: Literal["uut", "line"] = Field("line", description="Asked for each unit, or once.")


class HoldPart(WatchPart):
    """Bring something to a value, watch that it holds."""

    set: dict[str, Formula] = Field(description="Roles to set.")
    settle: SettlePart = Field(description="When the value counts as reached.")


class ReadPart(_ItemPart):
    """Read a role while a point is held, and judge it."""

    during: str = Field(description="Name of the point.")
    read: str = Field(description="The role that is read.")
    pass_: Formula = Field(alias="pass", description="Condition of roles and parameters.")
    per: Literal["uut", "line"] = Field("uut", description="Read for each unit, or once.")


class AcrossPart(_ItemPart):
    """A condition of the results of several points, or of a value that follows from them."""

    across: Formula = Field(
        description="`not same_sign(error) or any(abs(error) <= mpe / 2)`; it may name `value`."
    )
    value: Formula | None = Field(None, description="`weighted_mean(error, point.flow / Q3)`.")
    unit: str | None = Field(None, description="Unit of the value.")
    over: list[str] = Field([], description="Names of the points; none: all.")
    of: str | None = Field(None, description="The item whose points they are, where several have.")


class PlainItemPart(_ItemPart):
    """The measurand as an item, where it does not apply at every stage."""


class MeasuredItemPart(_ItemPart):
    """An item that is measured in its own right: laid over the rest of the file.

    `where` and `environment` merge; anything else replaces what the file has.
    """

    where: dict[str, WherePart | Formula] = Field({}, description="What follows, or differs.")
    environment: dict[str, BandPart] = Field({}, description="Limits that only it keeps.")
    measurand: MeasurandPart | None = Field(None, description="What is stated of it and judged.")
    limits: list[LimitPart] | None = Field(None, description="Its limits, by condition.")
    decision: DecisionPart | None = Field(None, description="How its results are judged.")
    points: list[PointPart] | PointsTablePart = Field(
        description="Where it is measured, in this order; a list, or a table."
    )
    each_point: EachPointPart | None = Field(None, description="What is done at each of them.")
