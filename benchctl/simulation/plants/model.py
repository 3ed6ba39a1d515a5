"""The shape of a plant file; `benchctl schema plant` is made from it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

Formula = Annotated[
    str, WithJsonSchema({"type": ["number", "string"], "examples": ["0.5 * flow", "20 °C"]})
]
"""A number or an expression of the plant's names."""
Seconds = Annotated[str, WithJsonSchema({"type": "string", "examples": ["2.5 s", "4 min"]})]
Knots = list[Annotated[list[Formula], Field(min_length=2, max_length=2)]]


class Part(BaseModel):
    """A part of a plant file; keys that it does not know are mistakes."""

    model_config = ConfigDict(extra="forbid")


class BlockPart(Part):
    """A quantity: just one of the keys that say what it is, and what belongs to that."""

    unit: str | None = Field(None, description="In which its numbers are.")
    formula: Formula | None = Field(None, description="Computed from other quantities.")
    tail: Formula | None = Field(None, description="Follows this target with a time constant.")
    total: str | None = Field(None, description="The integral over time of this quantity.")
    ripple: Formula | None = Field(None, description="A smooth wander of this root mean square.")
    noise: Formula | None = Field(None, description="White noise of this standard deviation.")
    delayed: str | None = Field(None, description="This quantity as it was some time ago.")
    setting: str | None = Field(None, description="What this channel is set to.")
    register_: str | None = Field(
        None, alias="register", description="This quantity in whole steps."
    )
    pulses: str | None = Field(None, description="How many whole pulses this total has given.")
    latched: str | None = Field(None, description="This quantity at the last pulse of `at`.")
    rising: str | None = Field(None, description="Whether this tail goes upwards.")
    turned: str | None = Field(None, description="Since when (s) this tail goes its way.")
    rose: str | None = Field(None, description="When (s) this switch last went on.")
    play: str | None = Field(None, description="This quantity with backlash.")
    tau: Formula | None = Field(None, description="With `tail`: time constant, s or `2.5 s`.")
    start: Formula | None = Field(None, description="With `tail` and `total`: what it is at first.")
    surge: float | None = Field(None, description="With `tail`: share of the step, 0.1 overshoots.")
    gain: Formula | None = Field(None, description="With `total`: times this, between changes.")
    periods: Annotated[list[Seconds], Field(min_length=2, max_length=2)] | None = Field(
        None, description="With `ripple`: shortest and longest period."
    )
    by: Seconds | None = Field(None, description="With `delayed`: by how long.")
    step: Formula | None = Field(None, description="With `register`: the step of its last digit.")
    capacity: Formula | None = Field(None, description="With `register`: begins again at 0 there.")
    worth: Formula | None = Field(None, description="With `pulses`: what one pulse is worth.")
    at: str | None = Field(None, description="With `latched`: the count of pulses.")
    trim: float | None = Field(
        None, description="With `rising`, `turned`: a smaller change of target is no new stroke."
    )
    width: Formula | None = Field(None, description="With `play`: width of the backlash.")


class CurvePart(Part):
    """A function that every unit has for itself: one list of knots, or one for each kind."""

    smooth: Knots | dict[str, Knots] | None = Field(
        None, description="[x, y], smooth over the logarithm of x, never beyond its knots."
    )
    straight: Knots | dict[str, Knots] | None = Field(
        None, description="[x, y], along straight lines."
    )


class UnitsModel(Part):
    """The units under test."""

    count: Annotated[int, Field(ge=1, le=200)] | None = Field(
        None, description="How many there are; as many as the bench has positions if not said."
    )
    serial: str = Field(description="`P{seed:04}-{position}`: their serial numbers.")
    kinds: Annotated[list[str], Field(min_length=1)] = Field(
        ["good"], description="Of which kind they are, position by position, and again."
    )
    usual: dict[str, float | str] = Field(
        {}, description="Parameters of the procedure that the plant uses, with their usual values."
    )
    draw: dict[str, Formula | dict[str, Formula]] = Field(
        {},
        description="What each unit has for itself; with `uniform(low, high)` and `normal(sigma)`; "
        "one expression, or one for each kind and `usual` for the others.",
    )
    curves: dict[str, CurvePart] = Field({}, description="Functions that each unit has for itself.")
    columns: dict[str, str] = Field(
        {}, description="Further columns of its batch: `reading: camera`."
    )


class ShowPart(Part):
    """What a channel shows."""

    quantity: str = Field(description="Of the bench, or of each unit.")
    noise: float = Field(0.0, ge=0, description="Standard deviation of single readings.")
    empty: float | Literal["nan"] = Field(0.0, description="Where no unit is.")
    select: str | None = Field(
        None, description="Role whose `select` switches choose the unit that is shown."
    )
    settling: Seconds = Field("0 s", description="Time constant after a switch was closed.")
    open: float = Field(0.0, description="What is shown while not just one switch is on.")


class FaultPart(Part):
    """What `fault.NAME` is while the fault is on; 0 otherwise."""

    value: float = Field(1.0, description="Unless the person who switches it gives another.")
    of: Literal["bench", "unit"] = Field("bench", description="Whether each unit has its own.")
    about: str | None = Field(None, description="What it is.")


class PlantPart(Part):
    """A simulated bench without a program: what happens on it, and what its instruments show."""

    plant: str = Field(description="What is simulated, in one line.")
    answer_after: Seconds = Field("5 s", description="How long its person takes to answer.")
    standards: Literal["drawn", "exact"] = Field(
        "drawn",
        description="Whether reference standards and constants are off by draws from their "
        "certificates, or by nothing.",
    )
    uuts: UnitsModel = Field(description="The units under test.")
    quantities: dict[str, Formula | BlockPart] = Field({}, description="What happens on the bench.")
    each: dict[str, Formula | BlockPart] = Field({}, description="What happens at each unit.")
    shows: dict[str, str | ShowPart] = Field(
        {}, description="`instrument.channel`, with `{position}` where each has one: a quantity."
    )
    reads: dict[str, str] = Field(
        {}, description="What a person reads: role, or channel of `manual`: a quantity."
    )
    truth: dict[str, Formula] = Field(
        {}, description="Of a measurand: its true value at `point`; of an item: whether it is good."
    )
    hand: dict[str, float] = Field(
        {},
        description="What a person brings about where a point prompts for it, by the quantity of a "
        "point, as it is at first: `hand.pressure` in formulas.",
    )
    faults: dict[str, FaultPart] = Field({}, description="What can go wrong.")


KINDS: dict[str, tuple[str, ...]] = {
    "formula": (),
    "tail": ("tau", "start", "surge"),
    "total": ("gain", "start"),
    "ripple": ("periods",),
    "noise": (),
    "delayed": ("by",),
    "setting": (),
    "register": ("step", "capacity"),
    "pulses": ("worth",),
    "latched": ("at",),
    "rising": ("trim",),
    "turned": ("trim",),
    "rose": (),
    "play": ("width",),
}
"""What a quantity can be, and the keys that belong to it."""
NEEDED: dict[str, tuple[str, ...]] = {
    "tail": ("tau",),
    "ripple": ("periods",),
    "delayed": ("by",),
    "register": ("step",),
    "pulses": ("worth",),
    "latched": ("at",),
    "play": ("width",),
}
"""Those of them that must stand there."""


def given(part: BlockPart) -> dict[str, Any]:
    """Return the keys of a block that stand in the file, with what stands behind them."""
    return {name.rstrip("_"): getattr(part, name) for name in part.model_fields_set}
