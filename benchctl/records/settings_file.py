"""Reads `records.yaml`: its shape and its mistakes, each with its place."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from benchctl.core.messages import msg
from benchctl.language import Diagnostics, FieldError, load_document, validate
from benchctl.records.settings import (
    RetentionSettings,
    ReviewSettings,
    Settings,
    SignerSettings,
    TokenSettings,
)

NUMBER = re.compile(r"(?:[^{}]|\{year\}|\{n(?::0\d)?\})*")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class _Token(_Part):
    module: str = Field(
        description="The vendor's PKCS#11 library: `/usr/lib/softhsm/libsofthsm2.so`."
    )
    token: str = Field(description="Label of the token.")
    key: str = Field(description="Label of the private key.")
    public: str = Field(description="PEM file of the public key, from the lab's folder.")
    pin_variable: str = Field("BENCHCTL_PIN", description="Environment variable with the PIN.")


class _Signer(_Part):
    command: list[str] = Field(
        default_factory=list, min_length=1, description="A program that signs."
    )
    public: str = Field("", description="PEM file of its public key, from the lab's folder.")
    pkcs11: _Token | None = Field(None, description="A key in hardware.")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if self.command and self.pkcs11 is not None:
            raise FieldError(msg("records.two-signers"))
        if self.command and not self.public:
            raise FieldError(msg("records.signer-without-public"))
        return self


class _Heads(_Part):
    records: Annotated[int, Field(ge=1)] = 1000
    seconds: Annotated[float, Field(gt=0)] = 60.0


class _Review(_Part):
    checked: bool = False
    approved: bool = False
    same_person: bool = False


class _Retention(_Part):
    years: Annotated[int, Field(ge=0)] = 6
    copies: Annotated[int, Field(ge=1)] = 3
    media: Annotated[int, Field(ge=1)] = 2
    offline: Annotated[int, Field(ge=0)] = 1


class SettingsPart(_Part):
    """The file `records.yaml` of a lab."""

    hash: Literal["sha256", "sm3"] = Field("sha256", description="Hash of the records of new runs.")
    signer: _Signer | None = Field(None, description="Who signs, where it is not a key file.")
    heads: _Heads = Field(default_factory=_Heads, description="How often a head is signed.")
    numbers: str = Field("{year}-{n:05}", description="Form of certificate numbers.")
    review: _Review = Field(default_factory=_Review, description="Steps before a certificate.")
    retention: _Retention = Field(default_factory=_Retention, description="Copies that are kept.")

    @field_validator("numbers")
    @classmethod
    def _counts(cls, form: str) -> str:
        if not NUMBER.fullmatch(form) or not re.search(r"\{n[:}]", form):
            raise FieldError(msg("records.bad-number-form", form=form))
        return form


def read_settings(path: Path) -> Settings:
    """Return the settings that a file says.

    Raises:
        FileError: it has mistakes.
    """
    diagnostics = Diagnostics()
    document = load_document(path, diagnostics)
    part = None if document is None else validate(SettingsPart, document, diagnostics)
    diagnostics.raise_if_failed()
    assert part is not None
    return _settings(part)


def _settings(part: SettingsPart) -> Settings:
    signer = part.signer
    return Settings(
        hash=part.hash,
        signer=SignerSettings()
        if signer is None
        else SignerSettings(
            tuple(signer.command),
            signer.public,
            None if signer.pkcs11 is None else TokenSettings(**signer.pkcs11.model_dump()),
        ),
        every_records=part.heads.records,
        every_seconds=part.heads.seconds,
        numbers=part.numbers,
        review=ReviewSettings(**part.review.model_dump()),
        retention=RetentionSettings(**part.retention.model_dump()),
    )
