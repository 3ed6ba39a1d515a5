"""The shape of a procedure file: field by field, with the words that an editor shows.

Nothing deeper than the file's edge knows these classes; `build` turns them into the frozen data of
`declared`. Numbers, expressions and the small sentences of `grammar` all arrive here as the text
that the file has, and are read afterwards, where mistakes can be given their exact column.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field

from benchctl.procedure.model_base import Duration, Formula, Given, Part, Sentence
from benchctl.procedure.model_by_hand import ByPersonPart
from benchctl.procedure.model_items import (
    AcrossPart,
    AskPart,
    HoldPart,
    MeasuredItemPart,
    PlainItemPart,
    ReadPart,
    VentPart,
)
from benchctl.procedure.model_measuring import (
    EachPointPart,
    MeasurandPart,
    OfVariantEachPointPart,
    OfVariantMeasurandPart,
)
from benchctl.procedure.model_points import (
    BandPart,
    DecisionPart,
    LimitPart,
    OfVariantDecisionPart,
    PointPart,
    PointsTablePart,
    WherePart,
)


class EditionPart(Part):
    """What says which edition of a document is meant."""

    edition: str = Field("", description="The year of the edition: `2019`.")
    in_force: str = Field("", description="Since when it is in force: `2020-03-31`.")
    until: str = Field("", description="Until when it is, or was: `2026-12-31`.")
    see_also: list[str] = Field([], description="Related documents.")


class StandardPart(EditionPart):
    """The document that the procedure follows."""

    name: str = Field(description="As it is cited, without the year: `JJG 162`.")


class OfVariantStandardPart(EditionPart):
    """What a variant says of the document: another edition, or another document."""

    name: str | None = Field(None, description="As it is cited, without the year: `JJG 162`.")


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

    shares: str | None = Field(
        None, description="The role whose set-point all units of a line share."
    )
    at_most: Formula | None = Field(None, description="The largest value of it that a unit bears.")
    at_once: int | None = Field(
        None, ge=1, description="So many units are measured together; the others come after them."
    )


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


class VariantPart(Part):
    """What one choice of a parameter lays over the rest of the file.

    Mappings merge; anything else replaces what stands there. Definitions of items are keys, too.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, dict[str, Any]]
    about: Sentence | None = Field(None, description="What it is, for the person who chooses.")
    note: str = Field("", description="A remark that plans and records show.")
    standard: OfVariantStandardPart | None = Field(None, description="Its document, its edition.")
    needs: dict[str, NeedPart] = Field({}, description="Roles that only it needs.")
    where: dict[str, WherePart | Formula] = Field({}, description="What follows, or differs.")
    line: LinePart | None = Field(None, description="What the units in one line have in common.")
    environment: dict[str, BandPart] = Field({}, description="Limits that only it keeps.")
    measurand: OfVariantMeasurandPart | None = Field(None, description="Model and uncertainties.")
    limits: list[LimitPart] | None = Field(None, description="Maximum permissible errors.")
    stages: dict[str, Formula] = Field({}, description="Limits at each stage in terms of `mpe`.")
    decision: OfVariantDecisionPart | None = Field(None, description="How a result is judged.")
    items: list[str] | None = Field(None, description="What a unit must pass, in this order.")
    mounting: list[Sentence] | None = Field(None, description="What a person confirms.")
    adjust: AdjustPart | None = Field(None, description="Whether units are adjusted.")
    points: list[PointPart] | PointsTablePart | None = Field(
        None, description="Verification points, in this order."
    )
    each_point: OfVariantEachPointPart | None = Field(None, description="How it is done.")


class ProcedureFile(ProcedureHead):
    """A benchctl procedure. Each name under `items` has its definition as a key of its own."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[
        str,
        AskPart | HoldPart | VentPart | ReadPart | AcrossPart | MeasuredItemPart | PlainItemPart,
    ]
    parameters: dict[str, ParameterPart] = Field({}, description="What must be known of a unit.")
    where: dict[str, WherePart | Formula] = Field({}, description="What follows from them.")
    needs: dict[str, NeedPart] = Field(description="Roles; the bench file binds them to channels.")
    line: LinePart | None = Field(None, description="What the units in one line have in common.")
    environment: dict[str, BandPart] = Field({}, description="Limits of the environment, by role.")
    measurand: MeasurandPart | None = Field(
        None, description="The quantity that is stated and judged, unless items have their own."
    )
    limits: list[LimitPart] | None = Field(
        None, description="Maximum permissible errors, by condition."
    )
    stages: dict[str, Formula] = Field(description="Limits at each stage in terms of `mpe`.")
    decision: DecisionPart | None = Field(None, description="How a result is judged.")
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
    points: list[PointPart] | PointsTablePart | None = Field(
        None,
        description="Verification points, in this order, a list or a table; or items have them.",
    )
    each_point: EachPointPart | None = Field(None, description="What is done at every point.")
    variants: dict[str, dict[str, VariantPart | None]] = Field(
        {}, description="What differs with a parameter: by its name, and by each of its choices."
    )
    methods: dict[str, VariantPart] = Field(
        {},
        description="Now `variants: {method: {...}}`.",
        json_schema_extra={"deprecated": True},
    )


class OneMeasurandFile(ProcedureFile):
    """A procedure that has points itself, and so all that belongs to them."""

    measurand: MeasurandPart
    limits: list[LimitPart]
    decision: DecisionPart
    points: list[PointPart]
    each_point: EachPointPart
