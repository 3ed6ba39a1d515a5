"""The shape of a certificate in a file, in a bench file and in the register alike."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Part(BaseModel):
    """A part of a file; keys that it does not know are mistakes."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True, allow_inf_nan=False)


Factor = Annotated[float, Field(gt=0, le=10)]


class LawPart(Part):
    """A figure as a function of the value, which is in the unit of the range."""

    equation: str | None = Field(None, description="`0.02 + 1e-4 * abs(value)`.")
    polynomial: list[float] | None = Field(
        None, description="Coefficients c0, c1, c2 … of 1, value, value² …"
    )
    unit: str = Field(description="What it gives: `K`, `%` (of the value), `pp`.")


class RowPart(Part):
    """A line of the certificate's table; between two lines a straight line counts."""

    at: str = Field(description="The value: `0.1 m³/h`; rises from line to line.")
    U: str | None = Field(None, description="Expanded uncertainty there.")
    k: Factor | None = Field(None, description="Coverage factor there, if it is not the channel's.")
    correction: str | None = Field(None, description="What is to be added to the indication.")
    error: str | None = Field(None, description="Indication minus true value: −correction.")


class StandardChannelPart(Part):
    """What the certificate states for one channel."""

    U: str | LawPart | None = Field(
        None,
        description="Expanded uncertainty: `0.10 %` of the value, `0.02 °C`; of a channel in %: "
        "`2 pp` (percentage points) or `2 % of value`. In the lines of the table, too.",
    )
    k: Factor = Field(2.0, description="Coverage factor of U.")
    dof: Annotated[float, Field(ge=1)] | None = Field(
        None, description="Degrees of freedom of U, where the certificate states them."
    )
    range: str | None = Field(
        None, description="Where it holds: `0.01 .. 7 m³/h`. A table's own ends if not said."
    )
    correction: str | LawPart | None = Field(
        None, description="What is to be added to the indication: `0.03 K`, `-0.02 %`."
    )
    table: list[RowPart] | None = Field(
        None, description="Corrections and U by value, as the certificate lists them."
    )
    drift: str | None = Field(None, description="How it changes: `0.02 % per year`.")


class StandardPart(Part):
    """A reference standard with its present certificate."""

    model: str = Field(description="Maker and model.")
    serial: str = Field(description="Serial number.")
    certificate: str = Field(description="Number of the certificate.")
    issuer: str = Field("", description="Who issued it.")
    issued: str | None = Field(None, description="Date of the certificate: `2026-01-05`.")
    due: str = Field(description="Day after which it must not be used: `2027-01-05`.")
    conditions: dict[str, str] = Field(
        {}, description="Where it holds, by role: `ambient_temperature: 18 .. 28 °C`."
    )
    channels: dict[str, StandardChannelPart] = Field(
        {}, description="What is certified, per channel; none of what a constant states."
    )
