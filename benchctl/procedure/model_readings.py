"""The shape of `read`: a point measured by reading units and reference side by side."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, WithJsonSchema

from benchctl.procedure.model_base import Duration, Formula, Part, RestPart, Sentence

Share = Annotated[
    str, WithJsonSchema({"type": ["number", "string"], "examples": ["2 %", "0.02", "1/50"]})
]
"""A probability."""


class HowManyPart(Part):
    """How many readings, by a rule: exactly one of the first four keys says which."""

    until: str | None = Field(
        None, description="Until the readings' own uncertainty is small: `u_A <= mpe / 10`."
    )
    two_stages: Formula | None = Field(
        None, description="Stein: the half-width to which the mean is to be known: `mpe / 5`."
    )
    sequential: Formula | None = Field(
        None, description="Wald's test, no value stated: half-width of the indifference zone."
    )
    planned: int | None = Field(
        None, ge=3, le=100_000, description="So many, ended early once the verdict is certain."
    )
    first: int | None = Field(None, ge=2, le=10_000, description="Readings of the first stage.")
    at_least: int | None = Field(None, ge=1, le=10_000, description="No fewer readings.")
    at_most: int | None = Field(None, ge=2, le=100_000, description="No more readings.")
    confidence: Share | None = Field(None, description="Of the two stages' half-width: `95 %`.")
    sigma: Formula | None = Field(
        None, description="Known standard deviation of one reading, for the sequential test."
    )
    risks: list[Share] | None = Field(
        None, description="`[false fail, false pass]` of the sequential test."
    )
    risk: Share | None = Field(
        None, description="Probability with which ending early may change the verdict."
    )


class ComparingPart(Part):
    """Put reference and unit in turn on one instrument; what drifts cancels."""

    read: str = Field(description="The instrument's role; in the model it is the difference B - A.")
    sequence: str = Field(
        "A B B A", description="A the reference, B the unit; begins and ends with A."
    )
    cycles: int = Field(1, ge=1, le=50, description="How often the sequence is gone through.")
    wait: Duration | None = Field(None, description="Wait before each reading.")
    rest: RestPart | None = Field(None, description="A quick role, and when it rests.")
    exchange: str | None = Field(
        None, description="A switch that brings B (on) or A (off); else a person is asked."
    )
    put: dict[Literal["A", "B"], Sentence] = Field(
        {}, description="What the person is asked to put on."
    )


class PulsesPart(Part):
    """Count the reference's pulses between pulses of each unit."""

    until: str = Field(description="`meter_pulses >= 20`: a role of each unit, and how many.")
    reference: str = Field(
        description="The role, of each unit, that is the reference's count at its last pulse."
    )
    at_least: Duration = Field("10 s", description="No shorter, however fast the pulses come.")
    every: Duration = Field("1 s", description="Time between two looks at the counters.")
    rate: Formula | None = Field(
        None, description="Pulses of a unit per second, for the time in a plan."
    )
    expect: dict[str, Formula] = Field(
        {}, description="What a role comes to at a point, for a plan."
    )


class CountPart(Part):
    """What a unit counts in a time, as pulses without a load."""

    of: str = Field(description="The role, of each unit, that counts.")
    for_: Formula = Field(alias="for", description="For so long: `20 min`, `creep_time`.")
    at_most: Formula | None = Field(None, description="Over early once more than this came.")
    every: Formula = Field("1 s", description="Time between two looks.")
    expect: dict[str, Formula] = Field({}, description="What the role comes to, for a plan.")


class WaitPart(Part):
    """How long it takes until something happens; in the model that is `waited`, in s."""

    for_: str = Field(
        alias="for",
        description="`line_pressure <= 15`; a count (`imp`) from where it stands: `pulses >= 1`.",
    )
    after: str | None = Field(
        None, description="Time counts from here, and not from the beginning: `role <= 260`."
    )
    at_most: Formula = Field(description="Longer than any limit: then it has not happened.")
    every: Formula = Field("0.5 s", description="Time between two looks.")
    expect: dict[str, Formula] = Field({}, description="What `waited` comes to, for a plan.")


class RatePart(Part):
    """How fast a role changes; in the model that is `change` in `elapsed`, by a straight line."""

    of: str = Field(description="The role, of each unit or of the line.")
    over: Formula = Field(description="For so long.")
    after: str | None = Field(
        None, description="Time counts from here, and not from the beginning: `role <= 190`."
    )
    every: Formula = Field("1 s", description="Time between two readings.")
    expect: dict[str, Formula] = Field({}, description="What `change` comes to, for a plan.")


class ReadingsPart(Part):
    """Read every unit beside the reference, again and again."""

    indication: str | None = Field(
        None, description="The role of each unit that is read; the only one, if not given."
    )
    reference: str = Field(
        description="What it is compared with: a role, or what follows from roles."
    )
    every: Duration = Field("1 s", description="Time between two readings of one unit.")
    how_many: HowManyPart | str = Field(description="`20 readings`, `60 s`, or a rule.")
    order: Literal["in turn", "there and back"] = Field(
        "in turn", description="How units that share a reader are read."
    )
    switch: Duration | None = Field(
        None, description="Time between selecting a unit and reading it."
    )
    lag: Duration | None = Field(
        None, description="How far units may be behind the reference; its drift counts so long."
    )
    expect: dict[str, Formula] = Field(
        {}, description="What a role shows at a point, where that is not the set-point itself."
    )
