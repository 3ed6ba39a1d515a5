"""The shape of what is measured and how: the measurand, and what is done at every point."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from benchctl.procedure.model_base import Duration, Formula, Part, RestPart, Sentence
from benchctl.procedure.model_by_hand import PromptPart
from benchctl.procedure.model_readings import (
    ComparingPart,
    CountPart,
    PulsesPart,
    RatePart,
    ReadingsPart,
    WaitPart,
)


class QuantityPart(Part):
    """The measurand: the quantity that is stated and judged."""

    unit: str = Field(description="Unit of the model's value.")
    model: Formula = Field(description="The measurement model, in terms of roles.")
    report_to: Formula | None = Field(
        None, description="Step that reported values are rounded to: `0.1`, `accuracy_class / 10`."
    )
    rounding: str | None = Field(
        None, description="Rule of rounding: gb-t-8170 (usual), iso-80000-a, iso-80000-b, jjg-596."
    )
    report_U: str | None = Field(  # noqa: N815
        None, description="Digits of U: two-digits (usual), jjf-1059, jjf-1059-up."
    )
    uncertainty: Literal["gum", "monte-carlo"] | None = Field(
        None, description="How the uncertainty is evaluated; the other method is the check."
    )


class DerivedPart(Part):
    """A quantity that follows from what is read, with a unit."""

    unit: str = Field(description="Unit of the value.")
    value: Formula = Field(description="The value in terms of roles and what follows from them.")


class ComponentPart(Part):
    """One source of uncertainty of an input: exactly one of these."""

    resolution: Formula | None = Field(None, description="Step of the indication.")
    certificate: bool | None = Field(None, description="`true`: U of the standard's certificate.")
    repeatability: Formula | None = Field(None, description="Standard deviation, e.g. `0.03 %`.")
    half_width: Formula | None = Field(None, description="Half-width of a rectangle.")
    u: Formula | None = Field(None, description="Standard uncertainty.")


class MeasurandPart(BaseModel):
    """The measurand under its own name, and the sources of its inputs' uncertainty."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, QuantityPart]
    where: dict[str, DerivedPart | Formula] = Field(
        {}, description="What follows from what is read, and the model may name."
    )
    uncertainty: dict[str, list[ComponentPart]] = Field(
        description="Sources of uncertainty of each role that the model names."
    )
    carry: dict[str, str] = Field(
        {}, description="Names of the model that are the value at another point of the unit."
    )


class SettlePart(Part):
    """When a quantity counts as settled: `{<role>: within 2.5 % for 10 s, timeout: 120 s}`.

    A tolerance may be absolute: `within 0.02 K for 60 s`. `{soak: 3 s}` alone only waits.
    """

    model_config = ConfigDict(extra="allow", json_schema_extra={"minProperties": 1})
    __pydantic_extra__: dict[str, str]
    timeout: Duration | None = Field(None, description="Give up after this long.")
    soak: Duration | None = Field(None, description="Wait for so long once it has settled.")
    filter: Duration | None = Field(
        None, description="Time constant of what reads the role: the look must be five times that."
    )


class VesselPart(Part):
    """What takes up the amount."""

    holds: str = Field(description="The constant that says how much of `read` it may hold.")
    drain: str = Field(description="The switch that empties it.")


class TotalisePart(Part):
    """Measure over an amount of the reference."""

    until: str = Field(description="`reference_volume >= test_volume`.")
    start: Literal["flying", "standing"] = Field(
        "flying", description="`flying`: the flow does not stop; `standing`: from rest to rest."
    )
    read: str | None = Field(None, description="Standing: the role that is read at rest.")
    rest: RestPart | None = Field(None, description="Standing: a quick role, and when it rests.")
    rate: Formula | None = Field(
        None, description="What comes per second, where the set-point is none of it: for a plan."
    )
    divert: str | None = Field(None, description="Standing: a switch, on from rest to rest.")
    vessel: VesselPart | None = Field(None, description="Standing: what is filled, and emptied.")


class RetestPart(Part):
    """When a point is measured again."""

    when: Literal["fail"] = Field("fail", description="`fail`: the first runs lie outside.")
    only_if: Literal["one point fails"] | None = Field(
        None, description="`one point fails`: a unit with two bad points is not measured again."
    )
    runs: int = Field(ge=1, le=10, description="So many more runs.")
    pass_: str = Field(alias="pass", description="`at least 2 of 3 inside and mean inside`.")
    note: str = Field("", description="A remark that plans and records show.")


class ConsumedPart(Part):
    """What a run of a point uses up; a plan tells how much it is in all."""

    unit: str = Field(description="Unit of the amount.")
    amount: Formula = Field(description="How much one run uses: `point.volume`.")
    per: Literal["uut", "line"] = Field("uut", description="Of each unit, or once for all of them.")
    title: Sentence | None = Field(None, description="What plans call it.")


class JumpPart(Part):
    """Runs of a point that lie too far apart are made again."""

    over: Formula = Field(
        description="The largest difference of the runs, in the measurand's unit; it may name mpe."
    )
    again: int = Field(1, ge=1, le=10, description="How often at most all of them are made again.")


class MorePart(Part):
    """More runs where the mean of the first ones calls for them; the mean of all counts."""

    when: Formula = Field(
        description="A condition of `mean` and `mpe`: `0.8 * mpe <= abs(mean) <= 1.2 * mpe`."
    )
    runs: int = Field(ge=1, le=10, description="So many more runs.")


class RunsPart(Part):
    """How often a point is measured."""

    runs: int = Field(1, ge=1, le=10, description="Runs at each point.")


class ConsentPart(Part):
    """What a person must agree to before anything is energised."""

    when: Formula | None = Field(None, description="The points it is for; none: all.")
    ask: Sentence = Field(description="The question; without a yes they are not measured.")


class EachPointPart(RunsPart):
    """What is done at every point."""

    set: dict[str, Formula] | None = Field(
        None, description="Roles to set, to a field or an expression."
    )
    settle: SettlePart | None = Field(None, description="When the line counts as settled.")
    totalise: TotalisePart | None = Field(
        None, description="The run is measured over an amount of the reference."
    )
    read: ReadingsPart | None = Field(
        None, description="The run is measured by reading units and reference side by side."
    )
    pulses: PulsesPart | None = Field(
        None, description="The run is measured by the reference's pulses between a unit's."
    )
    compare: ComparingPart | None = Field(
        None, description="The run is measured by putting reference and unit on in turn."
    )
    count: CountPart | None = Field(
        None, description="The run is measured by what a unit counts in a time."
    )
    wait: WaitPart | None = Field(
        None, description="The run is measured by how long something takes to happen."
    )
    rate: RatePart | None = Field(
        None, description="The run is measured by how much something changes in a time."
    )
    prompt: PromptPart | None = Field(
        None, description="What a person does at the point before it settles."
    )
    plausible: dict[str, list[Formula]] = Field(
        {},
        description="By role that a person reads: [low, high], outside of which it asks again.",
    )
    retest: RetestPart | None = Field(None, description="When a point is measured again.")
    consent: ConsentPart | None = Field(
        None, description="What a person must agree to, before anything is set."
    )
    after: dict[str, Formula] | None = Field(
        None, description="Roles to set when the point is left: the output off."
    )
    jump: JumpPart | None = Field(None, description="Runs that lie too far apart.")
    more: MorePart | None = Field(None, description="When more runs follow.")
    consumes: dict[str, ConsumedPart] = Field({}, description="What one run uses up, by name.")


class OfVariantMeasurandPart(BaseModel):
    """What a variant says of the measurand: as `measurand`, every part of it optional."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, QuantityPart]
    where: dict[str, DerivedPart | Formula] = Field(
        {}, description="What follows from what is read, and the model may name."
    )
    uncertainty: dict[str, list[ComponentPart]] = Field(
        {}, description="Sources of uncertainty of the roles that only it has."
    )
    carry: dict[str, str] = Field({}, description="What is carried from another point.")


class OfVariantEachPointPart(Part):
    """What a variant says of every point: as `each_point`, every part of it optional."""

    runs: int | None = Field(None, ge=1, le=10, description="Runs at each point.")
    set: dict[str, Formula] | None = Field(None, description="Roles to set.")
    settle: SettlePart | None = Field(None, description="When the line counts as settled.")
    totalise: TotalisePart | None = Field(None, description="Measured over an amount.")
    read: ReadingsPart | None = Field(None, description="Measured by reading side by side.")
    pulses: PulsesPart | None = Field(None, description="Measured by counting pulses.")
    compare: ComparingPart | None = Field(None, description="Measured by putting on in turn.")
    count: CountPart | None = Field(None, description="Measured by what is counted in a time.")
    wait: WaitPart | None = Field(None, description="Measured by how long something takes.")
    rate: RatePart | None = Field(None, description="Measured by how much something changes.")
    prompt: PromptPart | None = Field(None, description="What a person does before.")
    plausible: dict[str, list[Formula]] = Field({}, description="Which entries are plausible.")
    retest: RetestPart | None = Field(None, description="When a point is measured again.")
    consent: ConsentPart | None = Field(
        None, description="What a person must agree to, before anything is set."
    )
    after: dict[str, Formula] | None = Field(
        None, description="Roles to set when the point is left: the output off."
    )
    jump: JumpPart | None = Field(None, description="Runs that lie too far apart.")
    more: MorePart | None = Field(None, description="When more runs follow.")
    consumes: dict[str, ConsumedPart] = Field({}, description="What one run uses up, by name.")
