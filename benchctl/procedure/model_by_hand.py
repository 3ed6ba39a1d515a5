"""The shape of what a person does and reads: prompts at a point, roles that are read by eye."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from benchctl.procedure.model_base import Duration, Formula, Part, Sentence


class PromptPart(Part):
    """What a person does at a point before it settles; the run goes on once it is confirmed."""

    ask: Sentence = Field(description="What is to be done.")
    show: list[str] = Field(
        [], description="Values that stand in it: `[point.load, point.place]`, parameters."
    )
    per: Literal["uut", "line"] = Field("uut", description="Asked for each unit, or once.")
    each: Literal["point", "run", "unit"] = Field(
        "point", description="`run`: before every run; `unit`: and units come one after the other."
    )
    picture: str | None = Field(None, description="A picture: a file beside the procedure.")
    wait: Duration | None = Field(
        None, description="Waited once it is confirmed, until foam is gone: `45 s`."
    )


class ByPersonPart(Part):
    """How a person reads a role, where the bench file binds it to `manual`."""

    ask: Sentence = Field(description="What is to be read, and how: `volume at the neck`.")
    step: Formula | None = Field(
        None, description="An entry that is no whole number of these is asked for again: `0.1 * e`."
    )
    picture: str | None = Field(None, description="A picture: a file beside the procedure.")
