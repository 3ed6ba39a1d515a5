"""The shape of a lab's verification scheme, field by field."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from benchctl.bench.certificate_model import Part

Text = Annotated[str, Field(min_length=1, max_length=500)]
Role = Literal["operator", "checker", "approver"]
ROLES: tuple[Role, ...] = ("operator", "checker", "approver")


class WordsPart(Part):
    """A text in the languages of the screen."""

    en: str | None = Field(None, description="English.")
    zh: str | None = Field(None, description="中文。")


class WithdrawnPart(Part):
    """From which day on something no longer holds, and why."""

    on: str = Field(description="The first day on which it does not hold: `2026-03-01`.")
    because: Text = Field(description="Why.")


class TermPart(Part):
    """From when until when something holds."""

    from_: str = Field(alias="from", description="The first day: `2024-05-01`.")
    until: str | None = Field(None, description="The last day; open if not said.")
    withdrawn: WithdrawnPart | None = Field(None, description="Where it ended before.")


class MeasurementStandardPart(TermPart):
    """A measurement standard (计量标准): the certificate by which a bench may be used."""

    title: str | WordsPart | None = Field(None, description="What it is called.")
    certificate: Text = Field(description="Number of its certificate (计量标准考核证书).")
    authority: str = Field("", description="Who issued it.")
    scope: Text = Field(description="Range and uncertainty or class, as certified.")
    benches: Annotated[list[str], Field(min_length=1)] = Field(
        description="Names of the benches that are it."
    )
    procedures: Annotated[list[str], Field(min_length=1)] = Field(
        description="Names of the procedures that it is certified for."
    )


class ApprovedPart(TermPart):
    """A procedure that is approved for use, in one edition."""

    procedure: Text = Field(description="Its name: `water-meter`.")
    edition: str | None = Field(
        None,
        description="Document with edition, as the procedure has it: `JJG 162-2019`.",
    )
    sha256: str | None = Field(
        None, pattern=r"^[0-9a-f]{8,64}$", description="Beginning of the sha256 of its file."
    )


class AuthorisedPart(TermPart):
    """A person who may do something."""

    name: Text = Field(description="The person, as `--operator` names them.")
    procedures: Annotated[list[str], Field(min_length=1)] = Field(
        description="Names of procedures."
    )
    roles: Annotated[list[Role], Field(min_length=1)] = Field(
        description="operator, checker, approver."
    )


class SchemePart(Part):
    """What a lab may verify: with which standards, by which procedures, by whom, and since when."""

    scheme: Text = Field(description="Name of the scheme.")
    measurement_standards: dict[str, MeasurementStandardPart] = Field(
        description="Measurement standards by name."
    )
    procedures: Annotated[list[ApprovedPart], Field(min_length=1)] = Field(
        description="Approved procedures, each edition an entry of its own."
    )
    persons: Annotated[list[AuthorisedPart], Field(min_length=1)] = Field(
        description="Authorisations; a person may have several."
    )
