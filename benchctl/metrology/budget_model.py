"""The shape of a budget file, field by field; `budget_file` turns it into a `Budget`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

Given = Annotated[
    str, WithJsonSchema({"type": ["number", "string"], "examples": ["0.05", "0.05 L", "0.1 %"]})
]
"""A number in the input's unit, a quantity with a unit of its own, or % of the value."""
Number = Annotated[str, WithJsonSchema({"type": ["number", "string"], "examples": ["0.9545"]})]


class Part(BaseModel):
    """A part of a budget file; keys that it does not know are mistakes."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class InputPart(Part):
    """An input quantity: its value, its unit, and everything that makes it uncertain."""

    value: Given | None = Field(None, description="The estimate; readings and limits give it, too.")
    unit: str = Field("1", description="Unit of the value and of all that is said of it.")
    readings: list[Given] | None = Field(None, description="Repeated readings: u = s / sqrt(n).")
    u: Given | None = Field(None, description="Standard uncertainty.")
    U: Given | None = Field(None, description="Expanded uncertainty, with k or p.")
    k: Number | None = Field(None, description="Coverage factor of U.")
    p: Number | None = Field(None, description="Coverage probability of U: `0.95`.")
    half_width: Given | None = Field(None, description="The value lies within ± this.")
    limits: list[Given] | None = Field(None, description="`[low, high]`: the value lies between.")
    s: Given | None = Field(None, description="Pooled standard deviation of one reading; with n.")
    n: Number | None = Field(None, description="Of how many readings the value is the mean.")
    resolution: Given | None = Field(None, description="Step of the indication: u = d / sqrt(12).")
    dof: Number | None = Field(None, description="Degrees of freedom of u, U, s, half_width.")
    distribution: str | None = Field(
        None, description="normal, t, rectangular, triangular, arcsine, trapezoid or ctrap."
    )
    top: Number | None = Field(None, description="Of a trapezoid: top over base, 0 to 1.")
    d: Given | None = Field(None, description="Of a ctrap: its limits are known within ± this.")


class CorrelationPart(Part):
    """Inputs that are not independent."""

    between: list[str] = Field(min_length=2, description="Names of inputs.")
    r: Number = Field(description="Correlation coefficient; `readings`: from simultaneous ones.")


class BudgetPart(Part):
    """A measurand with its uncertainty budget."""

    title: str = Field("", description="What is measured.")
    model: str = Field(description="`100 * (Vm / Vr - 1)`: the measurand from the inputs.")
    unit: str = Field("1", description="Unit of the measurand.")
    coverage: Number = Field("0.9545", description="Coverage probability; 0.9545 is that of k = 2.")
    method: Literal["gum", "monte-carlo"] = Field("gum", description="What is stated.")
    interval: Literal["symmetric", "shortest"] = Field(
        "symmetric", description="Which interval Monte Carlo states."
    )
    order: Literal[1, 2] = Field(1, description="2: terms of second order are a contribution, too.")
    inputs: dict[str, InputPart | Given] = Field(description="By the names of the model.")
    correlations: list[CorrelationPart] = Field([], description="Inputs that vary together.")
