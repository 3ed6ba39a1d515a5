"""The shape of an asset's file: the instrument, its present certificate, what it states."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from benchctl.bench.certificate_model import Part, StandardChannelPart

Text = Annotated[str, Field(min_length=1, max_length=500)]
NAME = r"^[\w][\w ./+-]{0,63}$"


class WordsPart(Part):
    """A text in the languages of the screen."""

    en: str | None = Field(None, description="English.")
    zh: str | None = Field(None, description="中文。")


class CertificatePart(Part):
    """The certificate that holds now; earlier ones stay in the register."""

    number: Text = Field(description="Its number.")
    issuer: Text = Field(description="The laboratory that issued it.")
    issued: str = Field(description="Its date: `2026-01-05`.")
    due: str = Field(description="Day after which the asset must not be used: `2027-01-04`.")
    conditions: dict[str, str] = Field(
        {}, description="Where it holds, by role: `ambient_temperature: 18 .. 28 °C`."
    )


class AssetPart(Part):
    """A reference standard, an accessory or another instrument of the lab."""

    asset: Annotated[str, Field(pattern=NAME)] = Field(
        description="Its name in the lab, on its label: `MM-014`."
    )
    kind: Literal["standard", "accessory", "instrument"] = Field(
        "standard", description="What it is used for; a standard needs a certificate."
    )
    title: str | WordsPart | None = Field(None, description="What it is called.")
    model: Text = Field(description="Maker and model.")
    serial: Text = Field(description="Serial number.")
    location: str | WordsPart | None = Field(None, description="Where it stands.")
    accessories: list[str] = Field([], description="Assets that belong to it.")
    note: str | WordsPart | None = Field(None, description="What else is to be known.")
    certificate: CertificatePart | None = Field(None, description="Its present certificate.")
    channels: dict[str, StandardChannelPart] = Field(
        {}, description="What is certified, by the channel of its driver."
    )
