"""The shape of a procedure file: field by field, with the words that an editor shows.

Nothing deeper than the file's edge knows these classes; `build` turns them into the frozen data of
`declared`. Numbers, expressions and the small sentences of `grammar` all arrive here as the text
that the file has, and are read afterwards, where mistakes can be given their exact column.
"""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from benchctl.procedure.model_base import Bounds, Duration, Formula, Given, Part, Sentence
from benchctl.procedure.model_by_hand import ByPersonPart
from benchctl.procedure.model_measuring import (
    EachOfMethodPart,
    EachPointPart,
    MeasurandPart,
    OfMethodPart,
    SettlePart,
)
from benchctl.procedure.model_points import PointsTablePart


class StandardPart(Part):
    """The document that the procedure follows."""

    name: str = Field(description="As it is cited, without the year: `JJG 162`.")
    edition: str = Field("", description="The year of the edition: `2019`.")
    in_force: str = Field("", description="Since when it is in force: `2020-03-31`.")
    see_also: list[str] = Field([], description="Related documents.")


class ParameterPart(Part):
    """A property of the unit under test: from `--set`, a column of the batch, or the default."""

    unit: str = Field("", description="Unit of the number; none for a pure number or a text.")
    choices: list[Given] = Field([], description="The only values that there are.")
    at_least: Given | None = Field(None, description="Smallest value.")
    at_most: Given | None = Field(None, description="Largest value.")
    default: Given | None = Field(None, description="The value where none is given.")
    about: Sentence | None = Field(None, description="What it is, for the person who is asked.")
    also: list[str] = Field(
        [], description="Further headers of a batch's column for it: `准确度等级`, `class`."
    )
    same: bool = Field(False, description="All units of a run must have the same value.")


class WherePart(Part):
    """A quantity that follows from others; a plain expression may stand instead of this mapping."""

    unit: str | None = Field(None, description="Unit of the value, where it is converted.")
    value: Formula | None = Field(None, description="The value as an expression.")
    table: dict[str, Formula] | None = Field(None, description="The value at each point, by name.")
    at_least: Formula | None = Field(None, description="The value is never below this.")
    at_most: Formula | None = Field(None, description="The value is never above this.")


class NeedPart(Part):
    """A role: what the procedure must be able to read or set, whatever instrument does it."""

    unit: str | None = Field(None, description="Unit the procedure uses for it; `1` for a ratio.")
    settable: bool = Field(False, description="The procedure sets it.")
    switch: bool = Field(False, description="It is on or off and has no unit.")
    per: Literal["line", "uut"] = Field("line", description="`uut`: every unit has its own.")
    shared: Literal["reader", "source"] | None = Field(
        None,
        description="`reader`: one instrument, one unit at a time; `source`: one for all units.",
    )
    optional: bool = Field(False, description="The procedure can do without it.")
    constant: bool = Field(False, description="A figure that the bench file has in `constants`.")
    usual: Given | None = Field(None, description="What a plan reckons with: `20 °C`.")
    about: Sentence | None = Field(None, description="What it is, for whoever wires the bench.")
    person: ByPersonPart | None = Field(
        None, description="What a person is told who reads it, where the bench has none that does."
    )


class LinePart(Part):
    """What the units in one line have in common."""

    shares: str = Field(description="The role whose set-point all units of a line share.")
    at_most: Formula | None = Field(None, description="The largest value of it that a unit bears.")


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


class DecisionPart(Part):
    """How a result is judged."""

    rule: str = Field(description="`simple acceptance`: the value against the limit.")
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


class PlainItemPart(_ItemPart):
    """The measurand as an item, where it does not apply at every stage."""


class PausePart(Part):
    """What a pause may be like."""

    at_most: Duration = Field(description="A run that pauses for longer is refused: `2 h`.")


class AdjustPart(Part):
    """As found, adjusted, as left: who is adjusted has all points measured again."""

    when: Literal["fail", "always"] = Field("fail", description="`fail`: units that failed.")
    ask: Sentence | None = Field(None, description="The question; yes: it was adjusted.")
    stages: list[str] = Field([], description="The stages it applies to; none: all.")


class SuspendPart(Part):
    """What is done when the environment leaves its limits: measuring is suspended."""

    dwell: Duration = Field(
        "60 s", description="It goes on once everything was inside for so long."
    )
    at_most: Duration = Field(
        "30 min", description="After so long the run is given up; `0 s`: at once."
    )


class ResumePart(Part):
    """What is done when a run goes on that was cut off: by a power cut, by a crash."""

    at_most: Duration | None = Field(
        None, description="After a longer gap the run cannot go on and is begun anew: `24 h`."
    )
    after: Duration | None = Field(None, description="A gap after which items are passed again.")
    again: list[str] = Field([], description="These items, in order: those that vent or hold.")


class AfterLeakPart(Part):
    """What is done when a unit in the line leaks, before the others go on."""

    depressurise: str | None = Field(
        None, description="Before the line is opened: `line_pressure below 0.05 MPa`."
    )
    again: list[str] = Field([], description="Items that the others must pass again, in order.")


class ProcedureHead(Part):
    """What a procedure is and which document it follows."""

    procedure: str = Field(description="Name of the procedure, as it is asked for: `water-meter`.")
    title: Sentence = Field(description="What certificates and screens call it.")
    standard: StandardPart = Field(description="The document that the procedure follows.")
    simulated_bench: str | None = Field(None, description="The simulated bench that can run it.")
    services: list[Literal["verification", "calibration", "test"]] = Field(
        ["verification", "calibration", "test"],
        min_length=1,
        description="What it may be used for; a rule that stops early is for tests only.",
    )


class MethodPart(Part):
    """One way to measure: laid over the rest of the file where it is chosen.

    Mappings merge; anything else replaces what stands there.
    """

    about: Sentence | None = Field(None, description="What it is, for the person who chooses.")
    needs: dict[str, NeedPart] = Field({}, description="Roles that only this method needs.")
    where: dict[str, WherePart | Formula] = Field({}, description="What follows, or differs.")
    environment: dict[str, BandPart] = Field({}, description="Limits that only it keeps.")
    measurand: OfMethodPart | None = Field(None, description="Its model and uncertainties.")
    each_point: EachOfMethodPart | None = Field(None, description="How it is done.")


class ProcedureFile(ProcedureHead):
    """A benchctl procedure. Each name under `items` has its definition as a key of its own."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[
        str, AskPart | HoldPart | VentPart | ReadPart | AcrossPart | PlainItemPart
    ]
    parameters: dict[str, ParameterPart] = Field({}, description="What must be known of a unit.")
    where: dict[str, WherePart | Formula] = Field({}, description="What follows from them.")
    needs: dict[str, NeedPart] = Field(description="Roles; the bench file binds them to channels.")
    line: LinePart | None = Field(None, description="What the units in one line have in common.")
    environment: dict[str, BandPart] = Field({}, description="Limits of the environment, by role.")
    measurand: MeasurandPart = Field(description="The quantity that is stated and judged.")
    limits: list[LimitPart] = Field(description="Maximum permissible errors, by condition.")
    stages: dict[str, Formula] = Field(description="Limits at each stage in terms of `mpe`.")
    decision: DecisionPart = Field(description="How a result is judged.")
    items: list[str] = Field(description="What a unit must pass, in this order.")
    mounting: list[Sentence] = Field(
        [], description="What a person confirms, one after the other, once the units are mounted."
    )
    pause: PausePart | None = Field(None, description="How long a run may pause.")
    adjust: AdjustPart | None = Field(
        None, description="Whether units are adjusted, and measured again as left."
    )
    suspend: SuspendPart | None = Field(
        None, description="How long a run waits for an environment outside its limits."
    )
    after_leak: AfterLeakPart | None = Field(None, description="What is done about a leak.")
    resume: ResumePart | None = Field(None, description="How a run goes on that was cut off.")
    points: list[PointPart] | PointsTablePart = Field(
        description="Verification points, in this order; a list, or a table."
    )
    each_point: EachPointPart = Field(description="What is done at every point.")
    methods: dict[str, MethodPart] = Field(
        {}, description="What is particular to each choice of the parameter `method`."
    )
