"""Reads `certificates.yaml`: its shape and its mistakes, each with its place."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from benchctl.certificates.sealing import Role, SealSettings
from benchctl.certificates.settings import LabelGrid, LabSettings, Said
from benchctl.core.messages import msg
from benchctl.language import Diagnostics, FieldError, load_document, validate

_OFFSET = re.compile(r"([+-])(\d{2}):([0-5]\d)")
Worded = str | dict[Literal["zh", "en"], str]
Months = Annotated[int, Field(ge=1, le=600)]


A4 = (210.0, 297.0)
"""Width and height of a sheet, in mm."""


class LabelPart(BaseModel):
    """How labels lie on an A4 sheet, in mm."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    columns: Annotated[int, Field(ge=1, le=20)] = 4
    rows: Annotated[int, Field(ge=1, le=40)] = 10
    width: Annotated[float, Field(ge=20, le=210)] = 48.5
    height: Annotated[float, Field(ge=12, le=297)] = 25.4
    left: Annotated[float, Field(ge=0)] = 8.0
    top: Annotated[float, Field(ge=0)] = 21.5
    across: Annotated[float, Field(ge=0)] = 0.0
    down: Annotated[float, Field(ge=0)] = 0.0
    frame: bool = True

    @model_validator(mode="after")
    def _fits(self) -> Self:
        right = self.left + self.columns * self.width + (self.columns - 1) * self.across
        bottom = self.top + self.rows * self.height + (self.rows - 1) * self.down
        if right > A4[0] or bottom > A4[1]:
            raise FieldError(
                msg("certificates.labels-beyond", width=f"{right:g}", height=f"{bottom:g}")
            )
        return self


Variable = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]


class SealPart(BaseModel):
    """Where the seal of a role is found; keys and secrets never stand in the file itself."""

    model_config = ConfigDict(extra="forbid")

    key: str = Field("", description="PKCS #12 or PEM file, or a URI `pkcs11:`.")
    chain: str = Field("", description="PEM file with the certificates.")
    command: list[str] = Field(default_factory=list, description="A program that signs.")
    algorithm: Literal["", "ecdsa-sha256", "ecdsa-sha384", "rsa-sha256", "sm2-sm3"] = Field(
        "", description="How the program signs; by its certificate where that says it."
    )
    passphrase: Variable = Field("BENCHCTL_PASSPHRASE", description="Variable with the passphrase.")
    pin: Variable = Field("BENCHCTL_PIN", description="Variable with the PIN of the token.")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if self.key and self.command:
            raise FieldError(msg("signing.two-seals"))
        if not self.key and not self.command:
            raise FieldError(msg("signing.seal-without-key"))
        if self.command and not self.chain:
            raise FieldError(msg("signing.command-without-chain"))
        return self

    def settings(self) -> SealSettings:
        """Return what it says as plain data."""
        return SealSettings(**self.model_dump() | {"command": tuple(self.command)})


class LabPart(BaseModel):
    """The file `certificates.yaml` of a lab."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    name: Worded = Field(description="Name of the lab.")
    address: Worded = Field("", description="Street and number.")
    city: Worded = Field("", description="City.")
    country: str = Field("CN", pattern="^[A-Z]{2}$", description="Country, ISO 3166-1.")
    phone: str = Field("", description="Telephone.")
    postcode: str = Field("", description="Postal code.")
    email: str = Field("", description="E-mail address.")
    authority: str = Field("", description="Number of the lab's certificate of authorisation.")
    utc_offset: str = Field("+08:00", description="The lab's time: its dates are local ones.")
    validity: dict[str, Months] = Field(
        default_factory=dict, description="Months of validity by name of procedure."
    )
    tables: dict[str, str] = Field(
        default_factory=dict, description="File with the layout of tables, by name of procedure."
    )
    logo: str = Field("", description="SVG, PNG or JPEG file in the lab's folder.")
    template: str = Field("", description="A typst template of the lab's own.")
    verify_url: str = Field("", description="Address with {number}, for the QR code.")
    statements: list[Worded] = Field(default_factory=list, description="Printed at the end.")
    labels: LabelPart = Field(
        default_factory=LabelPart, description="How labels lie on an A4 sheet, in mm."
    )
    signers: dict[Role, SealPart] = Field(default_factory=dict, description="Who signs as what.")
    tsa: str = Field("", pattern="^(https?://.*)?$", description="Timestamp authority (RFC 3161).")
    tsa_trust: list[str] = Field(
        default_factory=list, description="Root certificates of timestamp authorities (PEM)."
    )
    trust: list[str] = Field(
        default_factory=list, description="Root certificates of who signs (PEM)."
    )
    verifier: list[str] = Field(
        default_factory=list, description="A program that checks signatures beside files."
    )

    @field_validator("utc_offset")
    @classmethod
    def _is_offset(cls, text: str) -> str:
        found = _OFFSET.fullmatch(text)
        if found is None or int(found[2]) > 14:
            raise FieldError(msg("certificates.bad-offset", text=text))
        return text

    @field_validator("logo", "template")
    @classmethod
    def _stays_inside(cls, text: str) -> str:
        return _inside(text)

    @field_validator("tables")
    @classmethod
    def _all_inside(cls, tables: dict[str, str]) -> dict[str, str]:
        return {procedure: _inside(text) for procedure, text in tables.items()}


def _inside(text: str) -> str:
    if Path(text).is_absolute() or ".." in Path(text).parts:
        raise FieldError(msg("certificates.outside-folder", path=text))
    return text


def read_settings(path: Path) -> LabSettings:
    """Return what a file says of the lab.

    Raises:
        FileError: it has mistakes.
    """
    diagnostics = Diagnostics()
    document = load_document(path, diagnostics)
    part = None if document is None else validate(LabPart, document, diagnostics)
    diagnostics.raise_if_failed()
    assert part is not None
    apart = {"utc_offset", "statements", "labels", "signers", "trust", "tsa_trust", "verifier"}
    fields: dict[str, Any] = part.model_dump(exclude=apart)
    statements: list[Said] = [
        s if isinstance(s, str) else {str(n): text for n, text in s.items()}
        for s in part.statements
    ]
    found = _OFFSET.fullmatch(part.utc_offset)
    assert found is not None
    minutes = int(found[1] + "1") * (int(found[2]) * 60 + int(found[3]))
    return LabSettings(
        path.parent,
        utc_offset=minutes,
        statements=tuple(statements),
        signers={role: seal.settings() for role, seal in part.signers.items()},
        tsa_trust=tuple(part.tsa_trust),
        trust=tuple(part.trust),
        verifier=tuple(part.verifier),
        labels=LabelGrid(**part.labels.model_dump()),
        **fields,
    )
