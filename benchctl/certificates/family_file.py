"""Reads the file of a family: its shape and its mistakes, each with its place."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from benchctl.certificates.family import Family, Layout, Said
from benchctl.language import Diagnostics, load_document, validate

Worded = dict[Literal["zh", "en"], str]


class LayoutPart(BaseModel):
    """The table of an item that is measured."""

    model_config = ConfigDict(extra="forbid")

    quantity: Worded = Field(default_factory=dict, description="What is measured; usually: error.")
    limits: Worded = Field(default_factory=dict, description="Usually: maximum permissible error.")
    nominal: Worded = Field(default_factory=dict, description="Usually: nominal value.")
    with_name: bool = Field(True, description="Whether the points' names are printed.")
    with_nominal: bool = Field(True, description="Whether the points' nominal values are printed.")
    columns: list[str] = Field(
        default_factory=list, description="The point's own quantities that are printed."
    )
    readings: list[str] | None = Field(None, description="Readings that are printed.")
    is_error: bool = Field(True, description="Whether the result is an error of indication.")
    curve: bool | None = Field(None, description="Whether errors are drawn.")

    def layout(self) -> Layout:
        """Return it as plain data."""
        return Layout(
            quantity=_said(self.quantity),
            limits=_said(self.limits),
            nominal=_said(self.nominal),
            with_name=self.with_name,
            with_nominal=self.with_nominal,
            columns=tuple(self.columns),
            readings=None if self.readings is None else tuple(self.readings),
            is_error=self.is_error,
            curve=self.curve,
        )


class FamilyPart(BaseModel):
    """How certificates of a procedure are laid out."""

    model_config = ConfigDict(extra="forbid")

    names: dict[str, Worded] = Field(
        default_factory=dict, description="What readings, parameters and quantities are called."
    )
    words: dict[str, dict[str, Worded]] = Field(
        default_factory=dict, description="What values are called, by name of what has them."
    )
    parameters: list[str] | None = Field(None, description="Parameters that are printed.")
    requirements: dict[str, Worded] = Field(
        default_factory=dict, description="What is asked of an item over several points."
    )
    tables: dict[str, LayoutPart] = Field(
        default_factory=dict, description="Tables by item, or by the name of the measurand."
    )


def read_family(path: Path) -> Family:
    """Return what a file says of a family.

    Raises:
        FileError: it has mistakes.
    """
    diagnostics = Diagnostics()
    document = load_document(path, diagnostics)
    part = None if document is None else validate(FamilyPart, document, diagnostics)
    diagnostics.raise_if_failed()
    assert part is not None
    return Family(
        names={name: _said(texts) for name, texts in part.names.items()},
        words={
            name: {value: _said(texts) for value, texts in words.items()}
            for name, words in part.words.items()
        },
        parameters=None if part.parameters is None else tuple(part.parameters),
        requirements={item: _said(texts) for item, texts in part.requirements.items()},
        tables={item: layout.layout() for item, layout in part.tables.items()},
    )


def _said(texts: Worded) -> Said:
    return {str(language): text for language, text in texts.items()}
