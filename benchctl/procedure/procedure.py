"""A procedure as the engine sees it: declared data, and two questions that it answers.

    values, problems = procedure.parameters_from({"Q3": "2500 L/h", "R": "160"})
    resolved = procedure.resolve(values, stage="initial")
    resolved.points[0].mpe                        # (-2.0, 2.0)

It is immutable, and knows neither the bench nor the service.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from benchctl.core.errors import RefusedError, UsageError
from benchctl.core.messages import Message, msg
from benchctl.core.suggest import closest
from benchctl.language import Expression, Source
from benchctl.metrology import SIMPLE_ACCEPTANCE, find_rule
from benchctl.procedure.declared import (
    Band,
    Decision,
    EachPoint,
    Limit,
    LineRule,
    Measurand,
    Need,
    Parameter,
    Point,
    Standard,
    Texts,
    Where,
)
from benchctl.procedure.declared_items import Adjust, AfterGap, AfterLeak, Item, Suspend
from benchctl.procedure.resolved import ResolvedUut


def choice_text(value: object) -> str:
    """Return a choice as it is compared: a number without what does not count, else the text."""
    text = str(value).strip()
    try:
        return f"{float(text):.12g}"
    except ValueError:
        return text


@dataclass(frozen=True, slots=True)
class Procedure:
    """A procedure, checked; `load_procedure` makes it.

    `title` has a sentence per language. `field_units` says in which unit each quantity of a point
    is. `notes` are the file's remarks with their places. `sha256` is that of the file's text and of
    its tables.
    `mounting` is what a person confirms of the mounted line, `pause_at_most` in s.
    Where the file has variants this is the procedure with one choice of each of the parameters
    `axes`, `chosen`; `variants` has all, by the texts of the choices.
    """

    name: str
    title: Texts
    standard: Standard
    simulated_bench: str | None
    source: Source
    sha256: str
    parameters: Mapping[str, Parameter]
    where: tuple[Where, ...]
    needs: Mapping[str, Need]
    line: LineRule | None
    environment: tuple[Band, ...]
    measurand: Measurand
    limits: tuple[Limit, ...]
    stages: Mapping[str, Expression]
    decision: Decision
    items: tuple[Item, ...]
    points: tuple[Point, ...]
    each_point: EachPoint
    field_units: Mapping[str, str]
    notes: tuple[str, ...] = ()
    axes: tuple[str, ...] = ()
    chosen: Mapping[str, float | str] = field(default_factory=dict)
    variants: Mapping[tuple[str, ...], Procedure] = field(default_factory=dict)
    mounting: tuple[Texts, ...] = ()
    pause_at_most: float | None = None
    after_leak: AfterLeak = field(default_factory=AfterLeak)
    suspend: Suspend = field(default_factory=Suspend)
    adjust: Adjust | None = None
    conditions: Mapping[str, Expression] = field(default_factory=dict)
    """By item, the condition of a unit's parameters under which it applies."""
    services: tuple[str, ...] = ("verification", "calibration", "test")
    after_gap: AfterGap = field(default_factory=AfterGap)
    tables: Mapping[str, str] = field(default_factory=dict)
    """The text of each table beside the file, by its name."""
    data: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    """The file as plain data: its way laid over it, its points as a list."""
    parts: Mapping[str, Procedure] = field(default_factory=dict)
    """By item, what is measured in its own right; {} where the file has one measurand for all.

    With parts, `measurand`, `limits`, `decision` and `each_point` are those of the first of them:
    ask `part` of a point. `points` are those of all.
    """
    item: str = ""
    """The item that this is the part of; "" for the measurand of the file itself."""

    @property
    def measured(self) -> tuple[Procedure, ...]:
        """What is measured, each with a measurand and points of its own, in order."""
        return tuple(self.parts.values()) or (self,)

    @property
    def result_item(self) -> str:
        """The item under which results are recorded."""
        quantity = self.measurand.name
        return self.item or ("error of indication" if quantity == "error" else quantity)

    def part(self, point: str) -> Procedure:
        """Return what is measured at a point; the whole for a name that no part has."""
        for part in self.parts.values():
            if any(p.name == point for p in part.points):
                return part
        return self

    def of(self, parameters: Mapping[str, object]) -> Procedure:
        """Return the procedure with the variants that the parameters of a unit choose.

        A parameter that is not given, or is none of the choices, leaves what is usual.
        """
        key = tuple(
            choice_text(parameters.get(axis, self.chosen.get(axis, ""))) for axis in self.axes
        )
        return self.variants.get(key, self)

    @property
    def shared_role(self) -> str:
        """The role whose set-point makes a point: what the line shares, or what is set first.

        "" where nothing is set, or switches only, since a person does the rest: the first quantity
        of a point makes it then.
        """
        if self.line and self.line.shares in self.each_point.set:
            return self.line.shares
        first = next(iter(self.each_point.set), "")
        return "" if self.by_hand else first

    @property
    def by_hand(self) -> bool:
        """Whether a person brings about what makes a point: nothing but switches is set."""
        sets = self.each_point.set
        return self.each_point.prompt is not None and all(self.needs[r].switch for r in sets)

    def stages_known(self) -> tuple[str, ...]:
        """Return the names of the stages that the procedure has limits for."""
        return tuple(self.stages)

    def point_names(self) -> tuple[str, ...]:
        """Return the names of the points in their order."""
        return tuple(point.name for point in self.points)

    def not_for(self, service: str) -> Message | None:
        """Return why the procedure cannot serve a service, or None.

        A verification judges by simple acceptance, once the standard is known to be adequate. A
        procedure serves what its file says.
        """
        if service not in self.services:
            only = msg("procedure.only-for", services=", ".join(self.services))
            return msg(
                "procedure.not-for-service", procedure=self.name, service=service, reason=only
            )
        if service != "verification":
            return None
        reasons = (_not_verified(part.decision) for part in self.measured)
        reason = next((r for r in reasons if r is not None), None)
        if reason is None:
            return None
        return msg("procedure.not-for-service", procedure=self.name, service=service, reason=reason)

    def parameters_from(
        self, texts: Mapping[str, object]
    ) -> tuple[dict[str, float | str], list[tuple[str, Message]]]:
        """Return the parameters that `texts` give, defaults filled in, and what is wrong.

        Args:
            texts: Text or number by name; a quantity with a unit is converted ("2500 L/h" is
                Q3 = 2.5 m³/h).

        Returns:
            The values that are right, in the declared units, and (name, message) for each mistake.
        """
        from benchctl.procedure.parameters import parameters_from

        return parameters_from(self.parameters, texts)

    def require_stage(self, stage: str) -> None:
        """Check that the procedure has limits for a stage.

        Raises:
            UsageError: it has not.
        """
        if stage not in self.stages:
            near = closest(stage, self.stages)
            known = ", ".join(self.stages)
            raise UsageError(
                msg("procedure.unknown-stage", stage=stage, procedure=self.name),
                hint=msg("procedure.did-you-mean", name=near)
                if near
                else msg("procedure.one-of", names=known),
            )

    def resolve(
        self,
        parameters: Mapping[str, float | str],
        *,
        stage: str,
        resolution: Mapping[str, float] | None = None,
    ) -> ResolvedUut:
        """Return points, limits and settings in numbers, for one unit under test.

        Args:
            parameters: As `parameters_from` gives them: all of them.
            stage: One of `stages_known()`.
            resolution: Step of the indication by role, in the role's unit; one that is not known
                counts as 0.

        Raises:
            UsageError: the stage or a parameter is unknown or missing.
            RefusedError: an expression gives no usable value for these parameters.
        """
        from benchctl.procedure.evaluate import Trouble
        from benchctl.procedure.resolve import place_words, resolve

        self.require_stage(stage)
        missing = [name for name in self.parameters if name not in parameters]
        if missing:
            raise UsageError(msg("procedure.parameter-missing", name=missing[0]))
        try:
            return resolve(self, parameters, stage, resolution or {})
        except Trouble as trouble:
            raise RefusedError(
                msg(
                    "procedure.cannot-resolve",
                    procedure=self.name,
                    place=place_words(self, trouble.path),
                    problem=trouble.message,
                )
            ) from trouble


def _not_verified(decision: Decision) -> Message | None:
    """Return why results that are judged so are no verification, or None."""
    rule = find_rule(decision.rule)
    if rule.id != SIMPLE_ACCEPTANCE:
        return msg("procedure.rule-not-for", rule=rule.name)
    return msg("procedure.requires-nothing") if decision.requires is None else None
